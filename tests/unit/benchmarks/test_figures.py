from __future__ import annotations

import pytest

from benchmarks.figures import (
    Finding,
    Sample,
    Side,
    difference,
    ratio,
    table,
    table_of_findings,
    table_of_sides,
)


def side(name, *samples):
    """A side of (calls, application, database) turns, in seconds, that took a second each."""
    return Side(
        name=name,
        samples=tuple(
            Sample(calls=calls, application=application, database=database, elapsed=1.0)
            for calls, application, database in samples
        ),
    )


def test_a_call_costs_both_the_applications_cpu_and_the_databases():
    sample = Sample(calls=4, application=0.010, database=0.002, elapsed=9.0)

    assert sample.milliseconds == pytest.approx(3.0)


def test_a_side_is_the_median_of_its_turns():
    slow_once = side("upload", (1, 0.002, 0.001), (1, 0.090, 0.050), (1, 0.003, 0.002))

    assert slow_once.milliseconds == pytest.approx(5.0)
    assert slow_once.application == pytest.approx(3.0)
    assert slow_once.database == pytest.approx(2.0)
    assert slow_once.elapsed == 1.0


def test_a_ratio_compares_turns_that_ran_beside_each_other():
    """The machine was three times as slow in the second turn, for both sides alike."""
    upload = side("upload", (1, 0.004, 0), (1, 0.012, 0), (1, 0.004, 0))
    floor = side("floor", (1, 0.002, 0), (1, 0.006, 0), (1, 0.002, 0))

    assert ratio(upload, floor) == pytest.approx(2.0)
    assert difference(upload, floor) == pytest.approx(2.0)


def test_one_turn_that_was_disturbed_does_not_move_a_ratio():
    upload = side("upload", (10, 0.04, 0), (10, 0.40, 0), (10, 0.04, 0))
    floor = side("floor", (10, 0.02, 0), (10, 0.02, 0), (10, 0.02, 0))

    assert ratio(upload, floor) == pytest.approx(2.0)


def test_sides_with_unequal_turns_are_not_compared():
    with pytest.raises(ValueError, match="shorter"):
        ratio(side("upload", (1, 1, 1), (1, 1, 1)), side("floor", (1, 1, 1)))


@pytest.mark.parametrize(
    ("value", "most", "holds"),
    [(3.99, 4.0, True), (4.0, 4.0, True), (4.01, 4.0, False), (99.0, None, None)],
)
def test_a_target_holds_up_to_its_bound(value, most, holds):
    assert Finding(what="upload", value=value, unit="×", most=most).holds is holds


def test_the_findings_say_what_holds():
    printed = table_of_findings(
        [
            Finding(what="upload ÷ floor", value=3.456, unit="×", most=4.0),
            Finding(what="token", value=0.81, unit="ms", most=0.8),
            Finding(what="304 ÷ plan", value=0.4, unit="×"),
        ]
    )

    assert [line.split() for line in printed.splitlines()] == [
        ["measured", "target"],
        ["upload", "÷", "floor", "3.46", "×", "≤", "4", "holds"],
        ["token", "0.81", "ms", "≤", "0.8", "DOES", "NOT", "HOLD"],
        ["304", "÷", "plan", "0.40", "×"],
    ]


def test_the_sides_say_where_their_cpu_went():
    printed = table_of_sides([side("upload", (2, 0.006, 0.002), (2, 0.006, 0.002))])

    assert printed.splitlines()[1].split() == ["upload", "4.00", "3.00", "1.00", "4"]


def test_a_table_aligns_names_left_and_figures_right():
    assert table([("", "a"), ("upload", "10"), ("plan", "5.5")]) == (
        "          a\nupload   10\nplan    5.5"
    )
