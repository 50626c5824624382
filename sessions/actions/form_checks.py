"""Scoring the patient's own checks in the clinic, and taking back what was scored wrongly."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core import audit
from core.calendar import local_date
from core.errors import Conflict, FieldError, Invalid, NotFound
from patients.actions.change import lock_patient
from patients.models import Line, Patient
from patients.plan_in_force import rows_in_force
from programs.content import exercise_content
from programs.models import ExerciseVersion
from sessions.form_bodies import NewFormCheck
from sessions.models import FormCheck


class FormCheckExists(Conflict):
    code = "form_check_exists"
    message = gettext_lazy("This exercise was scored for that date already. Withdraw that first.")


class FormCheckWithdrawn(Conflict):
    code = "form_check_withdrawn"
    message = gettext_lazy("This form check was withdrawn for another reason.")


class Scored(NamedTuple):
    outcome: Literal["created", "duplicate"]
    check: FormCheck


def score_form(*, patient_id: UUID, asked: NewFormCheck, by: Actor, now: dt.datetime) -> Scored:
    """
    Keep how a line's exercise was done on a date; the same again is answered as the first time.

    :raises NotFound: not a patient of this therapist
    :raises Invalid: a line, date or check that is not this patient's; names the field
    :raises FormCheckExists: this line was scored for that date, with another result
    """
    with transaction.atomic(savepoint=False):
        patient = lock_patient(patient_id, by)
        assert by.user_id is not None
        line = Line.objects.filter(pk=asked.line, patient=patient).first()
        if line is None:
            raise Invalid.at("line", "unknown_line", _("There is no such line."))
        version = _version_seen(patient, asked, now=now)
        _refuse_unknown(asked, version)
        standing = FormCheck.objects.filter(
            line=line, seen_on=asked.seen_on, withdrawn_at=None
        ).first()
        if standing is not None:
            if (standing.answers, standing.note) != (asked.answers, asked.note):
                raise FormCheckExists(extra={"form_check": str(standing.pk)})
            return Scored("duplicate", standing)
        check = FormCheck.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            line=line,
            exercise_version=version,
            seen_on=asked.seen_on,
            answers=dict(asked.answers),
            note=asked.note,
            scored_by_id=by.user_id,
            scored_at=now,
        )
        _record("form_scored", check, by=by, now=now)
    return Scored("created", check)


def _version_seen(patient: Patient, asked: NewFormCheck, *, now: dt.datetime) -> ExerciseVersion:
    """The wording that was in force on the date on which the therapist looked."""
    if asked.seen_on > local_date(now, patient.time_zone):
        raise Invalid.at("seen_on", "in_the_future", _("This date has not come yet."))
    rows = rows_in_force(patient_id=patient.pk, day=asked.seen_on).filter(line=asked.line)
    row = rows.select_related("exercise_version").first()
    if row is None:
        message = _("This exercise was not prescribed on that date.")
        raise Invalid.at("seen_on", "not_in_force", message)
    return row.exercise_version


def _refuse_unknown(asked: NewFormCheck, version: ExerciseVersion) -> None:
    known = {check.id for check in exercise_content(version.content).checks}
    errors = [
        FieldError(
            field=f"answers.{check}",
            code="unknown_check",
            detail=_("This exercise has no such check."),
        )
        for check in asked.answers
        if check not in known
    ]
    if errors:
        raise Invalid(errors)


def withdraw_form_check(
    *, form_check_id: UUID, reason: str, by: Actor, now: dt.datetime
) -> FormCheck:
    """
    Take a score back: it is kept and counts nowhere. Twice for one reason is as once.

    :raises NotFound: no form check of a patient of this therapist
    :raises FormCheckWithdrawn: it was withdrawn for another reason
    """
    with transaction.atomic(savepoint=False):
        visible = FormCheck.objects.visible_to(by).filter(pk=form_check_id)
        patient_id = visible.values_list("patient_id", flat=True).first()
        if patient_id is None:
            raise NotFound(_("There is no such form check."))
        lock_patient(patient_id, by)
        check: FormCheck = FormCheck.objects.select_for_update().get(pk=form_check_id)
        if check.withdrawn_at is not None:
            if check.withdrawn_reason != reason:
                raise FormCheckWithdrawn
            return check
        check.withdrawn_by_id, check.withdrawn_at = by.user_id, now
        check.withdrawn_reason = reason
        check.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason", "updated_at"])
        _record("form_check_withdrawn", check, by=by, now=now)
    return check


def _record(action: str, check: FormCheck, *, by: Actor, now: dt.datetime) -> None:
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=check.patient_id,
        target="rehab_sessions.FormCheck",
        target_id=check.pk,
    )
