"""
Which alerts a logged session raises (domain, section 7). Pure: what was said in, what is raised out.

A rule raises only its most severe row. A null compares with nothing: it neither raises nor breaks a
run. A session that is held is never out of safety, and out of everything else: symptoms, pain and
safety checks raise; effort, skipped exercises and suggestions wait until it counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

import msgspec

from sessions import symptoms
from sessions.thresholds import Thresholds

Severity = Literal["emergency", "critical", "high", "medium", "suggestion"]
SEVERITIES: Final = ("emergency", "critical", "high", "medium", "suggestion")

PAIN_AFTER = "pain_after"
EXERCISE_PAIN = "exercise_pain"
SAFETY_CHECK = "safety_check"
EFFORT = "effort"
SKIPPED_FOR_PAIN = "skipped_for_pain"
NO_CONTACT = "no_contact"
LOW_ADHERENCE = "low_adherence"
TOO_EASY = "too_easy"
TOO_HARD = "too_hard"
UNSURE = "unsure"
SUGGESTIONS: Final = frozenset({TOO_EASY, TOO_HARD, UNSURE})
OF_A_LINE: Final = SUGGESTIONS | {SKIPPED_FOR_PAIN}
RULES: Final = (
    *(each.id for each in symptoms.SYMPTOMS if each.severity),
    PAIN_AFTER, EXERCISE_PAIN, SAFETY_CHECK, EFFORT, SKIPPED_FOR_PAIN, NO_CONTACT, LOW_ADHERENCE,
    TOO_EASY, TOO_HARD, UNSURE,
)  # fmt: skip


class WeekBehind(msgspec.Struct, frozen=True, kw_only=True):
    """A completed week (its Monday) and its dose adherence in whole percent, rounded down."""

    week: dt.date
    percent: int


class Because(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What an occurrence rests on; what does not concern its rule is left out.

    `amount` is what was said (pain, effort) beside what it was compared with: `before` the session,
    in the `previous` session that said it, or the exercise's `ceiling`. `line` is the exercise that hurt
    most, or of which the safety `check` was answered no; of several the first. `sessions` are those of a
    run, newest first. `expected_days` and `active_days` passed without a session after `since`.
    """

    amount: int | None = None
    before: int | None = None
    previous: int | None = None
    ceiling: int | None = None
    line: UUID | None = None
    check: str | None = None
    sessions: tuple[UUID, ...] = ()
    since: dt.date | None = None
    expected_days: int | None = None
    active_days: int | None = None
    weeks: tuple[WeekBehind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A rule that is met, at its most severe row."""

    rule: str
    severity: Severity
    line: UUID | None = None
    because: Because = field(default_factory=Because)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSaid:
    """
    What one result says that a rule looks at.

    `ceiling` is the effort ceiling of the row in force, `is_complete` completion 1, `safety_no` the
    first `safety` check answered no. `difficulty` is empty where it was not answered.
    """

    line: UUID
    pain: int | None = None
    ceiling: int | None = None
    skipped: str = ""
    difficulty: str = ""
    is_complete: bool = False
    safety_no: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSaid:
    """A session as it is stored now. `counts`: it is not held."""

    id: UUID
    counts: bool = True
    symptoms: Sequence[str] = ()
    pain_before: int | None = None
    pain_after: int | None = None
    effort: int | None = None
    results: Sequence[ResultSaid] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier session that counts said of a line."""

    session: UUID
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """
    What was said before the session's own `performed_at`, by sessions that count.

    `pain_after` is that of the latest one that answered it. `of_lines` holds, for a line rule and a
    line, the sessions that contain the line and answered, newest first; `said` is the rule's name
    where that session met it.
    """

    pain_after: int | None = None
    of_lines: Mapping[tuple[str, UUID], Sequence[Earlier]] = field(default_factory=dict)


def rank(severity: str) -> int:
    """Return the place of a severity, gravest first."""
    return SEVERITIES.index(severity)


def raised_by(said: SessionSaid, previous: Previous, limits: Thresholds) -> list[Raised]:
    """Return every rule that a session meets, each once, the symptoms first."""
    raised = [*raised_by_symptoms(said.symptoms), *_safety(said, previous, limits)]
    if said.counts:
        raised += [*_effort(said, limits), *_of_lines(said, previous, limits)]
    return raised


def raised_by_symptoms(named: Iterable[str]) -> Iterator[Raised]:
    """Yield one rule for each symptom that raises, gravest first."""
    for name in symptoms.in_order(named):
        severity = symptoms.BY_ID[name].severity
        if severity is not None:
            yield Raised(rule=name, severity=severity)


def _safety(said: SessionSaid, previous: Previous, limits: Thresholds) -> Iterator[Raised]:
    severity = _pain_after(said, previous.pain_after, limits)
    if severity is not None:
        because = Because(
            amount=said.pain_after, before=said.pain_before, previous=previous.pain_after
        )
        yield Raised(rule=PAIN_AFTER, severity=severity, because=because)
    worst = max(said.results, key=lambda each: each.pain or 0, default=None)
    severity = _exercise_pain(worst.pain if worst else None, limits)
    if worst is not None and severity is not None:
        because = Because(amount=worst.pain, line=worst.line)
        yield Raised(rule=EXERCISE_PAIN, severity=severity, because=because)
    unsafe = next((each for each in said.results if each.safety_no), None)
    if unsafe is not None:
        because = Because(line=unsafe.line, check=unsafe.safety_no)
        yield Raised(rule=SAFETY_CHECK, severity="high", because=because)


def _pain_after(said: SessionSaid, previous: int | None, limits: Thresholds) -> Severity | None:
    after = said.pain_after
    if after is None:
        return None
    if after >= limits.pain_after_critical:
        return "critical"
    if _is_above(after, said.pain_before, by=limits.pain_rise_high):
        return "high"
    is_much_above = _is_above(after, previous, by=limits.pain_above_previous_high)
    if is_much_above and after >= limits.pain_above_previous_from:
        return "high"
    if after >= limits.pain_after_medium and _is_above(after, previous, by=1):
        return "medium"
    return None


def _is_above(amount: int, other: int | None, *, by: int) -> bool:
    return other is not None and amount - other >= by


def _exercise_pain(pain: int | None, limits: Thresholds) -> Severity | None:
    if pain is None or pain < limits.exercise_pain_high:
        return None
    return "critical" if pain >= limits.exercise_pain_critical else "high"


def _effort(said: SessionSaid, limits: Thresholds) -> Iterator[Raised]:
    ceilings = [each.ceiling for each in said.results if each.ceiling is not None]
    if said.effort is None or not ceilings:
        return
    lowest = min(ceilings)
    if said.effort - lowest >= limits.effort_above_ceiling:
        because = Because(amount=said.effort, ceiling=lowest)
        yield Raised(rule=EFFORT, severity="medium", because=because)


# ---- Line by line: what was said several sessions running ----------------------------------------


def _of_lines(said: SessionSaid, previous: Previous, limits: Thresholds) -> Iterator[Raised]:
    lengths = {
        SKIPPED_FOR_PAIN: limits.skipped_for_pain_sessions,
        **dict.fromkeys((TOO_EASY, TOO_HARD, UNSURE), limits.suggestion_sessions),
    }
    for line, results in _by_line(said.results).items():
        for rule in met_on_line(results):
            earlier = previous.of_lines.get((rule, line), ())[: lengths[rule] - 1]
            if len(earlier) < lengths[rule] - 1 or any(each.said != rule for each in earlier):
                continue
            yield Raised(
                rule=rule,
                severity="high" if rule == SKIPPED_FOR_PAIN else "suggestion",
                line=line,
                because=Because(sessions=(said.id, *(each.session for each in earlier))),
            )


def met_on_line(results: Sequence[ResultSaid]) -> list[str]:
    """
    Return the line rules that a session's results of one line meet, taken for themselves.

    One side skipped for pain, too hard or unsure is enough; too easy needs every side that
    answered to say so, with its whole dose done.
    """
    met = []
    if any(each.skipped == "pain" for each in results):
        met.append(SKIPPED_FOR_PAIN)
    answered = [each for each in results if each.difficulty]
    if answered and all(each.difficulty == TOO_EASY and each.is_complete for each in answered):
        met.append(TOO_EASY)
    if any(each.difficulty == TOO_HARD for each in answered):
        met.append(TOO_HARD)
    if any(UNSURE in each.checks.values() for each in results):
        met.append(UNSURE)
    return met


def _by_line(results: Sequence[ResultSaid]) -> dict[UUID, list[ResultSaid]]:
    lines: dict[UUID, list[ResultSaid]] = {}
    for each in results:
        lines.setdefault(each.line, []).append(each)
    return lines


# ---- Silence and low adherence: looked at by the nightly check -----------------------------------


def no_contact_severity(
    *, expected_days: int, active_days: int, has_weekdays: bool, limits: Thresholds
) -> Severity | None:
    """
    Return how grave a silence is, counted over the days between the last session and today.

    `has_weekdays`: a line with fixed weekdays is in force, so days that expected something count.
    """
    if active_days >= limits.no_contact_critical_days:
        return "critical"
    if active_days >= limits.no_contact_high_days:
        return "high"
    if has_weekdays:
        return "medium" if expected_days >= limits.no_contact_expected_days else None
    return "medium" if active_days >= limits.no_contact_active_days else None
