"""
A list asks the database the same number of times for one row and for thirty.

The numbers themselves are in tests/snapshots/query_budgets.json; UPDATE_QUERY_BUDGETS=1 records.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Membership
from core import audit
from core.tenancy import clinic_context
from patients.models import CareTeamMembership
from sessions.models import Alert, AlertOccurrence
from tests.api.caller import Caller, Person
from tests.architecture.addresses import addresses
from tests.factories import measured, people, prescribed, prescriptions, reminders
from tests.factories.alerts import proposal
from tests.factories.programs import own_exercise, own_program

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MANY = 30
World = people.World
Budget = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Listed:
    """One list: who reads it, how one more row is made, and where; `rows` finds them in a body."""

    route: str
    reader: Callable[[World], Person]
    grow: Callable[[World, int], Any]
    rows: str = "results"
    limited: bool = True

    def path(self, world: World) -> str:
        return self.route.replace("<uuid:patient_id>", str(world.ana.pk))


def rui(world: World) -> Person:
    return world.rui


def helena(world: World) -> Person:
    return world.admin


def olga(_world: World) -> Person:
    return people.operator()


def ana(world: World) -> Person:
    return world.ana


def a_device(world: World, _number: int) -> None:
    people.device_token(world.rui.user)


def a_patient(world: World, number: int) -> None:
    made = people.patient(world.clinic, f"Patient {number}", care_team=[world.rui])
    people.pause(made)


def a_member_of_the_team(world: World, number: int) -> None:
    joining = people.therapist(world.clinic, f"Therapist {number}")
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=joining
        )


def a_pause(world: World, number: int) -> None:
    day = dt.date(2026, 1, 1) + dt.timedelta(days=number)
    people.pause(world.ana, starts_on=day, ends_on=day, made_by=world.rui.user)


def a_pause_request(world: World, number: int) -> None:
    day = dt.date(2026, 12, 1) + dt.timedelta(days=number)
    people.pause_request(world.ana, starts_on=day, ends_on=day)


def an_exercise(world: World, number: int) -> None:
    own_exercise(world.clinic, f"pool_{number}", name=f"Pool walking {number}")


def a_program(world: World, number: int) -> None:
    exercise = own_exercise(world.clinic, f"pool_{number}", name=f"Pool walking {number}")
    own_program(world.clinic, exercise, f"pool_{number}", name=f"In the pool {number}")


def an_assignment(world: World, _number: int) -> None:
    prescriptions.assign(world.ana, prescriptions.order("wall_stretch"))


def an_alert(world: World, number: int) -> None:
    about = people.patient(world.clinic, f"Patient {number}", care_team=[world.rui])
    with clinic_context(world.clinic.pk):
        alert = Alert.objects.create(
            clinic=world.clinic, patient=about, rule="fall", severity="critical",
            raised_at=NOW, opened_at=NOW, last_occurred_at=NOW,
        )  # fmt: skip
        AlertOccurrence.objects.create(
            clinic=world.clinic, patient=about, alert=alert, severity="critical",
            claimed_at=NOW, received_at=NOW,
        )  # fmt: skip


def a_case(world: World, number: int) -> None:
    """A patient of whom everything is to be read: an alert, a line, a session and one that waits."""
    about = people.patient(world.clinic, f"Patient {number}", care_team=[world.rui])
    line = prescribed.line(about)
    for performed_at in ("2026-11-19T09:30:00+00:00", "2026-09-01T09:30:00+00:00"):
        session = {
            "id": str(uuid.uuid4()),
            "performed_at": performed_at,
            "symptoms": ["dizziness"],
            "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
        }
        assert Caller().as_(about).post("me/sessions", session).status_code == 201


def a_week_told(world: World, number: int) -> None:
    monday = dt.date(2026, 1, 5) + dt.timedelta(weeks=number)
    reminders.weekly_summary(world.ana, monday)
    reminders.digest(world.rui, monday)


def a_session(world: World, number: int) -> None:
    line = prescribed.line(world.ana)
    session = {
        "id": str(uuid.uuid4()),
        "performed_at": f"2026-11-{1 + number % 20:02}T09:30:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
    }
    assert Caller().as_(world.ana).post("me/sessions", session).status_code == 201


def a_score(world: World, number: int) -> None:
    day = dt.date(2026, 1, 1) + dt.timedelta(days=number)
    measured.assessment(world.ana, "six_minute_walk", str(100 + number), on=day)


def a_form_check(world: World, number: int) -> None:
    scored = {
        "line": str(prescribed.line(world.ana).pk),
        "seen_on": f"2026-11-{1 + number % 20:02}",
        "answers": {"heels-lift": "yes"},
    }
    made = Caller().as_(world.rui).post(f"patients/{world.ana.pk}/form-checks", scored)
    assert made.status_code == 201


def a_goal(world: World, number: int) -> None:
    if number % 2 == 0:
        exercise = own_exercise(world.clinic, f"pool_{number}", name=f"Pool walking {number}")
        measured.goal(world.ana, "heel_raise", "best_set", exercise=exercise)
    else:
        measured.goal(world.ana, "gait_speed", "", variant=f"way_{number}")


def an_event_outside(_world: World, number: int) -> None:
    by = people.operating(people.operator(f"Operator {number}"))
    audit.record(action="operator_sign_in", by=by, now=NOW)


def a_decided_proposal(world: World, _number: int) -> None:
    decided = {"status": "superseded", "decided_by": world.admin.user, "decided_at": NOW}
    proposal(world.rui, world.admin.user, **decided)


def a_contact(world: World, number: int) -> None:
    reminders.contact(world.clinic, world.ana.user, address=f"ana{number}@example.org")


LISTS = [
    Listed("auth/devices", rui, a_device, limited=False),
    Listed("patients", rui, a_patient),
    Listed("therapists", rui, a_member_of_the_team),
    Listed("clinic/thresholds/proposals", rui, a_decided_proposal),
    Listed("members", helena, a_member_of_the_team),
    Listed("invitations", helena, lambda w, n: people.invitation(w.clinic, w.admin.user)),
    Listed(
        "patients/<uuid:patient_id>/invitations",
        rui,
        lambda w, n: people.invitation(w.clinic, w.rui.user, patient_id=w.ana.pk),
    ),
    Listed("patients/<uuid:patient_id>/care-team", rui, a_member_of_the_team, limited=False),
    Listed(
        "patients/<uuid:patient_id>/carers", rui, lambda w, n: people.carer(w.ana, f"Carer {n}")
    ),
    Listed("patients/<uuid:patient_id>/pauses", rui, a_pause),
    Listed("patients/<uuid:patient_id>/assessments", rui, a_score),
    Listed(
        "patients/<uuid:patient_id>/discharges",
        rui,
        lambda w, n: people.discharge(w.ana, by=people.user(f"Therapist {n}")),
    ),
    Listed("patients/<uuid:patient_id>/assignments", rui, an_assignment),
    Listed("patients/<uuid:patient_id>/sessions", rui, a_session),
    Listed("patients/<uuid:patient_id>/form-checks", rui, a_form_check),
    Listed("patients/<uuid:patient_id>/goals", rui, a_goal),
    Listed("me/goals", ana, a_goal),
    Listed("me/sessions", ana, a_session),
    Listed("me/changes", ana, a_session),
    Listed("patients/<uuid:patient_id>/pause-requests", rui, a_pause_request),
    Listed("me/pause-requests", ana, a_pause_request),
    Listed("me/carers", ana, lambda w, n: people.carer(w.ana, f"Carer {n}")),
    Listed("me/summaries", ana, a_week_told),
    Listed("patients/<uuid:patient_id>/summaries", rui, a_week_told),
    Listed("digests", rui, a_week_told),
    Listed("me/contacts", ana, a_contact, limited=False),
    Listed("exercises", rui, an_exercise),
    Listed("programs", rui, a_program),
    Listed("alerts", rui, an_alert),
    Listed("caseload", rui, a_case),
    Listed("operator/audit", olga, an_event_outside),
    Listed("operator/clinics", olga, lambda w, n: people.clinic(f"Clinic {n}")),
]
# Lists that do not grow by anything that a clinic does, and why.
FIXED = {
    "operator/catalogue": "ships with the platform; its query count is held beside its own tests",
    "outcome-measures": "ships with the platform; its query count is held beside the catalogue's",
    "sessions/<uuid:session_id>": "one session's own results; its count is held beside its versions'",
}


@pytest.fixture
def world(db: None, time_machine) -> World:
    time_machine.move_to(NOW, tick=False)
    return people.world()


def counted(call: Callable[[], Any]) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    return answer, len(captured)


def grows(one: int, many: int) -> bool:
    """Say whether a list asks more often because there is more in it."""
    return many > one


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.route)
def test_a_list_keeps_its_query_count_when_rows_grow(
    world: World, listed: Listed, query_budget: Budget
):
    caller = Caller().as_(listed.reader(world))
    query = {"limit": 100} if listed.limited else None
    listed.grow(world, 1)
    first, few_queries = counted(lambda: caller.get(listed.path(world), query))
    for number in range(2, MANY + 1):
        listed.grow(world, number)

    with query_budget(f"list {listed.route}"):
        answer, queries = counted(lambda: caller.get(listed.path(world), query))

    assert (first.status_code, answer.status_code) == (200, 200)
    assert len(answer.json()[listed.rows]) - len(first.json()[listed.rows]) == MANY - 1
    assert not grows(few_queries, queries), f"{few_queries} queries, then {queries}"


def is_list(answer: Any) -> bool:
    """Say whether a struct is a page of results."""
    if not isinstance(answer, type) and not hasattr(answer, "__origin__"):
        return False
    fields = {field.name for field in msgspec.structs.fields(getattr(answer, "__origin__", answer))}
    return "results" in fields


def test_every_list_of_the_api_is_held():
    lists = {
        address.route.removeprefix("api/v1/")
        for address in addresses()
        if "get" in address.methods
        and (said := address.operation("get")) is not None
        and is_list(said.answers.get(200))
    }

    assert lists == {listed.route for listed in LISTS} | set(FIXED)


def test_a_list_that_asks_once_for_each_row_is_noticed(world: World):
    def names() -> list[str]:
        with clinic_context(world.clinic.pk):
            return [one.user.name for one in Membership.objects.order_by("pk")]

    _answer, few = counted(names)
    people.therapist(world.clinic, "Lars Dahl")
    _answer, more = counted(names)

    assert more == few + 1
    assert grows(few, more)
