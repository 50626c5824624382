"""Every address, called: by nobody, by strangers, and by those whom it is for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from clinics.actors import ADMIN, THERAPIST
from clinics.http import Scope
from core.tenancy import clinic_context
from patients.models import Assignment, Carer, CareTeamMembership, Pause
from programs.models import OutcomeMeasure
from sessions.models import Alert, ExerciseSession, SafetyCheck
from tests.api.caller import Caller
from tests.architecture.addresses import Address, addresses
from tests.architecture.test_tenancy_rows import TENANT_TABLES, count
from tests.factories import measured, people, prescriptions, reminders
from tests.factories.alerts import proposal
from tests.factories.programs import own_exercise, own_program

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
Call = tuple[Address, str]
CALLS: list[Call] = [(address, method) for address in addresses() for method in address.methods]


def calls(*, scope: Scope, parameters: bool | None = None) -> list[Call]:
    """Return the calls of a scope, those with ids in their path or those without."""
    return [
        (address, method)
        for address, method in CALLS
        if getattr(address.view, "scope", None) is scope
        and (parameters is None or bool(address.parameters) == parameters)
    ]


def differing(asked: list[Call], outcome: Callable[[Address, str], Any], right: Any) -> list[Any]:
    """Make each call and return those whose outcome is not the right one, each with its own."""
    assert asked, "nothing is called"
    outcomes = [
        (f"{method} {address.route}", outcome(address, method)) for address, method in asked
    ]
    return [each for each in outcomes if each[1] != right]


SIGNED_IN = [call for scope in list(Scope)[1:] for call in calls(scope=scope)]


@dataclass(frozen=True)
class Filled:
    """Harbour Clinic with one of everything that an address can name."""

    world: people.World
    ids: dict[str, Any]


@pytest.fixture
def filled(db: None, time_machine) -> Filled:
    time_machine.move_to(NOW, tick=False)
    world = people.world()
    line = prescriptions.prescribe(world.ana, "heel_raise", side="both")
    phone_id = uuid.uuid4()
    people.pause(world.ana)
    score, goal = measured.assessment(world.ana), measured.goal(world.ana)
    asked = people.pause_request(world.ana)
    exercise = own_exercise(world.clinic)
    program = own_program(world.clinic, exercise, "pool", name="In the pool")
    invitation = people.invitation(world.clinic, world.rui.user, patient_id=world.ana.pk)
    waits = proposal(world.rui, world.admin.user)
    contact = reminders.contact(world.clinic, world.ana.user)
    week = reminders.weekly_summary(world.ana).week
    reminders.digest(world.rui)
    session = {
        "id": str(phone_id),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "symptoms": ["near_fall"],
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
    }
    assert Caller().as_(world.ana).post("me/sessions", session).status_code == 201
    check = {
        "id": str(uuid.uuid4()), "checked_at": session["performed_at"],
        "answers": {"well": "no"}, "symptoms": ["other"],
    }  # fmt: skip
    assert Caller().as_(world.ana).post("me/safety-checks", check).status_code == 201
    scored = {"line": str(line.pk), "seen_on": "2026-11-23", "answers": {"heels-lift": "yes"}}
    form_checks = f"patients/{world.ana.pk}/form-checks"
    form_check = Caller().as_(world.rui).post(form_checks, scored).json()
    with clinic_context(world.clinic.pk):
        ids = {
            "form_check_id": form_check["id"],
            "patient_id": world.ana.pk,
            "assignment_id": Assignment.objects.get().pk,
            "line_id": line.pk,
            "assessment_id": score.pk,
            "goal_id": goal.pk,
            "pause_id": Pause.objects.get().pk,
            "request_id": asked.pk,
            "carer_id": Carer.objects.get().pk,
            "user_id": world.marta.user_id,
            "membership_id": CareTeamMembership.objects.get().membership_id,
            "session_id": ExerciseSession.objects.get().pk,
            "safety_check_id": SafetyCheck.objects.get().pk,
            "alert_id": Alert.objects.get().pk,
            "exercise_id": exercise.pk,
            "invitation_id": invitation.pk,
            "program_id": program.pk,
            "proposal_id": waits.pk,
            "measure_id": OutcomeMeasure.objects.get(slug="berg_balance").pk,
            "phone_id": phone_id,
            "contact_id": contact.pk,
            "week": week.isoformat(),
        }
    return Filled(world, ids)


def rows_of(world: people.World) -> dict[str, int]:
    """Count Harbour Clinic's rows; reading leaves audit events, refusals none that matter here."""
    with clinic_context(world.clinic.pk):
        return {table: count(table) for table in TENANT_TABLES if table != "core_auditevent"}


def for_admins(address: Address, method: str) -> bool:
    """Say whether a call is an administrator's alone: they see people, and nothing clinical."""
    return address.view.access[method] == {ADMIN}


def send(caller: Caller, address: Address, method: str, ids: dict[str, Any], **where: Any) -> Any:
    """Call an address with the body that its own description shows."""
    said = address.operation(method)
    body = said.examples.get("body") if said else None
    return caller.call(method, address.path(ids), body, **where)


def told(answer: Any) -> tuple[Any, ...]:
    """Return all of an answer that a caller can compare; the request's own ids differ always."""
    problem = {
        key: value for key, value in answer.json().items() if key not in {"instance", "request_id"}
    }
    return (answer.status_code, problem, sorted(answer.headers))


def test_nobody_gets_in_without_a_token(db):
    def outcome(address: Address, method: str) -> Any:
        answer = send(Caller(), address, method, dict.fromkeys(address.parameters, uuid.uuid4()))
        return (answer.status_code, answer.json()["code"])

    assert differing(SIGNED_IN, outcome, (401, "not_signed_in")) == []


def test_a_foreign_id_answers_as_an_unknown_one(filled):
    therapist = Caller().as_(filled.world.far_therapist)
    admin = Caller().as_(people.admin(filled.world.far_clinic, "Sigrid Lie"))
    unknown = {name: uuid.uuid4() for name in filled.ids}
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        asking = admin if for_admins(address, method) else therapist
        foreign = send(asking, address, method, filled.ids)
        missing = send(asking, address, method, unknown)
        return (foreign.status_code, told(foreign) == told(missing))

    assert differing(calls(scope=Scope.CLINIC, parameters=True), outcome, (404, True)) == []
    assert rows_of(filled.world) == before


def test_a_member_of_one_clinic_cannot_choose_another(filled):
    ingrid = Caller().as_(filled.world.far_therapist)

    def outcome(address: Address, method: str) -> Any:
        chosen = send(ingrid, address, method, filled.ids, clinic=filled.world.clinic)
        unknown = send(ingrid, address, method, filled.ids, clinic=uuid.uuid4())
        return (chosen.status_code, told(chosen) == told(unknown))

    assert differing(calls(scope=Scope.CLINIC), outcome, (404, True)) == []


def test_a_patient_reaches_nothing_of_the_clinic_s(filled):
    ana = Caller().as_(filled.world.ana)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> int:
        return send(ana, address, method, filled.ids).status_code

    assert differing(calls(scope=Scope.CLINIC), outcome, 403) == []
    assert rows_of(filled.world) == before


def test_a_patient_cannot_choose_another_s_record(filled):
    per = Caller().as_(filled.world.far_patient)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        chosen = send(per, address, method, filled.ids, record=filled.world.ana)
        unknown = send(per, address, method, filled.ids, record=uuid.uuid4())
        return (chosen.status_code, told(chosen) == told(unknown))

    assert differing(calls(scope=Scope.RECORD), outcome, (404, True)) == []
    assert rows_of(filled.world) == before


@pytest.mark.parametrize("who", ["ana", "carer", "rui", "admin", "far_therapist"])
def test_nobody_of_a_clinic_operates_the_platform(filled, who):
    asking = Caller().as_(getattr(filled.world, who))
    ids = filled.ids | {"clinic_id": filled.world.clinic.pk}
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        answer = send(asking, address, method, ids)
        return (answer.status_code, answer.json()["code"])

    assert differing(calls(scope=Scope.OPERATOR), outcome, (403, "forbidden")) == []
    assert rows_of(filled.world) == before


def test_the_care_team_s_therapist_reads_what_others_do_not(filled):
    """Otherwise the refusals of this page would prove nothing."""
    reads = [call for call in calls(scope=Scope.CLINIC) if call[1] == "get"]
    rui, helena = Caller().as_(filled.world.rui), Caller().as_(filled.world.admin)

    def outcome(address: Address, method: str) -> int:
        reader = helena if for_admins(address, method) else rui
        return send(reader, address, method, filled.ids).status_code

    assert differing(reads, outcome, 200) == []


def test_a_therapist_manages_nobody_and_nothing(filled):
    administrative = [call for call in calls(scope=Scope.CLINIC) if for_admins(*call)]
    rui = Caller().as_(filled.world.rui)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> int:
        return send(rui, address, method, filled.ids).status_code

    assert differing(administrative, outcome, 403) == []
    assert rows_of(filled.world) == before


# What every therapist of the clinic may do, and an administrator still may not, and why.
ANY_THERAPIST = {
    f"api/v1/{entry}/{write}": "the clinic's own catalogue is about no patient"
    for entry in ("exercises/<uuid:exercise_id>", "programs/<uuid:program_id>")
    for write in ("copy", "restore", "retire", "review", "versions")
}
# For the one therapist who is named in it, and refused to every other: nothing in it is a patient's.
ONE_THERAPIST = {"api/v1/clinic/thresholds/proposals/<uuid:proposal_id>/confirm"}
THERAPISTS_ALONE = [
    (address, method)
    for address, method in calls(scope=Scope.CLINIC, parameters=True)
    if address.view.access[method] == {THERAPIST}
]
CLINICAL = [
    call for call in THERAPISTS_ALONE if call[0].route not in {*ANY_THERAPIST, *ONE_THERAPIST}
]
OF_ONE = [call for call in THERAPISTS_ALONE if call[0].route in ONE_THERAPIST]
OF_THE_CLINIC = [call for call in THERAPISTS_ALONE if call[0].route in ANY_THERAPIST]


def test_a_therapist_outside_the_care_team_and_an_admin_reach_nothing_clinical(filled):
    marta, helena = Caller().as_(filled.world.marta), Caller().as_(filled.world.admin)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        return tuple(send(who, address, method, filled.ids).status_code for who in (marta, helena))

    assert differing(CLINICAL, outcome, (404, 403)) == []
    assert rows_of(filled.world) == before


def test_what_is_for_one_therapist_is_refused_to_every_other(filled):
    marta, helena = Caller().as_(filled.world.marta), Caller().as_(filled.world.admin)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        return tuple(send(who, address, method, filled.ids).status_code for who in (marta, helena))

    assert differing(OF_ONE, outcome, (403, 403)) == []
    assert rows_of(filled.world) == before


def test_an_administrator_changes_nothing_of_the_clinic_s_own_catalogue(filled):
    helena = Caller().as_(filled.world.admin)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> int:
        return send(helena, address, method, filled.ids).status_code

    assert differing(OF_THE_CLINIC, outcome, 403) == []
    assert rows_of(filled.world) == before


def test_any_therapist_of_the_clinic_reaches_its_own_catalogue(filled):
    """Some of the calls contradict each other's state, but none is refused for who asks."""
    marta = Caller().as_(filled.world.marta)

    def outcome(address: Address, method: str) -> bool:
        return send(marta, address, method, filled.ids).status_code in {401, 403, 404}

    assert differing(OF_THE_CLINIC, outcome, right=False) == []


def test_each_exception_is_an_address():
    assert set(ANY_THERAPIST) == {address.route for address, _ in OF_THE_CLINIC}
    assert {address.route for address, _ in OF_ONE} == ONE_THERAPIST
