"""How well a patient's own checks agree with what a therapist saw: counts, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from clinics.actors import Actor
from patients.models import Line
from programs.content import exercise_content
from programs.models import ExerciseVersion
from sessions.form_bodies import CheckAgreement, FormAgreementOut, LineAgreement

WINDOW_DAYS: Final = 14
A_HANDFUL: Final = 5
_PAIRS = (Path(__file__).parent / "sql" / "form_agreement.sql").read_text(encoding="utf-8")


class Pair(NamedTuple):
    """What a therapist saw beside what the patient said (None: nothing near), and how often."""

    line_id: UUID
    version_id: UUID
    check: str
    seen: str
    said: str | None
    times: int


def form_agreement(*, patient_id: UUID, who: Actor) -> FormAgreementOut:
    """Set what was scored beside what was said, in three statements. The caller may read it."""
    pairs = pairs_of(patient_id)
    lines = (
        Line.objects.visible_to(who)
        .filter(pk__in={each.line_id for each in pairs})
        .select_related("exercise__current")
        .order_by("pk")
    )
    checks = _Checks({each.version_id for each in pairs}, who)
    of_line: dict[UUID, list[Pair]] = defaultdict(list)
    for each in pairs:
        of_line[each.line_id].append(each)
    return FormAgreementOut(
        patient=patient_id,
        window_days=WINDOW_DAYS,
        lines=[_line(each, of_line[each.pk], checks) for each in lines],
    )


def pairs_of(patient_id: UUID) -> list[Pair]:
    """Read the pairs of every form check that stands. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"patient_id": patient_id, "window": WINDOW_DAYS})
        return [Pair(*row) for row in cursor.fetchall()]


def counted(judged: Sequence[tuple[str, Pair]]) -> dict[str, Any]:
    """
    Count pairs, each with the answer that is right.

    A percentage of a few answers says more than is known: below a handful there is none.
    """
    both = [(right, each) for right, each in judged if each.said is not None]
    answered = sum(each.times for _right, each in both)
    agree = sum(each.times for _right, each in both if each.said == each.seen)
    more = sum(each.times for right, each in both if each.said == right != each.seen)
    return {
        "scored": sum(each.times for _right, each in judged),
        "both_answered": answered,
        "agree": agree,
        "more_favourable": more,
        "less_favourable": answered - agree - more,
        "agreement_percent": agree * 100 // answered if answered >= A_HANDFUL else None,
    }


class _Checks:
    """What the versions that were scored ask, and which answer is right there."""

    def __init__(self, version_ids: set[UUID], who: Actor) -> None:
        found = ExerciseVersion.objects.visible_to(who).filter(pk__in=version_ids)
        self.right: dict[tuple[UUID, str], str] = {}
        self.ask: dict[tuple[UUID, str], str] = {}
        for version in found.order_by("number"):  # newer words last: they stay
            for check in exercise_content(version.content).checks:
                self.right[version.pk, check.id] = check.right
                self.ask[version.exercise_id, check.id] = check.ask


def _line(line: Line, pairs: Sequence[Pair], checks: _Checks) -> LineAgreement:
    judged = [(checks.right[each.version_id, each.check], each) for each in pairs]
    current = line.exercise.current
    return LineAgreement(
        line=line.pk,
        exercise=current.name if current else "",
        checks=[
            CheckAgreement(
                check=check,
                ask=checks.ask[line.exercise_id, check],
                **counted([pair for pair in judged if pair[1].check == check]),
            )
            for check in sorted({each.check for each in pairs})
        ],
        **counted(judged),
    )
