"""The tour checks the product from outside: it may not lean on it, nor on pytest's tools."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.project import APPS, ROOT, Module, modules

# What sets the scene that no request can: the only modules that may import the product or Django.
STAGE = {"tests/tour/stage.py", "tests/tour/__main__.py"}


def tour() -> list[Module]:
    found = sorted((ROOT / "tests" / "tour").rglob("*.py"))
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in found]


def imported(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def leaning(module: Module) -> list[str]:
    """Return what a module of the tour imports and may not."""
    allowed = {*sys.stdlib_module_names}
    if module.path in STAGE:
        allowed |= {*APPS, "django"}
    return [
        f"{module.path} imports {name}"
        for name in imported(module)
        if name.split(".")[0] not in allowed and name != "tests" and not is_of_the_tour(name)
    ]


def is_of_the_tour(name: str) -> bool:
    return name == "tests.tour" or name.startswith("tests.tour.")


def test_the_tour_needs_the_standard_library_alone_but_for_its_stage():
    assert len(tour()) > 10
    assert [fault for module in tour() for fault in leaning(module)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tests/tour/figures.py", "from sessions.credit import credit"),
        ("tests/tour/figures.py", "import django"),
        ("tests/tour/client.py", "import pytest"),
        ("tests/tour/client.py", "from tests.factories import people"),
        ("tests/tour/stage.py", "from tests import conftest"),
        ("tests/tour/stage.py", "from hypothesis import given"),
    ],
)
def test_a_tour_that_leans_on_something_is_found(path, source):
    assert len(leaning(Module(path, source))) >= 1


def test_the_tour_loads_where_no_test_tool_is_installed():
    program = (
        "import sys\n"
        "blocked = {'pytest', 'hypothesis', 'factory', 'tests.conftest', 'tests.factories'}\n"
        "sys.modules.update(dict.fromkeys(blocked))\n"
        "import os, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'rehab_platform.settings.test'\n"
        "django.setup()\n"
        "import tests.tour.guide\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, text=True, check=False, capture_output=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_product_imports_no_test():
    assert [
        f"{module.path} imports {name}"
        for module in modules()
        for name in imported(module)
        if name.split(".")[0] == "tests"
    ] == []
