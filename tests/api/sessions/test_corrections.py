"""Who may correct and withdraw a session, until when, and from which version."""

from __future__ import annotations

import datetime as dt

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseSession, SessionVersion
from tests.api.caller import Caller
from tests.api.sessions.phone import NOW, a_session, as_stored, stored
from tests.factories import people, prescribed

WEEK = dt.timedelta(days=7)
MICROSECOND = dt.timedelta(microseconds=1)
# Who asks, about a session that whom logged → correcting, withdrawing.
ACCESS = [
    ("ana", "ana", 200, "counted"),
    ("ana", "carer", 200, "counted"),
    ("ana", "rui", 200, "counted"),
    ("carer", "carer", 200, "counted"),
    ("carer", "ana", 403, "forbidden"),
    ("carer", "rui", 403, "forbidden"),
    ("rui", "ana", 200, "counted"),
    ("rui", "carer", 200, "counted"),
    ("rui", "rui", 200, "counted"),
    ("admin", "ana", 403, "forbidden"),
    ("marta", "ana", 404, "not_found"),
    ("far_therapist", "ana", 404, "not_found"),
]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


class Desk:
    """Logs, corrects and withdraws by the address that each person has."""

    def __init__(self, caller: Caller, world: people.World) -> None:
        self.caller, self.world = caller, world

    def log(self, who: str, body: dict) -> None:
        path = f"patients/{self.world.ana.pk}/sessions" if who == "rui" else "me/sessions"
        assert self.as_(who).post(path, body).status_code == 201

    def correct(self, who: str, body: dict, *, corrects: int = 1, **changes):
        return self.as_(who).put(self.path(who, body), body | {"corrects": corrects} | changes)

    def withdraw(self, who: str, body: dict, reason: str = "Tapped twice."):
        return self.as_(who).post(f"{self.path(who, body)}/withdraw", {"reason": reason})

    def as_(self, who: str) -> Caller:
        return self.caller.as_(getattr(self.world, who))

    def path(self, who: str, body: dict) -> str:
        if who in ("ana", "carer"):
            return f"me/sessions/{body['id']}"
        return f"sessions/{stored(self.world, body).pk}"


@pytest.fixture
def desk(caller: Caller, world: people.World) -> Desk:
    return Desk(caller, world)


@pytest.mark.parametrize(("who", "logged_by", "status", "said"), ACCESS)
def test_who_may_correct_whose_session(desk, world, line, who, logged_by, status, said):
    body = a_session(line, effort=3)
    desk.log(logged_by, body)

    answer = desk.correct(who, body, effort=5)

    assert answer.status_code == status
    assert answer.json().get("code", answer.json()["status"]) == said
    assert as_stored(world, body) == ((2, "counted", 5) if status == 200 else (1, "counted", 3))


@pytest.mark.parametrize(("who", "logged_by", "status", "said"), ACCESS)
def test_who_may_withdraw_whose_session(desk, world, line, who, logged_by, status, said):
    body = a_session(line, effort=3)
    desk.log(logged_by, body)

    answer = desk.withdraw(who, body)

    assert answer.status_code == status
    assert answer.json().get("code", "counted") == said
    withdrawn = "withdrawn" if status == 200 else "counted"
    assert as_stored(world, body) == (1, withdrawn, 3)


@pytest.mark.parametrize(
    ("who", "after", "status"),
    [
        ("ana", WEEK - MICROSECOND, 200),
        ("ana", WEEK, 200),
        ("ana", WEEK + MICROSECOND, 403),
        ("carer", WEEK, 200),
        ("carer", WEEK + MICROSECOND, 403),
        ("rui", WEEK + MICROSECOND, 200),
        ("rui", dt.timedelta(days=900), 200),
    ],
)
@pytest.mark.parametrize("change", ["correct", "withdraw"])
def test_seven_days_from_when_it_was_first_stored(
    desk, world, line, time_machine, change, who, after, status
):
    body = a_session(line, effort=3)
    desk.log("carer" if who == "carer" else "ana", body)
    time_machine.move_to(NOW + after, tick=False)
    with clinic_context(world.clinic.pk):  # 900 days are longer than a device's sign-in
        world.rui.user.devices.all().delete()
    desk.caller.tokens.clear()

    answer = desk.correct(who, body, effort=5) if change == "correct" else desk.withdraw(who, body)

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "correction_too_late"
        assert as_stored(world, body) == (1, "counted", 3)


def test_correcting_does_not_begin_the_seven_days_anew(desk, world, line, time_machine):
    body = a_session(line, effort=3)
    desk.log("ana", body)
    time_machine.move_to(NOW + dt.timedelta(days=6), tick=False)
    assert desk.correct("ana", body, effort=4).status_code == 200
    time_machine.move_to(NOW + dt.timedelta(days=8), tick=False)

    assert desk.correct("ana", body, corrects=2, effort=5).status_code == 403
    assert as_stored(world, body) == (2, "counted", 4)


@pytest.mark.parametrize("corrects", [1, 3, 10_000])
def test_only_the_newest_version_is_corrected_and_the_answer_says_which_it_is(
    desk, world, line, corrects
):
    body = a_session(line, effort=3)
    desk.log("ana", body)
    desk.correct("ana", body, effort=4)

    refused = desk.correct("rui", body, corrects=corrects, effort=9)

    assert (refused.status_code, refused.json()["code"]) == (409, "stale_version")
    assert refused.json()["version"] == 2
    assert as_stored(world, body) == (2, "counted", 4)


@pytest.mark.parametrize("corrects", [0, -1, 10_001, 1.0, "1", None, True])
def test_a_version_that_cannot_be_is_named(desk, world, line, corrects):
    body = a_session(line, effort=3)
    desk.log("ana", body)

    refused = desk.correct("ana", body, corrects=corrects, effort=9)

    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == ["corrects"]
    assert as_stored(world, body) == (1, "counted", 3)


def test_the_same_correction_again_is_answered_as_before_whoever_sends_it(desk, world, line):
    body = a_session(line, effort=3)
    desk.log("ana", body)

    first = desk.correct("ana", body, effort=5)
    again = desk.correct("ana", body, effort=5, sent_at="2026-11-23T18:00:00Z")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    with clinic_context(world.clinic.pk):
        assert SessionVersion.objects.count() == 2
        assert AuditEvent.objects.filter(action="session_corrected").count() == 1


def test_an_earlier_correction_again_is_answered_as_it_was_then(desk, world, line):
    body = a_session(line, effort=3)
    desk.log("ana", body)
    first = desk.correct("ana", body, effort=5)
    desk.correct("ana", body, corrects=2, effort=6)

    again = desk.correct("ana", body, effort=5)

    assert (again.status_code, again.json()) == (200, first.json())
    assert again.json()["version"] == 2
    assert as_stored(world, body) == (3, "counted", 6)


def test_every_version_is_kept_with_who_made_it(desk, world, line):
    body = a_session(line, effort=3)
    desk.log("carer", body)
    desk.correct("ana", body, effort=4)
    desk.correct("rui", body, corrects=2, effort=5)

    with clinic_context(world.clinic.pk):
        kept = SessionVersion.objects.order_by("number")
        made = [
            (each.number, each.made_as, each.made_by_id, each.content["effort"]) for each in kept
        ]
    assert made == [
        (1, "carer", world.carer.user_id, 3),
        (2, "patient", world.ana.user_id, 4),
        (3, "therapist", world.rui.user_id, 5),
    ]
    assert stored(world, body).logged_as == "carer"


def test_an_upload_of_an_earlier_version_is_answered_as_that_one_was(desk, world, line, caller):
    body = a_session(line, 10)
    first = caller.as_(world.ana).post("me/sessions", body).json()
    desk.correct("ana", a_session(line, 10, 10) | {"id": body["id"]})

    again = caller.as_(world.ana).post("me/sessions", body)

    assert (again.status_code, again.json()) == (200, first)


@pytest.mark.parametrize("who", ["ana", "rui"])
def test_what_was_withdrawn_is_not_corrected_any_more(desk, world, line, who):
    body = a_session(line, effort=3)
    desk.log("ana", body)
    desk.withdraw("ana", body)

    refused = desk.correct(who, body, effort=5)

    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawn")
    assert as_stored(world, body) == (1, "withdrawn", 3)


def test_withdrawing_twice_is_as_once_and_keeps_the_first_reason(desk, world, line):
    body = a_session(line)
    desk.log("ana", body)

    first = desk.withdraw("ana", body, "Tapped twice.")
    again = desk.withdraw("rui", body, "Something else.")

    assert (first.status_code, again.status_code) == (200, 200)
    assert [each.json()["status"] for each in (first, again)] == ["withdrawn"] * 2
    assert again.json()["feedback"] == first.json()["feedback"]
    row = stored(world, body)
    assert (row.withdrawn_reason, row.withdrawn_by_id) == ("Tapped twice.", world.ana.user_id)
    with clinic_context(world.clinic.pk):
        assert AuditEvent.objects.filter(action="session_withdrawn").count() == 1


def test_the_same_upload_after_a_withdrawal_says_withdrawn_and_stores_nothing(
    desk, world, line, caller
):
    body = a_session(line)
    desk.log("ana", body)
    desk.withdraw("ana", body)

    again = caller.as_(world.ana).post("me/sessions", body)

    assert (again.status_code, again.json()["status"]) == (200, "withdrawn")
    with clinic_context(world.clinic.pk):
        assert ExerciseSession.objects.count() == 1
        assert SessionVersion.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, None, 5, "two\nlines"])
def test_a_reason_is_one_line_of_words(desk, world, line, reason):
    body = a_session(line, effort=3)
    desk.log("ana", body)

    refused = desk.withdraw("ana", body, reason)

    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == ["reason"]
    assert as_stored(world, body) == (1, "counted", 3)


def test_a_session_is_corrected_under_its_own_id_alone(desk, world, line):
    body, other = a_session(line, effort=3), a_session(line, effort=4)
    desk.log("ana", body)
    desk.log("ana", other)

    refused = desk.correct("ana", body, id=other["id"])

    assert refused.status_code == 400
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [
        ("id", "id_differs")
    ]
    assert as_stored(world, body) == (1, "counted", 3)
    assert as_stored(world, other) == (1, "counted", 4)


def test_moving_a_session_moves_its_day_and_what_was_counted(desk, world, line, caller):
    body = a_session(line)
    desk.log("ana", body)

    desk.correct("ana", body, performed_at="2026-11-22T21:00:00+00:00")

    told = caller.as_(world.rui).get(
        f"patients/{world.ana.pk}/adherence", {"from": "2026-11-22", "until": "2026-11-23"}
    )
    assert stored(world, body).performed_on == dt.date(2026, 11, 22)
    assert told.json()["total"]["done"] == 1
    plan = caller.as_(world.ana).get("me/plan").json()
    assert plan["lines"][0]["done"] == 0
