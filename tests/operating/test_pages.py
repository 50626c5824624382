"""What pages look like: what asks first, what rows are called, what filters say, what errors show."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from programs.models import Exercise
from sessions.models import ExerciseSession
from tests.architecture.test_list_queries import a_session
from tests.factories import measured, people
from tests.factories.people import World
from tests.operating.test_changes import act, break_glass

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


def asked(browser: Client, page: str, action: str, *rows: Any) -> str:
    """Choose rows and an action, as the list sends them, and return what is asked."""
    said = {"action": action, "_selected_action": [str(one.pk) for one in rows]}
    answer = browser.post(f"/operator/{page}/", said)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_ends_something_asks_first_by_name_and_has_done_nothing(
    browser: Client, world: World
) -> None:
    break_glass(browser, world.clinic)
    for page, action, row, name in [
        ("clinics/clinic", "archive", world.clinic, "Harbour Clinic"),
        ("clinics/user", "deactivate", world.rui.user, world.rui.user.email),
        ("clinics/membership", "end", world.marta, "Marta Dias"),
    ]:
        text = asked(browser, page, action, row)

        assert "Are you sure?" in text
        assert f"<li>{name}<" in text
        assert f'name="action" value="{action}"' in text
        assert f'name="_selected_action" value="{row.pk}"' in text
        assert "Done: 1" not in text
    assert Clinic.objects.filter(archived_at=None).count() == 2
    assert User.objects.filter(is_active=False).count() == 0
    with clinic_context(world.clinic.pk):
        assert Membership.objects.filter(deactivated_at=None).count() == 3
    assert "Done: 1" in act(browser, "clinics/clinic", "archive", world.clinic)


def test_what_can_be_taken_back_is_done_at_once(browser: Client, world: World) -> None:
    act(browser, "clinics/clinic", "archive", world.clinic)
    said = {"action": "restore", "_selected_action": [str(world.clinic.pk)]}

    answer = browser.post("/operator/clinics/clinic/", said, follow=True)

    assert "Done: 1" in answer.content.decode()
    assert Clinic.objects.get(pk=world.clinic.pk).archived_at is None


def test_no_more_is_confirmed_than_the_page_names(browser: Client, world: World) -> None:
    clinics = [people.clinic(f"Clinic {number:02}") for number in range(55)]

    text = asked(browser, "clinics/clinic", "archive", *clinics)

    assert text.count('name="_selected_action"') == 50


def test_a_row_s_page_is_called_what_its_list_calls_it(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    for page, row, name in [
        ("clinics/clinic", world.clinic, "Harbour Clinic"),
        ("clinics/user", world.rui.user, world.rui.user.email),
        ("clinics/membership", world.rui, "Rui Costa"),
        ("patients/patient", world.ana, "Ana Silva"),
    ]:
        answer = browser.get(f"/operator/{page}/{row.pk}/change/")

        text = answer.content.decode()
        assert f"<h2>{name}</h2>" in text
        crumbs = text.partition('class="breadcrumbs"')[2].partition("</div>")[0]
        assert name in crumbs
        assert str(row.pk) not in crumbs


def test_a_list_is_called_what_it_lists(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    for page, name in [
        ("clinics/clinic", "Clinics"),
        ("clinics/membership", "Memberships"),
        ("programs/program", "Programs"),
        ("rehab_sessions/exercisesession", "Exercise sessions"),
    ]:
        text = browser.get(f"/operator/{page}/").content.decode()

        assert f"<h1>{name}</h1>" in text
        assert f"<title>{name} |" in text


def test_a_red_flag_is_said_in_words_where_there_is_one_alone(
    browser: Client, world: World, time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    a_session(world, 1)
    break_glass(browser, world.clinic)
    without = browser.get("/operator/rehab_sessions/exercisesession/").content.decode()
    with clinic_context(world.clinic.pk):
        ExerciseSession.objects.update(has_red_flag=True)
        session = ExerciseSession.objects.get()

    with_one = browser.get("/operator/rehab_sessions/exercisesession/").content.decode()
    its_own = browser.get(f"/operator/rehab_sessions/exercisesession/{session.pk}/change/")

    assert ' data-name="Red flag" class="field-red_flag">-</td>' in without
    assert ' data-name="Red flag" class="field-red_flag">yes</td>' in with_one
    assert "icon-no" not in without
    assert "<h2>Nov. 2, 2026, 09:30 UTC</h2>" in its_own.content.decode()


def test_whether_something_happened_is_asked_by_yes_and_no(browser: Client, world: World) -> None:
    act(browser, "clinics/clinic", "archive", world.far_clinic)

    def names(query: str) -> list[str]:
        answer = browser.get(f"/operator/clinics/clinic/{query}")
        return [one.name for one in answer.context["cl"].result_list]

    text = browser.get("/operator/clinics/clinic/").content.decode()
    assert ">Yes</a>" in text
    assert "Not empty" not in text
    assert names("?archived_at__isempty=0") == ["Fjord Clinic"]
    assert names("?archived_at__isempty=1") == ["Harbour Clinic"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/operator/nothing/", 404, "There is nothing here"),
        ("/operator/clinics/user/add/", 403, "This is not done here"),
    ],
)
def test_an_error_is_a_page_of_ours_in_light_and_dark(
    browser: Client, path: str, status: int, said: str
) -> None:
    answer = browser.get(path)

    text = answer.content.decode()
    assert answer.status_code == status
    assert said in text
    assert 'content="light dark"' in text
    assert 'href="/operator/"' in text
    assert "style=" not in text


def test_a_form_that_is_too_old_says_so(olga: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(olga)

    answer = client.post("/operator/glass/", {"close": "1"})

    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_a_fault_of_ours_is_said_without_what_it_was(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("rehab_platform.operating.site.glass_of", fail)
    browser.raise_request_exception = False

    answer = browser.get("/operator/")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "a secret" not in answer.content.decode()


def test_a_row_s_heading_is_in_the_list_s_words(browser: Client, world: World) -> None:
    gone = people.discharge(world.ana, by=world.rui.user)
    break_glass(browser, world.clinic)

    text = browser.get(f"/operator/patients/discharge/{gone.pk}/change/").content.decode()

    assert "<h2>goals reached or treatment completed</h2>" in text
    assert "<title>goals reached or treatment completed | View discharge | Operators" in text


def test_the_page_to_sign_in_has_a_heading_and_says_what_is_wrong(olga: User) -> None:
    page = Client().get("/operator/login/").content.decode()
    wrong = Client().post("/operator/login/", {"username": olga.email, "password": "x"})

    assert "<h1>Log in</h1>" in page
    assert "<title>Error: Log in | Operators</title>" in wrong.content.decode()
    assert "The email address or the password is not right." in wrong.content.decode()
    assert "case-sensitive" not in wrong.content.decode()


def test_whoever_is_signed_in_is_named(browser: Client, olga: User) -> None:
    text = browser.get("/operator/").content.decode()

    assert f"<strong>{olga.name}</strong>" in text
    assert "Welcome" not in text


def test_a_glass_that_is_not_broken_says_why_at_the_field(browser: Client, world: World) -> None:
    answer = browser.post("/operator/glass/", {"clinic": "", "reason": "short"})

    text = answer.content.decode()
    assert "<title>Error: Choose a clinic and say why | Operators</title>" in text
    assert text.count('aria-invalid="true"') == 2


def test_what_is_not_there_is_said_without_its_key(browser: Client, world: World) -> None:
    gone = "00000000-0000-0000-0000-000000000000"

    answer = browser.get(f"/operator/clinics/user/{gone}/change/", follow=True)

    text = answer.content.decode()
    assert answer.redirect_chain == [("/operator/", 302)]
    assert "There is nothing at that address. Look for it in its list." in text
    assert gone not in text
    assert "deleted" not in text


def test_the_start_says_what_is_a_clinic_s_own(browser: Client, world: World) -> None:
    before = browser.get("/operator/").content.decode()
    break_glass(browser, world.clinic)
    behind = browser.get("/operator/").content.decode()

    assert "Before one opens, you choose the clinic and say why." in before
    assert "are those of Harbour Clinic." in behind
    assert "Before one opens" not in behind


def test_signing_out_says_what_is_closed(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)

    text = browser.post("/operator/logout/").content.decode()

    assert "What you had open of a clinic is closed too." in text
    assert "quality time" not in text
    assert browser.get("/operator/patients/patient/").status_code == 302


def test_the_lists_of_one_subject_are_called_by_it(browser: Client) -> None:
    text = browser.get("/operator/programs/").content.decode()

    assert "<h1>Exercises and programs</h1>" in text
    assert browser.get("/operator/nowhere/").status_code == 404


def test_a_review_s_page_has_the_key_of_the_file_and_both_answers_in_full(browser: Client) -> None:
    bridge = Exercise.objects.get(slug="bridging")

    text = browser.get(f"/operator/programs/exercise/{bridge.pk}/change/").content.decode()

    assert '<div class="readonly">bridging</div>' in text
    assert text.count('<input type="radio" name="status"') == 2
    assert "draft, not yet reviewed by a clinician</label>" in " ".join(text.split())
    assert "Chosen by who made a clinic" not in text


def test_a_measure_is_named_once_on_a_score_s_page(browser: Client, world: World) -> None:
    score = measured.assessment(world.ana, "gait_speed", "0.85")
    break_glass(browser, world.clinic)

    text = browser.get(f"/operator/patients/assessment/{score.pk}/change/").content.decode()

    assert text.count("<label>Measure:</label>") == 1
    assert "gait speed" not in text
    assert '<div class="readonly">0.85</div>' in text
