"""
What a change from one score to another says, by the instrument's published figures. Pure.

The smallest change beyond the measurement's error (MDC) decides where there is one with a named
source that fits the variant and the baseline. Where there is none, a change as large as one that
matters (MCID) is real too, and a smaller one says nothing: its error is not known. Within the error
no change matters, however small the one is that matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from programs.content import Baseline, Change, MeasureContent
from programs.scores import Score

ReadingWord = Literal["real_change", "within_measurement_error", "worse"]
# The score of an instrument and variant that stood at the baseline, None where it is not known.
BaselineOf = Callable[[str, str], Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A published change as it applies here: `amount` in the instrument's unit."""

    change: Change
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    `difference` is later minus earlier, whatever the better direction.

    `word` is by `figure`; `matters`, by `mcid`, tells whether a change for the better is as large
    as one that matters to patients, and real. Each is None where there is no figure.
    """

    difference: Decimal
    word: ReadingWord | None
    figure: Figure | None
    matters: bool | None
    mcid: Figure | None


def alike(one: Score, other: Score) -> bool:
    """Tell whether two scores of one instrument may be compared: variant, aid and side agree."""
    return (one.variant, one.aid, one.side) == (other.variant, other.aid, other.side)


def read_change(
    content: MeasureContent, earlier: Score, later: Score, *, baseline_of: BaselineOf
) -> Reading | None:
    """Read a change between like and like; None where there is nothing to compare."""
    if earlier.value is None or later.value is None or not alike(earlier, later):
        return None
    difference = later.value - earlier.value
    gain = difference if content.better == "higher" else -difference
    mdc = _figure(content, "mdc", earlier, baseline_of)
    mcid = _figure(content, "mcid", earlier, baseline_of)
    figure = mdc or mcid
    word = _word(gain, figure) if figure else None
    return Reading(
        difference=difference,
        word=word,
        figure=figure,
        matters=word == "real_change" and gain >= mcid.amount if mcid else None,
        mcid=mcid,
    )


def _word(gain: Decimal, figure: Figure) -> ReadingWord | None:
    if gain >= figure.amount:
        return "real_change"
    if gain <= -figure.amount:
        return "worse"
    return "within_measurement_error" if figure.change.kind == "mdc" else None


def _figure(
    content: MeasureContent, kind: str, earlier: Score, baseline_of: BaselineOf
) -> Figure | None:
    """Return the first sourced figure of a kind that fits; of a range of figures the upper end."""
    assert earlier.value is not None
    for change in content.sourced_changes:
        is_for = change.variant is None or change.variant == earlier.variant
        if change.kind != kind or change.shown_only or not is_for:
            continue
        if change.baseline is not None and not _fits(change.baseline, baseline_of):
            continue
        amount = Decimal(str(change.up_to or change.value))
        if change.in_percent:
            amount = amount * earlier.value / 100
        return Figure(change=change, amount=amount)
    return None


def _fits(baseline: Baseline, baseline_of: BaselineOf) -> bool:
    score = baseline_of(baseline.of, baseline.variant or "")
    if score is None:
        return False
    return not (
        (baseline.at_least is not None and score < Decimal(str(baseline.at_least)))
        or (baseline.above is not None and score <= Decimal(str(baseline.above)))
        or (baseline.below is not None and score >= Decimal(str(baseline.below)))
        or (baseline.at_most is not None and score > Decimal(str(baseline.at_most)))
    )
