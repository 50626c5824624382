"""Today's plan: read in three statements, whatever the history holds."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clinics.actors import Actor
from core.calendar import DAY, local_date
from core.errors import NotFound
from patients.models import Patient, Pause, PrescribedExercise
from programs.content import ExerciseContent, SafetyContent, exercise_content, safety_content
from programs.models import SafetyBlock
from programs.presenters import (
    checks_out,
    dose_out,
    exercise_for_patient,
    review_out,
    schedule_out,
)
from sessions import adherence, feedback, symptoms, wording
from sessions.adherence import LineDay
from sessions.bodies import SafetyOut
from sessions.checks_to_ask import checks_to_ask
from sessions.judging import safety_as_out
from sessions.line_history import history_of
from sessions.plan_bodies import PlanLine, PlanOut, QuestionOut

# Raised when the shape of the plan or the words of a dose change, so that phones fetch it again.
PLAN_VERSION = 1
MOST_PAUSES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """What the plan hangs on. Two equal heads mean two equal plans: `etag` is made of it."""

    patient: Patient
    day: dt.date
    is_paused: bool
    is_safety_hold: bool
    safety_block: dict[str, Any]

    @property
    def etag(self) -> str:
        clinic = self.patient.clinic
        parts = (
            str(self.patient.pk),
            self.patient.change_seq,
            self.patient.updated_at.isoformat(),
            clinic.updated_at.isoformat(),
            self.day.isoformat(),
            self.safety_block["number"],
            said_to(self.patient).digest,
            PLAN_VERSION,
        )
        return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every plan of a language and place says alike; `digest` tells two releases apart."""

    digest: str
    phrases: dict[str, str]
    rules: list[dict[str, Any]]
    symptoms: dict[str, str]
    safety: dict[str, SafetyOut]


def said_to(patient: Patient) -> Said:
    clinic = patient.clinic
    return said(clinic.country, clinic.phone_number, patient.language)


@lru_cache(maxsize=1024)
def said(country: str, clinic_phone: str, language: str) -> Said:
    """Return what is said there; made once, since only a new release says it in other words."""
    with override(language):
        phrases, rules = wording.fixed_phrases(), feedback.rule_table()
        texts = symptoms.safety_texts_for_plan(
            country=country, clinic_phone=clinic_phone, language=language
        )
        safety = {name: safety_as_out(one) for name, one in texts.items()}
        labels = symptoms.symptom_labels(language=language)
    parts = (phrases, rules, labels, safety)
    return Said(
        digest=hashlib.sha256(repr(parts).encode()).hexdigest(),
        phrases=phrases,
        rules=rules,
        symptoms=labels,
        safety=safety,
    )


def plan_head(*, who: Actor, on: dt.date | None, now: dt.datetime) -> PlanHead:
    """
    Read whose plan it is, for the day asked or the patient's today. One statement.

    :raises NotFound: no such record for this actor
    """
    block = SafetyBlock.objects.order_by("-number").values(
        json=JSONObject(number="number", content="content", review_status="review_status")
    )[:1]
    about = on or now.date()
    pauses = (
        Pause.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=about - DAY),
            patient=OuterRef("pk"),
            starts_on__lte=about + DAY,
        )
        .order_by("-starts_on", "-id")
        .values(json=JSONObject(first="starts_on", last="ends_on", reason="reason"))[:MOST_PAUSES]
    )
    patient = (
        Patient.objects.visible_to(who)
        .select_related("clinic")
        .annotate(safety_block=Subquery(block, output_field=JSONField()))
        .annotate(pauses_known=ArraySubquery(pauses))
        .first()
    )
    if patient is None:
        raise NotFound(_("There is no such record."))
    known = vars(patient)
    day = on or local_date(now, patient.time_zone)
    covering = [each for each in known["pauses_known"] if _covers(each, day)]
    return PlanHead(
        patient=patient,
        day=day,
        is_paused=bool(covering),
        is_safety_hold=any(each["reason"] == Pause.Reason.SAFETY_HOLD for each in covering),
        safety_block=known["safety_block"],
    )


def _covers(pause: dict[str, Any], day: dt.date) -> bool:
    last = pause["last"]
    return dt.date.fromisoformat(pause["first"]) <= day and (
        last is None or day <= dt.date.fromisoformat(last)
    )


def plan(head: PlanHead) -> PlanOut:
    """Make the plan of that day, in the patient's language. Two more statements."""
    patient = head.patient
    state = {each.row_id: each for each in adherence.day_state(patient_id=patient.pk, day=head.day)}
    rows = [row for row in _rows(head) if row.pk in state]
    block = safety_content(head.safety_block["content"])
    alike = said_to(patient)
    with override(patient.language):
        return PlanOut(
            record=patient.pk,
            on=head.day,
            change=patient.change_seq,
            is_paused=head.is_paused,
            is_safety_hold=head.is_safety_hold,
            lines=[plan_line(row, state[row.pk], patient) for row in rows],
            before=[
                QuestionOut(id=each.id, ask=each.ask, right=each.right, fix=each.fix)
                for each in block.before
            ],
            stop_now=[each.text for each in block.stop_now],
            stop_and_tell=[each.text for each in block.stop_and_tell],
            advice=_advice(block),
            symptoms=alike.symptoms,
            safety=alike.safety,
            phrases=alike.phrases,
            rules=alike.rules,
            rules_version=feedback.RULES_VERSION,
            review=review_out(head.safety_block["review_status"]),
        )


def _rows(head: PlanHead) -> QuerySet[PrescribedExercise]:
    """The rows whose range holds the day, each with what its line's history says."""
    return (
        PrescribedExercise.objects.filter(
            Q(in_force_until=None) | Q(in_force_until__gt=head.day),
            patient=head.patient,
            in_force_from__lte=head.day,
        )
        .select_related("line__assignment", "exercise_version")
        .annotate(history=history_of('"patients_prescribedexercise"."line_id"', day=head.day))
        .order_by("line__assignment__starts_on", "line__assignment", "line__position", "line")
    )


def plan_line(row: Any, state: LineDay, patient: Patient) -> PlanLine:
    """Make one line of the plan from its row, its day and the checks it had before."""
    content = exercise_content(row.exercise_version.content)
    return PlanLine(
        line=row.line_id,
        program=row.line.assignment.title,
        position=row.line.position,
        note=row.line.note,
        exercise=exercise_for_patient(content, side=row.side, affected=patient.affected_side),
        dose=dose_out(row, category=content.category),
        side=row.side,
        result_sides=["left", "right"] if row.side == "each" else [row.side],
        schedule=schedule_out(row),
        is_due=state.is_due,
        expected=state.expected,
        done=state.done,
        prescribed_sets=state.prescribed,
        sets_logged=state.sets_logged,
        week_expected=state.week_expected,
        week_done=state.week_done,
        best_so_far=row.history["bests"],
        checks=checks_out(content),
        ask=_ask(row, content),
        phrases=wording.amount_phrases(row.measure, row),
    )


def _ask(row: Any, content: ExerciseContent) -> list[str]:
    answers: dict[str, str] | None = row.history["not_yet"]
    wrong = None
    if answers is not None:
        wrong = next(
            (
                each.id
                for each in content.checks
                if not each.optional
                and answers.get(each.id, each.right) not in (each.right, "unsure")
            ),
            None,
        )
    return checks_to_ask(
        content.checks,
        sessions_so_far=row.history["sessions"],
        sessions_since_not_yet=None if answers is None else row.history["since"],
        last_not_yet_check=wrong,
    )


def _advice(block: SafetyContent) -> list[str]:
    return [block.effort, block.fatigue, block.breathing, block.strong_side]
