"""The caseload over HTTP: who is on it, in which order, with which figures, at what cost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import Assignment, CareTeamMembership, Line, Patient, Pause
from sessions.models import Alert
from sessions.needs import NEEDS
from tests.api.caller import Caller
from tests.api.patients.stored import events, names
from tests.factories import people, prescribed, prescriptions
from tests.factories.people import World

# Wednesday 25 November 2026, 10:00 in Lisbon; the four completed weeks are 26 October to 22 November.
NOW = "2026-11-25T10:00:00Z"
TODAY = dt.date(2026, 11, 25)
MONDAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)
# An alert that was opened again was raised long before it began to wait.
LONG_BEFORE = dt.datetime(2026, 11, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def case(world: World, name: str, **fields: Any) -> Patient:
    return people.patient(world.clinic, name, care_team=[world.rui], **fields)


def alert(patient: Patient, severity: str, *, status: str = "open", hours: int = 1) -> Alert:
    since = dt.datetime.fromisoformat(NOW) - dt.timedelta(hours=hours)
    with clinic_context(patient.clinic_id):
        return Alert.objects.create(
            clinic_id=patient.clinic_id, patient=patient, rule=f"rule_{severity}_{hours}",
            severity=severity, status=status, opened_at=since,
            raised_at=LONG_BEFORE, last_occurred_at=since,
        )  # fmt: skip


def do(line: Line, *days: dt.date, sets: int = 3, hour: int = 11) -> None:
    for day in days:
        body = {
            "id": str(uuid.uuid4()),
            "performed_at": f"{day.isoformat()}T{hour:02}:00:00+00:00",
            "results": [
                {"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}] * sets}
            ],
        }
        answer = Caller().as_(line.patient).post("me/sessions", body)
        assert answer.status_code == 201, answer.content


def four_weeks(share: int) -> list[dt.date]:
    """The first `share` of every seven days of the four completed weeks, and the week's first two."""
    first = MONDAY - 28 * DAY
    whole = [first + number * DAY for number in range(28) if number % 7 < share]
    return [*whole, MONDAY, MONDAY + DAY]


def caseload(caller: Caller, world: World, **query: Any) -> list[dict[str, Any]]:
    answer = caller.as_(world.rui).get("caseload", {"limit": 100} | query)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


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


def discharged(patient: Patient) -> None:
    with clinic_context(patient.clinic_id):
        Patient.objects.filter(pk=patient.pk).update(status="discharged", discharged_on=TODAY)


def test_a_discharged_patient_stays_until_what_is_unsafe_is_closed(caller, world) -> None:
    unsafe, calm = case(world, "Bruno Lopes"), case(world, "Carla Reis")
    raised = alert(unsafe, "critical")
    for patient in (unsafe, calm):
        discharged(patient)
    me = caller.as_(world.rui)

    before = names(me.get("caseload"))
    with clinic_context(world.clinic.pk):
        Alert.objects.filter(pk=raised.pk).update(status="resolved")
    after = names(me.get("caseload"))

    assert (before, after) == (["Bruno Lopes", "Ana Silva"], ["Ana Silva"])
    assert names(me.get("caseload", {"status": "discharged"})) == ["Bruno Lopes", "Carla Reis"]
    assert names(me.get("caseload", {"status": "active"})) == ["Ana Silva"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "silva"}, ["Ana Silva"]),
        ({"search": "h-77"}, ["Bruno Lopes"]),
        ({"search": "nobody"}, []),
        ({"need": "medium"}, ["Bruno Lopes"]),
        ({"need": "nothing_prescribed"}, ["Bruno Lopes", "Ana Silva"]),
        ({"need": "draft"}, []),
        ({"need": "nothing_prescribed", "search": "ana"}, ["Ana Silva"]),
    ],
)
def test_filters(caller: Caller, world: World, query, expected) -> None:
    alert(case(world, "Bruno Lopes", medical_record_number="H-77"), "medium")

    assert names(caller.as_(world.rui).get("caseload", query)) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"need": "attention"}, "need"),
        ({"status": "asleep"}, "status"),
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"order": "name"}, "order"),
        ({"cursor": "made up"}, "cursor"),
    ],
)
def test_what_cannot_be_asked(caller: Caller, world: World, query, field) -> None:
    answer = caller.as_(world.rui).get("caseload", query)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_cursor_serves_its_own_filters_alone(caller: Caller, world: World) -> None:
    case(world, "Bruno Lopes")
    cursor = caller.as_(world.rui).get("caseload", {"limit": 1}).json()["next"]

    same = caller.as_(world.rui).get("caseload", {"cursor": cursor})
    other = caller.as_(world.rui).get("caseload", {"cursor": cursor, "status": "active"})

    assert (same.status_code, other.status_code) == (200, 400)


@pytest.mark.parametrize("path", ["caseload", "caseload/summary"])
@pytest.mark.parametrize(
    ("who", "status"), [("rui", 200), ("marta", 200), ("admin", 403), ("ana", 403), ("carer", 403)]
)
def test_who_may(caller: Caller, world: World, path: str, who: str, status: int) -> None:
    assert caller.as_(getattr(world, who)).get(path).status_code == status


def test_each_therapist_sees_their_own_patients(caller: Caller, world: World) -> None:
    shared = case(world, "Bruno Lopes")
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=shared, membership=world.marta
        )
    alert(world.far_patient, "emergency")

    seen = {
        who: names(caller.as_(getattr(world, who)).get("caseload"))
        for who in ("rui", "marta", "far_therapist")
    }

    assert seen == {
        "rui": ["Ana Silva", "Bruno Lopes"],
        "marta": ["Bruno Lopes"],
        "far_therapist": ["Per Berg"],
    }


def test_reading_it_is_kept_with_the_patients_it_showed(caller: Caller, world: World) -> None:
    bruno = case(world, "Bruno Lopes")

    caller.as_(world.rui).get("caseload")

    [event] = events(world, "read_caseload")
    assert set(event.details["patients"]) == {str(world.ana.pk), str(bruno.pk)}


# ---- what it costs ------------------------------------------------------------------------------

AT_MOST = 12


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return len(captured)


def a_lot(world: World, therapist: Membership, number: int) -> None:
    for count in range(number):
        patient = people.patient(
            world.clinic, f"Patient {count}", care_team=[therapist], email=None
        )
        prescribed.line(patient, from_=MONDAY - 28 * DAY)
        alert(patient, "medium")


@pytest.mark.parametrize("path", ["caseload", "caseload/summary"])
def test_its_statements_grow_with_nothing(caller: Caller, world: World, path: str) -> None:
    me = caller.as_(world.rui)
    query = {"limit": 100} if path == "caseload" else None
    a_lot(world, world.rui, 1)
    few = statements(lambda: me.get(path, query))
    a_lot(world, world.rui, 8)
    do(prescribed.line(world.ana), MONDAY, MONDAY + DAY)
    many = statements(lambda: me.get(path, query))

    assert few == many <= AT_MOST
