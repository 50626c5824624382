"""Cells of the operators' lists, named: on a narrow screen a row is a card, and no head is above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rehab_platform.operating.shown import plainly

# Django shows yes and no as signs, green and red, and has them read as "True" and "False".
SIGN: Final = re.compile(r'<img [^>]*alt="(?P<said>True|False)">')
register = template.Library()
register.filter(plainly)


@register.filter
def named_cells(row: Iterable[str], headers: Iterable[Mapping[str, Any]]) -> Iterator[SafeString]:
    """
    Give each cell of a row its role and its column's name.

    Laid out as a card, the table would be none to a screen reader: hence the roles.
    """
    for cell, header in zip(row, headers, strict=True):
        tag, role = ("th", "rowheader") if cell.startswith("<th") else ("td", "cell")
        # The box that chooses a row says itself what it does.
        is_box = "action-checkbox-column" in header.get("class_attrib", "")
        name = "" if is_box else plainly(header["text"])
        said = format_html('<{} role="{}" data-name="{}"', tag, role, capfirst(name))
        rest = SIGN.sub(_in_words, cell.removeprefix(f"<{tag}"))
        yield mark_safe(said + rest)  # noqa: S308 - Django made the cell


def _in_words(sign: re.Match[str]) -> str:
    return _("yes") if sign["said"] == "True" else _("no")
