"""What a therapist asks for: one line of an assignment, or a change to one line of a program. Pure."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.bodies import text, whole
from programs.doses import Dose, Schedule

SideAsked = Literal["left", "right", "both", "alternating", "each", "affected", "unaffected"]
Note = Annotated[str, text(500)]
MOST_LINES = 40


class LineOrder(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An exercise with its whole dose. The note is shown to the patient."""

    exercise: UUID
    dose: Dose
    side: SideAsked
    schedule: Schedule
    note: Note = ""


class ItemChange(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How one item of a program, named by its position, differs for this patient."""

    position: Annotated[int, whole(1, 1000)]
    leave_out: bool = False
    dose: Dose | UnsetType = UNSET
    side: SideAsked | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET
    note: Note = ""


class RowOrder(msgspec.Struct, kw_only=True, frozen=True):
    """
    A new dose, side or schedule of a line; what is left unset stays as it is.

    `newest_version`: from then on as the exercise's newest version says.
    """

    dose: Dose | UnsetType = UNSET
    side: SideAsked | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET
    newest_version: bool = False
