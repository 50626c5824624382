"""Where goals stand, derived from what was logged and assessed, against a plain definition."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from core.bulk import insert_together
from core.ids import uuid7
from core.tenancy import clinic_context
from patients.models import Assessment, Goal, Line
from sessions.goal_values import Standing, standings
from sessions.models import ExerciseResult, ExerciseSession
from tests.factories import measured, people, prescribed
from tests.factories.people import World

TODAY = dt.date(2026, 11, 25)
MON, TUE, WED = (dt.date(2026, 11, day) for day in (23, 24, 25))
FIRST = dt.date(2026, 11, 2)
DAY = dt.timedelta(days=1)


@pytest.fixture
def line(world: World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def logged(world: World, line: Line, day: dt.date, *sets: int, counts: bool = True) -> None:
    """Store a session with one result, past everything that judges it."""
    moment = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
    assert world.ana.user_id is not None
    session = ExerciseSession(
        id=uuid7(), clinic=world.clinic, patient=world.ana, phone_id=uuid7(),
        status="counted" if counts else "held", performed_at=moment, performed_on=day,
        claimed_performed_at=moment, received_at=moment, logged_by_id=world.ana.user_id,
        logged_as="patient",
    )  # fmt: skip
    done = ExerciseResult(
        id=uuid7(), clinic=world.clinic, patient=world.ana, session=session, line=line,
        performed_on=day, performed_at=moment, counts=counts, side="both", is_off_plan=True,
        repetitions=list(sets), set_count=len(sets), total=sum(sets), best_set=max(sets),
    )  # fmt: skip
    insert_together([session, done])


def stands(*goals: Goal, today: dt.date = TODAY) -> list[Standing]:
    return standings(goals, today=today)


def short(standing: Standing) -> tuple[int, dt.date | None, Any]:
    period = standing.this_period
    return int(standing.now), standing.reached_on, None if period is None else int(period)


# ---- amounts of an exercise ---------------------------------------------------------------------


def test_without_anything_done_a_goal_stands_at_its_baseline(world: World) -> None:
    goals = [
        measured.goal(world.ana, "heel_raise", amount)
        for amount in ("best_set", "day_total", "week_total")
    ]

    assert [short(one) for one in stands(*goals)] == [
        (10, None, None),
        (10, None, 0),
        (10, None, 0),
    ]
    assert {one.progress for one in stands(*goals)} == {Fraction(0)}


def test_the_best_set_day_and_week_stay_and_the_period_is_today_s(world: World, line: Line) -> None:
    goals = [
        measured.goal(world.ana, "heel_raise", amount, target=target)
        for amount, target in (("best_set", "20"), ("day_total", "30"), ("week_total", "50"))
    ]
    for day, sets in (
        (FIRST, (18, 20)),  # the best set and, with 38, the best day
        (FIRST + DAY, (15,)),  # with 53 the best week
        (MON, (8, 8)),
        (WED, (5,)),
    ):
        logged(world, line, day, *sets)

    assert [short(one) for one in stands(*goals)] == [
        (20, FIRST, None),
        (38, FIRST, 5),
        (53, FIRST + DAY, 21),
    ]
    assert [one.progress for one in stands(*goals)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("days", "best", "this_week"),
    [
        ([dt.date(2026, 12, 28), dt.date(2027, 1, 3)], 14, 14),
        ([dt.date(2026, 12, 27), dt.date(2026, 12, 28)], 7, 7),
        ([dt.date(2027, 1, 3), dt.date(2027, 1, 4)], 7, 7),
        ([dt.date(2026, 12, 31), dt.date(2027, 1, 1)], 14, 14),
    ],
)
def test_a_week_crosses_the_edge_of_a_year(
    world: World, line: Line, days: list[dt.date], best: int, this_week: int
) -> None:
    goal = measured.goal(world.ana, "heel_raise", "week_total", baseline="0")
    for day in days:
        logged(world, line, day, 7)

    (standing,) = stands(goal, today=days[-1])

    assert (int(standing.now), standing.this_period) == (best, this_week)


def test_what_does_not_count_moves_nothing(world: World, line: Line) -> None:
    goal = measured.goal(world.ana, "heel_raise", "day_total")
    logged(world, line, MON, 100, counts=False)
    logged(world, prescribed.line(world.ana, "bridging"), MON, 100)
    logged(world, prescribed.line(world.ana, measure="steps", steps=50), MON, 100)
    logged(world, line, FIRST - DAY, 100)
    logged(world, line, MON, 11)

    assert [short(one) for one in stands(goal)] == [(11, None, 0)]


def test_an_ended_goal_stands_where_it_ended(world: World, line: Line) -> None:
    goal = measured.goal(
        world.ana, "heel_raise", "day_total", status="ended", ended_on=TUE, ended_reason="Enough.",
        ended_at=people.LONG_AGO, ended_by=world.rui.user,
    )  # fmt: skip
    logged(world, line, TUE, 12)
    logged(world, line, WED, 100)

    assert [short(one) for one in stands(goal)] == [(12, None, None)]


def test_less_than_the_baseline_is_no_way_at_all(world: World, line: Line) -> None:
    goal = measured.goal(world.ana, "heel_raise", "best_set")
    logged(world, line, MON, 4)

    (standing,) = stands(goal)

    assert (standing.now, standing.progress) == (Decimal(4), Fraction(0))


def test_a_part_of_the_way_is_exact(world: World, line: Line) -> None:
    goal = measured.goal(world.ana, "heel_raise", "best_set", target="40")
    logged(world, line, MON, 20)

    assert stands(goal)[0].progress == Fraction(1, 3)


def plainly(
    goal: Goal, results: list[tuple[dt.date, tuple[int, ...]]]
) -> tuple[int, dt.date | None, int | None]:
    """The same in plain words: walk through the days, adding up."""
    best, reached, sums = None, None, defaultdict(int)
    for day, sets in sorted(results, key=lambda one: one[0]):
        if day < goal.starts_on:
            continue
        key = {
            "best_set": None,
            "day_total": day,
            "week_total": day.isocalendar()[:2],
        }[goal.amount]
        sums[key] = max(*sets, 0) if goal.amount == "best_set" else sums[key] + sum(sets)
        best = max(best or 0, sums[key])
        if reached is None and sums[key] >= goal.target:
            reached = day
    period = {
        "best_set": None,
        "day_total": sums[TODAY],
        "week_total": sums[TODAY.isocalendar()[:2]],
    }[goal.amount]
    return int(goal.baseline) if best is None else best, reached, period


@pytest.mark.parametrize("seed", range(6))
def test_generated_histories_stand_where_the_plain_definition_says(
    world: World, line: Line, seed: int
) -> None:
    chance = random.Random(seed)
    goals = [
        measured.goal(world.ana, "heel_raise", amount, target=str(target))
        for amount, target in (("best_set", 18), ("day_total", 45), ("week_total", 150))
    ]
    other = prescribed.line(world.ana)
    results = [
        (
            FIRST + chance.randrange(-7, 24) * DAY,
            tuple(chance.randrange(21) for _set in range(chance.randrange(1, 4))),
        )
        for _result in range(25)
    ]
    for day, sets in results:
        logged(world, chance.choice([line, other]), day, *sets)

    assert [short(one) for one in stands(*goals)] == [plainly(goal, results) for goal in goals]


# ---- scores -------------------------------------------------------------------------------------


def faster(world: World, **fields: Any) -> Goal:
    return measured.goal(
        world.ana, "gait_speed", "", **{"baseline": "0.5", "target": "0.8"} | fields
    )


@pytest.mark.parametrize(
    ("scores", "now", "reached_on"),
    [
        ([], "0.5", None),
        ([(MON, "0.6")], "0.6", None),
        ([(MON, "0.799")], "0.799", None),
        ([(MON, "0.8")], "0.8", MON),
        # The latest stands; what was reached stays reached.
        ([(MON, "0.9"), (TUE, "0.7")], "0.7", MON),
        ([(MON, "0.7"), (TUE, "0.9"), (WED, "0.95")], "0.95", TUE),
        ([(MON, "0.7"), (TUE, None)], "0.7", None),
        ([(FIRST - DAY, "0.9")], "0.5", None),
        ([(FIRST, "0.9")], "0.9", FIRST),
    ],
)
def test_a_score_stands_where_the_latest_alike_does(
    world: World, scores: list[tuple[dt.date, str | None]], now: str, reached_on: dt.date | None
) -> None:
    goal = faster(world)
    for day, score in scores:
        measured.assessment(world.ana, score=score, on=day)

    (standing,) = stands(goal)

    assert (standing.now, standing.reached_on) == (Decimal(now), reached_on)
    assert standing.this_period is None


def test_less_is_better_where_the_instrument_says_so(world: World) -> None:
    goal = measured.goal(world.ana, "timed_up_and_go", "", baseline="20", target="12")
    measured.assessment(world.ana, "timed_up_and_go", "18", on=MON)

    (standing,) = stands(goal)

    assert (standing.progress, standing.reached_on) == (Fraction(1, 4), None)
    measured.assessment(world.ana, "timed_up_and_go", "12", on=TUE)
    assert (stands(goal)[0].progress, stands(goal)[0].reached_on) == (1, TUE)


@pytest.mark.parametrize(
    "fields",
    [{"aid": "none"}, {"variant": "maximum"}, {"status": "replaced"}, {"side": "left"}],
)
def test_what_is_not_alike_or_does_not_count_moves_nothing(
    world: World, fields: dict[str, Any]
) -> None:
    goal = faster(world)
    measured.assessment(world.ana, score="0.9", on=MON, **fields)

    assert stands(goal)[0].now == Decimal("0.5")


def test_a_correction_and_a_withdrawal_are_seen_at_once(world: World) -> None:
    goal = faster(world)
    score = measured.assessment(world.ana, score="0.9", on=MON)
    assert stands(goal)[0].reached_on == MON

    Assessment.objects.filter(pk=score.pk).update(status="replaced")

    assert (stands(goal)[0].now, stands(goal)[0].reached_on) == (Decimal("0.5"), None)


def test_goals_of_every_kind_and_several_patients_stand_in_the_order_given(
    world: World, line: Line
) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    goals = [
        faster(world),
        measured.goal(bruno, "heel_raise", "best_set"),
        measured.goal(world.ana, "heel_raise", "best_set"),
        measured.goal(bruno, "gait_speed", "", baseline="0.2", target="0.4"),
    ]
    logged(world, line, MON, 15)
    measured.assessment(world.ana, score="0.6", on=MON)
    measured.assessment(bruno, score="0.3", on=MON)

    assert [(one.goal, one.now) for one in stands(*goals)] == [
        (goals[0], Decimal("0.6")),
        (goals[1], Decimal(10)),
        (goals[2], Decimal(15)),
        (goals[3], Decimal("0.3")),
    ]


def test_no_goals_are_no_standings(world: World) -> None:
    assert stands() == []
