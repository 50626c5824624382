"""From what was sent and what is known to the rows to store and the answer to give. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from core.body_types import VISIBLE
from core.bulk import NewRow
from core.errors import FieldError, Invalid
from sessions import credit as credits_
from sessions import feedback, symptoms, wording
from sessions.bodies import (
    FixOut,
    NumberToCall,
    ResultIn,
    ResultOut,
    SafetyCheckFacts,
    SafetyOut,
    SessionFacts,
    SetIn,
)
from sessions.credit import SetDone
from sessions.facts import Facts, LineFact
from sessions.goals import GoalFact
from sessions.models import ExerciseResult

SET_FIELDS = (
    "repetitions",
    "hold_seconds",
    "duration_seconds",
    "distance_m",
    "steps",
    "load_kg",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The clinic's and patient's words that safety texts need."""

    country: str
    clinic_phone: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One result: how it was judged, and the words for it."""

    sent: ResultIn
    line: LineFact
    facts: feedback.ResultFacts
    judgement: feedback.Judgement
    is_off_plan: bool

    @property
    def goals(self) -> tuple[GoalFact, ...]:
        """The goals that this result brings something to."""
        return self.line.goals

    @property
    def total(self) -> int:
        return self.judgement.total

    @property
    def best_set(self) -> int:
        return credits_.best_set(self.facts.sets, self.line.measure)


def says_something(content: SessionFacts) -> bool:
    """
    Whether there is anything to keep: what was done or how it was. When, how long and with whose
    help say neither.
    """
    answered = (content.pain_before, content.pain_after, content.effort)
    return bool(
        content.results
        or content.symptoms
        or re.search(VISIBLE, content.note)
        or any(one is not None for one in answered)
    )


def check_shape(content: SessionFacts) -> None:
    """
    Refuse what the types alone cannot.

    :raises Invalid: naming every field at fault
    """
    errors: list[FieldError] = []
    if not says_something(content):
        said = _("Say what was done, or a symptom, pain, effort or a note.")
        errors.append(_error("results", "missing", said))
    if len(set(content.symptoms)) != len(content.symptoms):
        errors.append(_error("symptoms", "duplicate", _("A symptom is named twice.")))
    seen: set[tuple[UUID, str]] = set()
    for place, result in enumerate(content.results):
        field = f"results.{place}"
        if (result.sets is None) == (result.skipped is None):
            errors.append(
                _error(field, "sets_or_skipped", _("Give either sets or skipped, not both."))
            )
        if (result.line, result.side) in seen:
            errors.append(_error(field, "duplicate", _("This line and side stand here already.")))
        seen.add((result.line, result.side))
    if errors:
        raise Invalid(errors)


def check_against_lines(content: SessionFacts, facts: Facts) -> None:
    """
    Refuse lines that are not this patient's, and sets without the amounts of their line's measure.

    :raises Invalid: naming every field at fault
    """
    errors: list[FieldError] = []
    for place, result in enumerate(content.results):
        line = facts.lines.get(result.line)
        if line is None:
            errors.append(
                _error(f"results.{place}.line", "unknown_line", _("There is no such line."))
            )
            continue
        for number, one in enumerate(result.sets or []):
            errors += [
                _error(
                    f"results.{place}.sets.{number}.{name}",
                    "missing",
                    _("This amount is needed for the exercise."),
                )
                for name in credits_.missing_amounts(set_done(one), line.measure)
            ]
    if errors:
        raise Invalid(errors)


def set_done(one: SetIn) -> SetDone:
    load = None if one.load_kg is None else Decimal(str(one.load_kg))
    return SetDone(
        repetitions=one.repetitions,
        hold_seconds=one.hold_seconds,
        duration_seconds=one.duration_seconds,
        distance_m=one.distance_m,
        steps=one.steps,
        load_kg=load,
    )


def judge_results(content: SessionFacts, facts: Facts) -> list[Judged]:
    """Judge every result against the row in force, in the order sent."""
    red_flag = symptoms.has_red_flag(content.symptoms)
    return [
        _judge_one(result, facts.lines[result.line], red_flag=red_flag)
        for result in content.results
    ]


def _judge_one(result: ResultIn, line: LineFact, *, red_flag: bool) -> Judged:
    row = line.row if line.row and line.row.prescribes(result.side) else None
    known = feedback.ResultFacts(
        measure=line.measure,
        dose=row,
        schedule=row.schedule if row else None,
        side=result.side,
        sets=[set_done(one) for one in result.sets or []],
        skipped=result.skipped or "",
        checks=result.checks,
        definitions=line.checks,
        pain=result.pain,
        best_before=line.best_before.get(result.side),
    )
    return Judged(
        sent=result,
        line=line,
        facts=known,
        judgement=feedback.judge(known, red_flag=red_flag),
        is_off_plan=row is None,
    )


def result_row(judged: Judged, *, of_session: dict[str, Any]) -> NewRow:
    """Make the row to store, with credit and totals computed once; `of_session` is alike in all."""
    sent, judgement, row = judged.sent, judged.judgement, judged.line.row
    on_plan = row is not None and not judged.is_off_plan
    credit = judgement.credit
    values = {name: _amounts(judged.facts.sets, name) for name in SET_FIELDS} | {
        "line_id": judged.line.id,
        "prescribed_exercise_id": row.id if row and on_plan else None,
        "side": sent.side,
        "is_off_plan": judged.is_off_plan,
        "set_count": len(judged.facts.sets),
        "skipped": sent.skipped or "",
        "checks": sent.checks,
        "difficulty": sent.difficulty or "",
        "pain": sent.pain,
        "credit_numerator": credit.numerator if credit else None,
        "credit_denominator": credit.denominator if credit else None,
        "total": judged.total,
        "best_set": judged.best_set,
        "verdict": judgement.verdict,
        "has_check_not_yet": judgement.verdict == "not_yet",
        "asks_to_stop": judgement.asks_to_stop,
    }
    return NewRow(ExerciseResult, of_session | values)


def judged_against(judged: Judged) -> dict[str, Any]:
    """Tell which row a result was judged by, with its dose as it stood; null off the plan."""
    row = None if judged.is_off_plan else msgspec.to_builtins(judged.line.row)
    return {"line": str(judged.line.id), "side": judged.sent.side, "row": row}


def check_questions(content: SafetyCheckFacts) -> None:
    """
    Refuse a safety check that says nothing, or a symptom twice.

    :raises Invalid: naming the field at fault
    """
    if not content.answers and not content.symptoms:
        raise Invalid.at("answers", "missing", _("Answer at least one question."))
    if len(set(content.symptoms)) != len(content.symptoms):
        raise Invalid.at("symptoms", "duplicate", _("A symptom is named twice."))


def refuse_unknown_questions(content: SafetyCheckFacts, known: Sequence[str]) -> None:
    """
    Refuse answers to questions that nobody asks, naming those that are `known`.

    :raises Invalid: naming every field at fault
    """
    words = _("One of: %(names)s.") % {"names": ", ".join(known)}
    errors = [
        _error(f"answers.{each}", "unknown_question", words)
        for each in content.answers
        if each not in known
    ]
    if errors:
        raise Invalid(errors)


def _amounts(sets: Sequence[credits_.Amounts], name: str) -> list[object]:
    values = [getattr(one, name) for one in sets]
    return [] if all(value is None for value in values) else values


def result_out(judged: Judged) -> ResultOut:
    """What the phone is told about one result."""
    judgement = judged.judgement
    fix = judgement.fix
    return ResultOut(
        line=judged.line.id,
        side=judged.sent.side,
        completion=None if judgement.completion is None else float(judgement.completion),
        verdict=judgement.verdict,
        exceeded=judgement.exceeded,
        best=judgement.best,
        fix=FixOut(check=fix.check, text=fix.text, fault=fix.fault, next=judgement.next)
        if fix
        else None,
        check=judgement.check,
        text=wording.words_for(judged.facts, judgement),
    )


def held_result_out(judged: Judged) -> ResultOut:
    """What the phone is told about a result of a held session: safety, and nothing else."""
    verdict = judged.judgement.verdict
    said = verdict if verdict in ("stop", "stop_exercise") else None
    return ResultOut(
        line=judged.line.id,
        side=judged.sent.side,
        completion=None,
        verdict=said,
        exceeded=None,
        best=None,
        fix=None,
        check=judged.judgement.check if said else None,
        text=wording.words_for(judged.facts, judged.judgement) if said else "",
    )


def safety_out(named: Sequence[str], place: Place) -> SafetyOut | None:
    """What to do about symptoms, in the patient's language."""
    safety = symptoms.safety_for(
        named,
        country=place.country,
        clinic_phone=place.clinic_phone,
        language=place.language,
    )
    return safety_as_out(safety) if safety else None


def safety_as_out(safety: symptoms.Safety) -> SafetyOut:
    """Make the answer's form of what to do about symptoms."""
    return SafetyOut(
        verdict=safety.verdict,
        symptoms=list(safety.symptoms),
        severity=safety.severity,
        text=safety.text,
        numbers=[NumberToCall(label=each.label, number=each.number) for each in safety.numbers],
    )


def _error(field: str, code: str, detail: str) -> FieldError:
    return FieldError(field=field, code=code, detail=detail)
