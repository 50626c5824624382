"""Builders of catalogues: the one that ships, copied and changed, and what a clinic has of its own."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from clinics.models import Clinic
from core.tenancy import clinic_context
from programs.content import ExerciseContent, as_json, content_hash
from programs.models import (
    Exercise,
    ExerciseVersion,
    Program,
    ProgramItem,
    ProgramVersion,
    Review,
)
from programs.orders import ORDERED, ExerciseOrder, ProgramOrder
from programs.shipped import SHIPPED, Catalogue, PlainLoader, read_catalogue
from programs.usual_dose import SIDES

PUBLISHED_AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


@cache
def shipped() -> Catalogue:
    """Return the catalogue that ships, read once; it is frozen."""
    return read_catalogue()


def shipped_exercise(slug: str) -> ExerciseContent:
    """Return what the shipped catalogue says of an exercise."""
    return next(one.content for one in shipped().exercises if one.slug == slug)


class CatalogueFiles:
    """A copy of the shipped files that a test may change."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        shutil.copytree(SHIPPED, directory, dirs_exist_ok=True)

    def read(self, name: str) -> Any:
        return yaml.load((self.directory / name).read_text(), PlainLoader)

    def write(self, name: str, value: Any) -> None:
        """Write a value; a text as it is, anything else as YAML."""
        text = value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False)
        (self.directory / name).write_text(text)

    def change_exercise(self, slug: str, /, **fields: Any) -> None:
        """Set fields of one exercise; a double underscore goes a level down, None removes."""
        name = f"exercises/{slug}.yaml"
        entry = self.read(name)
        for path, value in fields.items():
            _set(entry, path.split("__"), value)
        self.write(name, entry)

    def change_entry(self, name: str, slug: str, /, **fields: Any) -> None:
        """Set fields of an entry of a file that holds a list."""
        entries = self.read(name)
        for entry in entries:
            if entry["slug"] == slug:
                for path, value in fields.items():
                    _set(entry, path.split("__"), value)
        self.write(name, entries)

    def change_safety(self, **fields: Any) -> None:
        entry = self.read("safety.yaml")
        for path, value in fields.items():
            _set(entry, path.split("__"), value)
        self.write("safety.yaml", entry)

    def remove_exercise(self, slug: str) -> None:
        """Take an exercise out, also of the programs that hold it."""
        (self.directory / "exercises" / f"{slug}.yaml").unlink()
        programs = self.read("programs.yaml")
        for program in programs:
            program["exercises"] = [one for one in program["exercises"] if one != slug]
        self.write("programs.yaml", programs)

    def remove_entry(self, name: str, slug: str) -> None:
        self.write(name, [entry for entry in self.read(name) if entry["slug"] != slug])


def _set(entry: Any, path: list[str], value: Any) -> None:
    *above, last = [int(part) if part.isdigit() else part for part in path]
    for part in above:
        entry = entry[part]
    if value is None:
        del entry[last]
    else:
        entry[last] = value


def own_exercise(
    clinic: Clinic, slug: str = "pool_walking", *, name: str = "Pool walking", **fields: Any
) -> Exercise:
    """Publish an exercise of a clinic's own, made of what the shipped heel raise says."""
    content = msgspec.structs.replace(shipped_exercise("heel_raise"), name=name, **fields)
    with clinic_context(clinic.pk):
        exercise = Exercise.objects.create(clinic=clinic, slug=slug)
        exercise.current = ExerciseVersion.objects.create(
            clinic=clinic,
            exercise=exercise,
            number=1,
            published_at=PUBLISHED_AT,
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
        exercise.save(update_fields=["current"])
    return exercise


def own_program(clinic: Clinic, exercise: Exercise, slug: str, *, name: str) -> Program:
    """Publish a program of a clinic's own that holds one exercise, three times a week."""
    with clinic_context(clinic.pk):
        program = Program.objects.create(clinic=clinic, slug=slug)
        program.current = ProgramVersion.objects.create(
            clinic=clinic,
            program=program,
            number=1,
            published_at=PUBLISHED_AT,
            review_status="draft",
            name=name,
            content_hash=slug.encode(),
        )
        program.save(update_fields=["current"])
        ProgramItem.objects.create(
            clinic=clinic,
            program_version=program.current,
            position=1,
            exercise=exercise,
            side="each",
            measure="repetitions",
            sets=2,
            repetitions=8,
            repetitions_max=12,
            schedule="times_per_week",
            times_per_week=3,
        )
    return program


def own_review(exercise: Exercise, **fields: Any) -> Review:
    """Keep a review of a clinic's own exercise, of its current version."""
    with clinic_context(exercise.clinic_id):
        return Review.objects.create(
            clinic_id=exercise.clinic_id,
            exercise_version=exercise.current,
            **{
                "status": "reviewed",
                "reviewer_name": "Rui Costa",
                "reviewed_at": PUBLISHED_AT,
            }
            | fields,
        )


def exercise_body(slug: str = "heel_raise", /, **changes: Any) -> dict[str, Any]:
    """
    Return what a shipped exercise says as a therapist would send it for an own one.

    A double underscore goes a level down; None takes a field out.
    """
    said = json.loads(msgspec.json.encode(shipped_exercise(slug)))
    body = {name: said[name] for name in ORDERED if name in said}
    for path, value in changes.items():
        _set(body, path.split("__"), value)
    return body


def exercise_order(slug: str = "heel_raise", /, **changes: Any) -> ExerciseOrder:
    """As `exercise_body`, as the order that the actions take."""
    return msgspec.convert(exercise_body(slug, **changes), ExerciseOrder)


def item_body(slug: str = "heel_raise", /, **changes: Any) -> dict[str, Any]:
    """Return an item of a program as a therapist would send it: 2 sets of 10, on Mondays."""
    entry = next(one for one in shipped().exercises if one.slug == slug)
    return {
        "exercise": str(entry.id),
        "dose": {"measure": "repetitions", "sets": 2, "repetitions": 10},
        "side": SIDES[entry.content.laterality],
        "schedule": {"kind": "times_per_week", "times_per_week": 5},
    } | changes


def program_order(*items: dict[str, Any], **changes: Any) -> ProgramOrder:
    """Return a program of those items, of a heel raise without any."""
    body = {"name": "Standing tall", "weeks": 6, "items": list(items) or [item_body()]}
    return msgspec.convert(body | changes, ProgramOrder)
