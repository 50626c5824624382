from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clinics.actions.settings import SettingsStale, change_clinic
from clinics.bodies import ClinicChange
from clinics.models import Clinic
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.database import checked_at_once
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
AS_FOUNDED = {
    "version": 1,
    "name": "Harbour Clinic",
    "time_zone": "Europe/Lisbon",
    "language": "en",
    "country": "PT",
    "phone_number": "+351 210 000 000",
    "on_call_contact": "",
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "summary_weekday": 1,
    "summary_hour": 8,
    "holds_after_fall": True,
}
CHANGES = {
    "name": "Harbour and Bay Clinic",
    "time_zone": "Atlantic/Azores",
    "language": "pt-PT",
    "country": "ES",
    "phone_number": "112",
    "on_call_contact": "on-call@harbour.example",
    "quiet_from": "22:30",
    "quiet_until": "00:00",
    "summary_weekday": 7,
    "summary_hour": 0,
    "holds_after_fall": False,
}


@pytest.fixture
def helena(caller: Caller, world: World) -> Caller:
    return caller.as_(world.admin)


def change(who: Caller, **fields: Any):
    return who.patch("clinic", {"version": 1, **fields})


def stored(world: World) -> dict[str, Any]:
    return Clinic.objects.filter(pk=world.clinic.pk).values().get()


def events(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        found = AuditEvent.objects.filter(action="clinic_changed")
        return list(found.values("actor_id", "target_id", "details"))


def test_the_settings_as_they_were_founded(world, helena):
    answer = helena.get("clinic")

    assert answer.status_code == 200
    assert answer.json() == {"id": str(world.clinic.pk), **AS_FOUNDED}


@pytest.mark.parametrize(("name", "value"), CHANGES.items())
def test_each_setting_is_changed_alone(world, helena, name, value):
    answer = change(helena, **{name: value})

    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(world.clinic.pk), **AS_FOUNDED, name: value, "version": 2,
    }  # fmt: skip
    assert helena.get("clinic").json() == answer.json()
    assert events(world) == [
        {
            "actor_id": world.admin.user_id,
            "target_id": world.clinic.pk,
            "details": {"fields": [name]},
        }
    ]


def test_all_of_them_at_once(world, helena):
    answer = change(helena, **CHANGES)

    assert answer.json() == {"id": str(world.clinic.pk), "version": 2, **CHANGES}
    assert events(world)[0]["details"] == {"fields": sorted(CHANGES)}


def test_what_is_the_same_already_is_no_change(world, helena):
    answer = change(helena, name="Harbour Clinic", quiet_from="21:00")

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert events(world) == []


WRONG = [
    ("name", "", "too_short"),
    ("name", "x" * 121, "too_long"),
    ("name", "two\nlines", "malformed"),
    ("time_zone", "CET", "unknown_zone"),
    ("time_zone", "Europe/Atlantis", "unknown_zone"),
    ("time_zone", "Etc/GMT+5", "unknown_zone"),
    ("time_zone", "../../etc/passwd", "unknown_zone"),
    ("language", "english", "too_long"),
    ("language", "EN", "malformed"),
    ("country", "pt", "malformed"),
    ("country", "PRT", "malformed"),
    ("country", "ZZ", "unknown_country"),
    ("country", "UK", "unknown_country"),
    ("country", "EN", "unknown_country"),
    ("country", "XX", "unknown_country"),
    ("phone_number", "", "malformed"),
    ("phone_number", "1", "malformed"),
    ("phone_number", "call me", "malformed"),
    ("phone_number", "1" * 33, "too_long"),
    ("on_call_contact", "the porter", "malformed"),
    ("on_call_contact", "a@b@c", "malformed"),
    ("quiet_from", "24:00", "malformed"),
    ("quiet_from", "9:00", "malformed"),
    ("quiet_until", "08:60", "malformed"),
    ("summary_weekday", 0, "out_of_range"),
    ("summary_weekday", 8, "out_of_range"),
    ("summary_hour", -1, "out_of_range"),
    ("summary_hour", 24, "out_of_range"),
    ("summary_hour", 8.0, "wrong_type"),
    ("holds_after_fall", None, "wrong_type"),
    ("holds_after_fall", 0, "wrong_type"),
    ("holds_after_fall", "no", "wrong_type"),
    ("archived_at", None, "unknown_field"),
    ("settings_version", 9, "unknown_field"),
]


@pytest.mark.parametrize(("field", "value", "code"), WRONG)
def test_a_setting_out_of_its_bounds_is_refused_by_name_and_changes_nothing(
    world, helena, field, value, code
):
    before = stored(world)

    refused = change(helena, **({"name": "Renamed"} | {field: value}))

    assert refused.status_code == 400
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
    assert stored(world) == before
    assert events(world) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("country", "UK", "Give GB for the United Kingdom."),
        (
            "country", "ZZ",
            "Give the country's code of two capital letters (ISO 3166-1), such as PT.",
        ),
        ("phone_number", "hello", "Give a number that can be dialled, such as +351 21 000 0000."),
        ("phone_number", "+351 21\n", "Give a number that can be dialled, such as +351 21 000 0000."),
        ("time_zone", "CET", "Give a zone by area and city, such as Europe/Lisbon."),
    ],
)  # fmt: skip
def test_a_setting_is_refused_in_words_that_say_what_to_give(helena, field, value, words):
    [fault] = change(helena, **{field: value}).json()["errors"]

    assert (fault["field"], fault["detail"]) == (field, words)


def test_a_country_that_is_none_is_said_at_the_next_change_and_mended_by_it(world, helena):
    """Rows from before the rule hold what nobody may send any more."""
    Clinic.objects.filter(pk=world.clinic.pk).update(country="UK")

    refused = change(helena, name="Renamed")

    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"field": "country", "code": "unknown_country", "detail": "Give GB for the United Kingdom."}
    ]
    assert stored(world)["name"] == "Harbour Clinic"
    assert change(helena, name="Renamed", country="GB").status_code == 200
    assert (stored(world)["name"], stored(world)["country"]) == ("Renamed", "GB")


HELD = [
    ("clinic_has_a_name", {"name": ""}),
    ("clinic_time_zone_is_area_and_city", {"time_zone": ""}),
    ("clinic_time_zone_is_area_and_city", {"time_zone": "CET"}),
    ("clinic_language_is_a_code", {"language": "EN"}),
    ("clinic_country_is_iso", {"country": "pt"}),
    ("clinic_phone_number_can_be_dialled", {"phone_number": "call me"}),
    ("clinic_phone_number_can_be_dialled", {"phone_number": "1"}),
    ("clinic_on_call_contact_is_an_address", {"on_call_contact": "the porter"}),
    ("clinic_summary_weekday_is_iso", {"summary_weekday": 8}),
    ("clinic_summary_hour_is_an_hour", {"summary_hour": 24}),
]


@pytest.mark.parametrize(("constraint", "wrong"), HELD)
def test_the_database_holds_the_same_bounds(world, constraint, wrong):
    with checked_at_once():
        clinic = Clinic.objects.filter(pk=world.clinic.pk)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            clinic.update(**wrong)

        assert refused.value.__cause__.diag.constraint_name == constraint
        assert clinic.update(**CHANGES) == 1


def test_of_two_administrators_who_read_the_same_the_second_is_told(world, helena, caller):
    other = caller.as_(people.admin(world.clinic, "Nuno Reis"))
    assert change(helena, name="First").status_code == 200

    stale = change(other, name="Second", summary_hour=9)

    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "stale", 2)
    assert (stored(world)["name"], stored(world)["summary_hour"]) == ("First", 8)
    assert other.patch("clinic", {"version": 2, "name": "Second"}).status_code == 200


def test_a_change_must_say_what_it_was_made_from(helena):
    refused = helena.patch("clinic", {"name": "Renamed"})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "version")


def test_another_zone_moves_no_stored_date(world, helena):
    pause = people.pause(world.ana)

    change(helena, time_zone="Pacific/Auckland")

    with clinic_context(world.clinic.pk):
        before = (pause.starts_on, pause.ends_on)
        pause.refresh_from_db()
        world.ana.refresh_from_db()
    assert (pause.starts_on, pause.ends_on) == before
    assert world.ana.time_zone == "Europe/Lisbon"


ACCESS = [
    ("admin", 200, 200),
    ("rui", 200, 403),
    ("marta", 200, 403),
    ("ana", 403, 403),
    ("carer", 403, 403),
]


@pytest.mark.parametrize(("who", "reading", "changing"), ACCESS)
def test_staff_read_the_settings_and_administrators_change_them(
    caller, world, who, reading, changing
):
    sender = caller.as_(getattr(world, who))

    assert sender.get("clinic").status_code == reading
    assert change(sender, name="Renamed").status_code == changing
    assert stored(world)["name"] == ("Renamed" if changing == 200 else "Harbour Clinic")


def test_an_administrator_changes_their_own_clinic_alone(caller, world):
    sigrid = caller.as_(people.admin(world.far_clinic, "Sigrid Lie"))

    assert change(sigrid, name="Ours").json()["id"] == str(world.far_clinic.pk)
    foreign = sigrid.patch("clinic", {"version": 1, "name": "Theirs"}, clinic=world.clinic)

    assert foreign.status_code == 404
    assert stored(world)["name"] == "Harbour Clinic"


@pytest.mark.django_db(transaction=True)
def test_of_four_changes_at_once_one_is_made():
    helena = people.admin(people.clinic())
    who = people.acting(helena)
    barrier = threading.Barrier(4)

    def rename(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            with clinic_context(who.clinic_id):
                asked = ClinicChange(version=1, name=f"Clinic {number}")
                return change_clinic(asked=asked, by=who, now=NOW).name
        except SettingsStale:
            return "stale"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(rename, range(4)))

    clinic = Clinic.objects.get(pk=who.clinic_id)
    assert outcomes == [clinic.name, "stale", "stale", "stale"]
    assert clinic.settings_version == 2
