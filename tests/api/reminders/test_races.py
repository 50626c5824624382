"""What several phones do to one choice, one code and one list at the same moment."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from core.models import Message
from core.tenancy import clinic_context
from reminders.actions.contacts import (
    ContactCodeInvalid,
    add_contact,
    code_of,
    confirm_contact,
)
from reminders.actions.preferences import choose_reminders
from reminders.bodies.contacts import NewContact
from reminders.bodies.preferences import NewReminderChoice
from reminders.models import Contact, ReminderPreferences, ReminderTime
from tests.api.clinics.test_account_races import at_once
from tests.api.reminders.choosing import choice
from tests.factories import people, reminders
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def add(world: World, address: str) -> None:
    asked = NewContact(channel="email", address=address)
    with clinic_context(world.clinic.pk):
        add_contact(patient_id=world.ana.pk, asked=asked, by=people.acting_for(world.ana), now=NOW)


def confirm(world: World, contact: Contact, code: str) -> None:
    """As a request does: the try that was counted stays, whatever is answered."""
    by, refused = people.acting_for(world.ana), None
    with clinic_context(world.clinic.pk):
        try:
            confirm_contact(
                patient_id=world.ana.pk, contact_id=contact.pk, code=code, by=by, now=NOW
            )
        except ContactCodeInvalid as raised:
            refused = raised
    if refused is not None:
        raise refused


def choose(world: World, *times: str) -> None:
    asked = msgspec.convert(choice(*times), NewReminderChoice)
    with clinic_context(world.clinic.pk):
        choose_reminders(
            patient_id=world.ana.pk, asked=asked, by=people.acting_for(world.ana), now=NOW
        )


def test_of_choices_made_at_once_from_one_version_one_is_stored_whole() -> None:
    world = people.world()
    wanted = [(f"{hour:02}:00", f"{hour:02}:30") for hour in range(9, 15)]

    ends = at_once(*[lambda times=times: choose(world, *times) for times in wanted])

    assert sorted(ends) == ["done", *["stale"] * 5]
    with clinic_context(world.clinic.pk):
        times = list(ReminderTime.objects.order_by("slot").values_list("at", flat=True))
        assert ReminderPreferences.objects.get().version == 1
    assert tuple(at.isoformat("minutes") for at in times) in wanted


def test_an_address_that_is_added_at_once_is_there_once_and_no_eleventh_comes_in() -> None:
    world = people.world()
    assert world.ana.user is not None
    same = at_once(*[lambda: add(world, "same@example.org") for _each in range(3)])
    for number in range(8):
        reminders.contact(world.clinic, world.ana.user, address=f"{number}@example.org")
    with clinic_context(world.clinic.pk):
        assert Contact.objects.count() == 9

    new = [f"new{number}@example.org" for number in range(3)]
    ends = at_once(*[lambda one=one: add(world, one) for one in new])

    assert same == ["done"] * 3
    assert set(ends) <= {"too_many_attempts", "too_many_contacts"}
    with clinic_context(world.clinic.pk):
        assert Contact.objects.count() == 9
        assert Message.objects.filter(kind="confirm_contact").count() == 3


def test_of_twenty_guesses_at_once_five_are_tried() -> None:
    world = people.world()
    add(world, "ana@example.org")
    with clinic_context(world.clinic.pk):
        contact, message = Contact.objects.get(), Message.objects.get()
    right = int(code_of(message))
    wrong = [f"{(right + number) % 1_000_000:06}" for number in range(1, 21)]

    ends = at_once(*[lambda code=code: confirm(world, contact, code) for code in wrong])

    assert ends == ["contact_code_invalid"] * 20
    with clinic_context(world.clinic.pk):
        assert Contact.objects.get().code_attempts == 5
        assert Contact.objects.usable().count() == 0
