"""What the care team sees of a patient's reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.api.patients.stored import events
from tests.api.reminders.choosing import NOTHING_YET
from tests.factories import people, reminders
from tests.factories.people import World

NINE = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Any) -> None:
    stop_clock("2026-11-26T10:00:00Z")


def seen_by(caller: Caller, who: Any, world: World) -> Any:
    return caller.as_(who).get(f"patients/{world.ana.pk}/reminders")


def test_a_bounce_shows_on_the_patient_s_page(caller: Caller, world: World) -> None:
    reminders.preferences(world.ana, "09:00", channels=["email", "sms"])
    mail = reminders.contact(
        world.clinic, world.ana.user, address="ana.silva@example.org",
        disabled_at=NINE, disabled_because="bounced",
    )  # fmt: skip
    phone = reminders.contact(
        world.clinic, world.ana.user, channel="sms", address="+351912345678", confirmed_at=None
    )
    failed = reminders.delivery(
        world.ana, NINE, state="failed", attempts=1, settled_at=NINE, last_error="Bounced 550"
    )

    response = seen_by(caller, world.rui, world)

    assert response.status_code == 200
    assert response.json()["choice"] == NOTHING_YET | {
        "version": 1,
        "channels": ["email", "sms"],
        "counts_by_mail_at": None,
        "times": [{"slot": 1, "at": "09:00", "weekdays": [1, 2, 3, 4, 5, 6, 7], "is_quiet": False}],
    }
    assert response.json()["contacts"] == [
        {
            "id": str(mail.pk),
            "channel": "email",
            "address": "a…@example.org",
            "confirmed_at": "2026-09-01T12:00:00Z",
            "disabled_at": "2026-11-20T09:00:00Z",
            "disabled_because": "bounced",
            "disabled_words": "the provider says that it does not exist",
        },
        {
            "id": str(phone.pk),
            "channel": "sms",
            "address": "…678",
            "confirmed_at": None,
            "disabled_at": None,
            "disabled_because": "",
            "disabled_words": "",
        },
    ]
    assert response.json()["deliveries"] == [
        {
            "id": str(failed.pk),
            "kind": "reminder",
            "channel": "email",
            "to": "patient",
            "local_date": "2026-11-20",
            "slot": 1,
            "due_at": "2026-11-20T09:00:00Z",
            "state": "failed",
            "state_words": "failed",
            "reason": "",
            "attempts": 1,
            "settled_at": "2026-11-20T09:00:00Z",
        }
    ]
    assert "ana.silva" not in response.content.decode()
    [event] = events(world, "read_reminders")
    assert event.patient_id == world.ana.pk


def test_the_last_twenty_are_shown_the_latest_first(caller: Caller, world: World) -> None:
    for day in range(21):
        to = {"recipient_id": world.carer.user_id} if day == 20 else {}
        reminders.delivery(world.ana, NINE + dt.timedelta(days=day), **to)
    other = people.patient(world.clinic, "Bento Luz", care_team=[world.rui])
    reminders.delivery(other, NINE + dt.timedelta(days=30))

    shown = seen_by(caller, world.rui, world).json()["deliveries"]

    assert len(shown) == 20
    assert [one["local_date"] for one in shown[:2]] == ["2026-12-10", "2026-12-09"]
    assert [one["to"] for one in shown[:2]] == ["carer", "patient"]


def test_a_carer_s_addresses_are_the_carer_s_and_a_record_without_a_login_has_none(
    caller: Caller, world: World
) -> None:
    reminders.contact(world.clinic, world.carer.user)
    alone = people.patient(world.clinic, "Bento Luz", care_team=[world.rui], email=None)

    of_ana = seen_by(caller, world.rui, world).json()
    of_bento = caller.as_(world.rui).get(f"patients/{alone.pk}/reminders").json()

    assert of_ana["contacts"] == of_bento["contacts"] == []
    assert of_bento["choice"] == NOTHING_YET | {"counts_by_mail_at": None}


@pytest.mark.parametrize(
    ("who", "status"),
    [("rui", 200), ("marta", 404), ("admin", 403), ("ana", 403), ("far_therapist", 404)],
)
def test_the_care_team_s_therapists_alone_see_it(caller, world, who, status) -> None:
    reminders.preferences(world.ana, "09:00")

    assert seen_by(caller, getattr(world, who), world).status_code == status
