from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from sessions.changes import Head, head_of
from tests.api.caller import Caller
from tests.factories import people, prescribed
from tests.factories.database import plan_by_index

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def ana(caller: Caller, world: people.World, line: Line) -> Caller:
    return caller.as_(world.ana)


def a_session(line: Line, number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "performed_at": f"2026-11-{1 + number % 20:02}T09:30:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
        **more,
    }


def test_a_phone_learns_what_changed_and_keeps_its_place(ana, line):
    body = a_session(line)
    logged = ana.post("me/sessions", body).json()

    first = ana.get("me/changes")
    again = ana.get("me/changes", {"cursor": first.json()["next"]})

    assert (first.status_code, again.status_code) == (200, 200)
    [change] = first.json()["results"]
    assert (change["seq"], change["kind"], change["id"]) == (1, "session", body["id"])
    assert change["feedback"] == logged["feedback"]
    [listed] = ana.get("me/sessions").json()["results"]
    assert change["session"] == listed
    assert (change["gone"], change["safety_check"]) == (None, None)
    assert again.json() == {"results": [], "next": first.json()["next"], "has_more": False}


def test_a_withdrawn_session_and_an_accepted_one_reach_the_phone(caller, ana, line, world):
    mistake = a_session(line)
    held = a_session(line, performed_at="2026-10-01T09:30:00+00:00")
    for body in (mistake, held):
        assert ana.post("me/sessions", body).status_code == 201
    cursor = ana.get("me/changes").json()["next"]
    ana.post(f"me/sessions/{mistake['id']}/withdraw", {"reason": "Twice"})
    rui = caller.as_(world.rui)
    [row] = rui.get(f"patients/{world.ana.pk}/sessions", {"status": "held"}).json()["results"]
    accepted = rui.post(f"sessions/{row['id']}/accept", {})
    assert accepted.status_code == 200

    gone, told = ana.get("me/changes", {"cursor": cursor}).json()["results"]

    assert (gone["id"], gone["gone"], gone["session"]) == (mistake["id"], "withdrawn", None)
    assert (told["id"], told["session"]["status"]) == (held["id"], "counted")
    assert told["feedback"] == accepted.json()["feedback"]
    assert told["feedback"] == ana.post("me/sessions", held).json()["feedback"]


def test_a_batch_is_told_in_the_order_in_which_it_was_stored(ana, line):
    sessions = [a_session(line, number) for number in (3, 1, 2)]
    check = {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:25:00+00:00",
        "answers": {"well": "yes", "floor": "yes", "shoes": "yes", "aid": "yes"},
    }
    ana.post("me/sessions/batch", {"sessions": sessions, "safety_checks": [check]})

    told = ana.get("me/changes").json()["results"]

    assert [each["seq"] for each in told] == [1, 2, 3, 4]
    assert [each["id"] for each in told] == [
        check["id"], sessions[1]["id"], sessions[2]["id"], sessions[0]["id"],
    ]  # fmt: skip


PLAN_AGAIN = {
    "a pause": ("post", "patients/{}/pauses", {"starts_on": "2026-11-24", "reason": "holiday"}),
    "a line that ends": ("post", "lines/{line}/end", {}),
}
RECORD_AGAIN = {
    "another zone": ("patch", "patients/{}", {"time_zone": "Europe/Oslo"}),
    "no login": ("delete", "patients/{}/login", None),
    "no carer": ("post", "patients/{}/carers/{carer}/revoke", {}),
}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        *((each, "plan") for each in PLAN_AGAIN.values()),
        *((each, "record") for each in RECORD_AGAIN.values()),
    ],
    ids=[*PLAN_AGAIN, *RECORD_AGAIN],
)
def test_what_the_clinic_changes_says_what_to_fetch_again(caller, ana, world, line, change, kind):
    method, path, body = change
    where = path.format(world.ana.pk, line=line.pk, carer=world.carer.pk)
    done = caller.as_(world.rui).call(method, where, body)
    assert done.status_code in (200, 201), done.content

    reader = world.ana if where.endswith("/revoke") else world.carer
    told = caller.as_(reader).get("me/changes").json()["results"]

    assert [(each["kind"], each["id"]) for each in told] == [(kind, str(world.ana.pk))]
    assert {told[0][name] for name in ("gone", "session", "feedback", "safety_check")} == {None}


def test_a_carer_reads_the_same_changes_with_the_same_cursor(caller, ana, line, world):
    ana.post("me/sessions", a_session(line, 1))
    mine = ana.get("me/changes").json()
    ana.post("me/sessions", a_session(line, 2))
    carer = caller.as_(world.carer)

    assert carer.get("me/changes", {"limit": 1}).json()["results"] == mine["results"]
    rest = carer.get("me/changes", {"cursor": mine["next"]}).json()
    assert rest == ana.get("me/changes", {"cursor": mine["next"]}).json()
    assert [each["seq"] for each in rest["results"]] == [2]


def test_a_cursor_of_another_record_is_refused(caller, ana, line, world):
    theirs = caller.as_(world.far_patient).get("me/changes").json()["next"]

    refused = ana.get("me/changes", {"cursor": theirs})

    assert refused.status_code == 400
    problem = refused.json()
    assert (problem["errors"][0]["field"], problem["errors"][0]["code"]) == (
        "cursor", "bad_cursor",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 2001}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
        ({"since": "2026-11-23"}, "since"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_named(ana, query, field):
    refused = ana.get("me/changes", query)

    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("limit", [1, 100])
def test_a_limit_at_its_bounds_is_taken(ana, limit):
    assert ana.get("me/changes", {"limit": limit}).status_code == 200


def in_another_epoch(head: Head) -> str:
    return Head(patient_id=head.patient_id, seq=head.seq, epoch=str(uuid.uuid4())).cursor(0)


def ahead_of_what_is_known(head: Head) -> str:
    return head.cursor(head.seq + 1)


@pytest.mark.parametrize("held", [in_another_epoch, ahead_of_what_is_known])
def test_a_restored_server_tells_the_phone_to_start_over(ana, line, world, held):
    ana.post("me/sessions", a_session(line))
    with clinic_context(world.clinic.pk):
        cursor = held(head_of(people.acting_for(world.ana)))

    refused = ana.get("me/changes", {"cursor": cursor})

    assert refused.status_code == 410
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.json()["code"], refused.json()["status"]) == ("resync", 410)
    assert len(ana.get("me/changes").json()["results"]) == 1


WHO = {
    "nobody": (lambda world: None, 401),
    "the patient": (lambda world: world.ana, 200),
    "the carer": (lambda world: world.carer, 200),
    "her therapist": (lambda world: world.rui, 404),
    "a colleague": (lambda world: world.marta, 404),
    "the administrator": (lambda world: world.admin, 404),
    "a patient elsewhere": (lambda world: world.far_patient, 404),
}


@pytest.mark.parametrize(("who", "status"), WHO.values(), ids=WHO.keys())
def test_only_the_patient_and_their_carer_read_the_changes(caller, world, line, who, status):
    person = who(world)
    asking = caller.as_(person) if person else caller

    answer = asking.get("me/changes", record=world.ana)

    assert answer.status_code == status
    with clinic_context(world.clinic.pk):
        read = AuditEvent.objects.filter(action="read_changes").values_list("patient_id", flat=True)
        assert list(read) == ([world.ana.pk] if status == 200 else [])


def test_revoked_consent_ends_the_feed_with_the_next_request(caller, world, line):
    carer = caller.as_(world.carer)
    cursor = carer.get("me/changes").json()["next"]
    caller.as_(world.rui).post(f"patients/{world.ana.pk}/carers/{world.carer.pk}/revoke", {})

    assert carer.get("me/changes", {"cursor": cursor}).status_code == 404


def test_reading_costs_the_same_whatever_is_stored(ana, line):
    def statements(**query: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ana.get("me/changes", query).status_code == 200
        return len(captured)

    ana.post("me/sessions", a_session(line))
    few = statements()
    bodies = [a_session(line, number) for number in range(100)]
    assert ana.post("me/sessions/batch", {"sessions": bodies}).status_code == 200

    assert statements(limit=100) == few
    assert few <= 9


def test_a_page_is_found_by_the_index_of_the_record_s_numbers(world, line):
    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        plan_by_index()
        cursor.execute(
            "EXPLAIN SELECT * FROM patients_patientchange WHERE patient_id = %s AND seq > 5 "
            "ORDER BY seq LIMIT 101",
            [world.ana.pk],
        )
        steps = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Scan using one_change_for_a_number" in steps
    assert "Sort" not in steps
