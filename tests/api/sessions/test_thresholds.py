"""A clinic's thresholds: who reads and sets them, tightening freely, loosening with a signature."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEvent
from core.tenancy import clinic_context
from sessions.models import AlertThresholds
from sessions.thresholds import DEFAULTS, LIMITS, NAMES
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.alerts import thresholds

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
PATH = "clinic/thresholds"
OWN = msgspec.structs.asdict(DEFAULTS)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def admin(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.admin)


def wanted(replaces: int = 0, sign_off: dict | None = None, texts: dict | None = None, **numbers):
    return {
        "replaces": replaces,
        "numbers": OWN | numbers,
        "texts": texts or {},
        "sign_off": sign_off,
    }


def signed(membership: Any, reason: str = "She agreed.") -> dict[str, str]:
    return {"membership": str(membership.pk), "reason": reason}


def versions(world: people.World) -> list[int]:
    with clinic_context(world.clinic.pk):
        return list(AlertThresholds.objects.order_by("number").values_list("number", flat=True))


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


def test_without_any_of_its_own_the_platforms_numbers_stand(admin):
    told = admin.get(PATH).json()

    assert (told["version"], told["numbers"], told["sign_off"]) == (0, OWN, None)
    assert told["limits"]["pain_after_critical"] == {"least": 4, "most": 10}
    assert told["defaults"] == OWN


def test_tightening_needs_no_signature(admin, world):
    made = admin.put(PATH, wanted(pain_after_critical=6, texts={"fall": "Ring the ward."}))

    told = made.json()
    assert made.status_code == 200
    assert (told["version"], told["numbers"]["pain_after_critical"]) == (1, 6)
    assert (told["texts"], told["sign_off"]) == ({"fall": "Ring the ward."}, None)
    assert admin.get(PATH).json() == told
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="thresholds_set")
    assert (event.actor_id, event.details) == (
        world.admin.user_id, {"number": 1, "loosened": []},
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_loosening_any_number_needs_a_signature(admin, world, name):
    looser = OWN[name] + (-1 if name == "low_adherence_percent" else 1)

    refused = admin.put(PATH, wanted(**{name: looser}))
    asked = admin.put(PATH, wanted(**{name: looser}, sign_off=signed(world.rui)))

    assert (refused.status_code, errors(refused)) == (400, [("sign_off", "sign_off_required")])
    assert name in refused.json()["errors"][0]["detail"]
    assert asked.status_code == 202
    assert (asked.json()["version"], asked.json()["numbers"]) == (0, OWN)
    assert asked.json()["proposal"]["loosened"] == [name]
    assert versions(world) == []


def test_going_back_from_a_tighter_number_is_loosening(admin, world):
    admin.put(PATH, wanted(pain_after_critical=5))

    refused = admin.put(PATH, wanted(replaces=1))

    assert errors(refused) == [("sign_off", "sign_off_required")]
    assert versions(world) == [1]


@pytest.mark.parametrize("who", ["admin", "far_therapist", "nobody", "deactivated"])
def test_only_a_working_therapist_of_the_clinic_signs(admin, world, who):
    member = world.marta if who in ("nobody", "deactivated") else getattr(world, who)
    if who == "deactivated":
        with clinic_context(world.clinic.pk):
            world.marta.deactivated_at = NOW
            world.marta.save()
    sign = signed(member) if who != "nobody" else {"membership": str(world.ana.pk), "reason": "x"}

    refused = admin.put(PATH, wanted(pain_after_critical=8, sign_off=sign))

    assert (refused.status_code, errors(refused)) == (
        400, [("sign_off.membership", "unknown_therapist")],
    )  # fmt: skip
    assert versions(world) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_number_is_held_to_its_limits(admin, world, name):
    least, most = LIMITS[name]

    for number in (least - 1, most + 1, 5.5, "5", None):
        refused = admin.put(PATH, wanted(**{name: number}, sign_off=signed(world.rui)))
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == f"numbers.{name}"
    assert versions(world) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_database_holds_each_limit_too(db, world, name):
    for number in (LIMITS[name].least - 1, LIMITS[name].most + 1):
        with pytest.raises(IntegrityError, match="threshold_"), transaction.atomic():
            thresholds(world.clinic, world.admin.user, **{name: number})


def test_the_database_wants_a_signature_and_keeps_every_version(db, world):
    with pytest.raises(IntegrityError, match="loosened_with_a_signature"), transaction.atomic():
        thresholds(world.clinic, world.admin.user, loosened=["pain_after_critical"])
    stored = thresholds(world.clinic, world.admin.user)
    with (
        clinic_context(world.clinic.pk),
        pytest.raises(Exception, match="Cannot update"),
        transaction.atomic(),
    ):
        AlertThresholds.objects.filter(pk=stored.pk).update(pain_after_critical=10)


def test_a_number_that_is_left_out_is_not_the_platforms(admin, world):
    body = wanted()
    del body["numbers"]["pain_after_critical"]

    refused = admin.put(PATH, body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (
        400, "numbers.pain_after_critical",
    )  # fmt: skip
    assert versions(world) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"exercise_pain_high": 5, "exercise_pain_critical": 4}, "numbers.exercise_pain_high",
         "out_of_order"),
        ({"no_contact_high_days": 6}, "numbers.no_contact_active_days", "out_of_order"),
        ({"texts": {"no_such_rule": "Call."}}, "texts.no_such_rule", "unknown_rule"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(admin, world, changes, field, code):
    refused = admin.put(PATH, wanted(**changes))

    assert (refused.status_code, errors(refused)) == (400, [(field, code)])
    assert versions(world) == []


@pytest.mark.parametrize("text", ["", " ", "\u200b", "x" * 501])
def test_a_text_that_says_nothing_is_refused(admin, world, text):
    refused = admin.put(PATH, wanted(texts={"fall": text}))

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "texts")
    assert versions(world) == []


def test_the_same_again_is_as_once_and_a_stale_version_is_refused(admin, world):
    first = admin.put(PATH, wanted(pain_after_critical=6))
    again = admin.put(PATH, wanted(pain_after_critical=6))
    stale = admin.put(PATH, wanted(pain_after_critical=5))
    ahead = admin.put(PATH, wanted(replaces=2, pain_after_critical=5))
    next_one = admin.put(PATH, wanted(replaces=1, pain_after_critical=5))

    assert again.json() == first.json()
    for refused in (stale, ahead):
        assert (refused.status_code, refused.json()["code"]) == (409, "stale_thresholds")
        assert refused.json()["version"] == 1
    assert next_one.json()["version"] == 2
    assert versions(world) == [1, 2]


# who, reads, sets
ACCESS = [("admin", 200, 200), ("rui", 200, 403), ("marta", 200, 403), ("ana", 403, 403)]


@pytest.mark.parametrize(("who", "reads", "sets"), ACCESS)
def test_who_reads_and_who_sets(caller, world, who, reads, sets):
    someone = caller.as_(getattr(world, who))

    assert someone.get(PATH).status_code == reads
    assert someone.put(PATH, wanted(pain_after_critical=6)).status_code == sets
    assert versions(world) == ([1] if sets == 200 else [])


def test_another_clinic_keeps_its_own(caller, admin, world):
    admin.put(PATH, wanted(pain_after_critical=5))

    told = caller.as_(world.far_therapist).get(PATH).json()

    assert (told["version"], told["numbers"]) == (0, OWN)
    assert caller.get(PATH).status_code == 401
