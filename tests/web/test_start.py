"""What a login sees of itself at the start, and the pages for what is not there."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory

from clinics.models import User
from core.models import AuditEvent
from core.tenancy import clinic_context
from rehab_platform import problems
from rehab_platform.web import pages
from tests.factories import people
from tests.web.conftest import browser_of


def shown(user: User) -> str:
    return browser_of(user).get("/").content.decode()


def test_each_sees_where_they_belong_and_nothing_of_others(world: people.World) -> None:
    nobody = people.user("Maria Lopes")
    care = "You do your exercises with this clinic."
    table = [
        (world.ana.user, ["Hello Ana Silva.", "Harbour Clinic", care], ["Fjord", "João"]),
        (
            world.carer.user,
            ["People you help", "Ana Silva", "You help with exercises from Harbour Clinic."],
            ["Fjord", "Per Berg", care],
        ),
        (world.rui.user, ["Harbour Clinic", "You work here as a therapist."], ["Ana", "Fjord"]),
        (world.admin.user, ["You work here as a clinic administrator."], ["Ana", "therapist"]),
        (world.far_patient.user, ["Hello Per Berg.", "Fjord Clinic", care], ["Harbour", "Ana"]),
        (nobody, ["Hello Maria Lopes.", "Ask your clinic to invite you."], ["Harbour", "Fjord"]),
    ]
    for user, seen, unseen in table:
        text = shown(user)

        assert [words for words in seen if words not in text] == [], user.name
        assert [words for words in unseen if words in text] == [], user.name


def test_a_person_of_two_clinics_sees_both(world: people.World) -> None:
    people.patient(world.far_clinic, login=world.ana.user, name="Ana Silva")
    people.membership(world.far_clinic, "therapist", user=world.ana.user)

    text = shown(world.ana.user)

    assert text.index("Your own care") < text.index("Where you work")
    assert [text.count(name) for name in ("Harbour Clinic", "Fjord Clinic")] == [1, 2]


def test_a_name_is_text(world: people.World) -> None:
    text = shown(people.user("<b>Zé</b>"))

    assert "&lt;b&gt;Zé&lt;/b&gt;" in text
    assert "<b>" not in text


def test_reading_a_record_s_name_is_kept_in_its_clinic(world: people.World) -> None:
    shown(world.ana.user)

    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.get(action="read_who_am_i")
    assert (kept.actor_id, kept.details) == (
        world.ana.user_id,
        {"patients": [str(world.ana.pk)]},
    )


def test_a_page_takes_no_other_method(browser: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(browser, method)("/").status_code == 405


def test_what_is_not_there_is_said_in_the_look_of_the_web_side(browser: Client, ana: User) -> None:
    for path in ("/nothing", "/account/nothing", "/operators", "/demo/mail/"):
        answer = browser.get(path)

        text = answer.content.decode()
        assert (answer.status_code, "Go to the start" in text) == (404, True), path
        assert ana.name not in text


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/operator/nothing", "To the operators' pages"),
        ("/operators", "Go to the start"),
        ("/", "Go to the start"),
    ],
)
def test_each_side_has_error_pages_of_its_own_look(path: str, link: str) -> None:
    asked = RequestFactory().get(path)
    answers = [
        problems.handler400(asked, BadRequest()),
        problems.handler403(asked, PermissionDenied()),
        problems.csrf_refused(asked, reason="no cookie"),
        problems.handler404(asked, Http404()),
        problems.handler500(asked),
    ]

    assert [answer.status_code for answer in answers] == [400, 403, 403, 404, 500]
    for answer in answers:
        text = unescape(answer.content.decode())
        assert (text.count("<h1>"), link in text) == (1, True)


def test_the_api_still_answers_in_problem_details(browser: Client) -> None:
    answer = browser.get("/api/v1/nothing")

    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "not_found"


@pytest.mark.parametrize(
    ("raised", "status"),
    [(OperationalError("password of ana"), 503), (RuntimeError("password of ana"), 500)],
)
def test_a_fault_of_ours_shows_a_page_that_needs_no_database(
    browser: Client, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int
) -> None:
    def fails(*_args: object, **_named: object) -> None:
        raise raised

    monkeypatch.setattr(pages, "who_am_i", fails)
    browser.raise_request_exception = False

    answer = browser.get("/")

    text = answer.content.decode()
    assert answer.status_code == status
    assert "It is our fault" in text
    assert "password" not in text
