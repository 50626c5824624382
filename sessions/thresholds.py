"""
The numbers of the alert rules (domain, section 7): a clinic's own within limits. Pure.

The limits are such that no rule can be switched off. They are stated once, here: bodies are held to
them by their types, the table by constraints that are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec

from core.bodies import Body, whole


class Thresholds(Body):
    """
    From which number on each rule raises; every one is a least number, `…_percent` an upper bound.

    Pain is 0 to 10, effort Borg CR10. Days, weeks and sessions are counted as section 7 says.
    """

    pain_after_critical: Annotated[int, whole(4, 10)]
    pain_after_medium: Annotated[int, whole(1, 7)]
    pain_rise_high: Annotated[int, whole(1, 5)]
    pain_above_previous_high: Annotated[int, whole(1, 4)]
    pain_above_previous_from: Annotated[int, whole(1, 6)]
    exercise_pain_critical: Annotated[int, whole(4, 10)]
    exercise_pain_high: Annotated[int, whole(3, 9)]
    effort_above_ceiling: Annotated[int, whole(1, 3)]
    skipped_for_pain_sessions: Annotated[int, whole(1, 3)]
    no_contact_expected_days: Annotated[int, whole(1, 7)]
    no_contact_active_days: Annotated[int, whole(2, 14)]
    no_contact_high_days: Annotated[int, whole(4, 28)]
    no_contact_critical_days: Annotated[int, whole(7, 42)]
    low_adherence_percent: Annotated[int, whole(20, 80)]
    low_adherence_weeks: Annotated[int, whole(1, 4)]
    suggestion_sessions: Annotated[int, whole(2, 6)]


DEFAULTS = Thresholds(
    pain_after_critical=7,
    pain_after_medium=5,
    pain_rise_high=3,
    pain_above_previous_high=2,
    pain_above_previous_from=4,
    exercise_pain_critical=7,
    exercise_pain_high=6,
    effort_above_ceiling=1,
    skipped_for_pain_sessions=2,
    no_contact_expected_days=3,
    no_contact_active_days=7,
    no_contact_high_days=14,
    no_contact_critical_days=21,
    low_adherence_percent=50,
    low_adherence_weeks=2,
    suggestion_sessions=3,
)

NAMES: tuple[str, ...] = Thresholds.__struct_fields__
# What raises more often the higher it is; all others raise less often.
TIGHTER_WHEN_HIGHER = frozenset({"low_adherence_percent"})
# A graver row that came before a lesser one would leave the lesser one without a case.
NEVER_ABOVE: tuple[tuple[str, str], ...] = (
    ("pain_after_medium", "pain_after_critical"),
    ("exercise_pain_high", "exercise_pain_critical"),
    ("no_contact_active_days", "no_contact_high_days"),
    ("no_contact_high_days", "no_contact_critical_days"),
)


class Limit(NamedTuple):
    least: int
    most: int


def _limits() -> Mapping[str, Limit]:
    hints = msgspec.inspect.type_info(Thresholds)
    assert isinstance(hints, msgspec.inspect.StructType)
    found = {}
    for field in hints.fields:
        assert isinstance(field.type, msgspec.inspect.IntType)
        assert field.type.ge is not None
        assert field.type.le is not None
        found[field.name] = Limit(field.type.ge, field.type.le)
    return found


LIMITS: Mapping[str, Limit] = _limits()


def loosened(*, now: Thresholds, wanted: Thresholds) -> list[str]:
    """Name the numbers that would raise less often than those that stand now."""
    return [name for name in NAMES if _is_looser(name, getattr(now, name), getattr(wanted, name))]


def out_of_order(wanted: Thresholds) -> list[tuple[str, str]]:
    """Name each lesser row's number that lies above its graver row's."""
    return [
        (lesser, graver)
        for lesser, graver in NEVER_ABOVE
        if getattr(wanted, lesser) > getattr(wanted, graver)
    ]


def thresholds_of(row: Mapping[str, Any] | None) -> Thresholds:
    """Make the numbers of a stored row; without one, the table's own."""
    return Thresholds(**{name: row[name] for name in NAMES}) if row else DEFAULTS


def _is_looser(name: str, now: int, wanted: int) -> bool:
    return wanted < now if name in TIGHTER_WHEN_HIGHER else wanted > now
