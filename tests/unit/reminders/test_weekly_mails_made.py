"""How the weekly mails are made: what people typed, pages that can be read aloud, and links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from core.tenancy import clinic_context
from reminders.weekly_mails import on_one_line
from tests.factories import people
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

pytestmark = pytest.mark.django_db

CANARY = (
    "<img src=x onerror=alert(1)>\r\nBcc: evil@example.org {{7*7}} {% now %} \u202egnp.exe\u200f"
)
FLAT = "<img src=x onerror=alert(1)> Bcc: evil@example.org {{7*7}} {% now %} gnp.exe"


@pytest.fixture(autouse=True)
def _where_the_app_is(settings) -> None:
    settings.APP_URL = APP


@pytest.fixture
def world() -> people.World:
    return told_world()


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
