"""What a patient's stored week says, from what was prescribed and logged."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.tenancy import clinic_context
from patients.models import Pause
from reminders.actions.weeks import make_slice, make_weeks
from reminders.models import WeeklySummary
from reminders.week_contents import _days_told, _encoded_alike
from sessions.actions.correct import withdraw_session
from sessions.models import ExerciseSession, PatientWeek, SafetyCheck
from tests.factories import measured, people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, WEEK, days, do, states, summaries, summary

pytestmark = pytest.mark.django_db

KEPT = (_days_told, _encoded_alike)
WEEKDAYS = {"schedule": "weekdays", "weekdays": 0b0011111}
THREE_TIMES = {
    "schedule": "times_per_week", "weekdays": 0, "times_per_day": None, "times_per_week": 3,
}  # fmt: skip


@pytest.fixture
def world() -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World):
    """From Monday to Friday, once a day, for long."""
    return prescribed.line(world.ana, **WEEKDAYS)


def told(world: people.World) -> dict:
    make_weeks(now=DUE)
    return summary(world.ana).contents


def stop_on(world, *dates: dt.date) -> None:
    """A safety check with a red flag at noon of each of these days."""
    with clinic_context(world.clinic.pk):
        for on in dates:
            at_noon = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
            SafetyCheck.objects.create(
                clinic=world.clinic, patient=world.ana, phone_id=uuid.uuid4(), checked_at=at_noon,
                checked_on=on, received_at=at_noon, answers={}, logged_by=world.ana.user,
                logged_as="patient", content_hash=b"x" * 32, answer={}, has_red_flag=True,
            )  # fmt: skip


def test_four_of_five_days(world, line):
    do(line, *days(1, 2, 3, 5))

    contents = told(world)

    assert contents == {
        "monday": "2026-11-16",
        "sentence": "You logged 4 sessions. Each one counts.",
        "rule": "logged",
        "counts": "You did your plan on 4 of 5 days.",
        "days": [
            {"on": f"2026-11-{16 + number}", "state": state, "words": words}
            for number, (state, words) in enumerate(
                [("done", "Done")] * 3
                + [("not_done", "Not done"), ("done", "Done")]
                + [("rest", "Rest")] * 2
            )
        ],
        "days_done": 4,
        "days_due": 5,
        "times_done": 0,
        "times_expected": 0,
        "sessions": 4,
        "in_a_row": "",
        "goals": [],
        "next_week": "The plan is the same: 5 days.",
        "next_days": 5,
        "next_times": 0,
        "is_same_plan": True,
        "corrections": [],
    } | {"rule": contents["rule"], "sentence": contents["sentence"]}
    # The week before had the same plan and nothing logged.
    assert (contents["rule"], contents["sentence"]) == (
        "came_back", "It is good that you are back.",
    )  # fmt: skip


def test_all_days_and_how_long_already(world, line):
    """Two weeks of five days; a day missed before that."""
    do(line, *days(3, 5, week=MONDAY - 2 * WEEK), *days(1, 2, 3, 4, 5, week=MONDAY - WEEK))
    do(line, *days(1, 2, 3, 4, 5))

    contents = told(world)

    assert contents["rule"] == "all_done"
    assert contents["in_a_row"] == "11 planned days in a row."


def test_a_little_each_day_is_not_praised_as_all_that_was_planned(world, line):
    """One of ten, each day: the days are done, as the domain counts them, the dose is not."""
    do(line, *days(1, 2, 3, 4, 5), sets=(1,))

    contents = told(world)

    assert (contents["rule"], contents["sentence"]) == (
        "each_time", "Well done. You trained each time that was planned.",
    )  # fmt: skip
    assert (contents["days_done"], contents["days_due"]) == (5, 5)


@pytest.mark.parametrize(
    ("last", "rule"),
    [((10, 10, 9), "each_time"), ((10, 10), "each_time"), ((10, 10, 10), "all_done"),
     ((12, 11, 10, 3), "all_done")],
)  # fmt: skip
def test_all_that_was_planned_is_every_set_in_full(world, line, last, rule):
    do(line, *days(1, 2, 3, 4))
    do(line, *days(5), sets=last)

    assert told(world)["rule"] == rule


def test_a_run_that_began_in_the_week(world, line):
    do(line, *days(1, 2, 4, 5))

    assert told(world)["in_a_row"] == "2 planned days in a row."


def test_more_days_than_the_week_before(world, line):
    do(line, *days(1, 2, week=MONDAY - WEEK), *days(1, 3, 5))

    assert told(world)["rule"] == "more_days"


def test_three_times_a_week(world):
    quota = prescribed.line(world.ana, **THREE_TIMES)
    do(quota, *days(2, 6))

    contents = told(world)

    assert contents["counts"] == "You did your plan 2 of 3 times."
    assert [day["state"] for day in contents["days"]] == [
        "rest", "done", "rest", "rest", "rest", "done", "rest",
    ]  # fmt: skip
    assert contents["next_week"] == "The plan is the same: 3 times on days you choose."


def test_paused_all_week(world, line):
    people.pause(world.ana, starts_on=MONDAY - DAY, ends_on=MONDAY + 6 * DAY)

    contents = told(world)

    assert (contents["rule"], contents["counts"]) == ("paused", "")
    assert [day["state"] for day in contents["days"]] == ["paused"] * 7
    assert contents["next_week"] == "The plan is the same: 5 days."


@pytest.mark.parametrize(
    ("pause", "paused"),
    [
        ({"starts_on": MONDAY, "ends_on": MONDAY + 4 * DAY}, range(5)),
        ({"starts_on": MONDAY, "ends_on": None, "reason": "safety_hold"}, range(1, 7)),
    ],
)
def test_a_week_of_which_each_planned_day_was_paused_or_excused(world, line, pause, paused):
    """Monday to Friday; and a safety hold, whose first day is excused."""
    people.pause(world.ana, **pause)

    contents = told(world)

    assert (contents["rule"], contents["counts"]) == ("rest_week", "")
    assert [day["state"] for day in contents["days"]] == [
        "paused" if number in paused else "rest" for number in range(7)
    ]


def test_a_week_whose_only_planned_day_the_app_excused(world):
    prescribed.line(world.ana, **WEEKDAYS | {"weekdays": 0b0000001})
    stop_on(world, MONDAY)

    contents = told(world)

    assert (contents["rule"], contents["counts"], contents["sessions"]) == ("rest_week", "", 0)
    assert [day["state"] for day in contents["days"]] == ["rest"] * 7


@pytest.mark.parametrize(
    ("stops", "rule", "counts"),
    [
        (range(7), "rest_week", ""),  # E = 0
        (range(6), "rest_week", ""),  # a = 1: E = floor(3 ÷ 7 + 1/2) = 0
        (range(5), "new_week", "You did your plan 0 of 1 times."),  # a = 2: floor(6 ÷ 7 + 1/2) = 1
    ],
)
def test_a_week_of_free_days_on_which_the_app_said_stop(world, stops, rule, counts):
    """It was planned: that nothing was would not be true."""
    prescribed.line(world.ana, **THREE_TIMES)
    stop_on(world, *(MONDAY + day * DAY for day in stops))

    contents = told(world)

    assert (contents["rule"], contents["counts"]) == (rule, counts)
    assert contents["next_week"] == "The plan is the same: 3 times on days you choose."
    assert [day["state"] for day in contents["days"]] == ["rest"] * 7


def test_told_to_stop_without_a_plan_nothing_was_planned(world):
    stop_on(world, *(MONDAY + day * DAY for day in range(7)))

    contents = told(world)

    assert contents["rule"] == "nothing_planned"
    assert contents["sentence"] == "Nothing was planned for last week."


def test_nothing_planned(world):
    contents = told(world)

    assert (contents["rule"], contents["counts"]) == ("nothing_planned", "")
    assert contents["next_week"] == "Nothing is planned yet."


# ---- Goals ---------------------------------------------------------------------------------------


def test_goals_in_words_and_whether_one_was_met_in_this_week(world, line):
    """Sets of ten in the week before and this one; thirty a day were reached on its Monday."""
    measured.goal(world.ana, "heel_raise", "best_set", target="20", text="Up on your toes.")
    measured.goal(world.ana, "heel_raise", "day_total", target="30", from_=MONDAY, text="Thirty.")
    measured.goal(world.ana, "heel_raise", "week_total", target="99", from_=MONDAY + WEEK)
    do(line, *days(1, 2, week=MONDAY - WEEK), *days(1, 2))

    contents = told(world)

    assert contents["rule"] == "goal_met"
    assert contents["goals"] == [
        {"text": "Up on your toes.", "words": "10 of 20 times", "when": "in one go",
         "is_met": False},
        {"text": "Thirty.", "words": "You met your goal: 30 times", "when": "in a day", "is_met": True},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_met"),
    [(MONDAY - DAY, False), (MONDAY, True), (MONDAY + 6 * DAY, True), (MONDAY + 7 * DAY, False)],
)
def test_a_goal_is_met_in_the_week_in_which_its_target_was_reached_first(world, line, day, is_met):
    measured.goal(world.ana, "heel_raise", "best_set", target="11", baseline="1")
    measured.goal(world.ana, "heel_raise", "day_total", target="30", baseline="1")
    do(line, day, late=dt.timedelta(0))

    make_weeks(now=DUE + DAY)

    assert [goal["is_met"] for goal in summary(world.ana).contents["goals"]] == [False, is_met]


# ---- Corrections ---------------------------------------------------------------------------------


def test_what_came_late_is_a_correction_in_the_next_one(world, line):
    do(line, *days(1))
    make_weeks(now=DUE)
    do(line, *days(2), late=8 * DAY)  # it reaches the server a day after the summary was made
    do(line, *days(1, week=MONDAY + WEEK))

    make_weeks(now=DUE + WEEK)

    first, second = summaries(world.ana)
    assert states(first) == ["done", *["not_done"] * 4, "rest", "rest"]
    assert second.contents["corrections"] == [
        {"on": "2026-11-17", "state": "done", "words": "Tuesday is now: done"}
    ]
    assert states(second) == ["done", *["not_done"] * 4, "rest", "rest"]


def test_what_was_withdrawn_or_paused_since_is_one_too(world, line):
    do(line, *days(1, 2))
    make_weeks(now=DUE)
    with clinic_context(world.clinic.pk):
        mistaken = ExerciseSession.objects.get(performed_on=MONDAY)
        withdraw_session(
            session_id=mistaken.pk, reason="Tapped twice.", by=people.acting_for(world.ana),
            now=DUE,
        )  # fmt: skip
    people.pause(world.ana, starts_on=MONDAY + 2 * DAY, ends_on=MONDAY + 3 * DAY)

    make_weeks(now=DUE + WEEK)

    assert [day["words"] for day in summaries(world.ana)[1].contents["corrections"]] == [
        "Monday is now: not done", "Wednesday is now: paused", "Thursday is now: paused",
    ]  # fmt: skip


def test_nothing_to_correct(world, line):
    do(line, *days(1, 2))
    make_weeks(now=DUE)
    make_weeks(now=DUE + WEEK)

    assert [each.contents["corrections"] for each in summaries(world.ana)] == [[], []]


def test_without_a_summary_of_the_week_before_there_is_nothing_to_correct(world, line):
    do(line, *days(1, week=MONDAY - WEEK))

    assert told(world)["corrections"] == []


def test_a_summary_that_tells_of_no_days_is_not_corrected(world, line):
    factory.weekly_summary(world.ana, MONDAY - WEEK, contents={})
    make_weeks(now=DUE)

    assert summaries(world.ana)[1].contents["corrections"] == []


# ---- As it was told ------------------------------------------------------------------------------


def test_each_is_told_in_its_own_language(world, monkeypatch):
    eva = people.patient(world.clinic, "Eva Lima", care_team=[world.rui], language="pt")
    spoken: list[str | None] = []

    def word(state: str) -> str:
        spoken.append(translation.get_language())
        return f"{state} {translation.get_language()}"

    monkeypatch.setattr("reminders.week_words.word", word)
    for kept in KEPT:  # it was said by others
        kept.cache_clear()
    with translation.override("fr"):
        make_weeks(now=DUE)
        assert translation.get_language() == "fr"

    assert summary(world.ana).language == "en"
    assert {day["words"] for day in summary(world.ana).contents["days"]} == {"rest en"}
    assert summary(eva).language == "pt"
    assert {day["words"] for day in summary(eva).contents["days"]} == {"rest pt"}
    assert set(spoken) == {"en", "pt"}
    for kept in KEPT:
        kept.cache_clear()


def test_what_was_told_stays(world, line):
    do(line, *days(1))
    make_weeks(now=DUE)
    before = summary(world.ana)
    do(line, *days(2), late=8 * DAY)
    with clinic_context(world.clinic.pk):
        Pause.objects.all().delete()

    make_weeks(now=DUE + DAY)

    after = summary(world.ana)
    assert (after.contents, after.made_at) == (before.contents, DUE)


def test_as_many_statements_for_a_slice_of_many(world, line):
    """Goals, preferences, a summary before, and a run that is longer than the week: each read once."""

    before = {"days": [{"state": "rest"}] * 7}

    def add(name: str) -> None:
        one = people.patient(world.clinic, name, care_team=[world.rui])
        factory.preferences(one)
        factory.weekly_summary(one, MONDAY - WEEK, contents=before)
        do(prescribed.line(one, **WEEKDAYS), *days(1, 2, 3, 4, 5))
        measured.goal(one, "heel_raise", "day_total")
        measured.goal(one, "gait_speed", "", baseline="0.4", target="0.9")

    counts = []
    for names in (["Eva Lima"], ["Iva Lima", "Ivo Lima", "Leo Lima"]):
        for name in names:
            add(name)
        with clinic_context(world.clinic.pk):
            WeeklySummary.objects.filter(week=MONDAY).delete()
            factory.ClinicWeeks.objects.all().delete()
            PatientWeek.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            make_slice(clinic_id=world.clinic.pk, now=DUE)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 30
