"""What a plan reads of a line's past: exact near its end, and bounded however long it is."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from core.tenancy import clinic_context
from patients.models import Line, PrescribedExercise
from sessions.line_history import counted_from, counted_since, history_sql
from sessions.models import ExerciseResult, ExerciseSession
from tests.factories import people, prescribed

DAY = dt.date(2026, 11, 23)
OF_ROW = '"patients_prescribedexercise"."line_id"'


@pytest.fixture
def world(db) -> people.World:
    return people.world()


@pytest.fixture
def line(world) -> Line:
    return prescribed.line(world.ana)


def result(world, line, on: dt.date, *, hour: int = 9, side: str = "both", **fields: Any) -> None:
    """Log one result in a session of its own."""
    at = dt.datetime.combine(on, dt.time(hour), dt.UTC)
    with clinic_context(world.clinic.pk):
        session = ExerciseSession.objects.create(
            clinic=world.clinic, patient=world.ana, phone_id=uuid.uuid4(), status="counted",
            performed_at=at, performed_on=on, claimed_performed_at=at, received_at=at,
            logged_by=world.ana.user, logged_as="patient",
        )  # fmt: skip
        sides = ("left", "right") if side == "each" else (side,)
        for one in sides:
            ExerciseResult.objects.create(
                **{
                    "clinic": world.clinic, "patient": world.ana, "session": session, "line": line,
                    "performed_on": on, "performed_at": at, "counts": True, "side": one,
                    "is_off_plan": False, "repetitions": [10], "set_count": 1, "total": 10,
                }
                | fields
            )  # fmt: skip


def of_row(day: dt.date) -> RawSQL:
    return RawSQL(history_sql(OF_ROW), [counted_since(day)], output_field=JSONField())


def history(world, *, day: dt.date = DAY) -> dict[str, Any]:
    with clinic_context(world.clinic.pk):
        rows = PrescribedExercise.objects.annotate(history=of_row(day))
        return rows.get().history


def test_a_line_without_a_past(world, line):
    assert history(world) == {"sessions": 0, "not_yet": None, "since": 0, "bests": {}}


def test_a_session_counts_once_however_many_sides_it_has(world, line):
    result(world, line, dt.date(2026, 11, 20), side="each")
    result(world, line, dt.date(2026, 11, 21), side="each")

    assert history(world)["sessions"] == 2


@pytest.mark.parametrize(
    "fields", [{"counts": False}, {"total": 0, "set_count": 0, "repetitions": []}]
)
def test_what_counts_nowhere_or_was_not_done_is_no_session(world, line, fields):
    result(world, line, dt.date(2026, 11, 20), **fields)

    assert history(world) == {"sessions": 0, "not_yet": None, "since": 0, "bests": {}}


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 1, 1)),
        (dt.date(2026, 3, 31), dt.date(2026, 1, 1)),
        (dt.date(2026, 4, 1), dt.date(2026, 4, 1)),
        (dt.date(2026, 9, 30), dt.date(2026, 7, 1)),
        (dt.date(2026, 11, 23), dt.date(2026, 10, 1)),
        (dt.date(2026, 12, 31), dt.date(2026, 10, 1)),
    ],
)
def test_the_turn_of_the_checks_is_counted_from_the_quarters_first_day(day, first):
    assert counted_from(day) == first


def test_sessions_of_an_earlier_quarter_are_not_counted_but_stay_bests(world, line):
    result(world, line, dt.date(2026, 9, 30), total=40)
    result(world, line, dt.date(2026, 10, 1), total=20)

    assert history(world)["sessions"] == 1
    assert history(world)["bests"] == {"both": 40}
    assert history(world, day=dt.date(2026, 9, 30))["sessions"] == 2


def test_the_best_of_each_side(world, line):
    result(world, line, dt.date(2026, 11, 19), side="left", total=12)
    result(world, line, dt.date(2026, 11, 20), side="left", total=9)
    result(world, line, dt.date(2026, 11, 20), hour=15, side="right", total=7)
    result(world, line, dt.date(2026, 11, 21), side="right", total=99, counts=False)

    assert history(world)["bests"] == {"left": 12, "right": 7}


def test_the_latest_not_yet_and_the_sessions_after_it(world, line):
    old, new = {"heel-down": "no"}, {"knee-straight": "no"}
    result(world, line, dt.date(2026, 11, 16), has_check_not_yet=True, checks=old)
    result(world, line, dt.date(2026, 11, 18), has_check_not_yet=True, checks=new)
    assert history(world)["not_yet"] == new
    assert history(world)["since"] == 0

    for number, on in enumerate((19, 20, 21), start=1):
        result(world, line, dt.date(2026, 11, on), side="each")
        assert history(world)["since"] == number


def test_an_old_not_yet_is_found_in_any_quarter(world, line):
    result(world, line, dt.date(2026, 2, 2), has_check_not_yet=True, checks={"heel-down": "no"})

    assert history(world)["not_yet"] == {"heel-down": "no"}


def test_a_not_yet_that_counts_nowhere_asks_for_nothing(world, line):
    result(world, line, dt.date(2026, 11, 20), has_check_not_yet=True, counts=False)

    assert history(world)["not_yet"] is None


def test_sessions_after_a_not_yet_are_at_least_three_where_there_are_more(world, line):
    result(world, line, dt.date(2026, 10, 1), has_check_not_yet=True)
    for number in range(15):
        result(world, line, dt.date(2026, 10, 2) + dt.timedelta(days=number), side="each")

    assert history(world)["since"] >= 3


def test_another_lines_past_is_its_own(world, line):
    other = prescribed.line(world.ana, "bridging")
    result(world, other, dt.date(2026, 11, 20), total=50)
    with clinic_context(world.clinic.pk), CaptureQueriesContext(connection) as sent:
        rows = PrescribedExercise.objects.annotate(history=of_row(DAY))
        found = {row.line_id: row.history["sessions"] for row in rows}

    assert found == {line.pk: 0, other.pk: 1}
    assert len(sent) == 1
