"""
A dose, a side and a schedule in a patient's words: short, plain and kind.

A row is anything with the columns of programs.dose.DoseFields: a prescription, an item of a
program, or the default line of an exercise.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from programs.dose import weekday_list

EVERY_DAY = 0b111_1111
SECONDS_IN_MINUTE = 60


class DoseRow(Protocol):
    """The columns of a dose that its words are made of."""

    @property
    def measure(self) -> str: ...
    @property
    def sets(self) -> int: ...
    @property
    def side(self) -> str: ...
    @property
    def repetitions(self) -> int | None: ...
    @property
    def repetitions_max(self) -> int | None: ...
    @property
    def hold_seconds(self) -> int | None: ...
    @property
    def duration_seconds(self) -> int | None: ...
    @property
    def distance_m(self) -> int | None: ...
    @property
    def steps(self) -> int | None: ...
    @property
    def load_kg(self) -> Decimal | None: ...
    @property
    def rest_seconds(self) -> int | None: ...
    @property
    def tempo(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def effort_ceiling(self) -> int | None: ...


class ScheduleRow(Protocol):
    """The columns of a schedule."""

    @property
    def schedule(self) -> str: ...
    @property
    def weekdays(self) -> int: ...
    @property
    def times_per_day(self) -> int | None: ...
    @property
    def times_per_week(self) -> int | None: ...


def dose_in_words(row: DoseRow, *, category: str = "") -> str:
    """
    Say a dose: "2 sets of 8 to 12, hold 20 seconds".

    Of an exercise of the category `gait` it says "walk 10 minutes".
    """
    parts = [_walked(row) if category == "gait" else _amount(row)]
    if row.measure == "hold":
        parts.append(_("hold %(time)s") % {"time": time_in_words(row.hold_seconds or 0)})
    if row.load_kg:
        parts.append(_("with %(load)s kg") % {"load": f"{row.load_kg.normalize():f}"})
    if row.side == "each":
        parts.append(_("on each side"))
    elif row.side == "alternating":
        parts.append(_("changing sides each time"))
    return ", ".join(parts)


def _walked(row: DoseRow) -> str:
    if row.measure in {"repetitions", "hold"}:
        return _amount(row)
    return _("walk %(amount)s") % {"amount": _amount(row)}


def _amount(row: DoseRow) -> str:
    one = one_set_in_words(row)
    if row.measure in {"repetitions", "hold"}:
        told = {"count": row.sets, "amount": one}
        return (
            ngettext("%(count)d set of %(amount)s", "%(count)d sets of %(amount)s", row.sets) % told
        )
    if row.sets == 1:
        return one
    return _("%(count)d times %(amount)s") % {"count": row.sets, "amount": one}


def one_set_in_words(row: DoseRow) -> str:
    """Say what one set is in its measure, without the hold: "8 to 12", "50 metres"."""
    if row.measure == "duration":
        return time_in_words(row.duration_seconds or 0)
    if row.measure == "distance":
        metres = row.distance_m or 0
        return ngettext("%(count)d metre", "%(count)d metres", metres) % {"count": metres}
    if row.measure == "steps":
        steps = row.steps or 0
        return ngettext("%(count)d step", "%(count)d steps", steps) % {"count": steps}
    if row.repetitions_max:
        told = {"low": row.repetitions, "high": row.repetitions_max}
        return _("%(low)d to %(high)d") % told
    return str(row.repetitions)


def time_in_words(seconds: int) -> str:
    """Say a length of time in minutes and seconds: "1 minute 30 seconds"."""
    minutes, rest = divmod(seconds, SECONDS_IN_MINUTE)
    parts = []
    if minutes:
        parts.append(
            ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
        )
    if rest or not minutes:
        parts.append(ngettext("%(count)d second", "%(count)d seconds", rest) % {"count": rest})
    return " ".join(parts)


def details_in_words(row: DoseRow) -> list[str]:
    """Say what else there is to a dose, a short sentence each: rest, tempo, device, effort."""
    details = []
    if row.rest_seconds and row.sets > 1:
        told = {"time": time_in_words(row.rest_seconds)}
        details.append(_("Rest %(time)s between sets.") % told)
    if row.tempo:
        details.append(_("Count: %(tempo)s.") % {"tempo": row.tempo})
    if row.device:
        details.append(_("Use: %(device)s.") % {"device": row.device})
    if row.effort_ceiling is not None:
        details.append(_("Effort: no more than %(most)d out of 10.") % {"most": row.effort_ceiling})
    return details


def schedule_in_words(row: ScheduleRow) -> str:
    """Say when: "every day", "2 times a day, on Monday and Friday", "3 days a week"."""
    if row.schedule == "as_needed":
        return _("when you need it")
    if row.schedule == "times_per_week":
        days = row.times_per_week or 0
        return ngettext("%(count)d day a week", "%(count)d days a week", days) % {"count": days}
    when = weekdays_in_words(row.weekdays)
    times = row.times_per_day or 1
    if times == 1:
        return when
    return _("%(count)d times a day, %(when)s") % {"count": times, "when": when}


def weekdays_in_words(bits: int) -> str:
    """Name the days of a set of weekdays, as stored in bits."""
    if bits == EVERY_DAY:
        return _("every day")
    names = [str(WEEKDAYS[day - 1]) for day in weekday_list(bits)]
    return _("on %(days)s") % {"days": get_text_list(names, _("and"))}


def side_name(side: str) -> str:
    """Name the left or the right."""
    return pgettext("side", "left") if side == "left" else pgettext("side", "right")


def leading_side(side: str, *, affected: str) -> str:
    """
    Return the side, `left` or `right`, that the words and the picture show.

    Where both sides do it, that is the affected one, so that it comes first while fresh; left
    where both or none is affected.
    """
    for one in (side, affected):
        if one in {"left", "right"}:
            return one
    return "left"


def side_in_words(side: str, *, affected: str) -> str:
    """Say in a sentence which leg does the exercise, and in which order."""
    first = leading_side(side, affected=affected)
    told = {"side": side_name(first), "other": side_name(other_side(first))}
    sentences = {
        "both": _("Use both legs."),
        "alternating": _("Start with your %(side)s leg. Then change legs each time."),
        "each": _("Do it with your %(side)s leg. Then do it all with your %(other)s leg."),
    }
    return sentences.get(side, _("Use your %(side)s leg.")) % told


def other_side(side: str) -> str:
    """Return the opposite of `left` or `right`."""
    return "right" if side == "left" else "left"


def with_sides(text: str, *, side: str) -> str:
    """Fill in `{side}` and `{other}`; `side` is `left` or `right`."""
    filled = text.replace("{side}", side_name(side))
    return filled.replace("{other}", side_name(other_side(side)))
