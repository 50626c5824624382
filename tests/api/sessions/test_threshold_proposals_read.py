"""Looser thresholds that wait, or were decided: the list, and what the database keeps of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.api.caller import Caller
from tests.factories import people
from tests.factories.alerts import proposal

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LIST = "clinic/thresholds/proposals"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


@pytest.fixture
def waiting(world: people.World) -> str:
    return str(proposal(world.rui, world.admin.user).pk)


# ---- Reading -------------------------------------------------------------------------------------


def test_the_list_is_the_latest_first_by_status_and_the_clinic_s_own(caller, rui, world, waiting):
    decided = {"decided_by": world.rui.user, "decided_at": NOW}
    for minutes, status in ((1, "superseded"), (2, "confirmed"), (3, "declined")):
        proposal(
            world.rui, world.admin.user, status=status, decision_note="No.",
            proposed_at=NOW + dt.timedelta(minutes=minutes), **decided,
        )  # fmt: skip

    everything = rui.get(LIST).json()["results"]
    waits = rui.get(LIST, {"status": "waiting"}).json()["results"]

    assert [one["status"] for one in everything] == [
        "declined", "confirmed", "superseded", "waiting",
    ]  # fmt: skip
    assert [one["is_mine_to_sign"] for one in everything] == [False, False, False, True]
    assert [one["id"] for one in waits] == [waiting]
    assert caller.as_(world.far_therapist).get(LIST).json()["results"] == []
    assert rui.get(LIST, {"status": "open"}).status_code == 400


def test_it_is_read_in_pages_and_in_as_many_statements_for_one_as_for_many(rui, world):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert rui.get(LIST).status_code == 200
        return len(captured)

    decided = {"status": "superseded", "decided_by": world.rui.user, "decided_at": NOW}
    proposal(world.rui, world.admin.user, **decided)
    statements()
    one = statements()
    for _number in range(4):
        proposal(world.marta, world.admin.user, **decided)
    assert statements() == one

    first = rui.get(LIST, {"limit": 3}).json()
    second = rui.get(LIST, {"limit": 3, "cursor": first["next"]}).json()
    ids = [each["id"] for each in first["results"] + second["results"]]
    assert (len(ids), len(set(ids)), second["next"]) == (5, 5, None)


# ---- The database's wall -------------------------------------------------------------------------


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("proposal_status_is_known", {"status": "open", "decided_at": NOW}),
    ("proposal_waits_or_was_decided", {"decided_at": NOW}),
    ("proposal_waits_or_was_decided", {"status": "confirmed"}),
    ("proposal_is_declined_with_a_reason", {"status": "declined", "decided_at": NOW}),
    ("proposal_has_a_reason", {"reason": ""}),
    ("proposal_loosens_something", {"loosened": []}),
]


@pytest.mark.parametrize(("constraint", "fields"), WRONG)
def test_the_database_refuses_what_says_nothing_true(db, world, constraint, fields):
    if "status" in fields and "decided_at" in fields:
        fields = fields | {"decided_by": world.rui.user}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        proposal(world.rui, world.admin.user, **fields)


def test_the_database_lets_one_wait_in_a_clinic(db, world, waiting):
    with pytest.raises(IntegrityError, match="one_proposal_waits"), transaction.atomic():
        proposal(world.marta, world.admin.user)
    proposal(world.far_therapist, world.far_therapist.user)
