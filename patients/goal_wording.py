"""What a patient reads of a goal: plain words and numbers, never a percentage of it. Pure."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from patients.goal_progress import is_reached
from programs.wording import SECONDS_IN_MINUTE, time_in_words

TIMED = frozenset({"hold", "duration"})


def unit_of(measure: str) -> str:
    """Name the unit of an exercise's measure in numbers; a hold is counted in seconds held in all."""
    return {
        "repetitions": pgettext("repetitions done", "times"),
        "hold": pgettext("time held", "seconds"),
        "duration": pgettext("time done", "seconds"),
        "distance": pgettext("metres", "m"),
        "steps": _("steps"),
    }[measure]


def so_far(now: Decimal, target: Decimal, measure: str) -> str:
    """Say how far, in whole amounts of a measure: "220 of 300 m"; "You met your goal: 320 m"."""
    if now >= target:
        return _met(_amount(now, measure))
    size = 1
    if measure in TIMED and target >= SECONDS_IN_MINUTE:
        if now % SECONDS_IN_MINUTE or target % SECONDS_IN_MINUTE:
            words = {"now": _amount(now, measure), "target": _amount(target, measure)}
            return _("%(now)s of %(target)s") % words
        size = SECONDS_IN_MINUTE
    words = {"now": plain(now / size), "target": _amount(target, measure)}
    return _("%(now)s of %(target)s") % words


def towards(*, baseline: Decimal, target: Decimal, now: Decimal, unit: str) -> str:
    """Say a score and its goal, where less may be better: "14 s now, the goal is 12 s"."""
    words = {"now": plain(now), "target": plain(target), "unit": unit}
    if is_reached(baseline=baseline, target=target, now=now):
        return _met(_("%(now)s %(unit)s") % words)
    return _("%(now)s %(unit)s now, the goal is %(target)s %(unit)s") % words


def _met(amount: str) -> str:
    return _("You met your goal: %(amount)s") % {"amount": amount}


def _amount(value: Decimal, measure: str) -> str:
    """Say an amount with its unit, time in minutes and seconds: "1 minute 30 seconds"."""
    number = int(value)
    if measure in TIMED:
        return time_in_words(number)
    words = {
        "repetitions": ngettext("%(count)d time", "%(count)d times", number),
        "distance": ngettext("%(count)d m", "%(count)d m", number),
        "steps": ngettext("%(count)d step", "%(count)d steps", number),
    }
    return words[measure] % {"count": number}


def when(amount: str) -> str:
    """Say what an amount is counted over."""
    return {
        "best_set": _("in one go"),
        "day_total": _("in a day"),
        "week_total": _("in a week"),
    }.get(amount, "")


def this_period(amount: str, done: Decimal, measure: str) -> str:
    """Say where today or this week stands; nothing for a best set or a score."""
    if amount == "day_total":
        return _("Today: %(done)s") % {"done": _amount(done, measure)}
    if amount == "week_total":
        return _("This week: %(done)s") % {"done": _amount(done, measure)}
    return ""


def plain(value: Decimal) -> str:
    """Write a number without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
