"""Every write to the catalogue that all clinics share. A clinic's own entries are never touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core import audit
from core.errors import DomainError, Forbidden
from core.tenancy import clinic_context
from programs.checking import problems_of
from programs.content import (
    Catalogue,
    ExerciseContent,
    ExerciseEntry,
    MeasureEntry,
    ProgramEntry,
    SafetyContent,
    as_json,
    content_hash,
)
from programs.models import (
    Exercise,
    ExerciseVersion,
    OutcomeMeasure,
    Program,
    ProgramItem,
    ProgramVersion,
    SafetyBlock,
)
from programs.policies import may_publish_catalogue
from programs.shipped import CatalogueInvalid
from programs.usual_dose import DefaultLine, default_line

# Any constant will do: it only has to be the same for every loader of this database.
LOADERS_LOCK = 7_305_112_026

Identity = TypeVar("Identity", Exercise, Program)


class SharedRowsNotWritable(DomainError):
    """This connection's role may not write the rows that all clinics share."""

    code = "shared_rows_not_writable"


class CatalogueIdChanged(DomainError):
    """An entry is already published under another id: what was prescribed refers to that one."""

    code = "catalogue_id_changed"


@dataclass
class Published:
    """What a load did: the names of what is new, changed (a new version), retired and returned."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def wrote(self) -> bool:
        return bool(self.new or self.changed or self.retired or self.returned)


def publish_catalogue(catalogue: Catalogue, *, by: Actor, now: dt.datetime) -> Published:
    """
    Bring the shared rows to what the catalogue says, in one transaction.

    What is unchanged writes nothing; what is changed becomes a new version; what is gone from the
    catalogue is retired and kept.

    :raises CatalogueInvalid: the catalogue contradicts itself; nothing was written
    :raises CatalogueIdChanged: an entry that is published has another id now
    :raises SharedRowsNotWritable: the connection is not the owner's
    """
    if not may_publish_catalogue(by):
        raise Forbidden(_("Only the platform publishes the shared catalogue."))
    if problems := problems_of(catalogue):
        raise CatalogueInvalid(problems)
    done = Published()
    with clinic_context(None):
        _refuse_unless_writable()
        _publish_exercises(catalogue.exercises, done, now=now)
        _publish_programs(catalogue, done, now=now)
        _publish_measures(catalogue.measures, done, now=now)
        _publish_safety(catalogue.safety, done, now=now)
        if done.wrote:
            details = {"new": done.new, "changed": done.changed, "retired": done.retired}
            audit.record(action="publish_catalogue", by=by, now=now, details=details)
    return done


def _refuse_unless_writable() -> None:
    """Check the role against the policy `shared`, and let no other loader in until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper OR rolbypassrls OR EXISTS (
                SELECT FROM pg_policies, unnest(roles) AS named
                WHERE tablename = %s AND policyname = 'shared'
                AND pg_has_role(current_user, named, 'USAGE'))
            FROM pg_roles WHERE rolname = current_user
            """,
            [Exercise._meta.db_table],
        )
        row = cursor.fetchone()
        if not (row and row[0]):
            raise SharedRowsNotWritable(
                _("Connect as the owner of the tables to load the catalogue.")
            )
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADERS_LOCK])


def _publish_exercises(
    entries: tuple[ExerciseEntry, ...], done: Published, *, now: dt.datetime
) -> None:
    known = _identities(Exercise, {entry.id: entry.slug for entry in entries}, done, now=now)
    made = []
    for entry in entries:
        digest = content_hash(entry.content)
        exercise = known[entry.id]
        if _is_published(exercise.current, digest):
            done.unchanged += 1
            continue
        made.append(exercise_version(exercise, entry.content, now=now))
        (done.changed if exercise.current else done.new).append(f"exercise {entry.slug}")
    ExerciseVersion.objects.bulk_create(made)
    for version in made:
        Exercise.objects.filter(pk=version.exercise_id).update(current=version, updated_at=now)


def exercise_version(
    exercise: Exercise, content: ExerciseContent, *, now: dt.datetime
) -> ExerciseVersion:
    """Make the next version of an exercise, whose current one is loaded; it is not stored yet."""
    return ExerciseVersion(
        clinic_id=exercise.clinic_id,
        exercise=exercise,
        number=_next_number(exercise.current),
        published_at=now,
        review_status=content.review_status,
        name=content.name,
        category=content.category,
        level=content.level,
        helper=content.helper,
        position=content.position,
        laterality=content.laterality,
        measures=list(content.measures),
        content=as_json(content),
        content_hash=content_hash(content),
    )


def _publish_programs(catalogue: Catalogue, done: Published, *, now: dt.datetime) -> None:
    entries = catalogue.programs
    known = _identities(Program, {entry.id: entry.slug for entry in entries}, done, now=now)
    by_slug = {entry.slug: entry for entry in catalogue.exercises}
    made, items = [], []
    for entry in entries:
        lines = [
            (by_slug[slug].id, default_line(by_slug[slug].content))
            for slug in entry.content.exercises
        ]
        digest = _program_hash(entry, lines)
        program = known[entry.id]
        if _is_published(program.current, digest):
            done.unchanged += 1
            continue
        version = _program_version(entry, program, digest, now=now)
        made.append(version)
        items += _program_items(version, lines)
        (done.changed if program.current else done.new).append(f"program {entry.slug}")
    ProgramVersion.objects.bulk_create(made)
    ProgramItem.objects.bulk_create(items)
    for version in made:
        Program.objects.filter(pk=version.program_id).update(current=version, updated_at=now)


def _program_hash(entry: ProgramEntry, lines: list[tuple[UUID, DefaultLine]]) -> bytes:
    """Hash the program with its doses: a new default dose of an exercise is a new version."""
    return content_hash(entry.content, beside=msgspec.json.encode(lines, order="sorted").decode())


def _program_version(
    entry: ProgramEntry, program: Program, digest: bytes, *, now: dt.datetime
) -> ProgramVersion:
    return ProgramVersion(
        program=program,
        number=_next_number(program.current),
        published_at=now,
        review_status=entry.content.review_status,
        name=entry.content.name,
        weeks=entry.content.weeks,
        content_hash=digest,
    )


def _program_items(
    version: ProgramVersion, lines: list[tuple[UUID, DefaultLine]]
) -> list[ProgramItem]:
    return [
        ProgramItem(
            program_version=version,
            position=position,
            exercise_id=exercise_id,
            **msgspec.structs.asdict(line),
        )
        for position, (exercise_id, line) in enumerate(lines, start=1)
    ]


def _identities(
    model: type[Identity], wanted: Mapping[UUID, str], done: Published, *, now: dt.datetime
) -> dict[UUID, Identity]:
    """Return the shared row of each wanted entry, made where it is new; retire those not wanted."""
    kind = model.__name__.lower()
    stored = list(model.objects.filter(clinic=None).select_related("current").order_by("slug"))
    _refuse_changed_ids(kind, stored, wanted)
    known: dict[UUID, Identity] = {row.pk: row for row in stored}
    fresh = [model(pk=key, slug=slug) for key, slug in wanted.items() if key not in known]
    model.objects.bulk_create(fresh)
    gone = [row for row in stored if row.pk not in wanted and row.retired_at is None]
    back = [row for row in stored if row.pk in wanted and row.retired_at is not None]
    for rows, instant, told in ((gone, now, done.retired), (back, None, done.returned)):
        if rows:
            keys = [row.pk for row in rows]
            model.objects.filter(pk__in=keys).update(retired_at=instant, updated_at=now)
            told += [f"{kind} {row.slug}" for row in rows]
    return known | {row.pk: row for row in fresh}


def _refuse_changed_ids(
    kind: str, stored: list[Exercise] | list[Program], wanted: Mapping[UUID, str]
) -> None:
    ids = {slug: key for key, slug in wanted.items()}
    for row in stored:
        told = {"kind": kind, "slug": row.slug, "id": row.pk}
        if wanted.get(row.pk, row.slug) != row.slug:
            raise CatalogueIdChanged(
                _("The %(kind)s %(id)s is published as %(slug)s: a slug never changes.") % told
            )
        if ids.get(row.slug, row.pk) != row.pk:
            raise CatalogueIdChanged(
                _("The %(kind)s %(slug)s is published with the id %(id)s: an id never changes.")
                % told
            )


def _publish_measures(
    entries: tuple[MeasureEntry, ...], done: Published, *, now: dt.datetime
) -> None:
    stored = OutcomeMeasure.objects.order_by("slug", "-number").distinct("slug")
    newest = {row.slug: row for row in stored}
    made = []
    for entry in entries:
        digest = content_hash(entry.content)
        row = newest.pop(entry.slug, None)
        if row and _is_published(row, digest) and row.is_offered == entry.content.is_offered:
            done.unchanged += 1
            continue
        made.append(_measure_row(entry, _next_number(row), digest, now=now))
        (done.changed if row else done.new).append(f"measure {entry.slug}")
    for row in newest.values():
        if row.is_offered:
            made.append(_withdrawn(row, now=now))
            done.retired.append(f"measure {row.slug}")
    OutcomeMeasure.objects.bulk_create(made)


def _measure_row(
    entry: MeasureEntry, number: int, digest: bytes, *, now: dt.datetime
) -> OutcomeMeasure:
    return OutcomeMeasure(
        slug=entry.slug,
        number=number,
        published_at=now,
        review_status=entry.content.review_status,
        name=entry.content.name,
        is_offered=entry.content.is_offered,
        content=as_json(entry.content),
        content_hash=digest,
    )


def _withdrawn(row: OutcomeMeasure, *, now: dt.datetime) -> OutcomeMeasure:
    """Say the same once more, no longer offered: earlier scores keep their version."""
    return OutcomeMeasure(
        slug=row.slug,
        number=row.number + 1,
        published_at=now,
        review_status=row.review_status,
        name=row.name,
        is_offered=False,
        content=row.content,
        content_hash=row.content_hash,
    )


def _publish_safety(content: SafetyContent, done: Published, *, now: dt.datetime) -> None:
    digest = content_hash(content)
    newest = SafetyBlock.objects.order_by("-number").first()
    if _is_published(newest, digest):
        done.unchanged += 1
        return
    SafetyBlock.objects.create(
        number=_next_number(newest),
        published_at=now,
        review_status=content.review_status,
        content=as_json(content),
        content_hash=digest,
    )
    (done.changed if newest else done.new).append("safety block")


def _is_published(row: Any, digest: bytes) -> bool:
    return row is not None and bytes(row.content_hash) == digest


def _next_number(row: Any) -> int:
    return row.number + 1 if row is not None else 1
