"""The demo's mailbox: what Django's file backend left, shown to whoever tries the demo."""

from __future__ import annotations

import datetime as dt
import runpy
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from rehab_platform import urls as platform
from rehab_platform.demo import urls
from rehab_platform.demo.mailbox import MOST, Letter, letter, newest
from tests.unit.rehab_platform.test_settings import read

BACKEND = "django.core.mail.backends.filebased.EmailBackend"
ALIVE = '<h1 style="color: red">Hello</h1><script>alert(1)</script>'
demo_addresses = pytest.mark.urls("rehab_platform.demo.urls")


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """An empty folder that these settings leave mails in."""
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def leave(folder: Path, *subjects: str, html: str = ALIVE, file: str = "") -> None:
    """Send mails over one connection, as one delivery does."""
    mails = []
    for subject in subjects:
        made = EmailMultiAlternatives(subject, f"Olá, {subject} https://x.example/a", to=["ana@x"])
        if html:
            made.attach_alternative(html, "text/html")
        mails.append(made)
    with get_connection(BACKEND, file_path=str(folder)) as connection:
        connection.send_messages(mails)
        if file:
            Path(connection._fname).rename(folder / file)


def subjects(folder: Path) -> list[str]:
    return [one.subject for one in newest(folder)]


def test_mails_are_listed_the_newest_first_within_a_file_too(tmp_path: Path):
    leave(tmp_path, "one", "two", file="20261126-023000-7.log")
    leave(tmp_path, "three", file="20261126-023001-5.log")

    assert subjects(tmp_path) == ["three", "two", "one"]


def test_a_mail_is_read_with_its_parts_and_its_time(tmp_path: Path):
    leave(tmp_path, "Olá, João", file="20261126-023000-7.log")

    (found,) = newest(tmp_path)

    assert (found.name, found.to, found.subject) == ("20261126-023000-7-0", "ana@x", "Olá, João")
    assert found.text == "Olá, Olá, João https://x.example/a"
    assert found.html.strip() == ALIVE
    assert found.sent_at is not None
    assert dt.datetime.now(dt.UTC) - found.sent_at < dt.timedelta(minutes=1)


def test_a_mail_without_html_has_none(tmp_path: Path):
    leave(tmp_path, "plain", html="")

    assert (newest(tmp_path)[0].html, newest(tmp_path)[0].text[:3]) == ("", "Olá")


@pytest.mark.parametrize(("sent", "shown"), [(99, 99), (100, 100), (101, 100)])
def test_a_hundred_are_shown_and_no_more(tmp_path: Path, sent: int, shown: int):
    head = [f"number {number}" for number in range(sent)]
    leave(tmp_path, *head, file="20261126-023000-7.log")

    assert MOST == 100
    assert subjects(tmp_path) == head[::-1][:shown]


def test_older_files_are_not_opened_once_there_are_enough(tmp_path: Path):
    leave(tmp_path, *["new"] * 100, file="20261126-023001-1.log")
    (tmp_path / "20261126-023000-1.log").mkdir()

    assert len(newest(tmp_path)) == 100


def test_no_folder_is_no_mail(tmp_path: Path):
    assert newest(tmp_path / "nowhere") == []
    assert letter(tmp_path / "nowhere", "20261126-023000-7-0") is None


def test_a_mail_that_is_being_written_is_not_shown_yet(tmp_path: Path):
    leave(tmp_path, "whole", file="20261126-023000-7.log")
    with (tmp_path / "20261126-023000-7.log").open("ab") as file:
        file.write(b"Subject: half\n\nHal")

    assert subjects(tmp_path) == ["whole"]


def test_other_files_are_none_of_ours(tmp_path: Path):
    tmp_path.joinpath("secret-key").write_text("Subject: secret\n\nx\n" + "-" * 79 + "\n")
    tmp_path.joinpath("20261126-023000-7.log.bak").write_text("Subject: old\n\nx\n")

    assert newest(tmp_path) == []


BAD_NAMES = [
    "secret-key", "20261126-023000-7", "20261126-023000-7-1", "20261126-023000-8-0",
    "20261126-023000-7-99999", "../mail/20261126-023000-7-0", "..", ".", "20261126-023000-7.log",
    "20261126-023000-7.log-0", "20261126-023000-7-0\n", "20261126-023000-7--1", "%2e%2e%2fsecret",
    "20261126-023000-7-0\x00", "２０２６1126-023000-7-0", "x" * 5000,
]  # fmt: skip


def test_only_what_the_folder_lists_is_opened(folder: Path):
    leave(folder, "one", file="20261126-023000-7.log")
    folder.parent.joinpath("secret-key").write_text("secret")

    assert letter(folder, "20261126-023000-7-0") is not None
    for name in BAD_NAMES:
        assert letter(folder, name) is None, name


def test_a_letter_without_headers_is_shown_empty(tmp_path: Path):
    tmp_path.joinpath("20261126-023000-7.log").write_bytes(b"\n\n\n" + b"-" * 79 + b"\n")

    (found,) = newest(tmp_path)

    assert (found.to, found.subject, found.sent_at, found.text.strip()) == ("", "", None, "")
    assert isinstance(found, Letter)


@demo_addresses
def test_the_list_leads_to_each_mail(folder: Path, db: None):
    leave(folder, "Your <week>", file="20261126-023000-7.log")

    answer = Client().get("/demo/mail/")

    text = answer.content.decode()
    assert '<a href="/demo/mail/20261126-023000-7-0">Your &lt;week&gt;</a>' in text
    assert "To ana@x" in text
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "frame-src" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


@demo_addresses
def test_an_empty_mailbox_says_what_to_do(folder: Path, db: None):
    text = Client().get("/demo/mail/").content.decode()

    assert "No mail yet. Mails show here as soon as the platform sends them" in text


@demo_addresses
def test_a_mail_s_page_shows_its_text_and_frames_its_html(folder: Path, db: None):
    leave(folder, "one", file="20261126-023000-7.log")

    answer = Client().get("/demo/mail/20261126-023000-7-0")

    text = answer.content.decode()
    policy = answer["Content-Security-Policy"].split("; ")
    assert "Olá, one" in text
    assert '<a href="https://x.example/a" rel="nofollow">' in text
    assert '<iframe class="mail" sandbox src="/demo/mail/20261126-023000-7-0/html"' in text
    assert "alert(1)" not in text
    assert "frame-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert answer["X-Frame-Options"] == "DENY"


@demo_addresses
def test_the_html_may_do_nothing_but_look_as_it_was_sent(folder: Path, db: None):
    leave(folder, "one", file="20261126-023000-7.log")

    answer = Client().get("/demo/mail/20261126-023000-7-0/html")

    assert answer.content.decode().strip() == ALIVE
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        "sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:",
        "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'",
    }  # fmt: skip
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"


@demo_addresses
def test_a_mail_that_has_no_html_has_no_frame(folder: Path, db: None):
    leave(folder, "plain", html="", file="20261126-023000-7.log")

    assert "<iframe" not in Client().get("/demo/mail/20261126-023000-7-0").content.decode()
    assert Client().get("/demo/mail/20261126-023000-7-0/html").status_code == 404


@demo_addresses
def test_an_unknown_name_is_nothing(folder: Path, db: None):
    leave(folder, "one", file="20261126-023000-7.log")
    for name in BAD_NAMES:
        for path in ("", "/html"):
            answer = Client().get(f"/demo/mail/{quote(name)}{path}")
            assert answer.status_code == 404, name


@demo_addresses
def test_the_mailbox_is_only_looked_at(folder: Path, db: None):
    leave(folder, "one", file="20261126-023000-7.log")
    for path in ("", "20261126-023000-7-0", "20261126-023000-7-0/html"):
        for method in ("post", "put", "delete"):
            assert getattr(Client(), method)(f"/demo/mail/{path}").status_code == 405


@pytest.mark.parametrize("path", ["/demo/mail/", "/demo/mail/20261126-023000-7-0", "/demo/"])
def test_elsewhere_there_is_no_mailbox(folder: Path, db: None, path: str):
    leave(folder, "one", file="20261126-023000-7.log")

    assert Client().get(path).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("demo:mails")


def test_production_has_no_mailbox_even_where_mails_go_into_a_folder():
    found = read("ROOT_URLCONF", "EMAIL_FILE_PATH", EMAIL_URL="file:///srv/mail")

    assert found == {"ROOT_URLCONF": "rehab_platform.urls", "EMAIL_FILE_PATH": "/srv/mail"}


def test_a_developer_s_machine_has_one():
    found = read("ROOT_URLCONF", DJANGO_SETTINGS_MODULE="rehab_platform.settings.local")

    assert found == {"ROOT_URLCONF": "rehab_platform.demo.urls"}


@pytest.mark.parametrize(("kept_in", "has_mailbox"), [("/srv/mail", True), ("", False)])
def test_only_where_mails_go_into_a_folder(settings, kept_in, has_mailbox):
    settings.EMAIL_FILE_PATH = kept_in
    made = runpy.run_path(urls.__file__)

    routes = [str(one.pattern) for one in made["urlpatterns"]]
    assert routes[: len(platform.urlpatterns)] == [str(x.pattern) for x in platform.urlpatterns]
    assert (len(routes) > len(platform.urlpatterns)) is has_mailbox
    assert made["handler404"] == platform.handler404
