"""How the tour tells its story, counts its figures and chooses its clock."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.calendar import is_known_zone
from tests.tour.clock import STEADY_ZONES, StoryClock, stamp
from tests.tour.ledger import Ledger

INSTANTS = st.datetimes(
    min_value=dt.datetime(2024, 1, 1), max_value=dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC)
)


@pytest.fixture
def said():
    return []


def test_right_figures_are_told_in_one_line_and_counted(said):
    ledger = Ledger(said.append)

    ledger.chapter("A beginning")
    ledger.check("sets", [1, Fraction(9, 2)], [1, 4.5])
    ledger.check_all("week", {"done": (2, 2), "band": (None, None)})

    assert said == [
        "\n1. A beginning\n",
        "     ✓ sets: 1, 9/2",
        "     ✓ week: done 2, band nothing",
    ]
    assert (ledger.checked, ledger.wrong) == (3, 0)
    assert ledger.last_line(1.26) == "All 3 figures are right, in 1 chapters (1.3 s)."


def test_a_wrong_figure_says_what_was_expected_and_what_came(said):
    ledger = Ledger(said.append)

    ledger.check("band", "on_track", "slipping")
    ledger.check_all("week", {"done": (2, 3), "expected": (4, 4)})

    assert said == [
        "     ✗ band",
        "         expected on_track",
        "         got      slipping",
        "     ✗ week, done",
        "         expected 2",
        "         got      3",
        "     ✓ week: expected 4",
    ]
    assert ledger.last_line(1) == "2 of 3 figures are wrong."


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        pytest.param(0, False, id="no number is a flag"),
        pytest.param(None, 0, id="nothing is not 0"),
        pytest.param("1", 1, id="no text is a number"),
        pytest.param([1, 2], [2, 1], id="order counts"),
        pytest.param(Fraction(1, 3), 0.33, id="nothing is rounded"),
    ],
)
def test_almost_right_is_wrong(said, expected, got):
    ledger = Ledger(said.append)

    ledger.check("figure", expected, got)

    assert ledger.wrong == 1


def test_a_quiet_ledger_tells_only_what_is_wrong(said):
    ledger = Ledger(said.append, quiet=True)

    ledger.chapter("A beginning")
    ledger.tell("Something happens.")
    ledger.came_back("An answer.")
    ledger.check("sets", 1, 1)
    ledger.check("sets", 1, 2)

    assert said == ["     ✗ sets", "         expected 1", "         got      2"]


def test_an_answer_that_is_not_understood_is_a_wrong_figure(said):
    ledger = Ledger(said.append)

    ledger.could_not_go_on(KeyError("lines"))

    assert (ledger.checked, ledger.wrong) == (1, 1)
    assert said[-1] == "         got      KeyError('lines')"


@given(INSTANTS)
@example(dt.datetime(2024, 1, 1, 22, 30, 0, 1, tzinfo=dt.UTC))
def test_the_story_happens_within_half_an_hour_of_noon(now):
    clock = StoryClock.at_noon(now)

    assert clock.now == now
    assert dt.time(11, 30) <= clock.now.time() <= dt.time(12, 30)


@pytest.mark.parametrize("name", STEADY_ZONES)
def test_the_storys_zones_are_zones_of_the_product_and_never_change_their_clocks(name):
    year = [
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=n) for n in range(0, 1500, 7)
    ]

    assert is_known_zone(name)
    assert len({moment.astimezone(ZoneInfo(name)).utcoffset() for moment in year}) == 1


def test_the_storys_calendar():
    clock = StoryClock.at_noon(dt.datetime(2026, 11, 22, 23, 58, tzinfo=dt.UTC))

    # One minute to midnight in Greenwich on a Sunday is noon of Monday in Tarawa.
    assert clock.zone_name == "Pacific/Tarawa"
    assert clock.today == clock.this_monday == dt.date(2026, 11, 23)
    assert clock.days_ago(5) == dt.date(2026, 11, 18)
    assert stamp(clock.at(clock.today, 9, 5)) == "2026-11-23T09:05:00+12:00"
