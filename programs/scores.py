"""Which scores an instrument takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from django.utils.translation import gettext as _

from core.errors import FieldError
from programs.content import MeasureContent, ScoreRange

AidWord = Literal[
    "none",
    "stick",
    "quad_stick",
    "crutches",
    "frame",
    "rollator",
    "orthosis",
    "stick_and_orthosis",
    "frame_and_orthosis",
    "other",
]
SideWord = Literal["left", "right"]
AIDS: Final[tuple[str, ...]] = get_args(AidWord)
DECIMALS: Final = 3
MOST: Final = Decimal("99999.999")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """
    One score, or `is_unable`. A number has a `value`, a code such as `1+` a `code`.

    `variant`, `aid` and `side` are empty where the instrument has none.
    """

    value: Decimal | None = None
    code: str = ""
    is_unable: bool = False
    variant: str = ""
    aid: str = ""
    side: str = ""


def score_of(
    given: float | str | None, *, is_unable: bool, variant: str, aid: str, side: str
) -> Score:
    """Make a score of what was sent: text is a code, a number is taken as it was written."""
    is_code = isinstance(given, str)
    return Score(
        value=None if given is None or is_code else Decimal(str(given)),
        code=str(given) if is_code else "",
        is_unable=is_unable,
        variant=variant,
        aid=aid,
        side=side,
    )


def faults(content: MeasureContent, score: Score) -> list[FieldError]:
    """Name everything that the instrument does not take, by field."""
    return [*_way_faults(content, score), *_value_faults(content, score)]


def rank(content: MeasureContent, code: str) -> int:
    """Return the place of a code on its scale: `1+` lies between `1` and `2`."""
    return content.codes.index(code)


def range_in_words(limits: ScoreRange, unit: str) -> str:
    """Say a range: "0 to 56 points", "above 0, up to 5 m/s"."""
    words = {"low": f"{limits.low:g}", "unit": unit}
    if limits.high is None:
        said = (
            _("%(low)s %(unit)s and more") if limits.low_is_allowed else _("above %(low)s %(unit)s")
        )
        return said % words
    words["high"] = f"{limits.high:g}"
    if limits.low_is_allowed:
        return _("%(low)s to %(high)s %(unit)s") % words
    return _("above %(low)s, up to %(high)s %(unit)s") % words


def _way_faults(content: MeasureContent, score: Score) -> Iterator[FieldError]:
    """How it was done: variant, aid and side are said where the instrument has them, only there."""
    wanted = {
        "variant": bool(content.variants),
        "aid": content.needs_aid,
        "side": content.is_sided,
    }
    for field, is_wanted in wanted.items():
        given = getattr(score, field)
        if is_wanted and not given:
            yield _fault(field, "missing", _("This is needed for this instrument."))
        elif given and not is_wanted:
            yield _fault(field, "not_asked", _("This instrument has none."))
    known = {one.id for one in content.variants}
    if score.variant and known and score.variant not in known:
        names = ", ".join(sorted(known))
        yield _fault("variant", "unknown_variant", _("One of: %(names)s.") % {"names": names})


def _value_faults(content: MeasureContent, score: Score) -> Iterator[FieldError]:
    given = score.value is not None or bool(score.code)
    if given == score.is_unable:
        yield _fault("score", "score_or_unable", _("Give either a score or unable."))
    elif score.is_unable:
        return
    elif content.codes:
        if score.code not in content.codes:
            names = ", ".join(content.codes)
            yield _fault("score", "not_a_code", _("One of the codes %(names)s.") % {"names": names})
    elif score.value is None:
        yield _fault("score", "wrong_type", _("Expected a number."))
    elif content.range is not None:
        yield from _number_faults(content, content.range, score.value)


def _number_faults(
    content: MeasureContent, limits: ScoreRange, value: Decimal
) -> Iterator[FieldError]:
    low = Decimal(str(limits.low))
    high = MOST if limits.high is None else Decimal(str(limits.high))
    if not low <= value <= high or (value == low and not limits.low_is_allowed):
        words = {"name": content.name, "range": range_in_words(limits, content.unit)}
        yield _fault("score", "out_of_range", _("%(name)s: %(range)s.") % words)
    elif limits.whole_numbers and value != value.to_integral_value():
        yield _fault("score", "not_whole", _("Expected a whole number."))
    elif value != round(value, DECIMALS):
        yield _fault("score", "too_precise", _("At most three decimals."))


def _fault(field: str, code: str, detail: str) -> FieldError:
    return FieldError(field=field, code=code, detail=detail)
