"""Which side an exercise is done on: what a therapist may say, and which sides are the same. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.errors import FieldError
from programs.items import RELATIVE, suiting_errors

__all__ = ["RELATIVE", "resolve_side", "same_side", "side_errors"]

OPPOSITE = {"left": "right", "right": "left"}


def resolve_side(asked: str, *, affected_side: str) -> str | None:
    """Return the side that was meant; None where `affected` says nothing about this patient."""
    if asked not in RELATIVE:
        return asked
    if affected_side not in OPPOSITE:
        return None
    return affected_side if asked == "affected" else OPPOSITE[affected_side]


def side_errors(asked: str, *, affected_side: str, laterality: str, field: str) -> list[FieldError]:
    """Return why a side cannot be prescribed; nothing where it can."""
    side = resolve_side(asked, affected_side=affected_side)
    if side is None:
        detail = _("This patient has no one affected side. Say left or right.")
        return [FieldError(field=field, code="no_affected_side", detail=detail)]
    return suiting_errors(side, laterality=laterality, field=field)


def same_side(one: str, other: str) -> bool:
    """Tell whether two prescriptions of one exercise ask the same limb: all but left beside right."""
    return {one, other} != {"left", "right"}
