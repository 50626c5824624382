"""The tour against a live server in this process, whose clock may be set to any moment."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

import pytest
import time_machine

from sessions import adherence
from tests.tour import __main__ as command
from tests.tour.guide import guide
from tests.tour.play import CHAPTERS

# The week of the story begins today, is half over, ends today; and it is never quite noon in UTC.
MOMENTS = (
    dt.datetime(2026, 11, 23, 0, 1, tzinfo=dt.UTC),  # Monday, a minute after midnight
    dt.datetime(2027, 1, 2, 11, 29, tzinfo=dt.UTC),  # Saturday of a week that two years share
    dt.datetime(2027, 3, 28, 0, 59, tzinfo=dt.UTC),  # Sunday, Lisbon's clocks about to change
)
HALF_A_WEEK = dt.datetime(2026, 11, 25, 11, 29, tzinfo=dt.UTC)
ALL_RIGHT = re.compile(r"\nAll 4\d\d figures are right, in 29 chapters \(\d+\.\d s\)\.")
SOME_WRONG = re.compile(r"\n[1-9]\d? of 4\d\d figures are wrong\.\n\Z")


@pytest.mark.django_db(transaction=True)
def test_every_figure_is_right_on_any_day(live_server):
    for moment in MOMENTS:
        said = []
        with time_machine.travel(moment):
            code = guide(url=live_server.url, now=moment, say=said.append)

        told = "\n".join(said)
        assert code == 0, told
        assert told.count("\n     ✓ ") > 150
        assert ALL_RIGHT.fullmatch(said[-1])


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_is_wrong_goes_on_to_the_end_and_fails(
    live_server, monkeypatch, capsys
):
    monkeypatch.setattr(adherence, "SLIPPING", Fraction(1, 10))

    with time_machine.travel(HALF_A_WEEK):
        code = command.main([f"{live_server.url}/", "--quiet"])

    said = capsys.readouterr().out
    assert code == 1
    assert "     ✗ in all, band\n         expected off_track\n         got      slipping\n" in said
    assert "✓" not in said
    assert SOME_WRONG.search(said)


@pytest.mark.django_db(transaction=True)
def test_an_answer_of_another_shape_ends_the_story_without_a_traceback(live_server, monkeypatch):
    said = []
    monkeypatch.setattr("tests.tour.play.CHAPTERS", (CHAPTERS[-1], CHAPTERS[0]))

    code = guide(url=live_server.url, now=dt.datetime.now(dt.UTC), say=said.append)

    assert code == 1
    assert "     ✗ the story goes on" in said
    assert said[-1] == "\n1 of 1 figures are wrong."
