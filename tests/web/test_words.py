"""What patients read on the web side is plain: short sentences, reading grade 6 at most."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from programs.readability import grade, sentences
from tests.architecture.project import ROOT

# Read by therapists alone.
NOT_FOR_PATIENTS = {"digest.html", "digests.html", "_cases.html"}
SAID = re.compile(
    r"""{% translate ["'](?P<line>[^"']+)["']"""
    r"|{% blocktranslate[^%]*%}(?P<block>.*?){% endblocktranslate %}",
    re.DOTALL,
)
VARIABLE = re.compile(r"{{[^}]*}}")
PAGES = sorted(
    [*(ROOT / "templates" / "web").glob("*.html"), *(ROOT / "templates").glob("[45]*.html")]
)
FOR_PATIENTS = [page for page in PAGES if page.name not in NOT_FOR_PATIENTS]


def said(page: Path) -> list[str]:
    """Return what a page says, once each; a name or a date counts as one short word."""
    found = [one["line"] or one["block"] for one in SAID.finditer(page.read_text())]
    return list(dict.fromkeys(VARIABLE.sub("Ana", words) for words in found))


def test_the_pages_of_patients_are_all_looked_at():
    assert {page.name for page in PAGES} >= NOT_FOR_PATIENTS
    assert {"sign_in.html", "start.html", "summary.html", "stop.html", "404.html"} <= {
        page.name for page in FOR_PATIENTS
    }
    assert said(ROOT / "templates" / "web" / "sign_in.html") == [
        "Sign in",
        "I do not know my password",
    ]


@pytest.mark.parametrize("page", FOR_PATIENTS, ids=lambda page: page.name)
def test_a_page_is_plain_enough(page: Path):
    told = [one for one in sentences(said(page)) if one.endswith(".") or len(one.split()) > 4]

    assert grade(told) <= 6, told
    assert [one for one in told if len(one.split()) > 16] == []
