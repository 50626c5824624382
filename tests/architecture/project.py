"""The project as the guards see it: its files, parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "clinics", "programs", "patients", "sessions", "reminders", "rehab_platform")


@dataclass(frozen=True)
class Module:
    """One Python file: where it is, relative to the project, and what it says."""

    path: str
    source: str

    @property
    def app(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.source)

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def modules() -> tuple[Module, ...]:
    """Return the product's own code, migrations included."""
    found = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    found += [ROOT / "dev.py", ROOT / "manage.py"]
    return tuple(Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in found)


def written_by_hand() -> Iterator[Module]:
    """Return the product's code without its migrations."""
    return (each for each in modules() if "/migrations/" not in each.path)
