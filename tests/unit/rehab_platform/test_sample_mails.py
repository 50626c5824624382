"""`dev.py mails`: every mail of the platform is among the samples, whole, small and plain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser import mails
from tests.browser.sample_mails import CODE, Sample, caseload, four_of_five, paused, samples

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates" / "emails"
MOST_BYTES = 20 * 1024
APP = "https://app.harbour.example"
NAMES = [
    "reminder", "reminder-to-a-carer", "weekly-summary", "weekly-summary-with-counts",
    "weekly-summary-paused", "digest", "digest-of-200", "alert", "sign-off", "invitation",
    "password-reset", "password-changed", "confirm-contact",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _where_the_app_is(settings):
    settings.APP_URL = APP


@pytest.fixture
def found() -> dict[str, Sample]:
    return {one.name: one for one in samples()}


def test_no_template_is_forgotten(found):
    templates = {path.stem for path in TEMPLATES.glob("*.html") if path.name[0] != "_"}

    assert {one.template for one in found.values()} == templates
    assert {path.stem for path in TEMPLATES.glob("*.txt")} == templates
    assert list(found) == NAMES


def test_every_page_is_small_whole_and_loads_nothing(found):
    for one in found.values():
        html = one.html()
        assert len(html.encode()) < MOST_BYTES, one.name
        assert html.startswith("<!doctype html>\n<html lang="), one.name
        assert html.rstrip().endswith("</html>"), one.name
        assert re.search(r"<title>[^<]+</title>", html), one.name
        assert "prefers-color-scheme: dark" in html, one.name
        assert not re.search(r"<(img|script|link|iframe)\b|url\(|\bon\w+=", html), one.name
        assert "{%" not in html and "{{" not in html, one.name  # noqa: PT018
        addresses = re.findall(r'href="([^"]*)"', html)
        assert all(address.startswith(APP) for address in addresses), one.name


def test_every_text_says_it_without_markup(found):
    for one in found.values():
        text = one.text()
        assert "<" not in text, one.name
        assert "&" not in text.replace(APP, ""), one.name
        assert "{" not in text, one.name
        assert len(text) > 80, one.name


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("reminder", ["You have something planned", "Open my plan"], ["person you help"]),
        ("reminder-to-a-carer", ["The person you help has something"], ["Open my plan"]),
        ("weekly-summary", ["Your week is ready.", "/summaries/2026-11-16"], ["4 of 5", "Part"]),
        (
            "weekly-summary-with-counts",
            ["You did your plan on 4 of 5 days.", "6 sessions logged. 3 planned days in a row.",
             "Tuesday is now: done", "Part"],
            ["Your week is ready."],
        ),
        ("weekly-summary-paused", ["Your plan was paused all week."], ["4 of 5", "Done<"]),
        ("digest", ["4 of 23 patients may need you", "Ref H-1027", "18 on track. 1 paused."],
         ["more"]),
        ("digest-of-200", ["37 of 200 patients may need you", "and 27 more"], ["Ref H-1057"]),
        ("alert", ["An alert at Harbour Clinic needs you.", "Sign in"], ["Stop"]),
        ("sign-off", ["at Harbour Clinic waits for you", "Sign in"], ["pain", "Stop"]),
        ("invitation", [CODE, f"{APP}/invitation#{CODE}", "for 14 days"], []),
        ("password-reset", [CODE, f"{APP}/reset-password#{CODE}", "for 30 minutes"], []),
        ("password-changed", ["If that was not you"], [CODE]),
        ("confirm-contact", ["402 715", "Harbour Clinic"], [CODE]),
    ],
)  # fmt: skip
def test_each_says_what_it_is_for(found, name, said, unsaid):
    html = found[name].html()

    assert [each for each in said if each not in html] == []
    assert [each for each in unsaid if each in html] == []


def test_the_samples_are_true_weeks():
    week, away, many = four_of_five(), paused(), caseload(200, waiting=37)

    assert (week.days_done, week.days_due, week.rule) == (4, 5, "more_days")
    assert [day.state for day in week.days] == ["done"] * 3 + ["part", "done", "rest", "rest"]
    assert {day.state for day in away.days} == {"paused"}
    assert len(many.cases) == many.patients == many.attention + many.on_track + many.paused == 200
    assert sum(bool(one.reasons) for one in many.cases) == 37


def test_files_are_made_anew_and_without_a_browser_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(mails, "is_there", lambda: False)
    folder, said = tmp_path / "mails", []
    folder.mkdir()
    folder.joinpath("old.html").touch()

    names = mails.write_all(folder)

    assert mails.picture_all(folder, names, say=said.append) == 0
    assert said == [
        "No pictures of them were made: that needs Debian's chromium and chromium-driver."
    ]
    files = {f"{name}.{ending}" for name in NAMES for ending in ("html", "txt")}
    assert {path.name for path in folder.iterdir()} == files
    assert "Your week is ready." in folder.joinpath("weekly-summary.txt").read_text("utf-8")
