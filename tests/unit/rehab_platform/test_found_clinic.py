from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic, Membership, User
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.factories import people

pytestmark = pytest.mark.django_db

GIVEN = {
    "name": "Harbour Clinic",
    "time_zone": "Europe/Lisbon",
    "country": "PT",
    "phone": "+351 210 000 000",
    "admin_name": "Helena Prata",
    "admin_email": "Helena@Harbour.example",
}
PASSWORD = "a long and quiet evening"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def found(monkeypatch):
    """Run the command with a password in its pipe."""

    def run(password=PASSWORD, **changes):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        said = io.StringIO()
        call_command("found_clinic", stdout=said, **GIVEN | changes)
        return said.getvalue()

    return run


def nothing_was_made():
    return (Clinic.objects.count(), User.objects.count()) == (0, 0)


def test_a_clinic_and_its_administrator_are_made(found):
    said = found()

    clinic = Clinic.objects.get()
    user = User.objects.get()
    with clinic_context(clinic.pk):
        [membership] = Membership.objects.all()
        events = list(AuditEvent.objects.order_by("pk").values_list("action", "acting_as"))
    assert (clinic.name, clinic.time_zone, clinic.country, clinic.phone_number) == (
        "Harbour Clinic",
        "Europe/Lisbon",
        "PT",
        "+351 210 000 000",
    )
    assert (user.email, user.name) == ("helena@harbour.example", "Helena Prata")
    assert user.check_password(PASSWORD)
    assert (membership.user_id, membership.role) == (user.pk, "admin")
    assert sorted(events) == [
        ("clinic_founded", "system"),
        ("membership_given", "system"),
    ]
    assert "Harbour Clinic is there" in said
    assert "helena@harbour.example may sign in" in said
    assert PASSWORD not in said


def test_a_login_that_exists_is_taken_and_keeps_its_password(found):
    helena = people.user("Helena Prata", "helena@harbour.example", "another quiet evening")

    found()

    helena.refresh_from_db()
    assert helena.check_password("another quiet evening")
    with clinic_context(Clinic.objects.get().pk):
        assert Membership.objects.get().user_id == helena.pk


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time_zone": "Lisbon"}, "--time-zone: Give a zone by area and city"),
        ({"time_zone": "CET"}, "--time-zone: Give a zone by area and city"),
        ({"country": "pt"}, "--country: Give the country's code of two capital letters"),
        ({"country": "PRT"}, "--country: Give the country's code of two capital letters"),
        ({"country": "ZZ"}, "--country: Give the country's code of two capital letters"),
        ({"country": "UK"}, "--country: Give GB for the United Kingdom"),
        ({"phone": "call us"}, "--phone: Give a number that can be dialled"),
        ({"name": "Harbour\tClinic"}, "--name: Give the name in one line"),
        ({"name": "  "}, "--name is empty"),
        ({"phone": ""}, "--phone is empty"),
        ({"admin_name": " "}, "--admin-name is empty"),
        ({"admin_email": "helena"}, "--admin-email is no address"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "helena@harbour.example"}, "too similar to the"),
    ],
)
def test_what_cannot_be_is_refused_by_its_option_and_nothing_is_made(found, changes, said):
    with pytest.raises(CommandError, match=said):
        found(**changes)

    assert nothing_was_made()


def test_a_second_clinic_of_one_name_is_refused(found):
    found()

    with pytest.raises(CommandError, match="--name: there is a clinic of that name"):
        found()

    assert Clinic.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "refused"), [([PASSWORD, PASSWORD], False), ([PASSWORD, "another"], True)]
)
def test_at_a_terminal_the_password_is_asked_for_twice(monkeypatch, typed, refused):
    asked = iter(typed)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(asked))

    if refused:
        with pytest.raises(CommandError, match="not the same"):
            call_command("found_clinic", **GIVEN)
        assert nothing_was_made()
    else:
        call_command("found_clinic", stdout=io.StringIO(), **GIVEN)
        assert User.objects.get().check_password(PASSWORD)
