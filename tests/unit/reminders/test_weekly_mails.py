"""The two weekly mails as they go out: what they say, and what they never say."""

from __future__ import annotations

import re

import pytest

from core.tenancy import clinic_context
from reminders.actions.weeks import make_weeks
from reminders.models import Delivery, Digest
from tests.factories import measured, people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weekly import (
    APP,
    MOST_BYTES,
    agrees,
    html_of,
    lines,
    mails,
    stop_url,
    to,
    told_world,
    words_of,
)
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, WEEK, days, do

pytestmark = pytest.mark.django_db

# Health stays behind the login, whatever was agreed to.
NEVER = ("pain", "heel", "toes", "%", "chest", "symptom", "repetition", "10MWT", "speed")
UNWELL = "Feeling unwell or in new pain? Call your clinic: +351 210 000 000."


@pytest.fixture(autouse=True)
def _where_the_app_is(settings) -> None:
    settings.APP_URL = APP


@pytest.fixture
def world() -> people.World:
    return told_world()


# ---- A patient's ---------------------------------------------------------------------------------


def test_without_consent_a_mail_says_that_the_week_is_ready_and_nothing_else(world):
    mail = to(world.ana.user)

    assert mail.subject == "Your week at Harbour Clinic"
    assert lines(mail) == [
        "Your week is ready.",
        "",
        "Sign in to see how it went, and what comes next.",
        "",
        "Open my week:",
        f"{APP}/summaries/2026-11-16",
        "",
        UNWELL,
        "",
        "--",
        "You get this email once a week. Do not reply to it.",
        f"Change or stop emails: {stop_url(mail)}",
        "Harbour Clinic, +351 210 000 000",
    ]
    assert not re.search(r"\d", words_of(html_of(mail)).replace("+351 210 000 000", ""))
    assert "Done" not in html_of(mail)


def test_with_it_the_mail_says_day_words_and_counts(world):
    agrees(world.ana)

    mail = to(world.ana.user)

    assert mail.subject == "Your week at Harbour Clinic"
    assert lines(mail) == [
        "Well done. You met a goal.",
        "",
        "You did your plan on 4 of 5 days.",
        "",
        "Your week",
        "  Mon  Done",
        "  Tue  Done",
        "  Wed  Done",
        "  Thu  Not done",
        "  Fri  Done",
        "  Sat  Rest",
        "  Sun  Rest",
        "",
        "4 sessions logged.",
        "",
        "Next week: The plan is the same: 5 days.",
        "",
        "Open my week:",
        f"{APP}/summaries/2026-11-16",
        "",
        UNWELL,
        "",
        "--",
        "You get this email once a week. Do not reply to it.",
        f"Change or stop emails: {stop_url(mail)}",
        "Harbour Clinic, +351 210 000 000",
    ]


def test_the_page_says_what_the_text_says(world):
    agrees(world.ana)

    mail = to(world.ana.user)

    words = words_of(html_of(mail))
    for said in lines(mail):
        if said and said != "--" and APP not in said and "  " not in said:
            assert said.rstrip(".:").replace("&", "&amp;") in words, said
    assert (
        "Monday ✓ Done Tuesday ✓ Done Wednesday ✓ Done Thursday – Not done Friday ✓ Done "
        "Saturday Rest Sunday Rest"
    ) in words
    assert f'href="{APP}/summaries/2026-11-16"' in html_of(mail)
    assert f'href="{stop_url(mail)}"' in html_of(mail)


def test_a_run_and_corrections_are_told(world):
    agrees(world.ana)
    mails()
    with clinic_context(world.clinic.pk):
        line = prescribed.Line.objects.get(patient=world.ana)
    do(line, *days(4), late=8 * DAY)
    do(line, *days(1, 2, 3, 4, 5, week=MONDAY + WEEK))

    mail = to(world.ana.user, now=DUE + WEEK)

    assert "10 planned days in a row." in lines(mail)
    at = lines(mail).index("Since your last summary:")
    assert lines(mail)[at : at + 2] == ["Since your last summary:", "  Thursday is now: done"]
    assert "<li>Thursday is now: done</li>" in html_of(mail)


@pytest.mark.parametrize("has_agreed", [True, False])
def test_neither_form_names_pain_an_exercise_a_measure_or_a_percentage(world, has_agreed):
    measured.goal(world.ana, "gait_speed", "", baseline="0.4", target="0.9", text="Speed.")
    if has_agreed:
        agrees(world.ana)

    mail = to(world.ana.user)

    for said in (str(mail.body), words_of(html_of(mail)), mail.subject):
        plain = said.replace("in new pain?", "")
        assert [word for word in NEVER if word.lower() in plain.lower()] == []
        assert "Ana" not in plain


def test_one_click_stops_it(world):
    mail = to(world.ana.user)

    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop_url(mail).startswith(f"{APP}/stop/")
    with clinic_context(world.clinic.pk):
        row = Delivery.objects.get(kind="weekly_summary")
    assert (row.state, str(row.pk) in mail.extra_headers["Message-ID"]) == ("sent", True)


def test_stopped_between_the_making_and_the_mail(world):
    make_weeks(now=DUE)
    factory.preferences(world.ana, summaries_stopped_at=DUE)

    factory.digest_preferences(world.rui, stopped_at=DUE)

    assert mails() == {}
    with clinic_context(world.clinic.pk):
        rows = Delivery.objects.values_list("kind", "state", "reason")
        assert set(rows) == {
            ("weekly_summary", "suppressed", "stopped"), ("digest", "suppressed", "stopped"),
        }  # fmt: skip


def test_it_is_sent_once(world):
    assert len(mails()) == 2
    assert mails() == {}


# ---- A therapist's -------------------------------------------------------------------------------


def test_a_digest_by_reference(world):
    with clinic_context(world.clinic.pk):
        world.ana.medical_record_number = "1042"
        world.ana.save()
    every = (1, 2, 3, 4, 5, 6, 7)
    for number, before, done in ((200, (), ()), (201, every, (1, 2, 3)), (202, every, every)):
        eva = people.patient(
            world.clinic, "Eva Lima", care_team=[world.rui], medical_record_number=str(number)
        )
        line = prescribed.line(eva, from_=MONDAY - WEEK)
        do(line, *days(*before, week=MONDAY - WEEK), *days(*done))
    people.pause(eva, starts_on=MONDAY + WEEK, ends_on=MONDAY + 2 * WEEK)

    mail = to(world.rui.user)

    assert mail.subject == "Your week at Harbour Clinic"
    assert lines(mail) == [
        "3 of 4 patients may need you",
        "",
        "Who may need you first",
        "  Ref 200: slipping. Done 0 of 7, same",
        "  Ref 201: slipping. Done 3 of 7, down",
        "  Ref 1042: ready. Done 4 of 5",
        "",
        "0 on track. 1 paused.",
        "",
        "Open my caseload:",
        f"{APP}/digests/2026-11-16",
        "",
        "--",
        "You get this email once a week. References only; names are in the app. Do not reply to it.",
        f"Change or stop emails: {stop_url(mail)}",
        "Harbour Clinic, +351 210 000 000",
    ]
    words = words_of(html_of(mail))
    assert "Who may need you first Patient Why Done" in words
    assert not {"Ana", "Silva", "Eva", "Lima"} & set(re.findall(r"\w+", words + str(mail.body)))


def big_caseload(world: people.World, waiting: int) -> None:
    """Keep a digest of 200 patients, each with the longest reference, before it is mailed."""
    make_weeks(now=DUE)
    case = {
        "patient": "00000000-0000-0000-0000-000000000000", "reference": "9" * 40, "unit": "days",
        "done": 7, "due": 7, "trend": "down", "is_paused": False,
    }  # fmt: skip
    every = ["safety", "waiting", "slipping", "ready"]
    cases = [case | {"reasons": every if place < waiting else []} for place in range(200)]
    with clinic_context(world.clinic.pk):
        Digest.objects.filter(membership=world.rui).update(
            contents={
                "monday": "2026-11-16", "patients": 200, "attention": waiting,
                "on_track": 200 - waiting, "paused": 0, "cases": cases,
            }
        )  # fmt: skip


@pytest.mark.parametrize(
    ("waiting", "shown", "more"), [(9, 9, ""), (10, 10, ""), (11, 10, "and 1 more"),
                                   (200, 10, "and 190 more")],
)  # fmt: skip
def test_a_long_caseload_shows_ten_and_how_many_more(world, waiting, shown, more):
    big_caseload(world, waiting)

    mail = to(world.rui.user)

    assert len(re.findall("Ref 9{40}: ", str(mail.body))) == shown
    assert html_of(mail).count("Ref 9") == shown
    assert [each.strip() for each in lines(mail) if " more" in each] == ([more] if more else [])
    assert len(html_of(mail).encode()) < MOST_BYTES


def test_nobody_waits_and_it_was_asked_for_always(world):
    factory.digest_preferences(world.marta, is_always=True)
    factory.contact(world.clinic, world.marta.user)

    mail = to(world.marta.user)

    assert lines(mail)[:4] == ["0 of 0 patients may need you", "", "0 on track. 0 paused.", ""]
    assert "<caption" not in html_of(mail)
