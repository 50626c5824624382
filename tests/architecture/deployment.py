"""What the files of a deployment say, read for the tests."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.project import ROOT

INTERPOLATED = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
ASSIGNED = re.compile(r"^(?P<name>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE)
TABLE_ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>[^|]+) \|", re.MULTILINE)


@dataclass(frozen=True)
class Variable:
    """One variable that the settings read. `default` is None where it is needed."""

    name: str
    default: str | None


def compose(root: Path = ROOT) -> dict[str, Any]:
    return dict(yaml.safe_load((root / "docker-compose.yml").read_text()))


def interpolated(root: Path = ROOT) -> set[str]:
    """Return the variables that the Compose file takes from `.env`."""
    text = (root / "docker-compose.yml").read_text()
    return {found["name"] for found in INTERPOLATED.finditer(uncommented(text))}


def with_defaults(environment: dict[str, str]) -> dict[str, str]:
    """Return a service's variables as Compose gives them where `.env` sets none; needed ones empty."""

    def filled(found: re.Match[str]) -> str:
        return found["rest"] if found["kind"] == "-" else ""

    return {name: INTERPOLATED.sub(filled, value) for name, value in environment.items()}


def uncommented(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def example(root: Path = ROOT) -> dict[str, str]:
    """Return the variables of `.env.example` with their values."""
    text = (root / ".env.example").read_text()
    return {found["name"]: found["value"] for found in ASSIGNED.finditer(text)}


def documented(root: Path = ROOT) -> dict[str, str]:
    """Return the variables of the configuration table with their defaults as written there."""
    text = (root / "docs" / "operations.md").read_text()
    return {found["name"]: found["default"].strip() for found in TABLE_ROW.finditer(text)}


def read_by_settings(root: Path = ROOT) -> dict[str, Variable]:
    """Return every variable that a server's settings read, found in the code."""
    settings = root / "rehab_platform" / "settings"
    files = [settings / name for name in ("base.py", "reaching.py", "production.py")]
    files.append(root / "rehab_platform" / "gunicorn_settings.py")
    found: dict[str, Variable] = {}
    for path in files:
        for variable in variables_of(path.read_text()):
            found.setdefault(variable.name, variable)
            if variable.default is None:  # production asks for more than base
                found[variable.name] = variable
    return found


def variables_of(source: str) -> list[Variable]:
    """Return what `environment.…("NAME", default=…)` and `os.environ.get("NAME", …)` name."""
    return [
        variable
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and (variable := _variable(node))
    ]


def _variable(call: ast.Call) -> Variable | None:
    function = ast.unparse(call.func)
    if not re.fullmatch(r"environment\.\w+|os\.environ\.get", function):
        return None
    name = ast.literal_eval(call.args[0])
    default = next((word.value for word in call.keywords if word.arg == "default"), None)
    if function == "os.environ.get":
        default = call.args[1] if len(call.args) > 1 else None
    if default is None:
        return Variable(name, None)
    try:
        return Variable(name, str(ast.literal_eval(default)))
    except ValueError:
        return Variable(name, "computed")


def dockerfile_steps(root: Path = ROOT) -> list[tuple[str, str]]:
    """Return (instruction, argument) of each step; continued lines are joined."""
    text = uncommented((root / "Dockerfile").read_text()).replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]
