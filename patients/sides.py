"""Which side an exercise is done on: what a therapist may say, and which sides are the same. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.errors import FieldError

RELATIVE = frozenset({"affected", "unaffected"})
OPPOSITE = {"left": "right", "right": "left"}
# By the exercise's laterality. What is done with one limb may also be done in turn or on each
# side; what needs both limbs at once has no side; what alternates may be asked of one limb alone.
SUITABLE: dict[str, frozenset[str]] = {
    "one": frozenset({"left", "right", "alternating", "each"}),
    "both": frozenset({"both"}),
    "alternate": frozenset({"left", "right", "alternating", "each"}),
}


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
    if side not in SUITABLE[laterality]:
        detail = _("This exercise is not done on that side.")
        return [FieldError(field=field, code="side_does_not_suit", detail=detail)]
    return []


def same_side(one: str, other: str) -> bool:
    """Tell whether two prescriptions of one exercise ask the same limb: all but left beside right."""
    return {one, other} != {"left", "right"}
