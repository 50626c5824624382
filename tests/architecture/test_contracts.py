"""Every module of the domain is held by import-linter to know nothing of HTTP."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.architecture.project import ROOT

APPS = ("clinics", "programs", "patients", "sessions", "reminders")
# What speaks HTTP or Celery, or is Django's to find.
EDGE = {
    "api", "tasks", "urls", "http", "openapi", "permissions", "apps", "migrations", "management",
    "__init__",
}  # fmt: skip


def contracts() -> dict[str, set[str]]:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {one["id"]: set(one.get("source_modules", ())) for one in said["contracts"]}


def modules(root: Path) -> set[str]:
    return {
        f"{app}.{found.stem}"
        for app in APPS
        for found in (root / app).iterdir()
        if found.suffix == ".py" or (found / "__init__.py").exists()
        if found.stem not in EDGE
    }


def unheld(named: set[str], held: dict[str, set[str]]) -> set[str]:
    return named - held["http-free"] - held["pure"]


def test_every_module_but_those_at_the_edge_is_held():
    assert unheld(modules(ROOT), contracts()) == set()


def test_nothing_is_held_that_is_not_there():
    held = contracts()

    assert (held["http-free"] | held["pure"]) - modules(ROOT) == {"core"}


def test_a_module_that_nobody_listed_is_noticed(tmp_path: Path):
    for app in APPS:
        (tmp_path / app).mkdir()
    (tmp_path / "sessions" / "sums.py").touch()
    (tmp_path / "sessions" / "urls.py").touch()

    assert unheld(modules(tmp_path), contracts()) == {"sessions.sums"}
