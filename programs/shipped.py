"""Reads the catalogue that ships, strictly: YAML of a plain kind into the shapes of content.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import yaml

from programs.content import (
    Catalogue,
    ExerciseContent,
    ExerciseEntry,
    MeasureContent,
    MeasureEntry,
    ProgramContent,
    ProgramEntry,
    SafetyContent,
    Slug,
)

SHIPPED = Path(__file__).parent / "catalogue"

Entry = TypeVar("Entry")
Shape = TypeVar("Shape", bound=msgspec.Struct)


class CatalogueInvalid(Exception):
    """The catalogue may not be loaded; `problems` says each reason, file and entry first."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PlainLoader(yaml.CSafeLoader):
    """
    YAML without its surprises: `yes`, `no`, `on` and `off` are words, and no key comes twice.
    """

    def construct_mapping(self, node: Any, *rest: Any, **deep: Any) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice[0]} comes twice", node.start_mark
            )
        return super().construct_mapping(node, *rest, **deep)


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf")
)


class _Id(msgspec.Struct, kw_only=True):
    id: UUID
    slug: Slug


class _Slug(msgspec.Struct, kw_only=True):
    slug: Slug


class Reader:
    """Reads entries one after the other, and keeps every problem rather than the first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[str] = []

    def file(self, path: Path) -> Any:
        """Return a file's value, or None with its problem kept."""
        name = path.relative_to(self.directory).as_posix()
        try:
            value = yaml.load(path.read_text("utf-8"), PlainLoader)  # noqa: S506 - a safe loader
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}: cannot be read ({type(error).__name__})")
        except yaml.YAMLError as error:
            self.problems.append(f"{name}: {' '.join(str(error).split())}")
        else:
            if value is None:
                self.problems.append(f"{name}: is empty")
            return value
        return None

    def entries(self, name: str, make: Callable[[str, Any], Entry | None]) -> tuple[Entry, ...]:
        """Return the entries of a file that holds a list."""
        raw = self.file(self.directory / name)
        if raw is not None and not isinstance(raw, list):
            self.problems.append(f"{name}: is not a list")
            raw = None
        made = [make(f"{name}: {_slug_of(one)}", one) for one in raw or []]
        return tuple(one for one in made if one is not None)

    def exercises(self) -> tuple[ExerciseEntry, ...]:
        """Return the exercises, one file each, named by its slug."""
        made = []
        for path in sorted((self.directory / "exercises").glob("*.yaml")):
            name = f"exercises/{path.name}"
            entry = self.exercise(name, self.file(path))
            if entry and entry.slug != path.stem:
                self.problems.append(f"{name}: the slug is {entry.slug}, not the file's name")
            if entry:
                made.append(entry)
        return tuple(made)

    def exercise(self, where: str, raw: Any) -> ExerciseEntry | None:
        head, content = self._head(where, raw, _Id), self._body(where, raw, ExerciseContent)
        return (
            ExerciseEntry(id=head.id, slug=head.slug, content=content) if head and content else None
        )

    def program(self, where: str, raw: Any) -> ProgramEntry | None:
        head, content = self._head(where, raw, _Id), self._body(where, raw, ProgramContent)
        return (
            ProgramEntry(id=head.id, slug=head.slug, content=content) if head and content else None
        )

    def measure(self, where: str, raw: Any) -> MeasureEntry | None:
        head, content = self._head(where, raw, _Slug), self._body(where, raw, MeasureContent)
        return MeasureEntry(slug=head.slug, content=content) if head and content else None

    def safety(self) -> SafetyContent | None:
        raw = self.file(self.directory / "safety.yaml")
        return self._shape("safety.yaml", raw, SafetyContent) if raw is not None else None

    def _head(self, where: str, raw: Any, shape: type[Shape]) -> Shape | None:
        if not isinstance(raw, dict):
            return None
        fields = shape.__struct_fields__
        return self._shape(where, {key: raw[key] for key in raw if key in fields}, shape)

    def _body(self, where: str, raw: Any, shape: type[Shape]) -> Shape | None:
        if not isinstance(raw, dict):
            return self._shape(where, raw, shape) if raw is not None else None
        return self._shape(
            where, {key: raw[key] for key in raw if key not in {"id", "slug"}}, shape
        )

    def _shape(self, where: str, raw: Any, shape: type[Shape]) -> Shape | None:
        try:
            made = msgspec.convert(raw, shape)
        except msgspec.ValidationError as error:
            self.problems.append(f"{where}: {error}")
            return None
        self.problems += [f"{where}: unknown key {key}" for key in unknown_keys(raw, made)]
        return made


def read_catalogue(directory: Path = SHIPPED) -> Catalogue:
    """
    Read a catalogue's files.

    :raises CatalogueInvalid: with every file and entry that cannot be read
    """
    reader = Reader(directory)
    exercises = reader.exercises()
    programs = reader.entries("programs.yaml", reader.program)
    measures = reader.entries("measures.yaml", reader.measure)
    safety = reader.safety()
    if reader.problems or safety is None:
        raise CatalogueInvalid(reader.problems)
    return Catalogue(exercises=exercises, programs=programs, measures=measures, safety=safety)


def unknown_keys(raw: Any, made: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each key that the shape has no field for."""
    if isinstance(raw, dict) and isinstance(made, msgspec.Struct):
        for key, value in raw.items():
            if key not in made.__struct_fields__:
                yield f"{path}{key}"
            else:
                yield from unknown_keys(value, getattr(made, key), f"{path}{key}.")
    elif isinstance(raw, list) and isinstance(made, tuple):
        for place, (value, one) in enumerate(zip(raw, made, strict=True)):
            yield from unknown_keys(value, one, f"{path}{place}.")


def _slug_of(raw: Any) -> str:
    slug = raw.get("slug", "?") if isinstance(raw, dict) else "?"
    return str(slug)[:60]
