"""The caseload over HTTP: who is on it, in which order, with which figures, at what cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Assignment, Line, Patient, Pause
from sessions.needs import NEEDS
from tests.api.caller import Caller
from tests.api.patients.stored import names
from tests.api.sessions.caseloads import DAY, MONDAY, NOW, TODAY, alert, case, caseload, do
from tests.factories import people, prescribed, prescriptions
from tests.factories.people import World


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def four_weeks(share: int) -> list[dt.date]:
    """The first `share` of every seven days of the four completed weeks, and the week's first two."""
    first = MONDAY - 28 * DAY
    whole = [first + number * DAY for number in range(28) if number % 7 < share]
    return [*whole, MONDAY, MONDAY + DAY]


def only(caller: Caller, world: World, patient: Patient) -> dict[str, Any]:
    [shown] = [one for one in caseload(caller, world) if one["id"] == str(patient.pk)]
    return shown


def recent(patient: Patient, **line: Any) -> Line:
    """A line that began yesterday: no completed week has a figure yet."""
    return prescribed.line(patient, from_=TODAY - DAY, **line)


def test_a_patient_of_whom_all_is_known(caller: Caller, world: World) -> None:
    line = prescribed.line(world.ana, from_=MONDAY - 28 * DAY)
    other = prescribed.line(world.ana, "bridging", from_=MONDAY - 28 * DAY)
    do(line, *four_weeks(7))
    do(other, *four_weeks(2), hour=15)
    with clinic_context(world.clinic.pk):
        Assignment.objects.filter(pk=other.assignment_id).update(
            title="In the pool", ends_on=dt.date(2026, 12, 18)
        )
    raised = alert(world.ana, "high", hours=3)
    alert(world.ana, "medium", hours=9)
    alert(world.ana, "suggestion")

    assert only(caller, world, world.ana) == {
        "id": str(world.ana.pk),
        "name": "Ana Silva",
        "medical_record_number": world.ana.medical_record_number,
        "status": "active",
        "needs": ["high", "slipping", "suggestion"],
        "alerts": {
            "open": 2,
            "worst": "high",
            "worst_since": raised.opened_at.isoformat().replace("+00:00", "Z"),
            "suggestions": 1,
        },
        "held": {"waiting": 0, "since": None},
        "pause_requests": {"waiting": 0, "since": None},
        "pause": None,
        "adherence": {
            "four_weeks": {"percent": 64, "band": "slipping"},
            "this_week": {"percent": 100, "band": "on_track"},
            "lowest_line": {"line": str(other.pk), "exercise": "Bridge", "percent": 28},
        },
        "last_session": {
            "performed_at": "2026-11-24T15:00:00Z",
            "performed_on": "2026-11-24",
            "received_at": NOW,
        },
        "days_without_session": 1,
        "programs": ["At home", "In the pool"],
        "next_review": "2026-12-18",
        "drafts": 0,
    }


def everybody(world: World) -> list[str]:
    """Make one patient for each need, in the order of need, their names in the opposite one."""
    letters = iter("ZYXWVUTSRQPONML")
    made: list[str] = []

    def one(**fields: Any) -> Patient:
        made.append(next(letters))
        return case(world, made[-1], **fields)

    for severity in ("emergency", "critical", "high", "medium"):
        patient = one()
        do(recent(patient), TODAY - DAY)
        alert(patient, severity)
    line = recent(one())
    do(line, TODAY - DAY)
    do(line, dt.date(2026, 9, 1))
    asking = one()
    do(recent(asking), TODAY - DAY)
    people.pause_request(asking)
    on_hold = one()
    recent(on_hold)
    people.pause(on_hold, starts_on=TODAY, ends_on=None, reason="safety_hold")
    for share in (2, 4):
        do(prescribed.line(one(), from_=MONDAY - 28 * DAY), *four_weeks(share))
    quiet = prescribed.line(one(), from_=TODAY - 8 * DAY, weekdays=1)
    do(quiet, TODAY - 8 * DAY, TODAY - 7 * DAY)
    recent(one())
    one()
    drafted = one()
    do(recent(drafted), TODAY - DAY)
    prescriptions.draft(drafted, from_=TODAY)
    suggested = one()
    do(recent(suggested), TODAY - DAY)
    alert(suggested, "suggestion")
    calm = one()
    do(recent(calm), TODAY - DAY)
    return made


def test_those_who_need_somebody_first_come_first(caller: Caller, world: World) -> None:
    made = everybody(world)

    shown = [one for one in caseload(caller, world) if one["name"] != "Ana Silva"]

    assert [one["name"] for one in shown] == made
    assert [one["needs"][:1] for one in shown] == [*([need] for need in NEEDS), []]


def pages(caller: Caller, world: World, limit: int) -> list[str]:
    """Read the caseload page by page, as long as there is a next one."""
    read: list[str] = []
    query: dict[str, Any] = {"limit": limit}
    while len(read) < 50:
        answer = caller.as_(world.rui).get("caseload", query).json()
        read += [one["id"] for one in answer["results"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    return read


def test_pages_are_cut_out_of_the_order_of_the_whole(caller: Caller, world: World) -> None:
    everybody(world)
    whole = [one["id"] for one in caseload(caller, world)]

    assert {limit: pages(caller, world, limit) for limit in (2, 5, 14)} == {
        2: whole, 5: whole, 14: whole,
    }  # fmt: skip


def test_the_summary_counts_every_need(caller: Caller, world: World) -> None:
    everybody(world)

    summary = caller.as_(world.rui).get("caseload/summary").json()

    # Ana Silva has nothing prescribed; the one on hold is paused.
    more = {"nothing_prescribed": 2}
    assert summary == {
        "patients": 16,
        "paused": 1,
        "without_need": 1,
        "needs": [
            {"need": need, "patients": more.get(need, 1), "first": more.get(need, 1)}
            for need in NEEDS
        ],
    }


def test_a_second_need_is_counted_but_not_as_the_first(caller: Caller, world: World) -> None:
    alert(world.ana, "medium")

    needs = caller.as_(world.rui).get("caseload/summary").json()["needs"]

    assert [one for one in needs if one["patients"]] == [
        {"need": "medium", "patients": 1, "first": 1},
        {"need": "nothing_prescribed", "patients": 1, "first": 0},
    ]


@pytest.mark.parametrize("status", ["acknowledged", "resolved"])
def test_an_alert_that_somebody_took_up_no_longer_waits(caller, world, status) -> None:
    alert(world.ana, "emergency", status=status)

    assert only(caller, world, world.ana)["alerts"] == {
        "open": 0, "worst": None, "worst_since": None, "suggestions": 0,
    }  # fmt: skip


def test_the_oldest_of_the_gravest_says_since_when(caller: Caller, world: World) -> None:
    for hours, severity in ((1, "high"), (5, "high"), (9, "medium")):
        alert(world.ana, severity, hours=hours)

    shown = only(caller, world, world.ana)["alerts"]

    assert (shown["open"], shown["worst"], shown["worst_since"]) == (
        3, "high", "2026-11-25T05:00:00Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "shown"),
    [
        (TODAY, None, {"until": None, "is_safety_hold": False}),
        (TODAY, TODAY, {"until": "2026-11-25", "is_safety_hold": False}),
        (TODAY - DAY, TODAY + DAY, {"until": "2026-11-26", "is_safety_hold": False}),
        (TODAY - DAY, TODAY - DAY, None),
        (TODAY + DAY, None, None),
        (TODAY, TODAY - DAY, None),
    ],
)
def test_pauses(caller: Caller, world: World, starts_on, ends_on, shown) -> None:
    people.pause(world.ana, starts_on=starts_on, ends_on=ends_on)

    assert only(caller, world, world.ana)["pause"] == shown
    is_there = names(caller.as_(world.rui).get("caseload", {"status": "paused"})) != []
    assert is_there == (shown is not None)


def test_two_pauses_last_until_the_later_end(caller: Caller, world: World) -> None:
    people.pause(world.ana, starts_on=TODAY, ends_on=TODAY + DAY)
    people.pause(world.ana, starts_on=TODAY - DAY, ends_on=None, reason="safety_hold")

    pause = only(caller, world, world.ana)["pause"]
    with clinic_context(world.clinic.pk):
        Pause.objects.filter(ends_on=None).update(ends_on=TODAY + 3 * DAY)
    later = only(caller, world, world.ana)["pause"]

    assert pause == {"until": None, "is_safety_hold": True}
    assert later["until"] == "2026-11-28"


@pytest.mark.parametrize(
    ("began", "sessions", "paused", "days"),
    [
        (8, [], None, 8),
        (8, [2], None, 2),
        (8, [7, 2], None, 2),
        (8, [], (6, 3), 2),
        (8, [1], (6, 3), 1),
        (8, [], (6, -1), None),
        (-1, [], None, None),
        (0, [], None, 0),
    ],
)
def test_days_without_a_session(caller, world, began, sessions, paused, days) -> None:
    line = prescribed.line(world.ana, from_=TODAY - began * DAY)
    do(line, *(TODAY - day * DAY for day in sessions))
    if paused:
        first, last = (TODAY - day * DAY for day in paused)
        people.pause(world.ana, starts_on=first, ends_on=last)

    assert only(caller, world, world.ana)["days_without_session"] == days


def test_a_program_that_is_to_begin_is_something_prescribed(caller, world) -> None:
    prescribed.line(world.ana, from_=TODAY + 3 * DAY)

    shown = only(caller, world, world.ana)

    assert (shown["needs"], shown["programs"], shown["next_review"]) == ([], [], None)


def test_weeks_are_those_of_the_patients_own_today(
    caller: Caller, world: World, stop_clock
) -> None:
    """Monday has begun in Auckland while it is Sunday in Lisbon."""
    stop_clock("2026-11-22T20:00:00Z")
    abroad = case(world, "Moana Ngata", time_zone="Pacific/Auckland")
    for patient in (world.ana, abroad):
        prescribed.line(patient, from_=dt.date(2026, 11, 16))

    here, there = only(caller, world, world.ana), only(caller, world, abroad)

    assert here["adherence"]["four_weeks"] == {"percent": None, "band": None}
    assert there["adherence"]["four_weeks"] == {"percent": 0, "band": "off_track"}
