"""The page behind the link that each mail carries, by hand and by a mail program's one click."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import signing
from django.test import Client, override_settings

from core.models import AuditEvent
from core.tenancy import clinic_context
from reminders.models import DigestPreferences, ReminderPreferences, StoppedCopies
from reminders.stop_links import StopLink, stop_token, stop_url
from tests.factories import people
from tests.factories.reminders import preferences

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORM = "application/x-www-form-urlencoded"


def link(world: people.World, kind: str = "reminder", **other: Any) -> StopLink:
    said = {"clinic": world.clinic.pk, "user": world.ana.user_id, "patient": world.ana.pk}
    return StopLink(**said | {"kind": kind} | other)


def path(world: people.World, kind: str = "reminder", **other: Any) -> str:
    return f"/stop/{stop_token(link(world, kind, **other))}"


def stopped(world: people.World) -> tuple[bool, bool]:
    """Whether Ana's reminders are stopped, and her weekly mail."""
    with clinic_context(world.clinic.pk):
        row = ReminderPreferences.objects.first()
    return bool(row and row.reminders_stopped_at), bool(row and row.summaries_stopped_at)


def kept(world: people.World) -> list[str]:
    with clinic_context(world.clinic.pk):
        rows = AuditEvent.objects.filter(action__startswith="mails_").order_by("at", "pk")
        return [f"{one.action} {one.address} {bool(one.request_id)}" for one in rows]


@pytest.mark.parametrize(
    ("kind", "says"),
    [("reminder", "Reminders of your plan"), ("weekly_summary", "The mail about your week")],
)
def test_looking_at_it_stops_nothing_and_says_which_clinic_and_what(world, kind, says):
    for method in ("get", "head", "get"):
        answer = getattr(Client(), method)(path(world, kind))
        assert answer.status_code == 200

    text = answer.content.decode()
    assert "<h1>Mails from Harbour Clinic</h1>" in text
    assert says in text
    assert text.count("<button") == 1
    assert 'name="do" value="stop">Stop</button>' in text
    for word in ("Ana", "Silva", world.ana.user.email, "left", "stroke", "exercise"):
        assert word not in text
    assert stopped(world) == (False, False)
    assert kept(world) == []


def test_one_click_of_a_mail_program_stops_exactly_its_kind(world):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(path(world, "weekly_summary"), ONE_CLICK)

    assert answer.status_code == 200
    assert "Stopped. You get no more of these." in answer.content.decode()
    assert stopped(world) == (False, True)
    assert kept(world) == ["mails_stopped 127.0.0.1 True"]


def test_one_click_in_either_encoding_and_again_and_again(world):
    client = Client(enforce_csrf_checks=True)
    said = "List-Unsubscribe=One-Click"
    for _time in range(2):
        assert client.post(path(world), ONE_CLICK).status_code == 200
        assert client.post(path(world), said, content_type=FORM).status_code == 200

    assert stopped(world) == (True, False)
    assert len(kept(world)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {}, {"do": "stop"}, {"do": "start"}, {"List-Unsubscribe": "one-click"},
        {"List-Unsubscribe": ""}, {"list-unsubscribe": "One-Click"}, {"One-Click": "1"},
    ],
)  # fmt: skip
def test_every_other_post_from_elsewhere_is_refused(world, said):
    answer = Client(enforce_csrf_checks=True).post(path(world), said)

    assert answer.status_code == 403
    assert stopped(world) == (False, False)


def pressed(client: Client, where: str, button: str) -> Any:
    """Press a button of the page, as a browser does that has loaded it."""
    client.get(where)
    token = client.cookies["csrftoken"].value
    return client.post(where, {"csrfmiddlewaretoken": token, "do": button}, follow=True)


def test_by_hand_it_is_stopped_and_started_again_without_signing_in(world):
    client = Client(enforce_csrf_checks=True)
    where = path(world)

    first = pressed(client, where, "stop")
    assert stopped(world) == (True, False)
    second = pressed(client, where, "start")

    assert (first.redirect_chain, second.redirect_chain) == ([(where, 302)], [(where, 302)])
    assert "Stopped. You get no more of these." in first.content.decode()
    assert 'value="start">Start again</button>' in first.content.decode()
    assert 'value="stop">Stop</button>' in second.content.decode()
    assert stopped(world) == (False, False)
    assert [one.split()[0] for one in kept(world)] == ["mails_stopped", "mails_started"]


def test_a_button_that_is_not_there_does_nothing(world):
    assert pressed(Client(), path(world), "delete").status_code == 200
    assert stopped(world) == (False, False)


def test_a_carer_s_link_stops_copies_and_never_the_patient_s_reminders(world):
    preferences(world.ana, "09:00", copies_carers=True)
    where = path(world, user=world.carer.user_id)

    assert "Copies of reminders for the person you help" in Client().get(where).content.decode()
    Client().post(where, ONE_CLICK)

    assert stopped(world) == (False, False)
    with clinic_context(world.clinic.pk):
        assert [one.user_id for one in StoppedCopies.objects.all()] == [world.carer.user_id]


def test_a_therapist_s_link_stops_the_digest(world):
    where = path(world, "digest", user=world.rui.user_id, patient=None)

    assert "The mail about the week of your patients" in Client().get(where).content.decode()
    answer = Client().post(where, ONE_CLICK)

    assert answer.status_code == 200
    with clinic_context(world.clinic.pk):
        assert DigestPreferences.objects.get().membership_id == world.rui.pk


def test_what_names_nobody_is_not_there_and_stops_nothing(world):
    good = stop_token(link(world))
    bad = [
        good[:-1], good + "x", "w" + good[1:], good.replace(":", "."), "r:", "x", "%00", "é" * 40,
        signing.Signer(salt="another").sign(good.split(":", maxsplit=1)[0]), "x" * 3000,
        stop_token(link(world, user=world.rui.user_id)),
        stop_token(link(world, clinic=world.far_clinic.pk)),
        stop_token(link(world, patient=world.far_patient.pk)),
        stop_token(link(world, "digest", patient=None)),
    ]  # fmt: skip
    for token in bad:
        for answer in (
            Client().get(f"/stop/{token}"),
            Client().post(f"/stop/{token}", ONE_CLICK),
            Client().post(f"/stop/{token}", {"do": "stop"}),
        ):
            assert answer.status_code == 404, token
    assert stopped(world) == (False, False)


def test_a_link_is_good_for_years(world, time_machine):
    where = path(world)
    time_machine.move_to(dt.datetime(2029, 11, 26, tzinfo=dt.UTC))

    assert Client().post(where, ONE_CLICK).status_code == 200
    assert stopped(world) == (True, False)


def test_the_link_in_a_mail_leads_to_the_page(world):
    with override_settings(APP_URL="http://testserver"):
        address = stop_url(link(world))

    assert Client().get(address.removeprefix("http://testserver")).status_code == 200


def test_the_page_knows_nobody_who_is_signed_in_and_is_kept_nowhere(browser, world):
    answer = browser.get(path(world))

    assert not hasattr(answer.wsgi_request, "session")
    assert "web" not in answer.cookies
    assert "Ana Silva" not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_it_takes_no_other_method(world):
    for method in ("put", "patch", "delete"):
        assert getattr(Client(), method)(path(world)).status_code == 405
