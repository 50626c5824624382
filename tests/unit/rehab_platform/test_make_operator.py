from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from clinics.models import User
from tests.factories import people

pytestmark = pytest.mark.django_db

GIVEN = {"email": "Olga@Platform.example", "name": " Olga Reis "}
PASSWORD = "a long and quiet evening"


@pytest.fixture
def make(monkeypatch):
    """Run the command with a password in its pipe."""

    def run(password=PASSWORD, **changes):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        said = io.StringIO()
        call_command("make_operator", stdout=said, **GIVEN | changes)
        return said.getvalue()

    return run


def test_an_operator_is_made(make):
    said = make()

    olga = User.objects.get()
    assert (olga.email, olga.name) == ("olga@platform.example", "Olga Reis")
    assert (olga.is_operator, olga.is_active) == (True, True)
    assert olga.check_password(PASSWORD)
    assert said == "olga@platform.example may sign in at /operator/ and operate the platform.\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "  "}, "--name is empty"),
        ({"email": "olga"}, "--email is no address"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "olga@platform.example"}, "too similar to the"),
    ],
)
def test_what_cannot_be_is_refused_by_its_option_and_nothing_is_made(make, changes, said):
    with pytest.raises(CommandError, match=said):
        make(**changes)

    assert not User.objects.exists()


def test_a_login_that_exists_is_never_made_an_operator(make):
    rui = people.user("Rui Costa", "olga@platform.example", "another quiet evening")

    with pytest.raises(CommandError, match="--email: Somebody signs in with this address"):
        make()

    rui.refresh_from_db()
    assert not rui.is_operator
    assert rui.check_password("another quiet evening")
