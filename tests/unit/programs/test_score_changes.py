"""What a change says: at each figure's edge, by the baseline's subgroup, between like and like."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from programs.content import Change, MeasureContent, ScoreRange
from programs.score_changes import Reading, read_change
from programs.scores import Score
from tests.factories.programs import shipped

MEASURES = {one.slug: one.content for one in shipped().measures}
COMFORTABLE = {"variant": "comfortable", "aid": "stick"}
MAXIMUM = {"variant": "maximum", "aid": "stick"}
WALK = {"aid": "stick"}
HOSOI = "Hosoi 2023, Front Neurol 1219505"


def read(
    slug: str, earlier: str, later: str, way: dict[str, str], speed: str | None = None
) -> Reading:
    """Read a change; `speed` is the comfortable walking speed at the baseline."""
    known = None if speed is None else Decimal(speed)
    found = read_change(
        MEASURES[slug],
        Score(value=Decimal(earlier), **way),
        Score(value=Decimal(later), **way),
        baseline_of=lambda slug, variant: (
            known if (slug, variant) == ("gait_speed", "comfortable") else None
        ),
    )
    assert found is not None
    return found


# The 10-metre walk: what its error is by the comfortable speed before, and its edges.
@pytest.mark.parametrize(
    ("way", "speed", "mdc"),
    [
        (COMFORTABLE, "0.001", "0.05"),
        (COMFORTABLE, "0.399", "0.05"),
        (COMFORTABLE, "0.4", "0.11"),
        (COMFORTABLE, "0.8", "0.11"),
        (COMFORTABLE, "0.801", "0.21"),
        (MAXIMUM, "0.399", "0.04"),
        (MAXIMUM, "0.4", "0.12"),
        (MAXIMUM, "0.8", "0.12"),
        (MAXIMUM, "0.801", "0.19"),
    ],
)
def test_the_error_of_a_10_metre_walk_is_by_the_speed_before(
    way: dict[str, str], speed: str, mdc: str
) -> None:
    before = Decimal(speed)
    hair = Decimal("0.001")

    words = {
        step: read("gait_speed", speed, str(before + step), way, speed).word
        for step in (Decimal(mdc) - hair, Decimal(mdc), Decimal(mdc) + hair)
    }
    found = read("gait_speed", speed, speed, way, speed)

    assert list(words.values()) == ["within_measurement_error", "real_change", "real_change"]
    assert found.figure is not None
    assert (found.figure.amount, found.figure.change.source) == (Decimal(mdc), HOSOI)
    assert found.figure.change.kind == "mdc"


@pytest.mark.parametrize(
    ("later", "word"),
    [
        ("0.49", "worse"),
        ("0.391", "worse"),
        ("0.390", "worse"),
        ("0.491", "within_measurement_error"),
        ("0.6", "within_measurement_error"),
        ("0.709", "within_measurement_error"),
        ("0.71", "real_change"),
    ],
)
def test_slower_beyond_the_error_is_worse(later: str, word: str) -> None:
    assert read("gait_speed", "0.6", later, COMFORTABLE, "0.6").word == word


def test_a_maximum_walk_without_a_known_comfortable_speed_is_not_read() -> None:
    found = read("gait_speed", "0.9", "1.4", MAXIMUM)

    assert (found.word, found.figure, found.matters) == (None, None, None)
    assert found.difference == Decimal("0.5")


# The 6-minute walk: what matters is known below 0.40 m/s alone, and its error is larger than that.
@pytest.mark.parametrize("speed", ["0.1", "0.35", "0.399"])
@pytest.mark.parametrize(
    ("later", "word", "matters"),
    [
        ("100", "within_measurement_error", False),
        ("143.9", "within_measurement_error", False),
        ("144", "within_measurement_error", False),
        ("150", "within_measurement_error", False),
        ("154", "within_measurement_error", False),
        ("154.1", "real_change", True),
        ("154.2", "real_change", True),
        ("171", "real_change", True),
        ("45.9", "worse", False),
    ],
)
def test_a_6_minute_walk_matters_where_it_is_beyond_the_error_too(
    speed: str, later: str, word: str, matters: bool
) -> None:
    found = read("six_minute_walk", "100", later, WALK, speed)

    assert (found.word, found.matters) == (word, matters)
    assert found.mcid is not None
    assert (found.mcid.amount, found.mcid.change.source) == (44, "Fulk 2018, JNPT 42:235")


@pytest.mark.parametrize("speed", ["0.4", "0.401", "0.8", None])
@pytest.mark.parametrize("later", ["150", "154.1", "164", "165", "170", "171", "300"])
def test_from_0_40_metres_a_second_no_figure_says_what_matters_in_it(
    speed: str | None, later: str
) -> None:
    """Nor where the speed before is not known: the figures of all speeds are not reliable there."""
    found = read("six_minute_walk", "100", later, WALK, speed)

    assert (found.matters, found.mcid) == (None, None)
    assert found.word == (
        "real_change" if Decimal(later) >= Decimal("154.1") else "within_measurement_error"
    )


# Berg: 5 points matter to somebody early after the stroke, 6 are beyond the error.
@pytest.mark.parametrize(("later", "matters"), [("44", False), ("45", False), ("46", True)])
def test_points_of_balance_within_the_error_do_not_matter(later: str, matters: bool) -> None:
    assert read("berg_balance", "40", later, {}).matters is matters


@pytest.mark.parametrize("slug", [one for one, said in MEASURES.items() if said.range])
def test_nothing_within_measurement_error_matters(slug: str) -> None:
    way = {"variant": "comfortable"} if slug == "gait_speed" else {}
    changed = [Decimal(step) / 100 for step in (*range(-400, 400, 3), *range(-9000, 9000, 100))]

    for speed in (None, "0.2", "0.6", "1"):
        found = [read(slug, speed or "4", str(Decimal(4) + step), way, speed) for step in changed]
        assert not any(one.matters for one in found if one.word == "within_measurement_error")
        assert not any(one.matters for one in found if one.word == "worse")
        assert {one.matters is None for one in found} == {found[0].mcid is None}


@pytest.mark.parametrize(
    ("slug", "earlier", "later", "word"),
    [
        # 54.1 m
        ("six_minute_walk", "200", "254", "within_measurement_error"),
        ("six_minute_walk", "200", "254.1", "real_change"),
        ("six_minute_walk", "200", "145.9", "worse"),
        ("six_minute_walk", "200", "146", "within_measurement_error"),
        # 6 points
        ("berg_balance", "40", "45", "within_measurement_error"),
        ("berg_balance", "40", "46", "real_change"),
        ("berg_balance", "40", "34", "worse"),
        ("berg_balance", "40", "35", "within_measurement_error"),
        # 23 % of the time before, less is better
        ("timed_up_and_go", "20", "15.4", "real_change"),
        ("timed_up_and_go", "20", "15.401", "within_measurement_error"),
        ("timed_up_and_go", "20", "24.599", "within_measurement_error"),
        ("timed_up_and_go", "20", "24.6", "worse"),
        ("timed_up_and_go", "30", "23.1", "real_change"),
        ("timed_up_and_go", "30", "23.2", "within_measurement_error"),
        # No error is known: as large as what matters is real, less says nothing.
        ("fugl_meyer_le", "20", "26", "real_change"),
        ("fugl_meyer_le", "20", "25", None),
        ("fugl_meyer_le", "20", "15", None),
        ("fugl_meyer_le", "20", "14", "worse"),
        ("functional_ambulation", "2", "3", "real_change"),
        ("functional_ambulation", "2", "2", None),
        ("functional_ambulation", "2", "1", "worse"),
        ("balance_confidence", "50", "65.6", "real_change"),
        ("balance_confidence", "50", "65.5", None),
        ("pain_nrs", "6", "3", "real_change"),
        ("pain_nrs", "6", "4", None),
        ("pain_nrs", "6", "8", None),
        ("pain_nrs", "6", "9", "worse"),
        # No figure has a named source.
        ("five_times_sit_to_stand", "20", "10", None),
        ("two_minute_walk", "50", "90", None),
    ],
)
def test_each_instrument_at_the_edge_of_its_figure(
    slug: str, earlier: str, later: str, word: str | None
) -> None:
    way = WALK if MEASURES[slug].needs_aid else {}

    assert read(slug, earlier, later, way).word == word


def test_a_figure_without_a_named_source_is_never_used() -> None:
    used = [
        found.change.source
        for slug, content in MEASURES.items()
        if content.range
        for speed in (None, "0.2", "0.6", "1")
        for reading in [read(slug, "4", "5", {}, speed)]
        for found in (reading.figure, reading.mcid)
        if found is not None
    ]

    assert used
    assert all(used)


def test_an_unsourced_figure_before_a_sourced_one_is_passed_over() -> None:
    unsourced, sourced = (
        Change(kind="mdc", value=value, seen="reported", source=source)
        for value, source in ((1, ""), (3, "A source"))
    )
    content = scale_with(unsourced, sourced)

    found = _read(content, Score(value=Decimal(10)), Score(value=Decimal(12)))

    assert content.sourced_changes == (sourced,)
    assert (found.word, found.figure.change) == ("within_measurement_error", sourced)
    assert content.is_offered
    assert not scale_with(unsourced).is_offered


def test_a_figure_that_is_shown_only_reads_no_change() -> None:
    shown, used = (
        Change(kind="mdc", value=value, seen="seen", source="A source", shown_only=shown_only)
        for value, shown_only in ((1, True), (3, False))
    )

    alone, both = (
        _read(scale_with(*changes), Score(value=Decimal(10)), Score(value=Decimal(12)))
        for changes in ([shown], [shown, used])
    )

    assert (alone.word, alone.figure) == (None, None)
    assert (both.word, both.figure.change) == ("within_measurement_error", used)


def scale_with(*changes: Change) -> MeasureContent:
    return MeasureContent(
        review_status="draft", name="A scale", unit="points", better="higher",
        changes=changes, range=ScoreRange(low=0, high=56),
    )  # fmt: skip


def test_of_a_range_of_figures_the_upper_end_is_asked() -> None:
    change = Change(kind="mdc", value=2.5, up_to=4.7, seen="seen", source="A named source")
    content = scale_with(change)

    words = [
        _read(content, Score(value=Decimal(10)), Score(value=Decimal(later))).word
        for later in ("14.6", "14.7")
    ]

    assert words == ["within_measurement_error", "real_change"]


# ---- like with like -----------------------------------------------------------------------------

TEN = {"value": Decimal("0.6"), "variant": "comfortable", "aid": "stick"}


def _read(content: MeasureContent, earlier: Score, later: Score) -> Any:
    return read_change(content, earlier, later, baseline_of=lambda _slug, _variant: Decimal("0.6"))


@pytest.mark.parametrize(
    ("earlier", "later", "is_compared"),
    [
        ({}, {}, True),
        ({}, {"variant": "maximum"}, False),
        ({}, {"aid": "none"}, False),
        ({"aid": "frame"}, {}, False),
        ({"side": "left"}, {"side": "left"}, True),
        ({"side": "left"}, {"side": "right"}, False),
        ({"value": None, "is_unable": True}, {}, False),
        ({}, {"value": None, "is_unable": True}, False),
        ({"value": None, "is_unable": True}, {"value": None, "is_unable": True}, False),
    ],
)
def test_only_like_and_like_are_compared(
    earlier: dict[str, Any], later: dict[str, Any], is_compared: bool
) -> None:
    found = _read(MEASURES["gait_speed"], Score(**(TEN | earlier)), Score(**(TEN | later)))

    assert (found is not None) is is_compared


def test_grades_are_in_order_but_their_steps_have_no_size() -> None:
    way = {"variant": "plantar_flexors", "side": "left"}

    found = _read(MEASURES["modified_ashworth"], Score(code="2", **way), Score(code="1+", **way))

    assert found is None
