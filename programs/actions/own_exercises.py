"""Every write of a clinic's own exercises: create, publish a new version, copy, retire, restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from clinics.actors import Actor
from core import bodies
from core.errors import FieldError, Invalid
from programs.actions.own import copy_own, create_own, publish_own, set_retired
from programs.actions.publish import exercise_version
from programs.confirmations import Concern
from programs.content import ExerciseContent, content_hash, exercise_content
from programs.exercise_rules import Fault, faults_of, hard_to_read
from programs.models import Exercise, ExerciseVersion
from programs.orders import ExerciseOrder, content_of

# What a request says beside the exercise itself.
BESIDE = ("key", "confirm")


def create_exercise(
    *, key: UUID, order: ExerciseOrder, confirm: Collection[str] = (), by: Actor, now: dt.datetime
) -> tuple[Exercise, bool]:
    """
    Make an exercise of the clinic's own. With a key that was used for the same, return that one.

    :returns: the exercise, and whether it is new
    :raises Invalid: naming every field that cannot be so
    :raises NotConfirmed: what the patient reads is hard to read
    :raises KeyReused: the key was used for something else
    """
    content = content_of(order)
    return create_own(
        Exercise,
        key,
        bodies.content_hash(order, without=BESIDE),
        look=lambda: _looked_at(content, by=by),
        publish=lambda made: _publish(made, content, now=now),
        confirm=confirm,
        by=by,
        now=now,
    )


def publish_exercise_version(
    *,
    exercise_id: UUID,
    replaces: int,
    order: ExerciseOrder,
    confirm: Collection[str] = (),
    by: Actor,
    now: dt.datetime,
) -> Exercise:
    """
    Publish the next version of an own exercise, a draft again; what was prescribed stays.

    The same content again changes nothing: an answer that got lost may be asked for again.

    :raises StaleVersion: `replaces` is not the current version
    :raises EntryRetired:
    :raises Invalid: also where a check's id would get another right answer
    """
    content = content_of(order)
    return publish_own(
        Exercise,
        exercise_id,
        replaces,
        content_hash(content),
        look=lambda exercise: _looked_at(content, exercise=exercise, by=by),
        publish=lambda exercise: _publish(exercise, content, now=now),
        confirm=confirm,
        by=by,
        now=now,
    )


def copy_exercise(
    *, exercise_id: UUID, key: UUID, name: str = "", by: Actor, now: dt.datetime
) -> tuple[Exercise, bool]:
    """
    Copy the current version of a shared or an own exercise, retired or not, into an own one.

    The copy is a draft, keeps the checks' ids and says which version it was copied from.

    :returns: the copy, and whether it is new
    :raises NotFound: there is no such exercise to see
    :raises KeyReused: the key was used for something else
    """

    def publish(source: Exercise, made: Exercise) -> None:
        said = exercise_content(_current(source).content)
        _publish(made, copied(said, name=name), now=now)

    return copy_own(Exercise, exercise_id, key, name=name, publish=publish, by=by, now=now)


def retire_exercise(*, exercise_id: UUID, by: Actor, now: dt.datetime) -> Exercise:
    """Offer an own exercise no longer; what is prescribed of it stays."""
    return set_retired(Exercise, exercise_id, retired=True, by=by, now=now)


def restore_exercise(*, exercise_id: UUID, by: Actor, now: dt.datetime) -> Exercise:
    """Offer a retired own exercise again."""
    return set_retired(Exercise, exercise_id, retired=False, by=by, now=now)


def copied(content: ExerciseContent, *, name: str = "") -> ExerciseContent:
    """Return a draft that says the same; what only the shipped catalogue knows is left out."""
    return msgspec.structs.replace(
        content,
        name=name or content.name,
        review_status="draft",
        reviewed_by="",
        reviewed_on=None,
        core_six=False,
        variant_of=None,
    )


def _publish(exercise: Exercise, content: ExerciseContent, *, now: dt.datetime) -> None:
    version = exercise_version(exercise, content, now=now)
    version.save(force_insert=True)
    exercise.current = version
    exercise.save(update_fields=["current", "updated_at"])


def _current(exercise: Exercise) -> ExerciseVersion:
    assert exercise.current is not None, "an exercise is made with its first version"
    return exercise.current


def _looked_at(
    content: ExerciseContent, *, exercise: Exercise | None = None, by: Actor
) -> list[Concern]:
    """
    Return what a therapist should look at twice.

    :raises Invalid: naming everything that is wrong at once
    """
    faults = [
        *faults_of(content),
        *_picture_faults(content, by),
        *_link_faults(content, exercise, by),
        *(_check_faults(content, exercise) if exercise else ()),
    ]
    if faults:
        raise Invalid([_as_error(fault) for fault in faults])
    return [
        Concern(code=one.code, field=one.field, detail=_as_error(one).detail)
        for one in hard_to_read(content)
    ]


def _as_error(fault: Fault) -> FieldError:
    """Say a fault as a sentence."""
    said = fault.detail[:1].upper() + fault.detail[1:]
    ended = said if said.endswith((".", "!", "?")) else f"{said}."
    return FieldError(field=fault.field, code=fault.code, detail=ended)


def _picture_faults(content: ExerciseContent, by: Actor) -> Iterator[Fault]:
    """A picture is one that an exercise shows which the clinic sees; there is no other store."""
    shown = content.picture
    if shown is None:
        return
    versions = ExerciseVersion.objects.visible_to(by).filter(
        content__picture={"name": shown.name, "faults": shown.faults}
    )
    if not versions.exists():
        detail = _("no exercise has this picture with as many faults")
        yield Fault("picture", "unknown_picture", detail)


def _link_faults(content: ExerciseContent, exercise: Exercise | None, by: Actor) -> Iterator[Fault]:
    """Easier and harder ones are other exercises that the clinic sees, each named once."""
    links = [
        *((f"easier_exercises.{place}", one) for place, one in enumerate(content.easier_exercises)),
        *((f"harder_exercises.{place}", one) for place, one in enumerate(content.harder_exercises)),
    ]
    wanted = {one for _field, one in links}
    known = set(
        Exercise.objects.visible_to(by).filter(pk__in=wanted).values_list("pk", flat=True)
        if wanted
        else ()
    )
    seen: set[UUID] = set()
    for field, one in links:
        if one not in known or (exercise is not None and one == exercise.pk):
            yield Fault(field, "unknown_exercise", _("there is no other such exercise"))
        elif one in seen:
            yield Fault(field, "repeated", _("this exercise is named already"))
        seen.add(one)


def _check_faults(content: ExerciseContent, exercise: Exercise) -> Iterator[Fault]:
    """An id keeps its right answer through all versions: what patients answered is kept by it."""
    published = exercise.versions.order_by("number").values_list("content__checks", flat=True)
    right = {check["id"]: check["right"] for checks in published for check in checks}
    for place, check in enumerate(content.checks):
        if right.get(check.id, check.right) != check.right:
            detail = _("the check %(id)s meant the other answer before; give it a new id")
            yield Fault(f"checks.{place}.right", "check_means_otherwise", detail % {"id": check.id})
