"""What changes of a line in place, with no date and no successor: its note and where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType

from clinics.actors import Actor
from core.errors import Invalid
from patients.actions.prescribing import lock_assignment, lock_line, record
from patients.models import Assignment, Line


def change_line(
    *,
    line_id: UUID,
    note: str | UnsetType = UNSET,
    position: int | UnsetType = UNSET,
    by: Actor,
    now: dt.datetime,
) -> Line:
    """Change, in place, the note to the patient or the line's place among the others (1 is first)."""
    with transaction.atomic(savepoint=False):
        line = lock_line(line_id, by)
        changed = []
        if note is not UNSET and note != line.note:
            Line.objects.filter(pk=line.pk).update(note=note, updated_at=now)
            changed.append("note")
        if position is not UNSET and _move(line, position, now=now):
            changed.append("position")
        if changed:
            record("line_changed", line.patient, line, by=by, now=now, fields=changed)
        line.refresh_from_db(fields=["note", "position"])
    return line


def order_lines(
    *, assignment_id: UUID, lines: Sequence[UUID], by: Actor, now: dt.datetime
) -> Assignment:
    """
    Put the lines of an assignment in this order, in place.

    :raises Invalid: the lines named are not exactly those of the assignment, each once
    """
    with transaction.atomic(savepoint=False):
        assignment = lock_assignment(assignment_id, by)
        own = list(assignment.lines.select_for_update().order_by("pk"))
        if sorted(lines) != sorted(line.pk for line in own):
            detail = _("Name each line of this assignment once.")
            raise Invalid.at("lines", "lines_differ", detail)
        if _renumber(own, lines, now=now):
            record("lines_reordered", assignment.patient, assignment, by=by, now=now)
    return assignment


def _move(line: Line, position: int, *, now: dt.datetime) -> bool:
    own = list(line.assignment.lines.select_for_update().order_by("pk"))
    others = [one.pk for one in _by_position(own) if one.pk != line.pk]
    if not 1 <= position <= len(own):
        detail = _("There is no such place.")
        raise Invalid.at("position", "out_of_range", detail)
    return _renumber(own, [*others[: position - 1], line.pk, *others[position - 1 :]], now=now)


def _by_position(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.position, one.pk))


def _renumber(lines: Sequence[Line], order: Sequence[UUID], *, now: dt.datetime) -> bool:
    """Number lines from 1 in this order; tell whether any of them moved."""
    places: dict[UUID, int] = {pk: place for place, pk in enumerate(order, start=1)}
    moved: list[Any] = [line for line in lines if line.position != places[line.pk]]
    for line in moved:
        line.position, line.updated_at = places[line.pk], now
    Line.objects.bulk_update(moved, ["position", "updated_at"])
    return bool(moved)
