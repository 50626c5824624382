"""Reading the catalogue's files: every mistake is named with its file and entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from programs.shipped import CatalogueInvalid, read_catalogue
from tests.factories.programs import CatalogueFiles

WALL = "exercises/wall_stretch.yaml: wall_stretch"


def problems(files: CatalogueFiles) -> list[str]:
    with pytest.raises(CatalogueInvalid) as refused:
        read_catalogue(files.directory)
    return refused.value.problems


def test_yes_without_quotes_stays_a_word(files: CatalogueFiles) -> None:
    name = "exercises/wall_stretch.yaml"
    text = (files.directory / name).read_text()
    files.write(name, text.replace('right: "yes"', "right: yes"))

    made = read_catalogue(files.directory)

    content = next(one.content for one in made.exercises if one.slug == "wall_stretch")
    assert [check.right for check in content.checks] == ["yes", "yes", "yes"]


def test_true_is_not_an_answer(files: CatalogueFiles) -> None:
    files.change_exercise("wall_stretch", checks__0__right=True)

    assert problems(files) == [
        "exercises/wall_stretch.yaml: Expected `str`, got `bool` - at `$.checks[0].right`"
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": None}, "Object missing required field `name`"),
        ({"id": "wall"}, "Invalid UUID - at `$.id`"),
        ({"id": None}, "Object missing required field `id`"),
        ({"category": "dancing"}, "Invalid enum value 'dancing' - at `$.category`"),
        ({"position": "flying"}, "Invalid enum value 'flying' - at `$.position`"),
        ({"laterality": "left"}, "Invalid enum value 'left' - at `$.laterality`"),
        ({"helper": "dog"}, "Invalid enum value 'dog' - at `$.helper`"),
        ({"level": 5}, "Expected `int` <= 4 - at `$.level`"),
        ({"level": "3"}, "Expected `int`, got `str` - at `$.level`"),
        ({"measures": ["pace"]}, "Invalid enum value 'pace' - at `$.measures[0]`"),
        ({"measures": []}, "Expected `array` of length >= 1 - at `$.measures`"),
        ({"review_status": "fine"}, "Invalid enum value 'fine' - at `$.review_status`"),
        ({"steps": ["Stand."]}, "Expected `array` of length >= 3 - at `$.steps`"),
        ({"checks": []}, "Expected `array` of length >= 1 - at `$.checks`"),
        (
            {"checks__1__fix": None},
            "Object missing required field `fix` - at `$.checks[1]`",
        ),
        ({"checks__1__fix": ""}, "Expected `str` of length >= 1 - at `$.checks[1].fix`"),
        (
            {"checks__0__id": "Heel down"},
            "Expected `str` matching regex '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' - at `$.checks[0].id`",
        ),
        (
            {"usual_dose__sets": {"low": 1, "high": 3}},
            "Object missing required field `start` - at `$.usual_dose.sets`",
        ),
        (
            {"usual_dose__sets__low": -1},
            "Expected `int` >= 0 - at `$.usual_dose.sets.low`",
        ),
        ({"evidence": []}, "Expected `array` of length >= 1 - at `$.evidence`"),
        ({"colour": "red"}, "unknown key colour"),
        ({"usual_dose__pace": 3}, "unknown key usual_dose.pace"),
        ({"checks__2__hint": "Lean."}, "unknown key checks.2.hint"),
    ],
)
def test_a_mistake_in_an_exercise_is_named(
    files: CatalogueFiles, change: dict[str, Any], told: str
) -> None:
    files.change_exercise("wall_stretch", **change)

    assert problems(files) == [f"exercises/wall_stretch.yaml: {told}"]


def test_every_broken_entry_is_named_at_once(files: CatalogueFiles) -> None:
    files.change_exercise("wall_stretch", level=0)
    files.change_entry("programs.yaml", "walk_better", weeks=0)
    files.change_entry("measures.yaml", "berg_balance", better="more")
    files.change_safety(effort="")

    assert problems(files) == [
        "exercises/wall_stretch.yaml: Expected `int` >= 1 - at `$.level`",
        "programs.yaml: walk_better: Expected `int` >= 1 - at `$.weeks`",
        "measures.yaml: berg_balance: Invalid enum value 'more' - at `$.better`",
        "safety.yaml: Expected `str` of length >= 1 - at `$.effort`",
    ]


def test_a_file_is_named_by_its_slug(files: CatalogueFiles) -> None:
    files.change_exercise("wall_stretch", slug="wall_lean")

    assert problems(files) == [
        "exercises/wall_stretch.yaml: the slug is wall_lean, not the file's name"
    ]


def test_a_key_that_comes_twice_is_refused(files: CatalogueFiles) -> None:
    name = "exercises/wall_stretch.yaml"
    files.write(name, (files.directory / name).read_text() + "level: 2\n")

    (problem,) = problems(files)

    assert problem.startswith("exercises/wall_stretch.yaml: the key level comes twice")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("programs.yaml", "a: [", "programs.yaml: while parsing"),
        ("programs.yaml", "six: leg", "programs.yaml: is not a list"),
        ("programs.yaml", "- six\n", "programs.yaml: ?: Expected `object`, got `str`"),
        ("measures.yaml", "- 7\n", "measures.yaml: ?: Expected `object`, got `int`"),
        ("safety.yaml", "", "safety.yaml: is empty"),
        ("safety.yaml", "- a\n", "safety.yaml: Expected `object`, got `array`"),
        ("exercises/wall_stretch.yaml", "", "exercises/wall_stretch.yaml: is empty"),
    ],
)
def test_a_file_that_holds_something_else_is_named(
    files: CatalogueFiles, name: str, text: str, told: str
) -> None:
    files.write(name, text)

    assert problems(files)[0].startswith(told)


def test_a_file_that_is_not_there_is_named(files: CatalogueFiles) -> None:
    (files.directory / "measures.yaml").unlink()

    assert problems(files) == ["measures.yaml: cannot be read (FileNotFoundError)"]


def test_a_file_that_is_not_utf_8_is_named(files: CatalogueFiles) -> None:
    (files.directory / "safety.yaml").write_bytes(b"effort: \xff\xfe")

    assert problems(files) == ["safety.yaml: cannot be read (UnicodeDecodeError)"]


def test_no_file_runs_python(files: CatalogueFiles, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    files.write("safety.yaml", f"!!python/object/apply:os.mkdir ['{trace}']")

    told = problems(files)

    assert told[0].startswith("safety.yaml: could not determine a constructor")
    assert not trace.exists()
