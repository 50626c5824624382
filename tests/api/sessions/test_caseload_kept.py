"""The caseload by weeks that are kept: it says what it says without them, and asks for less."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import clinic_context
from patients.models import Patient
from sessions import adherence
from sessions.models import PatientWeek
from sessions.patient_weeks import figures_of
from tests.api.sessions.caseloads import DAY, MONDAY, NOW, case, caseload, do
from tests.factories import people, prescribed
from tests.factories.people import World

WEEK = 7 * DAY
COMPLETED = [MONDAY - number * WEEK for number in range(1, 5)]


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


@pytest.fixture
def crowd(world: World) -> dict[str, Patient]:
    """Ana does half, Bruno all, Carla two of three days a week, Dina is paused, Elsa is new."""
    made = {"Ana Silva": world.ana} | {
        name: case(world, name) for name in ("Bruno Lopes", "Carla Reis", "Dina Paz", "Elsa Rio")
    }
    first = COMPLETED[-1]
    every_day = [first + number * DAY for number in range(30)]
    do(prescribed.line(made["Ana Silva"], from_=first), *every_day[::2])
    do(prescribed.line(made["Ana Silva"], "bridging", from_=first), *every_day[:3], hour=15)
    do(prescribed.line(made["Bruno Lopes"], from_=first), *every_day)
    quota = {
        "schedule": "times_per_week",
        "weekdays": 0,
        "times_per_week": 3,
        "times_per_day": None,
    }
    do(prescribed.line(made["Carla Reis"], from_=first, **quota), *every_day[::4])
    do(prescribed.line(made["Dina Paz"], from_=first), *every_day[:5])
    people.pause(made["Dina Paz"], starts_on=first + 5 * DAY, ends_on=None)
    prescribed.line(made["Elsa Rio"], from_=MONDAY)
    forget_all(world)  # uploads have kept what they looked back on
    return made


def forget_all(world: World) -> None:
    with clinic_context(world.clinic.pk):
        PatientWeek.objects.all().delete()


def keep(patients: list[Patient], weeks: list[dt.date]) -> None:
    with clinic_context(patients[0].clinic_id):
        figures_of(patient_ids=[one.pk for one in patients], weeks=weeks)


@contextmanager
def asked_line_by_line() -> Iterator[list[set[UUID]]]:
    """Of whom the weeks are worked out line by line, one set a statement."""
    asked: list[set[UUID]] = []

    def seen(*, patient_ids: list[UUID], **options: Any) -> list[adherence.LineWeek]:
        asked.append(set(patient_ids))
        return line_weeks(patient_ids=patient_ids, **options)

    line_weeks = adherence.line_weeks
    with patch.object(adherence, "line_weeks", seen):
        yield asked


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_it_says_the_same_with_and_without_kept_weeks(caller, world, crowd, missing) -> None:
    without = caseload(caller, world)

    keep(list(crowd.values()), COMPLETED[missing:])
    keep(list(crowd.values())[:2], COMPLETED)

    assert caseload(caller, world) == without
    told = {one["name"]: one["adherence"]["four_weeks"] for one in without}
    assert told == {
        "Ana Silva": {"percent": 30, "band": "off_track"},
        "Bruno Lopes": {"percent": 100, "band": "on_track"},
        "Carla Reis": {"percent": 58, "band": "slipping"},
        "Dina Paz": {"percent": 100, "band": "on_track"},
        "Elsa Rio": {"percent": None, "band": None},
    }


def test_lines_are_worked_out_for_the_page_alone(caller, world, crowd) -> None:
    keep(list(crowd.values()), COMPLETED)

    with asked_line_by_line() as asked:
        [first] = caller.as_(world.rui).get("caseload", {"limit": 1}).json()["results"]
        caller.as_(world.rui).get("caseload/summary")

    assert first["name"] == "Ana Silva"
    assert first["adherence"]["lowest_line"]["exercise"] == "Bridge"
    assert asked == [{world.ana.pk}]


def test_whose_weeks_are_not_all_kept_is_asked_line_by_line_once(caller, world, crowd) -> None:
    keep(list(crowd.values()), COMPLETED)
    with clinic_context(world.clinic.pk):
        PatientWeek.objects.filter(patient=crowd["Bruno Lopes"], week=COMPLETED[2]).delete()

    with asked_line_by_line() as asked:
        caseload(caller, world)

    others = {one.pk for name, one in crowd.items() if name != "Bruno Lopes"}
    assert asked == [{crowd["Bruno Lopes"].pk}, others]


def test_reading_keeps_no_week_and_locks_nobody(caller, world, crowd) -> None:
    with CaptureQueriesContext(connection) as captured:
        caseload(caller, world)

    assert not [one for one in captured.captured_queries if "FOR NO KEY UPDATE" in one["sql"]]
    with clinic_context(world.clinic.pk):
        assert not PatientWeek.objects.exists()


def test_a_change_in_a_kept_week_is_told_at_once(caller, world, crowd) -> None:
    keep(list(crowd.values()), COMPLETED)
    bruno = crowd["Bruno Lopes"]
    extra = prescribed.line(bruno, "bridging", from_=COMPLETED[1])

    [told] = [one for one in caseload(caller, world) if one["name"] == "Bruno Lopes"]

    # 28 days of one line, 14 of another of which nothing was done: 28 of 42.
    assert told["adherence"]["four_weeks"] == {"percent": 66, "band": "slipping"}
    assert told["adherence"]["lowest_line"]["line"] == str(extra.pk)


@pytest.mark.parametrize("path", ["caseload", "caseload/summary"])
def test_kept_or_not_it_asks_few_statements(caller, world, crowd, path) -> None:
    me = caller.as_(world.rui)
    without = statements(lambda: me.get(path))
    keep(list(crowd.values()), COMPLETED)
    kept = statements(lambda: me.get(path))
    with clinic_context(world.clinic.pk):
        PatientWeek.objects.filter(patient=world.ana).delete()
    some = statements(lambda: me.get(path))

    assert max(without, kept, some) <= 12
    assert (kept <= without, some - kept) == (True, 1)


def test_each_zone_has_its_own_completed_weeks(caller, world, stop_clock) -> None:
    """Sunday 22 November, 23:30 in Lisbon: in Auckland it is Monday, and a week more is over."""
    stop_clock("2026-11-22T23:30:00Z")
    far = case(world, "Rangi Hohepa", time_zone="Pacific/Auckland")
    for patient in (world.ana, far):
        do(prescribed.line(patient, from_=MONDAY - 5 * WEEK), MONDAY - DAY)
    forget_all(world)
    without = caseload(caller, world)

    keep([world.ana, far], [week - WEEK for week in COMPLETED])
    keep([far], COMPLETED)

    with asked_line_by_line() as asked:
        assert caseload(caller, world) == without
    assert asked == [{world.ana.pk, far.pk}]
    shown = {one["name"]: one["adherence"]["four_weeks"]["percent"] for one in without}
    assert shown == {"Ana Silva": 0, "Rangi Hohepa": 3}
