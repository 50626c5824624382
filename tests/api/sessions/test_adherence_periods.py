"""The adherence API: which dates it is of, what is in progress, what lies ahead, who may read it."""

from __future__ import annotations

import datetime as dt

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.dose import weekday_bits
from tests.api.sessions.phone import NOW, a_session
from tests.factories import people, prescribed

QUOTA = {
    "schedule": "times_per_week",
    "weekdays": 0,
    "times_per_day": None,
    "times_per_week": 3,
}
NEEDED = {"schedule": "as_needed", "weekdays": 0, "times_per_day": None}
START = dt.date(2026, 11, 2)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)  # Monday, 23 November 2026


@pytest.fixture
def read(caller, world):
    def ask(first: str | None = None, last: str | None = None, who=None):
        query = {name: each for name, each in (("from", first), ("until", last)) if each}
        answer = caller.as_(who or world.rui).get(f"patients/{world.ana.pk}/adherence", query)
        assert answer.status_code == 200
        return answer.json()

    return ask


@pytest.fixture
def ana(caller, world):
    return caller.as_(world.ana)


def covers(told) -> tuple[str, str]:
    return told["covers"]["from"], told["covers"]["until"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, ("2026-11-02", "2026-11-29")),
        ("2026-11-10", None, ("2026-11-10", "2026-11-29")),
        (None, "2026-11-15", ("2026-10-12", "2026-11-15")),
        (None, "2026-11-11", ("2026-10-12", "2026-11-11")),
        ("2026-11-11", "2026-11-11", ("2026-11-11", "2026-11-11")),
        ("2025-11-28", "2026-11-29", ("2025-11-28", "2026-11-29")),
    ],
)
def test_weekday_lines_are_counted_over_the_very_dates_asked_for(
    read, world, first, last, expected
):
    prescribed.line(world.ana, from_=START)
    if (first, last) == (None, None):
        expected = ("2026-10-26", "2026-11-29")

    assert covers(read(first, last)) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-11", "2026-11-12", ("2026-11-09", "2026-11-15")),
        ("2026-11-09", "2026-11-15", ("2026-11-09", "2026-11-15")),
        ("2026-11-15", "2026-11-16", ("2026-11-09", "2026-11-22")),
        ("2026-11-08", "2026-11-15", ("2026-11-02", "2026-11-15")),
    ],
)
def test_a_quota_widens_them_to_whole_weeks(read, world, first, last, expected):
    prescribed.line(world.ana, from_=START, **QUOTA)

    assert covers(read(first, last)) == expected


def test_one_quota_among_weekday_lines_widens_them_all(read, world):
    prescribed.line(world.ana, from_=START)
    prescribed.line(world.ana, "sit_to_stand", from_=START, **QUOTA)

    told = read("2026-11-11", "2026-11-11")

    assert covers(told) == ("2026-11-09", "2026-11-15")
    assert told["total"]["expected"] == 7 + 3


@pytest.mark.parametrize(
    ("days", "status"), [(366, 200), (367, 400), (0, 200), (-1, 400), (4_000, 400)]
)
def test_a_period_is_at_most_366_days_long(caller, world, days, status):
    last = dt.date(2026, 11, 22)
    query = {"from": str(last - dt.timedelta(days=days)), "until": str(last)}

    answer = caller.as_(world.rui).get(f"patients/{world.ana.pk}/adherence", query)

    assert answer.status_code == status


@pytest.mark.parametrize(
    "word", ["2026-11-31", "2026-2-1", "20261101", "today", "", "2026-11-01T00:00", "٢٠٢٦-١١-٠١"]
)
@pytest.mark.parametrize("name", ["from", "until"])
def test_what_is_no_date_is_named(caller, world, name, word):
    answer = caller.as_(world.rui).get(f"patients/{world.ana.pk}/adherence", {name: word})

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [name]


def test_today_is_held_against_nobody_until_it_is_over(read, ana, world, time_machine):
    line = prescribed.line(world.ana, from_=dt.date(2026, 11, 23))

    before = read()["total"]
    ana.post("me/sessions", a_session(line, 10, 10, 5))
    after = read()["total"]
    time_machine.move_to("2026-11-24T00:00:00+00:00", tick=False)
    over = read()["total"]

    assert (before["dose_percent"], before["expected"]) == (None, 0)
    assert (after["credited_sets"]["exact"], after["prescribed_sets"]["exact"]) == ("5/2", "5/2")
    assert (over["credited_sets"]["exact"], over["prescribed_sets"]["exact"]) == ("5/2", "3")
    assert (over["done"], over["expected"], over["dose_percent"]) == (1, 1, 83)


def test_a_day_is_over_where_the_patient_is(read, world, time_machine):
    with clinic_context(world.clinic.pk):
        type(world.ana).objects.update(time_zone="America/New_York")
    prescribed.line(world.ana, from_=dt.date(2026, 11, 23))

    time_machine.move_to("2026-11-24T04:59:59+00:00", tick=False)
    assert read("2026-11-23", "2026-11-23")["total"]["expected"] == 0
    time_machine.move_to("2026-11-24T05:00:00+00:00", tick=False)
    assert read("2026-11-23", "2026-11-23")["total"]["expected"] == 1


def test_a_quota_of_the_week_in_progress_asks_for_no_more_than_was_done(
    read, ana, world, time_machine
):
    line = prescribed.line(world.ana, from_=START, **QUOTA)
    ana.post("me/sessions", a_session(line))

    now = read("2026-11-23", "2026-11-29")
    time_machine.move_to("2026-11-30T00:00:00+00:00", tick=False)
    over = read("2026-11-23", "2026-11-29")

    assert (now["total"]["done"], now["total"]["expected"]) == (1, 1)
    assert [week["in_progress"] for week in now["weeks"]] == [True]
    assert (over["total"]["done"], over["total"]["expected"]) == (1, 3)
    assert [week["in_progress"] for week in over["weeks"]] == [False]


def test_what_lies_ahead_is_nothing_yet(read, world):
    prescribed.line(world.ana, from_=START)
    prescribed.line(world.ana, "sit_to_stand", from_=START, **QUOTA)

    told = read("2026-12-07", "2027-01-10")

    assert (told["total"]["expected"], told["total"]["dose_percent"]) == (0, None)
    assert told["total"]["band"] is None
    assert told["lowest_line"] is None


def test_the_lowest_line_stands_beside_the_figure(read, ana, world):
    good = prescribed.line(world.ana, from_=dt.date(2026, 11, 22))
    prescribed.line(world.ana, "sit_to_stand", from_=dt.date(2026, 11, 22))
    ana.post("me/sessions", a_session(good, at="2026-11-22T09:00:00+00:00"))

    told = read("2026-11-22", "2026-11-22")

    assert told["total"]["dose_percent"] == 50
    assert told["total"]["band"] == "slipping"
    lowest = told["lowest_line"]
    assert (lowest["exercise"], lowest["dose_percent"], lowest["band"]) == (
        "Sit to stand", 0, "off_track",
    )  # fmt: skip


def test_lines_that_are_as_needed_have_no_figure(read, ana, world):
    line = prescribed.line(world.ana, from_=START, **NEEDED)
    ana.post("me/sessions", a_session(line))

    told = read()

    assert (told["total"]["dose_percent"], told["total"]["session_percent"]) == (None, None)


@pytest.mark.parametrize(
    ("sets", "percent", "band"),
    [
        ([10] * 4, 80, "on_track"),
        ([10, 10, 10, 9], 78, "slipping"),
        ([10, 10, 5], 50, "slipping"),
        ([10, 10, 4], 48, "off_track"),
        ([], 0, "off_track"),
        ([10] * 5, 100, "on_track"),
        ([10] * 9, 100, "on_track"),
    ],
)
def test_a_band_is_of_the_exact_fraction_and_the_percentage_rounds_down(
    read, ana, world, sets, percent, band
):
    day = dt.date(2026, 11, 20)
    line = prescribed.line(world.ana, from_=day, sets=5, weekdays=weekday_bits([5]))
    if sets:
        ana.post("me/sessions", a_session(line, *sets, at=f"{day}T09:00:00+00:00"))

    total = read(str(day), str(day))["total"]

    assert (total["dose_percent"], total["band"]) == (percent, band)


def test_a_read_is_audited_and_a_refused_one_is_not(read, caller, world):
    read()
    for stranger in (world.marta, world.far_therapist):
        answer = caller.as_(stranger).get(f"patients/{world.ana.pk}/adherence")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    refused = caller.as_(world.admin).get(f"patients/{world.ana.pk}/adherence")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

    with clinic_context(world.clinic.pk):
        events = AuditEvent.objects.filter(patient_id=world.ana.pk)
        assert [each.actor_id for each in events] == [world.rui.user_id]
    with clinic_context(world.far_clinic.pk):
        assert not AuditEvent.objects.exists()


def test_another_patients_sessions_change_nothing(read, caller, world):
    prescribed.line(world.ana, from_=START)
    before = read()
    bruno = people.patient(world.clinic, "Bruno Reis", care_team=[world.rui])
    line = prescribed.line(bruno, from_=START)
    caller.as_(bruno).post("me/sessions", a_session(line, at="2026-11-20T09:00:00+00:00"))

    assert read() == before
