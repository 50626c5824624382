"""The two weekly mails as they go out: what they say, what they never say, how they are made."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from django.core import mail as outgoing

from clinics.models import User
from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.deliver import deliver
from reminders.actions.weeks import make_weeks
from reminders.models import Delivery, Digest, ReminderPreferences
from reminders.weekly_mails import on_one_line
from sessions.models import Alert
from tests.factories import measured, people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, WEEK, days, do

pytestmark = pytest.mark.django_db

APP = "https://app.harbour.example"
MOST_BYTES = 20 * 1024
# Health stays behind the login, whatever was agreed to.
NEVER = ("pain", "heel", "toes", "%", "chest", "symptom", "repetition", "10MWT", "speed")
UNWELL = "Feeling unwell or in new pain? Call your clinic: +351 210 000 000."


@pytest.fixture(autouse=True)
def _where_the_app_is(settings) -> None:
    settings.APP_URL = APP


@pytest.fixture
def world() -> people.World:
    """Ana did four of five days, has a goal, and an exercise that is too easy. Mails reach her and Rui."""
    made = people.world()
    for login in (made.ana.user, made.rui.user):
        factory.contact(made.clinic, login)
    line = prescribed.line(made.ana, from_=MONDAY, schedule="weekdays", weekdays=0b0011111)
    measured.goal(made.ana, "heel_raise", "day_total", target="30", text="Up on my toes.")
    do(line, *days(1, 2, 3, 5))
    with clinic_context(made.clinic.pk):
        Alert.objects.create(
            clinic=made.clinic, patient=made.ana, rule="too_easy", severity="suggestion",
            raised_at=DUE - DAY, opened_at=DUE - DAY, last_occurred_at=DUE - DAY,
        )  # fmt: skip
    return made


def agrees(patient: Patient, **fields) -> ReminderPreferences:
    return factory.preferences(patient, counts_by_mail_at=DUE - DAY, **fields)


def mails(now: dt.datetime = DUE) -> dict[str, outgoing.EmailMultiAlternatives]:
    """Make and deliver what is due; return the mails by who gets them."""
    make_weeks(now=now)
    deliver(now=now)
    sent, outgoing.outbox = outgoing.outbox, []
    return {each.to[0]: each for each in sent}


def to(login: User | None, **when) -> outgoing.EmailMultiAlternatives:
    assert login is not None
    return mails(**when)[login.email]


def html_of(mail: outgoing.EmailMultiAlternatives) -> str:
    [part] = mail.alternatives
    return str(part[0])


def words_of(html: str) -> str:
    """What is read of a page, without its style."""
    plain = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(plain.split())


def lines(mail: outgoing.EmailMultiAlternatives) -> list[str]:
    return str(mail.body).splitlines()


def stop_url(mail: outgoing.EmailMultiAlternatives) -> str:
    return mail.extra_headers["List-Unsubscribe"].strip("<>")


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


# ---- How they are made ---------------------------------------------------------------------------

CANARY = (
    "<img src=x onerror=alert(1)>\r\nBcc: evil@example.org {{7*7}} {% now %} \u202egnp.exe\u200f"
)
FLAT = "<img src=x onerror=alert(1)> Bcc: evil@example.org {{7*7}} {% now %} gnp.exe"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Harbour Clinic", "Harbour Clinic"), (CANARY, FLAT), ("a\u2028b\u2029c", "abc"),
        ("  a \t b\x00c ", "a b c"), ("Clínica São João", "Clínica São João"), ("", ""),
    ],
)  # fmt: skip
def test_what_people_typed_stays_on_one_line(said, expected):
    assert on_one_line(said) == expected


def test_names_that_would_break_out_do_not(world):
    agrees(world.ana)
    world.clinic.name = CANARY
    world.clinic.save()
    for login in (world.ana.user, world.rui.user):
        login.name = CANARY
        login.save()
    with clinic_context(world.clinic.pk):
        world.ana.name = CANARY
        world.ana.medical_record_number = "<b>\r\n1042\u202e{{7*7}}"
        world.ana.save()

    for mail in mails().values():
        assert mail.subject == f"Your week at {FLAT}"
        assert lines(mail)[-1] == f"{FLAT}, +351 210 000 000"
        assert "49" not in words_of(html_of(mail))
        assert not {"\u202e", "\u200f", "\r"} & set(html_of(mail) + str(mail.body))
        assert "<img" not in html_of(mail)
        assert "&lt;img src=x onerror=alert(1)&gt; Bcc: evil@example.org {{7*7}}" in html_of(mail)
        assert "Bcc" not in mail.extra_headers
        assert "<b>1042" not in html_of(mail)


class Outline(HTMLParser):
    """The elements of a page in order, with their attributes, and those that were never closed."""

    VOID = {"meta", "br", "hr", "link"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("whose", ["ana", "rui"])
def test_pages_can_be_read_aloud_in_the_dark_and_without_pictures(world, whose):
    agrees(world.ana)
    mail = to(getattr(world, whose).user)
    html = html_of(mail)
    page = Outline(html)

    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("title")) == 1
    told = [table for table in page.all("table") if table.get("role") != "presentation"]
    assert len(told) == len(page.all("caption")) == 1
    assert all(cell.get("scope") in {"col", "row"} for cell in page.all("th"))
    assert "prefers-color-scheme: dark" in html
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
    for tag in ("img", "script", "form", "iframe", "object", "link"):
        assert page.all(tag) == []
    assert not re.search(r"url\(|@import|http:", html)
    assert {link["href"] for link in page.all("a")} == {
        stop_url(mail), f"{APP}/{'summaries' if whose == 'ana' else 'digests'}/2026-11-16",
    }  # fmt: skip
    assert len(html.encode()) < MOST_BYTES


def test_without_an_app_there_is_no_link_to_it(world, settings):
    settings.APP_URL = ""

    mail = to(world.ana.user)

    assert "Open my week" not in str(mail.body) + html_of(mail)
