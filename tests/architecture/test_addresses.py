"""Every address says who may call it and what it does, and keeps what it says."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.conf import settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from clinics.actors import ADMIN, CARER, OPERATOR, PATIENT, SYSTEM, THERAPIST, Actor
from clinics.http import ANYONE, OPERATORS, RECORD_HOLDERS, USERS, ApiView, Scope, StaffView
from clinics.openapi import operation
from clinics.permissions import DenyByDefault
from core.errors import Forbidden, NotSignedIn
from core.tenancy import clinic_context
from patients.models import Assignment, Carer, CareTeamMembership, Pause
from rehab_platform.schema import example_faults
from sessions.models import Alert, ExerciseSession
from tests.api.caller import Caller
from tests.architecture.addresses import Address, addresses
from tests.architecture.test_tenancy_rows import TENANT_TABLES, count
from tests.factories import measured, people, prescriptions
from tests.factories.programs import own_exercise, own_program

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
WORDS = {"anyone", "user", PATIENT, CARER, THERAPIST, ADMIN, OPERATOR}

# Views that are none of ours, and why.
FOREIGN_VIEWS = {
    "api/v1/docs/": "the browsable description is drf-spectacular's page; it holds nobody's data",
}
# Without @operation, and why.
UNDESCRIBED = {
    "api/v1/docs/": "the description's own page",
    "api/v1/schema/": "the description itself",
}
# Reads that leave no audit event, and why.
NOT_ABOUT_PATIENTS = {
    "api/v1/clinic": "the clinic's settings",
    "api/v1/clinic/thresholds": "from which number on alerts are raised",
    "api/v1/invitations": "colleagues to be",
    "api/v1/members": "colleagues",
    "api/v1/exercises": "the catalogue",
    "api/v1/exercises/<uuid:exercise_id>": "the catalogue",
    "api/v1/outcome-measures": "the catalogue",
    "api/v1/programs": "the catalogue",
    "api/v1/programs/<uuid:program_id>": "the catalogue",
    "api/v1/therapists": "colleagues",
}


def access_faults(address: Address) -> list[str]:
    """Each method that a view has is allowed to somebody, and nothing else is."""
    access = getattr(address.view, "access", {})
    return [
        *(f"{method} is allowed to nobody" for method in address.methods if not access.get(method)),
        *(
            f"{method} is allowed but not there"
            for method in access
            if method not in address.methods
        ),
        *(
            f"{method} is allowed to {word}, whoever that is"
            for method, allowed in access.items()
            for word in sorted(allowed - WORDS)
        ),
        *(
            ["it asks other permissions"]
            if list(address.view.permission_classes) != [DenyByDefault]
            else []
        ),
    ]


def scope_faults(address: Address) -> list[str]:
    """A view says what its request is about, and allows nobody whom that scope cannot bring."""
    if not issubclass(address.view, ApiView):
        return ["it is no ApiView"]
    scope = getattr(address.view, "scope", None)
    possible = {
        Scope.PUBLIC: ANYONE,
        Scope.USER: USERS,
        Scope.RECORD: RECORD_HOLDERS,
        Scope.CLINIC: frozenset({THERAPIST, ADMIN}),
        Scope.OPERATOR: OPERATORS,
    }
    if scope not in possible:
        return ["it has no scope"]
    allowed = frozenset().union(*address.view.access.values())
    return [f"{scope.value} never brings {word}" for word in sorted(allowed - possible[scope])]


def description_faults(address: Address) -> list[str]:
    """Each method says what it does and shows it."""
    faults = []
    for method in address.methods:
        said = address.operation(method)
        if said is None:
            faults.append(f"{method} has no @operation")
            continue
        if not said.summary:
            faults.append(f"{method} has no summary")
        if not said.answers:
            faults.append(f"{method} has no answers")
        faults += [f"{method}: {fault}" for fault in example_faults(said)]
    return faults


def audit_faults(address: Address) -> list[str]:
    """What reads in a clinic or a record leaves an audit event."""
    reads = "get" in address.methods and getattr(address.view, "scope", None) in {
        Scope.RECORD,
        Scope.CLINIC,
    }
    return ["its reading is not kept"] if reads and not address.view.audited_as else []


def complained(guard: Any) -> dict[str, list[str]]:
    found = {address.route: guard(address) for address in addresses()}
    return {route: faults for route, faults in found.items() if faults}


def test_every_method_of_every_address_has_an_access_rule():
    assert complained(access_faults) == {}


def test_every_address_has_a_scope():
    assert complained(scope_faults) == {route: ["it is no ApiView"] for route in FOREIGN_VIEWS}


def test_every_operation_is_described_with_examples():
    assert set(complained(description_faults)) == set(UNDESCRIBED)


def test_every_read_of_a_patient_is_kept():
    assert set(complained(audit_faults)) == set(NOT_ABOUT_PATIENTS)


def test_the_guards_see_the_whole_api():
    assert len(addresses()) >= 40
    assert {"api/v1/auth/sign-in", "api/v1/patients", "api/v1/me/plan", "api/v1/exercises"} <= {
        address.route for address in addresses()
    }


class _Nothing(StaffView):
    def get(self, request: Request) -> None:
        """Not described, not allowed, not kept."""


class _Wrong(StaffView):
    access: ClassVar = {"get": frozenset({"patient", "queen"}), "put": frozenset({"admin"})}
    audited_as = "nothing"

    @operation(summary="", answers={})
    def get(self, request: Request) -> None: ...


class _Stranger(APIView):
    permission_classes = []


def test_a_view_that_says_nothing_is_complained_about():
    address = Address("api/v1/nothing", _Nothing)

    assert access_faults(address) == ["get is allowed to nobody"]
    assert description_faults(address) == ["get has no @operation"]
    assert audit_faults(address) == ["its reading is not kept"]


def test_a_view_that_says_wrong_things_is_complained_about():
    address = Address("api/v1/wrong", _Wrong)

    assert access_faults(address) == [
        "put is allowed but not there",
        "get is allowed to queen, whoever that is",
    ]
    assert scope_faults(address) == ["clinic never brings patient", "clinic never brings queen"]
    assert description_faults(address) == ["get has no summary", "get has no answers"]


def test_a_view_of_somebody_else_is_complained_about():
    address = Address("api/v1/stranger", _Stranger)

    assert access_faults(address) == ["it asks other permissions"]
    assert scope_faults(address) == ["it is no ApiView"]


ACTORS = [
    Actor(user_id=uuid.uuid4(), acting_as=word, roles=frozenset(roles))
    for word, roles in [
        (PATIENT, ()),
        (CARER, ()),
        ("staff", (THERAPIST,)),
        ("staff", (ADMIN, THERAPIST)),
        (SYSTEM, ()),
        (OPERATOR, ()),
    ]
]


@pytest.mark.parametrize(
    "who", ACTORS, ids=lambda who: "-".join([who.acting_as, *sorted(who.roles)])
)
def test_what_a_view_does_not_name_is_denied(who):
    request = Request(APIRequestFactory().get("/api/v1/nothing"))
    request.actor = who

    with pytest.raises(Forbidden):
        DenyByDefault().has_permission(request, _Nothing())


def test_nobody_is_asked_to_sign_in():
    request = Request(APIRequestFactory().get("/api/v1/nothing"))

    with pytest.raises(NotSignedIn):
        DenyByDefault().has_permission(request, _Nothing())


def test_denial_is_the_framework_s_default():
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "clinics.permissions.DenyByDefault"
    ]


# ---- every address, called ----------------------------------------------------------------------

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
    session = {
        "id": str(phone_id),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "symptoms": ["near_fall"],
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
    }
    assert Caller().as_(world.ana).post("me/sessions", session).status_code == 201
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
            "alert_id": Alert.objects.get().pk,
            "exercise_id": exercise.pk,
            "invitation_id": invitation.pk,
            "program_id": program.pk,
            "phone_id": phone_id,
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
THERAPISTS_ALONE = [
    (address, method)
    for address, method in calls(scope=Scope.CLINIC, parameters=True)
    if address.view.access[method] == {THERAPIST}
]
CLINICAL = [call for call in THERAPISTS_ALONE if call[0].route not in ANY_THERAPIST]
OF_THE_CLINIC = [call for call in THERAPISTS_ALONE if call[0].route in ANY_THERAPIST]


def test_a_therapist_outside_the_care_team_and_an_admin_reach_nothing_clinical(filled):
    marta, helena = Caller().as_(filled.world.marta), Caller().as_(filled.world.admin)
    before = rows_of(filled.world)

    def outcome(address: Address, method: str) -> Any:
        return tuple(send(who, address, method, filled.ids).status_code for who in (marta, helena))

    assert differing(CLINICAL, outcome, (404, 403)) == []
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
