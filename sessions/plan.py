"""Today's plan: read in three statements, whatever the history holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from django.utils.translation import override

from clinics.actors import Actor
from programs.bodies import CheckOut, DoseOut, ExerciseForPatient, ScheduleOut
from programs.content import ExerciseContent, SafetyContent, exercise_content, safety_content
from programs.presenters import (
    checks_out,
    dose_out,
    exercise_for_patient,
    review_out,
    schedule_out,
)
from sessions import feedback, symptoms, wording
from sessions.bodies import SafetyOut
from sessions.checks_to_ask import checks_to_ask
from sessions.day_state import LineDay, day_state
from sessions.judging import safety_as_out
from sessions.plan_bodies import PlanLine, PlanOut, QuestionOut
from sessions.plan_reading import Head, PlanRow, Prescribed, Reader, read_head, read_rows

# Raised when the shape of the plan or the words of a dose change, so that phones fetch it again.
PLAN_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """What the plan hangs on. Two equal heads mean two equal plans: `etag` is made of it."""

    known: Head

    @property
    def etag(self) -> str:
        reader = self.known.reader
        parts = (
            str(reader.id),
            reader.change_seq,
            reader.updated_at.isoformat(),
            reader.clinic_updated_at.isoformat(),
            self.known.day.isoformat(),
            safety_block(self.known.safety_block).number,
            said_to(reader).digest,
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


def said_to(reader: Reader) -> Said:
    return said(reader.country, reader.clinic_phone, reader.language)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The questions before a session and the signs to stop at, as one number of them says."""

    number: int
    content: SafetyContent
    review_status: str


@lru_cache(maxsize=16)
def safety_block(stored: str) -> Block:
    """Read a safety block from its JSON; the same text is read once."""
    raw = json.loads(stored)
    return Block(
        number=raw["number"],
        content=safety_content(raw["content"]),
        review_status=raw["review_status"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What one exercise's version says to one side. Shared by plans: never to be changed."""

    content: ExerciseContent
    told: ExerciseForPatient
    checks: list[CheckOut]


@lru_cache(maxsize=2048)
def exercise_said(stored: str, side: str, affected: str, language: str) -> Exercise:
    """Return what a version's JSON says to that side; the same text is read and worded once."""
    content: ExerciseContent = exercise_content(msgspec.json.decode(stored))
    with override(language):
        told = exercise_for_patient(content, side=side, affected=affected)
        return Exercise(content=content, told=told, checks=checks_out(content))


@lru_cache(maxsize=4096)
def amounts_said(
    row: Prescribed, category: str, language: str
) -> tuple[DoseOut, ScheduleOut, dict[str, str]]:
    """Return a row's dose, schedule and sentences in words; equal rows are worded once."""
    with override(language):
        phrases = wording.amount_phrases(row.measure, row)
        return dose_out(row, category=category), schedule_out(row), phrases


def plan_head(*, who: Actor, on: dt.date | None, now: dt.datetime) -> PlanHead:
    """
    Read whose plan it is, for the day asked or the patient's today. One statement.

    :raises NotFound: no such record for this actor
    """
    return PlanHead(known=read_head(who=who, on=on, now=now))


def plan(head: PlanHead) -> PlanOut:
    """Make the plan of that day, in the patient's language. Two more statements."""
    known, reader = head.known, head.known.reader
    state = {each.row_id: each for each in day_state(patient_id=reader.id, day=known.day)}
    rows = [each for each in read_rows(patient_id=reader.id, day=known.day) if each.id in state]
    block = safety_block(known.safety_block)
    alike = said_to(reader)
    with override(reader.language):
        return PlanOut(
            record=reader.id,
            on=known.day,
            change=reader.change_seq,
            is_paused=known.is_paused,
            is_safety_hold=known.is_safety_hold,
            lines=[plan_line(row, state[row.id], reader) for row in rows],
            before=[
                QuestionOut(id=each.id, ask=each.ask, right=each.right, fix=each.fix)
                for each in block.content.before
            ],
            stop_now=[each.text for each in block.content.stop_now],
            stop_and_tell=[each.text for each in block.content.stop_and_tell],
            advice=_advice(block.content),
            symptoms=alike.symptoms,
            safety=alike.safety,
            phrases=alike.phrases,
            rules=alike.rules,
            rules_version=feedback.RULES_VERSION,
            review=review_out(block.review_status),
        )


def plan_line(row: PlanRow, state: LineDay, reader: Reader) -> PlanLine:
    """Make one line of the plan from its row, its day and the checks it had before."""
    asked, language = row.prescribed, reader.language
    exercise = exercise_said(row.content, asked.side, reader.affected_side, language)
    dose, schedule, phrases = amounts_said(asked, exercise.content.category, language)
    return PlanLine(
        line=row.line_id,
        program=row.program,
        position=row.position,
        note=row.note,
        exercise=exercise.told,
        dose=dose,
        side=asked.side,
        result_sides=["left", "right"] if asked.side == "each" else [asked.side],
        schedule=schedule,
        is_due=state.is_due,
        expected=state.expected,
        done=state.done,
        prescribed_sets=state.prescribed,
        sets_logged=state.sets_logged,
        week_expected=state.week_expected,
        week_done=state.week_done,
        best_so_far=row.history["bests"],
        checks=exercise.checks,
        ask=_ask(row.history, exercise.content),
        phrases=phrases,
    )


def _ask(history: dict[str, Any], content: ExerciseContent) -> list[str]:
    answers: dict[str, str] | None = history["not_yet"]
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
        sessions_so_far=history["sessions"],
        sessions_since_not_yet=None if answers is None else history["since"],
        last_not_yet_check=wrong,
    )


def _advice(block: SafetyContent) -> list[str]:
    return [block.effort, block.fatigue, block.breathing, block.strong_side]
