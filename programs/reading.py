"""What lists and pages read of the catalogue, in a number of statements that rows do not change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject

from clinics.actors import Actor
from core.errors import NotFound
from core.pagination import DEFAULT_LIMIT, Page, paginate
from programs.bodies import ExerciseQuery, ProgramQuery, SharedQuery
from programs.content import exercise_content
from programs.models import (
    ExerciseVersion,
    OutcomeMeasure,
    ProgramItem,
    ProgramVersion,
    Review,
    SafetyBlock,
)

SEARCHED_WORDS = 8

Version = TypeVar("Version", ExerciseVersion, ProgramVersion)
Named = TypeVar("Named", ExerciseVersion, ProgramVersion, OutcomeMeasure)


@dataclass(frozen=True)
class ProgramInFull:
    """A program's current version, and its items in order with their exercise's current version."""

    version: ProgramVersion
    items: list[tuple[ProgramItem, ExerciseVersion]]


def safety_questions() -> list[str]:
    """
    Return the questions before a session of any version, the newest version's first. One statement.

    A phone that was offline asks those of the version that it has.
    """
    asked = SafetyBlock.objects.order_by("-number").values_list("content__before", flat=True)
    return list(dict.fromkeys(question["id"] for before in asked for question in before))


def safety_question_texts() -> dict[str, str]:
    """Return what each of them asks, by its id; of several versions as the newest says it."""
    asked = SafetyBlock.objects.order_by("number").values_list("content__before", flat=True)
    return {question["id"]: str(question["ask"]) for before in asked for question in before}


def exercises_found(query: ExerciseQuery, *, who: Actor) -> Page[ExerciseVersion]:
    """Return a page of the current versions of exercises, by name. One statement."""
    versions = _offered(_current_exercises(who), query, "exercise")
    if query.measure is not None:
        versions = versions.filter(measures__contains=[query.measure])
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


def variants_of(version: ExerciseVersion, *, who: Actor) -> dict[UUID, ExerciseVersion]:
    """Return the easier and the harder exercises that a version names. One statement, or none."""
    content = exercise_content(version.content)
    wanted = {*content.easier_exercises, *content.harder_exercises}
    if not wanted:
        return {}
    return {one.exercise_id: one for one in _current_exercises(who).filter(exercise__in=wanted)}


def shared_found(
    query: SharedQuery, *, who: Actor
) -> Page[ExerciseVersion] | Page[ProgramVersion] | Page[OutcomeMeasure]:
    """Return a page of what ships, retired or not, by name. One statement."""
    if query.kind == "measure":
        return _page(current_measures(), query, who=who)
    if query.kind == "program":
        return _page(_current_programs(who).filter(clinic=None), query, who=who)
    return _page(_current_exercises(who).filter(clinic=None), query, who=who)


def programs_found(query: ProgramQuery, *, who: Actor) -> Page[ProgramInFull]:
    """Return a page of programs, by name. Three statements."""
    versions = _offered(_current_programs(who), query, "program")
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
    offered = current_measures().filter(is_offered=True)
    return list(offered.order_by("name", "slug"))


def current_measures() -> QuerySet[OutcomeMeasure]:
    """Select the newest version of each instrument, offered or not, with its review."""
    newest = OutcomeMeasure.objects.order_by("slug", "-number").distinct("slug")
    return OutcomeMeasure.objects.filter(pk__in=newest.values("pk")).annotate(
        newest_review=newest_review("pk", "measure")
    )


def newest_measures(slugs: Collection[str]) -> dict[str, OutcomeMeasure]:
    """Return the newest version of each instrument named, offered or not. One statement."""
    found = OutcomeMeasure.objects.filter(slug__in=slugs).order_by("slug", "-number")
    return {measure.slug: measure for measure in found.distinct("slug")}


def _current_exercises(who: Actor) -> QuerySet[ExerciseVersion]:
    versions: QuerySet[ExerciseVersion] = ExerciseVersion.objects.visible_to(who)
    return _with_review(versions, "exercise").filter(pk=F("exercise__current"))


def _current_programs(who: Actor) -> QuerySet[ProgramVersion]:
    versions: QuerySet[ProgramVersion] = ProgramVersion.objects.visible_to(who)
    return _with_review(versions, "program").filter(pk=F("program__current"))


def newest_review(version: str, kind: str) -> Subquery:
    """
    Select the newest review of the version that the column `version` names, as JSON, or NULL.

    What a clinic said of its own counts there, what the platform said of what ships everywhere.
    """
    counts = Q(clinic=None)
    if kind != "measure":  # all of which ship
        counts |= Q(clinic=F(f"{kind}_version__clinic"))
    reviews = Review.objects.filter(counts, **{f"{kind}_version": OuterRef(version)})
    said = JSONObject(status="status", by="reviewer_name", at="reviewed_at", note="note")
    return Subquery(reviews.order_by("-reviewed_at", "-pk").values(json=said)[:1])


def _with_review(versions: QuerySet[Version], kind: str) -> QuerySet[Version]:
    """Load what is shown with a version: its entry, what that was copied from, its review."""
    return versions.select_related(kind, f"{kind}__copied_from").annotate(
        newest_review=newest_review("pk", kind)
    )


def _offered(
    versions: QuerySet[Version], query: ExerciseQuery | ProgramQuery, kind: str
) -> QuerySet[Version]:
    """Keep the shared or the own ones, and without being asked none that is retired."""
    if query.source is not None:
        versions = versions.filter(clinic__isnull=query.source == "shared")
    if query.retired == "show":
        return versions
    return versions.filter(**{f"{kind}__retired_at__isnull": query.retired == "hide"})


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
    versions: QuerySet[Named],
    query: ExerciseQuery | ProgramQuery | SharedQuery,
    *,
    who: Actor,
) -> Page[Named]:
    """Bind the cursor to the caller and to what was asked for."""
    asked = msgspec.structs.replace(query, cursor=None, limit=DEFAULT_LIMIT)
    bound_to = (
        f"{who.user_id}:{who.clinic_id}:{type(query).__name__}:{msgspec.json.encode(asked)!r}"
    )
    return paginate(
        versions, order=("name", "id"), cursor=query.cursor, limit=query.limit, bound_to=bound_to
    )
