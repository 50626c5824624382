"""What was done outside every clinic, as operators read it; and asking an administrator again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.actors import Actor
from clinics.models import Invitation, User
from core import audit
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.api.clinics.test_operator import LAKE, told
from tests.factories import people
from tests.factories.database import plan_by_index
from tests.factories.people import World
from tests.mailed import mailed_code

ROW = uuid.UUID(int=7)
NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture
def olga(db: None) -> User:
    return people.operator()


@pytest.fixture
def asking(caller: Caller, olga: User) -> Caller:
    return caller.as_(olga)


def happened(action: str, at: dt.datetime = NOW, **fields: Any) -> AuditEvent:
    by = fields.pop("by", Actor(user_id=None, acting_as="system"))
    return audit.record(action=action, by=by, now=at, **fields)


def shown(asking: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = asking.get("operator/audit", query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def actions(asking: Caller, **query: Any) -> list[str]:
    return [one["action"] for one in shown(asking, **query)]


def test_an_event_is_shown_with_who_did_it_to_what(
    asking: Caller, olga: User, world: World
) -> None:
    token = audit.set_origin(request_id="req-1", address="192.0.2.17")
    kept = happened(
        "login_deactivated", by=people.operating(olga), target="clinics.User",
        target_id=world.rui.user_id, details={"version": 3},
    )  # fmt: skip
    audit.reset_origin(token)
    nobody = happened("operator_made", NOW - dt.timedelta(seconds=1))

    assert shown(asking) == [
        {
            "id": str(kept.pk), "at": "2026-11-23T18:02:00Z", "action": "login_deactivated",
            "actor": str(olga.pk), "actor_name": "Olga Reis", "acting_as": "operator",
            "target": "clinics.User", "target_id": str(world.rui.user_id),
            "request_id": "req-1", "address": "192.0.2.17", "details": {"version": 3},
        },
        {
            "id": str(nobody.pk), "at": "2026-11-23T18:01:59Z", "action": "operator_made",
            "actor": None, "actor_name": None, "acting_as": "system",
            "target": "", "target_id": None, "request_id": "", "address": None, "details": {},
        },
    ]  # fmt: skip


def test_what_happened_in_a_clinic_is_not_shown(
    asking: Caller, olga: User, world: World, caller: Caller
) -> None:
    caller.as_(world.rui).get(f"patients/{world.ana.pk}")
    asking.post(f"operator/clinics/{world.clinic.pk}/archive")
    happened("operator_made")

    assert actions(asking) == ["operator_made"]


def test_it_is_filtered_by_each_part_and_by_dates_that_are_both_included(
    asking: Caller, olga: User, world: World
) -> None:
    midnight = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    by, far = people.operating(olga), people.operating(people.operator("Nils Berg"))
    second = dt.timedelta(seconds=1)
    happened("before", midnight - second, by=by)
    happened("first", midnight, by=by, target_id=world.rui.user_id)
    happened("last", midnight + dt.timedelta(days=1) - second, by=far)
    happened("after", midnight + dt.timedelta(days=1), by=far)

    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["after", "last", "first", "before"]),
        ({"action": "first"}, ["first"]),
        ({"action": "firs"}, []),
        ({"actor": olga.pk}, ["first", "before"]),
        ({"target": world.rui.user_id}, ["first"]),
        ({"since": "2026-11-23"}, ["after", "last", "first"]),
        ({"until": "2026-11-23"}, ["last", "first", "before"]),
        ({"since": "2026-11-23", "until": "2026-11-23"}, ["last", "first"]),
        ({"since": "2026-11-24", "until": "2026-11-23"}, []),
        ({"since": "2026-11-23", "actor": olga.pk}, ["first"]),
        ({"until": "2026-11-24", "limit": 1}, ["after"]),
    ]
    for query, found in cases:
        assert actions(asking, **query) == found, query


def test_a_filter_that_cannot_be_is_refused_by_its_name(asking: Caller) -> None:
    for name, value in [
        ("since", "yesterday"), ("until", "2100-01-02"), ("actor", "olga"), ("target", "7"),
        ("limit", "101"), ("limit", "0"), ("action", "x" * 65), ("clinic", str(uuid.uuid4())),
    ]:  # fmt: skip
        answer = asking.get("operator/audit", {name: value})
        assert told(answer) == (400, "invalid", [name]), (name, value)


def test_pages_follow_each_other_and_a_cursor_is_its_filters_own(asking: Caller) -> None:
    for number in range(3):
        happened(f"event_{number}", NOW + dt.timedelta(minutes=number), target_id=ROW)

    asked = {"limit": 2, "target": ROW}
    first = asking.get("operator/audit", asked).json()
    second = asking.get("operator/audit", asked | {"cursor": first["next"]}).json()
    other = asking.get("operator/audit", {"action": "event_0", "cursor": first["next"]})

    assert [one["action"] for one in first["results"]] == ["event_2", "event_1"]
    assert ([one["action"] for one in second["results"]], second["next"]) == (["event_0"], None)
    assert told(other) == (400, "bad_cursor", ["cursor"])


def test_it_is_read_by_index_in_the_order_in_which_it_is_shown(db: None) -> None:
    with connection.cursor() as cursor:
        plan_by_index()
        cursor.execute(
            "EXPLAIN SELECT * FROM core_auditevent WHERE clinic_id IS NULL"
            " ORDER BY at DESC, id DESC LIMIT 26"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "audit_of_no_clinic" in plan
    assert "Sort" not in plan


def test_the_database_shows_it_outside_every_clinic_alone(world: World) -> None:
    happened("operator_made")

    assert AuditEvent.objects.filter(action="operator_made").count() == 1
    for clinic in (world.clinic, world.far_clinic):
        with clinic_context(clinic.pk):
            assert not AuditEvent.objects.exists()


def test_as_many_statements_whoever_acted(asking: Caller) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert asking.get("operator/audit", {"limit": 100}).status_code == 200
        return len(captured)

    happened("event", by=people.operating(people.operator("Nils Berg")))
    few = asked()
    for number in range(20):
        happened("event", by=people.operating(people.operator(f"Operator {number}")))

    assert asked() == few


# ---- the first administrator --------------------------------------------------------------------


def test_the_first_administrator_is_asked_again_and_the_mail_before_leads_nowhere(
    asking: Caller, caller: Caller, time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    clinic = asking.post("operator/clinics", LAKE).json()["id"]
    old = mailed_code(now=NOW)
    time_machine.move_to(NOW + dt.timedelta(days=20), tick=False)

    sent = asking.post(f"operator/clinics/{clinic}/resend-invitation")

    assert sent.status_code == 200, sent.content
    assert {name: sent.json()[name] for name in ("email", "roles", "state", "times_sent")} == {
        "email": "eva@lake.example", "roles": ["admin"], "state": "open", "times_sent": 2,
    }  # fmt: skip
    assert (sent.json()["ends_at"], sent.json()["invited_by"]) == (
        "2026-12-27T18:02:00Z", "Olga Reis",
    )  # fmt: skip
    new = mailed_code(now=NOW + dt.timedelta(days=20))
    show = "auth/invitations/show"
    assert told(caller.post(show, {"code": old})) == (404, "not_found", [])
    assert caller.post(show, {"code": new}).json()["clinic_name"] == "Lake Clinic"


def test_what_cannot_be_sent_again_says_why(asking: Caller, world: World) -> None:
    clinic = asking.post("operator/clinics", LAKE).json()["id"]
    path = f"operator/clinics/{clinic}/resend-invitation"

    asking.post(f"operator/clinics/{clinic}/archive")
    assert told(asking.post(path)) == (409, "clinic_archived", [])
    asking.post(f"operator/clinics/{clinic}/restore")
    with clinic_context(uuid.UUID(clinic)):
        Invitation.objects.update(revoked_at=NOW)
    assert told(asking.post(path)) == (409, "invitation_revoked", [])
    for key in (world.clinic.pk, uuid.uuid4()):
        answer = asking.post(f"operator/clinics/{key}/resend-invitation")
        assert told(answer) == (404, "not_found", [])
