"""What the documents name must exist, and what they link to must be there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
ROW = re.compile(r"^\| [^|]+ \| `(?P<file>[^`|]+)` \| (?:`(?P<name>[^`|]+)` )?\|$")
LINK = re.compile(r"\]\((?P<target>[^)#:]+)(?:#[^)]*)?\)")
NAMED_FILE = re.compile(r"`((?:[\w.]+/)+[\w.]+\.(?:py|sql|json|md|toml|yaml))`")


def rows(text: str) -> Iterator[tuple[str, str]]:
    """Return file and name of each row of the rule tables; the name may be empty."""
    for line in text.splitlines():
        found = ROW.match(line)
        if found and "/" in found["file"]:
            yield found["file"], found["name"] or ""


def names_in(source: str) -> set[str]:
    """Return a module's classes, functions and constants; methods as Class.method."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        names |= set(_bound(node))
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner}" for part in node.body for inner in _bound(part)}
    return names


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.AnnAssign):
        yield ast.unparse(node.target)
    elif isinstance(node, ast.Assign):
        yield from (ast.unparse(target) for target in node.targets)


def missing(text: str, root: Path) -> list[str]:
    """Say which rows of a page's rule tables name what does not exist."""
    faults = []
    for file, name in rows(text):
        path = root / file
        if not path.is_file():
            faults.append(f"{file} does not exist")
        elif name and name not in names_in(path.read_text()):
            faults.append(f"{file} has no {name}")
    return faults


def dead_references(document: Path, root: Path) -> list[str]:
    """Say which links and file names of a document lead nowhere, or out of the project."""
    text = document.read_text()
    wanted = {link["target"]: document.parent for link in LINK.finditer(text)}
    wanted |= dict.fromkeys(NAMED_FILE.findall(text), root)
    faults = []
    for target, base in wanted.items():
        place = (base / target).resolve()
        if not place.is_relative_to(root.resolve()) or not place.exists():
            faults.append(f"{document.name}: {target}")
    return faults


def test_every_file_and_function_of_the_tables_exists():
    assert missing(ARCHITECTURE.read_text(), ROOT) == []


def test_the_tables_cover_the_rules():
    listed = list(rows(ARCHITECTURE.read_text()))

    assert len(listed) >= 80
    assert {file.split("/")[0] for file, _name in listed} >= {
        "core", "clinics", "programs", "patients", "sessions", "reminders", "rehab_platform",
    }  # fmt: skip


def test_every_row_of_a_rule_table_is_read():
    """A row that the pattern does not understand would go unchecked."""
    text = ARCHITECTURE.read_text().split("## From a rule to its file")[1]
    table = [line for line in text.splitlines() if line.startswith("| ")]
    told = [line for line in table if not line.startswith("| rule |")]

    assert len(told) == len(list(rows(text)))


def misnumbered(headings: dict[str, str]) -> list[str]:
    """Say which decisions do not carry their file's number, by file name and first line."""
    numbers = Counter(name.split("-")[0] for name in headings)
    return [
        name
        for name, heading in headings.items()
        if not heading.startswith(f"# {int(name.split('-')[0])}. ")
        or numbers[name.split("-")[0]] > 1
    ]


def test_every_decision_has_a_number_of_its_own():
    pages = {page.name: page.read_text().splitlines()[0] for page in DECISIONS}

    assert len(pages) >= 11
    assert misnumbered(pages) == []


def test_a_misnumbered_decision_is_found():
    pages = {
        "0001-a.md": "# 1. A",
        "0002-b.md": "# 2. B",
        "0002-c.md": "# 2. C",
        "0003-d.md": "# D",
    }

    assert misnumbered(pages) == ["0002-b.md", "0002-c.md", "0003-d.md"]


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_leads_nowhere_that_is_not_there(document: Path):
    assert dead_references(document, ROOT) == []


def test_a_missing_function_is_found(tmp_path: Path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "walls.py").write_text("class Wall:\n    def hold(self): ...\n")
    page = (
        "| A wall holds | `core/walls.py` | `Wall.hold` |\n"
        "| A wall falls | `core/walls.py` | `Wall.fall` |\n"
        "| A door opens | `core/doors.py` | `open_door` |\n"
    )

    assert missing(page, tmp_path) == [
        "core/walls.py has no Wall.fall",
        "core/doors.py does not exist",
    ]


def test_a_dead_link_is_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("[here](page.md) [gone](gone.md) [out](../other.md) `core/gone.py`")

    assert sorted(dead_references(page, tmp_path)) == [
        "page.md: ../other.md",
        "page.md: core/gone.py",
        "page.md: gone.md",
    ]
