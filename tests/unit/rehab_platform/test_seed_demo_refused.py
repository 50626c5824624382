from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic, User
from programs.models import Exercise, Program
from rehab_platform import demo
from rehab_platform.demo import story
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Exercise, Program])
def test_without_the_catalogue_it_says_what_to_do_and_leaves_nothing_half_made(monkeypatch, model):
    monkeypatch.setattr(story, model.__name__, Empty(model))

    with pytest.raises(CommandError, match=r"manage\.py load_catalogue"):
        call_command("seed_demo")

    assert not User.objects.exists()
    assert not Clinic.objects.exists()


def test_who_has_the_operators_address_already_keeps_it_and_no_demo_is_made():
    people.user("Olga Reis", "olga@platform.example")

    assert demo.seed(now=people.LONG_AGO) is False

    assert [(user.email, user.is_operator) for user in User.objects.all()] == [
        ("olga@platform.example", False)
    ]
    assert not Clinic.objects.exists()


class Empty:
    """A table of the catalogue before it is loaded."""

    def __init__(self, model):
        self.objects = model.objects.none()
