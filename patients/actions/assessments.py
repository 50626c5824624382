"""
Every write of an assessment: record it, correct it, withdraw it.

A correction makes a successor and keeps the earlier one as `replaced`, as sessions keep versions:
a score that somebody acted on is never rewritten.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core import audit
from core.calendar import local_date
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from patients.actions.change import Kind, lock_patient, raise_change
from patients.bodies.assessments import NewAssessment, Rescore
from patients.models import Assessment, Patient
from patients.policies import may_assess
from programs.content import measure_content
from programs.models import OutcomeMeasure
from programs.reading import newest_measures
from programs.scores import Score, faults, score_of

MOST_ASSESSMENTS = 2_000
Status = Assessment.Status


class AlreadyAssessed(Conflict):
    code = "already_assessed"
    message = gettext_lazy("This is recorded for that date already. Correct that one instead.")


class AssessmentNotCurrent(Conflict):
    code = "assessment_not_current"
    message = gettext_lazy("This score was corrected or withdrawn meanwhile.")


class TooManyAssessments(Conflict):
    code = "too_many_assessments"
    message = gettext_lazy("This patient has as many scores as one record holds.")


def record_assessment(
    *, patient_id: UUID, asked: NewAssessment, by: Actor, now: dt.datetime
) -> Assessment:
    """
    Record one dated score, or that the patient was unable.

    :raises NotFound: not a patient of this therapist
    :raises core.errors.Invalid: unknown instrument, out of its range, before birth, or ahead
    :raises AlreadyAssessed: the same instrument, done the same way, has a score on that date
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        measure = _offered(asked.measure)
        made = _made(patient, measure, asked, by=by, now=now)
        if Assessment.objects.filter(patient=patient).count() >= MOST_ASSESSMENTS:
            raise TooManyAssessments
        _store(made, patient, "assessment_recorded", by=by, now=now)
    return made


def correct_assessment(
    *, patient_id: UUID, assessment_id: UUID, asked: Rescore, by: Actor, now: dt.datetime
) -> Assessment:
    """
    Replace a score by what it should have been; the earlier one is kept.

    The same correction again is answered as the first time.

    :raises NotFound: not a patient, or a score, of this therapist's
    :raises AssessmentNotCurrent: corrected otherwise, or withdrawn, meanwhile
    :raises core.errors.Invalid, AlreadyAssessed: as `record_assessment`
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        earlier = _found(patient, assessment_id)
        made = _made(patient, _newest(earlier.slug), asked, by=by, now=now)
        if earlier.status != Status.CURRENT:
            return _same_again(earlier, made)
        made.replaces = earlier
        earlier.status = Status.REPLACED
        earlier.save(update_fields=["status", "updated_at"])
        _store(made, patient, "assessment_corrected", by=by, now=now)
    return made


def withdraw_assessment(
    *, patient_id: UUID, assessment_id: UUID, reason: str, by: Actor, now: dt.datetime
) -> Assessment:
    """
    Take a score back: it is kept and compared with nothing. Twice is answered as the first time.

    :raises NotFound: not a patient, or a score, of this therapist's
    :raises AssessmentNotCurrent: it was replaced by a correction
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        assessment = _found(patient, assessment_id)
        if assessment.status == Status.REPLACED:
            raise AssessmentNotCurrent
        if assessment.status == Status.CURRENT:
            assessment.status = Status.WITHDRAWN
            assessment.withdrawn_by_id, assessment.withdrawn_at = by.user_id, now
            assessment.withdrawn_reason = reason
            assessment.save()
            _record("assessment_withdrawn", assessment, patient, by=by, now=now)
    return assessment


def _lock(patient_id: UUID, by: Actor) -> Patient:
    patient = lock_patient(patient_id, by)
    if not may_assess(by):
        raise Forbidden
    return patient


def _offered(slug: str) -> OutcomeMeasure:
    measure = newest_measures([slug]).get(slug)
    if measure is None or not measure.is_offered:
        raise Invalid.at("measure", "unknown_measure", _("There is no such outcome measure."))
    return measure


def _newest(slug: str) -> OutcomeMeasure:
    """The newest version, offered or not: what was recorded may be put right always."""
    return newest_measures([slug])[slug]


def _found(patient: Patient, assessment_id: UUID) -> Assessment:
    found = Assessment.objects.filter(patient=patient, pk=assessment_id).first()
    if found is None:
        raise NotFound(_("There is no such score."))
    return found


def _made(
    patient: Patient, measure: OutcomeMeasure, asked: Rescore, *, by: Actor, now: dt.datetime
) -> Assessment:
    """Make the row, not stored yet. :raises core.errors.Invalid: naming every field at fault"""
    score = score_of(
        asked.score,
        is_unable=asked.is_unable,
        variant=asked.variant or "",
        aid=asked.aid or "",
        side=asked.side or "",
    )
    today = local_date(now, patient.time_zone)
    errors = [*_date_faults(patient, asked.assessed_on, today), *_score_faults(measure, score)]
    if errors:
        raise Invalid(errors)
    assert by.user_id is not None
    return Assessment(
        clinic_id=patient.clinic_id, patient=patient, measure=measure, slug=measure.slug,
        variant=score.variant, aid=score.aid, side=score.side, assessed_on=asked.assessed_on,
        score=score.value, code=score.code, is_unable=score.is_unable, note=asked.note,
        recorded_by_id=by.user_id, recorded_at=now,
    )  # fmt: skip


def _score_faults(measure: OutcomeMeasure, score: Score) -> list[FieldError]:
    return faults(measure_content(measure.content), score)


def _date_faults(patient: Patient, day: dt.date, today: dt.date) -> list[FieldError]:
    field = "assessed_on"
    if day > today:
        return [
            FieldError(field=field, code="in_the_future", detail=_("This date has not come yet."))
        ]
    if day < patient.date_of_birth:
        return [FieldError(field=field, code="before_birth", detail=_("This is before birth."))]
    return []


def _same_again(earlier: Assessment, made: Assessment) -> Assessment:
    """Return what the same correction made the first time."""
    successor = Assessment.objects.filter(replaces=earlier).first()
    said = ("assessed_on", "score", "code", "is_unable", "variant", "aid", "side", "note")
    if successor is None or any(getattr(successor, one) != getattr(made, one) for one in said):
        raise AssessmentNotCurrent
    return successor


def _store(made: Assessment, patient: Patient, action: str, *, by: Actor, now: dt.datetime) -> None:
    others = Assessment.objects.filter(
        patient=patient, status=Status.CURRENT, slug=made.slug, variant=made.variant,
        aid=made.aid, side=made.side, assessed_on=made.assessed_on,
    )  # fmt: skip
    if others.exists():
        raise AlreadyAssessed(field="assessed_on")
    made.save(force_insert=True)
    _record(action, made, patient, by=by, now=now)


def _record(
    action: str, assessment: Assessment, patient: Patient, *, by: Actor, now: dt.datetime
) -> None:
    raise_change(patient, Kind.ASSESSMENT, assessment.pk)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=patient.pk,
        target="patients.Assessment",
        target_id=assessment.pk,
    )
