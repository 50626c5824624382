"""What lists and pages read of the catalogue, in a number of statements that rows do not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT

from clinics.actors import Actor
from core.errors import NotFound
from core.pagination import DEFAULT_LIMIT, Page, paginate
from programs.bodies import ExerciseQuery, ProgramQuery
from programs.models import ExerciseVersion, OutcomeMeasure, ProgramItem, ProgramVersion

SEARCHED_WORDS = 8

Version = TypeVar("Version", ExerciseVersion, ProgramVersion)


@dataclass(frozen=True)
class ProgramInFull:
    """A program's current version, and its items in order with their exercise's current version."""

    version: ProgramVersion
    items: list[tuple[ProgramItem, ExerciseVersion]]


def exercises_found(query: ExerciseQuery, *, who: Actor) -> Page[ExerciseVersion]:
    """Return a page of the current versions of exercises in use, by name. One statement."""
    versions = _current_exercises(who).filter(exercise__retired_at=None)
    for name in ("category", "level", "position"):
        if (wanted := getattr(query, name)) is not None:
            versions = versions.filter(**{name: wanted})
    versions = versions.annotate(purpose=KT("content__purpose"))
    return _page(_searched(versions, query.search, "name", "purpose"), query, who=who)


def exercise_found(exercise_id: UUID, *, who: Actor) -> ExerciseVersion:
    """
    Return the current version of an exercise, retired or not: it may still be prescribed.

    :raises NotFound: there is none that this actor may see
    """
    version = _current_exercises(who).filter(exercise=exercise_id).first()
    if version is None:
        raise NotFound
    return version


def programs_found(query: ProgramQuery, *, who: Actor) -> Page[ProgramInFull]:
    """Return a page of the programs in use, by name. Three statements."""
    versions = _current_programs(who).filter(program__retired_at=None)
    page = _page(_searched(versions, query.search, "name"), query, who=who)
    return Page(_with_items(page.items, who=who), page.next_cursor)


def program_found(program_id: UUID, *, who: Actor) -> ProgramInFull:
    """
    Return a program, retired or not. Three statements.

    :raises NotFound: there is none that this actor may see
    """
    version = _current_programs(who).filter(program=program_id).first()
    if version is None:
        raise NotFound
    return _with_items([version], who=who)[0]


def measures_offered() -> list[OutcomeMeasure]:
    """Return the newest version of each instrument that is offered, by name."""
    newest = OutcomeMeasure.objects.order_by("slug", "-number").distinct("slug")
    return sorted(
        (measure for measure in newest if measure.is_offered), key=lambda one: (one.name, one.slug)
    )


def _current_exercises(who: Actor) -> QuerySet[ExerciseVersion]:
    versions: QuerySet[ExerciseVersion] = ExerciseVersion.objects.visible_to(who)
    return versions.filter(pk=F("exercise__current")).select_related("exercise")


def _current_programs(who: Actor) -> QuerySet[ProgramVersion]:
    versions: QuerySet[ProgramVersion] = ProgramVersion.objects.visible_to(who)
    return versions.filter(pk=F("program__current")).select_related("program")


def _with_items(versions: Sequence[ProgramVersion], *, who: Actor) -> list[ProgramInFull]:
    items: dict[UUID, list[ProgramItem]] = {version.pk: [] for version in versions}
    for item in (
        ProgramItem.objects.visible_to(who)
        .filter(program_version__in=items)
        .order_by("program_version", "position")
    ):
        items[item.program_version_id].append(item)
    wanted = {item.exercise_id for listed in items.values() for item in listed}
    current = _current_exercises(who).filter(exercise__in=wanted)
    exercises = {version.exercise_id: version for version in current}
    return [
        ProgramInFull(version, [(item, exercises[item.exercise_id]) for item in items[version.pk]])
        for version in versions
    ]


def _searched(versions: QuerySet[Version], search: str, *columns: str) -> QuerySet[Version]:
    """Keep what holds each word in one of the columns, whatever its case and accents."""
    for word in search.split()[:SEARCHED_WORDS]:
        held = (Q(**{f"{column}__unaccent__icontains": word}) for column in columns)
        versions = versions.filter(reduce(Q.__or__, held))
    return versions


def _page(
    versions: QuerySet[Version], query: ExerciseQuery | ProgramQuery, *, who: Actor
) -> Page[Version]:
    """Bind the cursor to the caller and to what was asked for."""
    asked = msgspec.structs.replace(query, cursor=None, limit=DEFAULT_LIMIT)
    bound_to = (
        f"{who.user_id}:{who.clinic_id}:{type(query).__name__}:{msgspec.json.encode(asked)!r}"
    )
    return paginate(
        versions, order=("name", "id"), cursor=query.cursor, limit=query.limit, bound_to=bound_to
    )
