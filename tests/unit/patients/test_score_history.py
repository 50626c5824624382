from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from patients.score_history import Kept, change_since, first, known_score, previous
from programs.scores import Score
from tests.factories.programs import shipped

MEASURES = {one.slug: one.content for one in shipped().measures}
DAYS = [dt.date(2026, 11, day) for day in range(1, 11)]


def kept(day: int, value: str | None = "0.5", slug: str = "gait_speed", **fields: Any) -> Kept:
    """A score of the n-th of November; None: unable."""
    way = {"variant": "comfortable", "aid": "stick"} if slug == "gait_speed" else {}
    score = Score(
        value=None if value is None else Decimal(value),
        is_unable=value is None,
        **way | fields,
    )
    return Kept(id=UUID(int=day), slug=slug, on=dt.date(2026, 11, day), score=score)


@pytest.mark.parametrize(
    ("before", "previous_day", "first_day"),
    [
        ([], None, None),
        ([kept(1)], 1, 1),
        ([kept(1), kept(2), kept(3)], 3, 1),
        ([kept(3), kept(1), kept(2)], 3, 1),
        ([kept(1, None), kept(2), kept(3, None)], 3, 2),
        ([kept(1, None)], 1, None),
        ([kept(1, aid="none"), kept(2, variant="maximum"), kept(3, side="left")], None, None),
        ([kept(1, aid="none"), kept(2)], 2, 2),
        ([kept(1, slug="berg_balance")], None, None),
        # What was measured on the same day, or later, came not before.
        ([kept(5), kept(6), kept(9)], None, None),
    ],
)
def test_a_score_is_compared_with_what_is_alike_and_before(
    before: list[Kept], previous_day: int | None, first_day: int | None
) -> None:
    later = kept(5, "0.7")

    found = previous(before, later), first(before, later)

    assert [one.on.day if one else None for one in found] == [previous_day, first_day]


@pytest.mark.parametrize(
    ("history", "known"),
    [
        ([], None),
        ([kept(1, "0.3")], "0.3"),
        ([kept(1, "0.3"), kept(4, "0.9")], "0.9"),
        ([kept(1, "0.3"), kept(6, "0.9")], "0.3"),
        ([kept(1, "0.3"), kept(4, None)], "0.3"),
        ([kept(1, "0.3", aid="none"), kept(2, "0.4", aid="frame")], "0.4"),
        ([kept(1, "1.3", variant="maximum")], None),
        ([kept(1, "40", slug="berg_balance")], None),
    ],
)
def test_the_speed_known_at_a_baseline(history: list[Kept], known: str | None) -> None:
    found = known_score(history, "gait_speed", "comfortable", on=dt.date(2026, 11, 5))

    assert found == (None if known is None else Decimal(known))


@pytest.mark.parametrize(("speed", "mcid"), [("0.399", 44), ("0.4", None), (None, None)])
def test_a_6_minute_walk_is_read_by_the_speed_of_its_baseline(
    speed: str | None, mcid: int | None
) -> None:
    earlier, later = kept(3, "100", "six_minute_walk"), kept(9, "160", "six_minute_walk")
    fast_by_then = kept(8, "1.2")
    history = [earlier, later, fast_by_then, *([kept(2, speed)] if speed else [])]

    since = change_since(MEASURES["six_minute_walk"], earlier, later, history)

    assert since is not None
    assert since.earlier is earlier
    assert (since.reading.mcid and since.reading.mcid.amount) == mcid
    assert since.reading.matters is (True if mcid else None)


def test_a_10_metre_walk_is_its_own_baseline_and_no_other_walk_is() -> None:
    earlier, later = kept(3, "0.35"), kept(9, "0.4")
    with_another_aid = kept(3, "0.9", aid="none")

    since = change_since(MEASURES["gait_speed"], earlier, later, [with_another_aid, earlier, later])

    assert since is not None
    assert since.reading.figure is not None
    assert (since.reading.word, since.reading.figure.amount) == ("real_change", Decimal("0.05"))


def test_nothing_before_and_unable_before_say_nothing() -> None:
    later = kept(9)

    assert change_since(MEASURES["gait_speed"], None, later, []) is None
    assert change_since(MEASURES["gait_speed"], kept(1, None), later, []) is None
