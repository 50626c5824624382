"""Weeks over HTTP: who reads which, exact answers, and what a therapist chooses about digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Forbidden
from core.tenancy import clinic_context
from patients.models import CareTeamMembership
from reminders.actions.digest_choices import choose_digests
from reminders.bodies.weeks import DigestChoice
from reminders.models import DigestPreferences
from tests.api.caller import Caller
from tests.api.patients.stored import events
from tests.factories import people
from tests.factories.people import World
from tests.factories.reminders import (
    ADDED_AT,
    MONDAY,
    NO_CASES,
    QUIET_WEEK,
    digest,
    weekly_summary,
)

NOW = "2026-11-26T10:00:00Z"
AT = dt.datetime.fromisoformat(NOW)
WEEK = dt.timedelta(weeks=1)
THIS = MONDAY.isoformat()
TOLD = {"week": THIS, "made_at": "2026-09-01T12:00:00Z", "language": "en", "contents": QUIET_WEEK}


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def get(caller: Caller, who: Any, path: str, **query: Any) -> tuple[int, Any]:
    response = caller.as_(who).get(path, query or None)
    return response.status_code, response.json()


# ---- Summaries -----------------------------------------------------------------------------------


def test_a_patient_and_a_carer_read_the_week_as_it_was_told(caller: Caller, world: World) -> None:
    weekly_summary(world.ana)

    for who in (world.ana, world.carer):
        assert get(caller, who, f"me/summaries/{THIS}") == (200, TOLD)
        assert get(caller, who, "me/summaries") == (200, {"results": [TOLD], "next": None})

    assert [one.patient_id for one in events(world, "read_summary")] == [world.ana.pk] * 2
    assert [one.patient_id for one in events(world, "read_summaries")] == [world.ana.pk] * 2


def test_the_care_team_reads_the_same(caller: Caller, world: World) -> None:
    weekly_summary(world.ana)
    path = f"patients/{world.ana.pk}/summaries"

    assert get(caller, world.rui, f"{path}/{THIS}") == (200, TOLD)
    assert get(caller, world.rui, path) == (200, {"results": [TOLD], "next": None})
    assert [one.patient_id for one in events(world, "read_summary")] == [world.ana.pk]


def test_who_may_not(caller: Caller, world: World) -> None:
    weekly_summary(world.ana)
    path = f"patients/{world.ana.pk}/summaries"

    seen = {
        (name, address): get(caller, getattr(world, name), address)[0]
        for name in ("marta", "admin", "far_therapist", "far_patient", "ana")
        for address in (path, f"{path}/{THIS}", "me/summaries", f"me/summaries/{THIS}")
    }

    assert {key: status for key, status in seen.items() if not key[1].startswith("me/")} == {
        (name, address): status
        for name, status in (
            ("marta", 404), ("admin", 403), ("far_therapist", 404), ("far_patient", 403),
            ("ana", 403),
        )
        for address in (path, f"{path}/{THIS}")
    }  # fmt: skip
    assert {key[0] for key, status in seen.items() if key[1] == f"me/summaries/{THIS}"
            and status == 200} == {"ana"}  # fmt: skip
    assert get(caller, world.far_patient, "me/summaries")[1]["results"] == []


@pytest.mark.parametrize(
    "week", ["2026-11-17", "2026-11-09", "2026-W47", "20261116", "monday", "2026-11-16T00:00", "0"]
)
def test_what_is_no_week_of_theirs_is_unknown(caller: Caller, world: World, week: str) -> None:
    weekly_summary(world.ana)
    digest(world.rui)

    for who, path in (
        (world.ana, "me/summaries"), (world.rui, f"patients/{world.ana.pk}/summaries"),
        (world.rui, "digests"),
    ):  # fmt: skip
        status, problem = get(caller, who, f"{path}/{week}")
        assert (status, problem["code"]) == (404, "not_found")


def test_the_latest_week_comes_first_page_by_page(caller: Caller, world: World) -> None:
    mondays = [MONDAY - number * WEEK for number in range(5)]
    for monday in reversed(mondays):
        weekly_summary(world.ana, monday)
        digest(world.rui, monday)

    for who, path in (
        (world.ana, "me/summaries"), (world.rui, f"patients/{world.ana.pk}/summaries"),
        (world.rui, "digests"),
    ):  # fmt: skip
        seen, cursor = [], None
        while not seen or cursor:
            page = get(caller, who, path, limit=2, **({"cursor": cursor} if cursor else {}))[1]
            seen.append([one["week"] for one in page["results"]])
            cursor = page["next"]
        expected = [monday.isoformat() for monday in mondays]
        assert seen == [expected[:2], expected[2:4], expected[4:]]
        assert get(caller, who, path, cursor="made-up")[0] == 400
        assert get(caller, who, path, limit=101)[0] == 400


# ---- Digests -------------------------------------------------------------------------------------


def case(patient: Any, reference: str, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient), "reference": reference, "reasons": ["safety"], "unit": "days",
        "done": 3, "due": 5, "trend": "down", "is_paused": False,
    } | fields  # fmt: skip


def test_names_stand_beside_those_whom_the_therapist_still_sees(
    caller: Caller, world: World
) -> None:
    left = people.patient(world.clinic, "Eva Lima", care_team=[world.rui])
    counts = {"patients": 2, "attention": 1, "on_track": 1, "paused": 0}
    cases = [case(world.ana.pk, "1042"), case(left.pk, "1043", reasons=[], trend=None)]
    digest(world.rui, contents=NO_CASES | counts | {"cases": cases})
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.filter(patient=left).delete()

    told = {"week": THIS, "made_at": "2026-09-01T12:00:00Z"} | counts
    assert get(caller, world.rui, f"digests/{THIS}") == (
        200,
        told | {"cases": [cases[0] | {"name": "Ana Silva"}, cases[1] | {"name": None}]},
    )
    assert get(caller, world.rui, "digests") == (200, {"results": [told], "next": None})
    [event] = events(world, "read_digest")
    assert event.patient_id == world.ana.pk


def test_a_digest_is_its_therapists_own(caller: Caller, world: World) -> None:
    digest(world.rui)

    asked = {
        name: [
            get(caller, getattr(world, name), path)[0] for path in ("digests", f"digests/{THIS}")
        ]
        for name in ("marta", "admin", "ana", "carer", "far_therapist")
    }

    assert asked == {
        "marta": [200, 404], "admin": [403, 403], "ana": [403, 403], "carer": [403, 403],
        "far_therapist": [200, 404],
    }  # fmt: skip
    assert get(caller, world.marta, "digests")[1]["results"] == []


def test_a_large_caseload_takes_as_many_statements_as_a_small_one(
    caller: Caller, world: World
) -> None:
    asking = caller.as_(world.rui)
    counts = []
    for number, week in ((1, MONDAY), (200, MONDAY + WEEK)):
        cases = [case(world.ana.pk, str(each)) for each in range(number)]
        digest(world.rui, week, contents=NO_CASES | {"patients": number, "cases": cases})
        with CaptureQueriesContext(connection) as captured:
            answer = asking.get(f"digests/{week.isoformat()}")
        assert len(answer.json()["cases"]) == number
        counts.append(len(captured))

    assert counts[0] == counts[1]


# ---- What a therapist chooses --------------------------------------------------------------------

BEFORE = {"wants_digests": True, "always": False}
CHOICES = [
    {"wants_digests": True, "always": True},
    {"wants_digests": False, "always": False},
    {"wants_digests": False, "always": True},
    BEFORE,
]


def chosen(world: World) -> list[tuple[bool, dt.datetime | None]]:
    with clinic_context(world.clinic.pk):
        return list(DigestPreferences.objects.values_list("is_always", "stopped_at"))


def test_choosing_and_choosing_again(caller: Caller, world: World) -> None:
    assert get(caller, world.rui, "digests/choice") == (200, BEFORE)
    assert chosen(world) == []

    for choice in CHOICES:
        for _twice in range(2):
            answer = caller.as_(world.rui).put("digests/choice", choice)
            assert (answer.status_code, answer.json()) == (200, choice)
        assert get(caller, world.rui, "digests/choice") == (200, choice)
        stopped_at = None if choice["wants_digests"] else AT
        assert chosen(world) == [(choice["always"], stopped_at)]

    details = [one.details["changed"] for one in events(world, "digests_chosen")]
    assert details == [["always"], ["wants_digests", "always"], ["always"],
                       ["wants_digests", "always"]]  # fmt: skip
    assert get(caller, world.marta, "digests/choice") == (200, BEFORE)


def test_what_was_chosen_before_anything_is_not_stored(caller: Caller, world: World) -> None:
    assert caller.as_(world.rui).put("digests/choice", BEFORE).json() == BEFORE
    assert chosen(world) == []
    assert events(world, "digests_chosen") == []


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"wants_digests": True}, "always"),
        ({"always": True}, "wants_digests"),
        ({"wants_digests": "yes", "always": True}, "wants_digests"),
        (BEFORE | {"more": 1}, "more"),
        ({"wants_digests": None, "always": True}, "wants_digests"),
    ],
)
def test_a_choice_is_whole(caller: Caller, world: World, body: Any, at: str) -> None:
    answer = caller.as_(world.rui).put("digests/choice", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, at)
    assert chosen(world) == []


def test_therapists_alone_choose(caller: Caller, world: World) -> None:
    for who in (world.admin, world.ana, world.carer):
        assert caller.as_(who).put("digests/choice", CHOICES[0]).status_code == 403
    assert chosen(world) == []
    with clinic_context(world.clinic.pk), pytest.raises(Forbidden):
        choose_digests(asked=DigestChoice(**BEFORE), by=people.acting(world.admin), now=AT)


def test_made_at_is_when_it_was_made(caller: Caller, world: World) -> None:
    weekly_summary(world.ana, made_at=ADDED_AT + WEEK, language="pt")

    told = get(caller, world.ana, f"me/summaries/{THIS}")[1]

    assert (told["made_at"], told["language"]) == ("2026-09-08T12:00:00Z", "pt")
