"""What is stored as JSON, in words: lists and names, no brackets and no keys of rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sessions.alert_wording import NAMES

# Keys of rows, or of the code's own. Pages say by name what they lead to.
NOT_TOLD: Final = {"id", "exercise", "line", "check", "user", "confirmed_by"}
A_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
# A key as the code writes it.
A_KEY: Final = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)+")


def humane(key: str) -> str:
    """Write a key as words: `safety_check_logged`, `low-vision`."""
    return re.sub("[_-]", " ", key) if A_KEY.fullmatch(key) else key


def told(value: Any, *, keys: bool = False) -> str:
    """Tell a stored value; nothing where it says nothing to a person, unless they ask for `keys`."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return _named(value.items(), keys=keys)
    if isinstance(value, str):
        return value if keys and _is_key(value) else _line(value)
    if isinstance(value, Sequence):
        return _listed(value, keys=keys)
    return "" if value is None else str(value)


def told_week(contents: Mapping[str, Any]) -> str:
    """Tell a weekly summary as its reader was told it."""
    days = [f"{_day(one['on'])}: {one['words']}" for one in contents.get("days", ())]
    goals = [f"{one['text']} {one['words']}" for one in contents.get("goals", ())]
    changed = [one["words"] for one in contents.get("corrections", ())]
    said = [contents.get(key, "") for key in ("sentence", "counts", "in_a_row", "next_week")]
    return _listed([*said, *days, *goals, *changed])


def told_answers(answers: Mapping[str, Any], asked: Mapping[str, str]) -> str:
    """Tell answers below their questions."""
    return _named((asked.get(key, humane(key)), value) for key, value in answers.items())


def _named(pairs: Iterable[tuple[str, Any]], *, keys: bool = False) -> str:
    given = list(pairs)
    said = [(key, told(value, keys=keys)) for key, value in given if keys or key not in NOT_TOLD]
    said = [(str(NAMES.get(key, capfirst(humane(key)))), words) for key, words in said if words]
    if len(said) == 1 and "id" in dict(given):
        return said[0][1]
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", said)
    return format_html("<dl>{}</dl>", rows) if said else ""


def _listed(values: Sequence[Any], *, keys: bool = False) -> str:
    if not keys and values and all(isinstance(one, str) and _is_key(one) for one in values):
        return str(len(values))
    said = [words for one in values if (words := told(one, keys=keys))]
    rows: SafeString = format_html_join("", "<li>{}</li>", ((one,) for one in said))
    return format_html("<ul>{}</ul>", rows) if said else ""


def _line(text: str) -> str:
    if _is_key(text):
        return ""
    if A_DAY.fullmatch(text):
        return _day(text)
    # What a person wrote may have a hyphen, and keeps it.
    return text if "-" in text else humane(text)


def _day(text: str) -> str:
    try:
        return date_format(dt.date.fromisoformat(text), "D, M j, Y")
    except ValueError:
        return text


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
