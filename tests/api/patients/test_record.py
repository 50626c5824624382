"""The patient's own record, and the carers whom they let act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from clinics.models import Membership
from core.tenancy import clinic_context
from patients.models import Carer, CareTeamMembership, Patient
from programs.readability import grade
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events
from tests.factories import people, prescriptions
from tests.factories.people import World

# Wednesday 25 November 2026, 10:00 in Lisbon.
NOW = "2026-11-25T10:00:00Z"
TODAY = dt.date(2026, 11, 25)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def record(caller: Caller, world: World, who: str = "ana") -> dict[str, Any]:
    answer = caller.as_(getattr(world, who)).get("me/record")
    assert answer.status_code == 200, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize("who", ["ana", "carer"])
def test_the_whole_record_in_plain_form(caller: Caller, world: World, who: str) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(
            assistive_devices=["quad cane"], precautions="No kneeling."
        )
    prescriptions.assign(world.ana, from_=TODAY, title="At home")
    people.pause(world.ana, note="surgery, private")

    assert record(caller, world, who) == {
        "id": str(world.ana.pk),
        "name": "Ana Silva",
        "date_of_birth": "1958-04-17",
        "medical_record_number": world.ana.medical_record_number,
        "affected_side": "left",
        "affected_side_words": "left",
        "in_care": True,
        "discharged_on": None,
        "clinic": {"name": "Harbour Clinic", "phone_number": "+351 210 000 000"},
        "care_team": [{"name": "Rui Costa", "is_lead": True}],
        "programs": [
            {
                "title": "At home",
                "starts_on": "2026-11-25",
                "ends_on": None,
                "state": "running",
            }
        ],
        "pauses": [
            {
                "starts_on": "2026-11-20",
                "ends_on": "2026-11-30",
                "reason": "holiday",
                "reason_words": "away",
                "state": "running",
            }
        ],
        "aids": ["quad cane"],
        "precautions": "No kneeling.",
        "carers": [
            {
                "id": str(world.carer.pk),
                "name": "João Silva",
                "consented_at": "2026-01-05T09:00:00Z",
                "revoked_at": None,
            }
        ],
    }
    [event] = events(world, "read_record")
    assert event.patient_id == world.ana.pk


def test_nothing_internal_is_told(caller: Caller, world: World) -> None:
    people.pause(world.ana, note="she may be hiding something")
    prescriptions.draft(world.ana, from_=TODAY, title="Only a thought")

    text = str(record(caller, world))

    assert "hiding" not in text
    assert "Only a thought" not in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (TODAY, None, "running"),
        (TODAY, TODAY, "running"),
        (TODAY + DAY, None, "coming"),
        (TODAY - 2 * DAY, TODAY - DAY, "over"),
        (TODAY, TODAY - DAY, None),
    ],
)
def test_what_a_program_and_a_pause_are_today(caller, world, first, last, state) -> None:
    assignment = prescriptions.assign(world.ana, from_=TODAY)
    with clinic_context(world.clinic.pk):
        type(assignment).objects.update(starts_on=first, ends_on=last)
    people.pause(world.ana, starts_on=first, ends_on=last)

    shown = record(caller, world)

    wanted = [state] if state else []
    assert [one["state"] for one in shown["programs"]] == wanted
    assert [one["state"] for one in shown["pauses"]] == wanted


def test_only_those_who_still_work_are_named(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=world.marta
        )
        Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=people.LONG_AGO)

    assert record(caller, world)["care_team"] == [{"name": "Marta Dias", "is_lead": False}]


def test_a_discharged_patient_reads_on(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=TODAY)

    shown = record(caller, world)

    assert (shown["in_care"], shown["discharged_on"]) == (False, "2026-11-25")


def test_what_a_refusal_tells_a_patient_is_plain() -> None:
    texts = [
        "Care at this clinic has ended.",
        "Several requests wait already. Your therapist will answer them.",
        "The last day is before the first.",
        "Ask your therapist about this by phone.",
    ]

    assert {text: grade(text) for text in texts if grade(text) > 6} == {}


# ---- carers -------------------------------------------------------------------------------------


def test_a_patient_lists_all_whom_they_let(caller: Caller, world: World) -> None:
    gone = people.carer(world.ana, "Maria Silva")
    with clinic_context(world.clinic.pk):
        Carer.objects.filter(pk=gone.pk).update(
            revoked_at=people.LONG_AGO, consented_at=people.LONG_AGO - DAY
        )

    results = caller.as_(world.ana).get("me/carers").json()["results"]

    assert [(one["name"], one["revoked_at"] is None) for one in results] == [
        ("João Silva", True), ("Maria Silva", False),
    ]  # fmt: skip
    assert [one["name"] for one in record(caller, world)["carers"]] == ["João Silva"]


def test_consent_is_taken_back_with_effect_at_once(caller: Caller, world: World) -> None:
    carer = caller.as_(world.carer)
    path = f"me/carers/{world.carer.pk}/revoke"
    before = carer.get("me/record").status_code

    first = caller.as_(world.ana).post(path)
    after = carer.get("me/record").status_code
    again = caller.as_(world.ana).post(path)

    assert (before, after) == (200, 404)
    assert (first.status_code, first.json()["revoked_at"]) == (200, NOW)
    assert first.json()["name"] == "João Silva"
    assert again.json() == first.json()
    [event] = events(world, "carer_revoked")
    assert (event.actor_id, event.acting_as) == (world.ana.user_id, "patient")
    assert change_seq(world.ana) == 1


def test_consent_is_taken_back_after_discharge_too(caller: Caller, world: World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=TODAY)

    assert caller.as_(world.ana).post(f"me/carers/{world.carer.pk}/revoke").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("carer", 403), ("rui", 404), ("far_patient", 404)])
def test_nobody_but_the_patient_decides_so(caller, world, who, status) -> None:
    me = caller.as_(getattr(world, who))

    answer = me.post(f"me/carers/{world.carer.pk}/revoke")

    assert answer.status_code == status
    with clinic_context(world.clinic.pk):
        assert Carer.objects.get(pk=world.carer.pk).revoked_at is None
    if who == "carer":
        assert me.get("me/carers").status_code == 403


def test_another_patients_carer_is_unknown(caller: Caller, world: World) -> None:
    other = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    theirs = people.carer(other, "Olga Lopes")

    answer = caller.as_(world.ana).post(f"me/carers/{theirs.pk}/revoke")

    assert answer.status_code == 404
    with clinic_context(world.clinic.pk):
        assert Carer.objects.get(pk=theirs.pk).revoked_at is None
