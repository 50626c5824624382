"""The link that stops mails: it names exactly what it was made for, and nobody else makes one."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from reminders.models import Delivery
from reminders.stop_links import KINDS, StopLink, read_stop_token, stop_token, stop_url

ANA = StopLink(clinic=UUID(int=1), user=UUID(int=2), patient=UUID(int=3), kind="reminder")


@given(st.uuids(), st.uuids(), st.one_of(st.none(), st.uuids()), st.sampled_from([*KINDS.values()]))
def test_a_link_names_what_it_was_made_for(clinic, user, patient, kind):
    link = StopLink(clinic=clinic, user=user, patient=patient, kind=kind)

    assert read_stop_token(stop_token(link)) == link


def test_every_kind_of_delivery_has_its_letter():
    assert sorted(KINDS.values()) == sorted(Delivery.Kind.values)


def test_an_address_is_short_and_says_nothing(settings):
    settings.APP_URL = "https://app.harbour.example"
    address = stop_url(ANA)

    assert address.startswith("https://app.harbour.example/stop/r")
    assert len(address) <= 150
    assert "@" not in address


@pytest.mark.parametrize(
    "token",
    [
        "",
        "r",
        "r:",
        stop_token(ANA)[:-1],
        "w" + stop_token(ANA)[1:],
        stop_token(ANA) + "x",
        signing.Signer(salt="another").sign(stop_token(ANA).split(":", maxsplit=1)[0]),
        "\x00",
        "é" * 40,
    ],
    ids=range(9),
)
def test_what_was_not_made_here_names_nothing(token):
    assert read_stop_token(token) is None
