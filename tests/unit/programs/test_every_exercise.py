"""What holds for each exercise that ships, on each side and in each measure."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.content import ExerciseContent
from programs.dose import MEASURE_FIELDS, RANGES, weekday_list
from programs.doses import dose_columns, dose_of, schedule_columns, schedule_of
from programs.models import ProgramItem
from programs.presenters import checks_out, exercise_for_patient
from programs.readability import grade
from programs.usual_dose import default_line, outside_usual, schedule_for, spread_weekdays
from programs.wording import dose_in_words, schedule_in_words
from tests.factories.programs import shipped

EXERCISES = {entry.slug: entry.content for entry in shipped().exercises}
TIMED = "duration_seconds"
SIDES = ("left", "right", "both", "alternating", "each")

every_exercise = pytest.mark.parametrize("content", EXERCISES.values(), ids=EXERCISES)


def default_row(content: ExerciseContent) -> ProgramItem:
    return ProgramItem(**msgspec.structs.asdict(default_line(content)))


@every_exercise
def test_the_default_dose_is_a_usual_one(content: ExerciseContent) -> None:
    line = msgspec.structs.asdict(default_line(content))

    assert outside_usual(content, line) == []


@every_exercise
def test_the_default_dose_keeps_the_bounds_of_every_dose(content: ExerciseContent) -> None:
    line = msgspec.structs.asdict(default_line(content))

    outside = [
        name
        for name, (least, most) in RANGES.items()
        if line.get(name) is not None and not least <= line[name] <= most
    ]

    assert outside == []


@every_exercise
def test_the_default_dose_can_be_sent_back_as_it_is_shown(content: ExerciseContent) -> None:
    row = default_row(content)

    columns = dose_columns(dose_of(row)) | schedule_columns(schedule_of(row))

    assert {name: getattr(row, name) for name in columns} == columns


@every_exercise
@pytest.mark.parametrize("side", SIDES)
def test_it_reads_plainly_and_whole_on_each_side(content: ExerciseContent, side: str) -> None:
    seen = exercise_for_patient(content, side=side, affected="left")
    said = [seen.side_words, seen.start, *seen.steps, *seen.cues]

    assert [text for text in said if "{" in text or "}" in text or "  " in text] == []
    assert [text for text in said if not text[0].isupper() or text[-1] not in ".!?"] == []
    assert grade(said) <= 6


@every_exercise
def test_left_and_right_are_mirrored_in_words_alone(content: ExerciseContent) -> None:
    left = exercise_for_patient(content, side="left", affected="left")
    right = exercise_for_patient(content, side="right", affected="left")

    def mirrored(text: str) -> str:
        return text.replace("left", "?").replace("right", "left").replace("?", "right")

    assert [mirrored(step) for step in left.steps] == right.steps
    assert left.wrong_signs == right.wrong_signs
    assert (left.picture.name, right.picture.name) == (content.picture.name,) * 2


@every_exercise
def test_each_check_is_one_question_with_one_fix(content: ExerciseContent) -> None:
    checks = checks_out(content)

    assert [check.ask for check in checks if not check.ask.endswith("?")] == []
    assert [check.fix for check in checks if not check.fix.endswith(".")] == []


@every_exercise
def test_each_measure_that_it_allows_has_words_for_its_starting_dose(
    content: ExerciseContent,
) -> None:
    usual = content.usual_dose
    for measure in content.measures:
        amounts = {name: getattr(usual, name).start for name in MEASURE_FIELDS[measure]}
        row = ProgramItem(side="left", measure=measure, sets=usual.sets.start, **amounts)

        words = dose_in_words(row, category=content.category)

        assert all(str(amount) in words for name, amount in amounts.items() if name != TIMED)


@given(days=st.integers(1, 7))
def test_spread_days_are_as_many_and_rise(days: int) -> None:
    weekdays = spread_weekdays(days)

    assert len(weekdays) == days
    assert weekdays == sorted(set(weekdays))
    assert set(weekdays) <= set(range(1, 8))


@given(days=st.integers(2, 7))
def test_spread_days_leave_gaps_that_differ_by_one_day_at_most(days: int) -> None:
    weekdays = spread_weekdays(days)

    gaps = [
        later - day for day, later in zip(weekdays, [*weekdays[1:], weekdays[0] + 7], strict=True)
    ]

    assert max(gaps) - min(gaps) <= 1


@given(times=st.integers(1, 6), days=st.integers(1, 7))
def test_a_schedule_expects_what_was_asked(times: int, days: int) -> None:
    made = schedule_for(times_per_day=times, days_per_week=days)

    expected = (made.times_per_week or 0) + len(weekday_list(made.weekdays)) * (
        made.times_per_day or 0
    )
    assert expected == times * days


AMOUNTS = {
    "sets": st.integers(*RANGES["sets"]),
    "repetitions": st.integers(*RANGES["repetitions"]),
    "hold_seconds": st.integers(*RANGES["hold_seconds"]),
    "duration_seconds": st.integers(*RANGES["duration_seconds"]),
    "distance_m": st.integers(*RANGES["distance_m"]),
    "steps": st.integers(*RANGES["steps"]),
}


@given(
    measure=st.sampled_from(sorted(MEASURE_FIELDS)),
    side=st.sampled_from(SIDES),
    category=st.sampled_from(["gait", "balance"]),
    amounts=st.fixed_dictionaries(AMOUNTS),
)
def test_every_dose_has_words(
    measure: str, side: str, category: str, amounts: dict[str, Any]
) -> None:
    own = {name: amounts[name] for name in MEASURE_FIELDS[measure]}
    row = ProgramItem(side=side, measure=measure, sets=amounts["sets"], **own)

    words = dose_in_words(row, category=category)

    assert "None" not in words
    assert "%" not in words
    assert str(own.get("repetitions", "")) in words


@given(weekdays=st.integers(1, 127), times=st.integers(1, 6))
def test_every_set_of_weekdays_has_words(weekdays: int, times: int) -> None:
    row = ProgramItem(schedule="weekdays", weekdays=weekdays, times_per_day=times)

    words = schedule_in_words(row)

    days = len(weekday_list(weekdays))
    assert words.count("day") == (1 if days == 7 else days) + (times > 1)
