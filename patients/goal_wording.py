"""What a patient reads of a goal: plain words and numbers, never a percentage of it. Pure."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def unit_of(measure: str) -> str:
    """Name the unit of an exercise's measure; a hold is counted in seconds held in all."""
    return {
        "repetitions": pgettext("repetitions done", "times"),
        "hold": pgettext("time held", "seconds"),
        "duration": pgettext("time done", "seconds"),
        "distance": pgettext("metres", "m"),
        "steps": _("steps"),
    }[measure]


def so_far(now: Decimal, target: Decimal, unit: str) -> str:
    """Say how far: "220 of 300 m"."""
    words = {"now": plain(now), "target": plain(target), "unit": unit}
    return _("%(now)s of %(target)s %(unit)s") % words


def towards(now: Decimal, target: Decimal, unit: str) -> str:
    """Say a score and its goal, where less may be better: "14 s now, the goal is 12 s"."""
    words = {"now": plain(now), "target": plain(target), "unit": unit}
    return _("%(now)s %(unit)s now, the goal is %(target)s %(unit)s") % words


def when(amount: str) -> str:
    """Say what an amount is counted over."""
    return {
        "best_set": _("in one go"),
        "day_total": _("in a day"),
        "week_total": _("in a week"),
    }.get(amount, "")


def this_period(amount: str, done: Decimal, unit: str) -> str:
    """Say where today or this week stands; nothing for a best set or a score."""
    words = {"done": plain(done), "unit": unit}
    if amount == "day_total":
        return _("Today: %(done)s %(unit)s") % words
    if amount == "week_total":
        return _("This week: %(done)s %(unit)s") % words
    return ""


def plain(value: Decimal) -> str:
    """Write a number without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
