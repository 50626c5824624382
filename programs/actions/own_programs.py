"""Every write of a clinic's own programs: create, publish a new version, copy, retire, restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import cast
from uuid import UUID

from django.utils.translation import gettext as _

from clinics.actors import Actor
from core import bodies
from core.errors import FieldError, Invalid
from programs.actions.own import copy_own, create_own, publish_own, set_retired
from programs.confirmations import Concern
from programs.content import exercise_content
from programs.doses import (
    dose_columns,
    dose_errors,
    dose_of,
    schedule_columns,
    schedule_of,
)
from programs.items import (
    may_be_same_side,
    measure_errors,
    outside_usual_concerns,
    suiting_errors,
)
from programs.models import Exercise, ExerciseVersion, Program, ProgramItem, ProgramVersion
from programs.orders import ItemOrder, ProgramOrder, SideAsked

# What a request says beside the program itself.
BESIDE = ("key", "confirm", "replaces")


def create_program(
    *, key: UUID, order: ProgramOrder, confirm: Collection[str] = (), by: Actor, now: dt.datetime
) -> tuple[Program, bool]:
    """
    Make a program of the clinic's own. With a key that was used for the same, return that one.

    :returns: the program, and whether it is new
    :raises Invalid: naming every item that cannot be so by its place
    :raises NotConfirmed: a dose outside the usual range, or an exercise twice on one side
    :raises KeyReused: the key was used for something else
    """
    return create_own(
        Program,
        key,
        digest_of(order),
        look=lambda: _looked_at(order.items, by),
        publish=lambda made: _publish(made, order, now=now),
        confirm=confirm,
        by=by,
        now=now,
    )


def publish_program_version(
    *,
    program_id: UUID,
    replaces: int,
    order: ProgramOrder,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Program:
    """
    Publish the next version of an own program, a draft again; what was prescribed from it stays.

    The same content again changes nothing: an answer that got lost may be asked for again.

    :raises StaleVersion: `replaces` is not the current version
    :raises EntryRetired:
    :raises Invalid, NotConfirmed: as `create_program`
    """
    return publish_own(
        Program,
        program_id,
        replaces,
        digest_of(order),
        look=lambda _program: _looked_at(order.items, by),
        publish=lambda program: _publish(program, order, now=now),
        confirm=confirm,
        by=by,
        now=now,
    )


def copy_program(
    *, program_id: UUID, key: UUID, name: str = "", by: Actor, now: dt.datetime
) -> tuple[Program, bool]:
    """
    Copy the current version of a shared or an own program, retired or not, into an own one.

    :returns: the copy, and whether it is new
    :raises NotFound: there is no such program to see
    :raises Invalid: an exercise of it is retired
    :raises KeyReused: the key was used for something else
    """

    def publish(source: Program, made: Program) -> None:
        assert source.current is not None, "a program is made with its first version"
        order = order_of(source.current, name=name)
        _current_versions(order.items, by)
        _publish(made, order, now=now)

    return copy_own(Program, program_id, key, name=name, publish=publish, by=by, now=now)


def retire_program(*, program_id: UUID, by: Actor, now: dt.datetime) -> Program:
    """Offer an own program no longer; what was prescribed from it stays."""
    return set_retired(Program, program_id, retired=True, by=by, now=now)


def restore_program(*, program_id: UUID, by: Actor, now: dt.datetime) -> Program:
    """Offer a retired own program again."""
    return set_retired(Program, program_id, retired=False, by=by, now=now)


def digest_of(order: ProgramOrder) -> bytes:
    """Return the SHA-256 of what a program says."""
    return bodies.content_hash(order, without=BESIDE)


def order_of(version: ProgramVersion, *, name: str = "") -> ProgramOrder:
    """Return what a version says as it could be sent."""
    items = [
        ItemOrder(
            exercise=item.exercise_id,
            dose=dose_of(item),
            side=cast("SideAsked", item.side),
            schedule=schedule_of(item),
        )
        for item in version.items.order_by("position")
    ]
    return ProgramOrder(name=name or version.name, weeks=version.weeks, items=tuple(items))


def _publish(program: Program, order: ProgramOrder, *, now: dt.datetime) -> None:
    version = ProgramVersion(
        clinic_id=program.clinic_id,
        program=program,
        number=program.current.number + 1 if program.current else 1,
        published_at=now,
        review_status="draft",
        name=order.name,
        weeks=order.weeks,
        content_hash=digest_of(order),
    )
    version.save(force_insert=True)
    ProgramItem.objects.bulk_create(
        ProgramItem(
            clinic_id=program.clinic_id,
            program_version=version,
            position=position,
            exercise_id=item.exercise,
            side=item.side,
            **dose_columns(item.dose),
            **schedule_columns(item.schedule),
        )
        for position, item in enumerate(order.items, start=1)
    )
    program.current = version
    program.save(update_fields=["current", "updated_at"])


def _looked_at(items: Sequence[ItemOrder], by: Actor) -> list[Concern]:
    """
    Return what a therapist should look at twice.

    :raises Invalid: naming everything that is wrong with any of the items
    """
    versions = _current_versions(items, by)
    errors = [
        error
        for place, (item, version) in enumerate(zip(items, versions, strict=True))
        for error in _item_errors(item, version, f"items.{place}")
    ]
    if errors:
        raise Invalid(errors)
    unusual = [
        concern
        for place, (item, version) in enumerate(zip(items, versions, strict=True))
        for concern in outside_usual_concerns(
            exercise_content(version.content), item.dose, item.schedule, field=f"items.{place}"
        )
    ]
    return [*_repeated(items), *unusual]


def _current_versions(items: Sequence[ItemOrder], by: Actor) -> list[ExerciseVersion]:
    """
    Return the current version of each item's exercise.

    :raises Invalid: one is unknown, another clinic's or retired
    """
    wanted = {item.exercise for item in items}
    found: dict[UUID, Exercise] = {
        one.pk: one
        for one in Exercise.objects.visible_to(by).filter(pk__in=wanted).select_related("current")
    }
    errors = []
    versions = []
    for place, item in enumerate(items):
        field, exercise = f"items.{place}.exercise", found.get(item.exercise)
        if exercise is None or exercise.current is None:
            detail = _("There is no such exercise.")
            errors.append(FieldError(field=field, code="unknown_exercise", detail=detail))
        elif exercise.retired_at is not None:
            detail = _("This exercise is no longer offered. Leave it out.")
            errors.append(FieldError(field=field, code="retired_exercise", detail=detail))
        else:
            versions.append(exercise.current)
    if errors:
        raise Invalid(errors)
    return versions


def _item_errors(item: ItemOrder, version: ExerciseVersion, field: str) -> list[FieldError]:
    return [
        *dose_errors(item.dose, field=f"{field}.dose"),
        *measure_errors(item.dose, measures=version.measures, field=f"{field}.dose"),
        *suiting_errors(item.side, laterality=version.laterality, field=f"{field}.side"),
    ]


def _repeated(items: Sequence[ItemOrder]) -> Iterator[Concern]:
    for place, item in enumerate(items):
        if any(
            other.exercise == item.exercise and may_be_same_side(other.side, item.side)
            for other in items[:place]
        ):
            yield Concern(
                code="repeated_exercise",
                field=f"items.{place}.exercise",
                detail=_("This exercise stands in the program on this side already."),
            )
