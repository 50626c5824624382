"""The shapes of what is published: they keep their hash, and old ones stay readable."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from programs.content import (
    Change,
    MeasureContent,
    ScoreRange,
    as_json,
    content_hash,
    exercise_content,
    measure_content,
    safety_content,
)
from programs.shipped import unknown_keys
from tests.factories.programs import shipped, shipped_exercise

SOURCED = Change(kind="mcid", value=5.0, seen="seen", source="Stevenson 2001")
UNSOURCED = Change(kind="mcid", value=5.0, seen="reported")


def measure(**fields: Any) -> MeasureContent:
    return MeasureContent(
        **{
            "review_status": "draft",
            "name": "Berg Balance Scale",
            "unit": "points",
            "better": "higher",
            "changes": (SOURCED,),
            "range": ScoreRange(low=0.0, high=56.0),
        }
        | fields
    )


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"changes": (UNSOURCED, SOURCED)}, True),
        ({"range": ScoreRange(low=0.0)}, True),
        ({"range": None}, False),
        ({"range": None, "codes": ("0", "1", "1+")}, True),
        ({"range": None, "codes": ("0", "1"), "changes": (UNSOURCED,)}, False),
        ({"changes": ()}, False),
        ({"changes": (UNSOURCED,)}, False),
        ({"changes": (UNSOURCED,), "range": None}, False),
    ],
)
def test_a_measure_is_offered_with_a_range_and_a_named_source(
    fields: dict[str, Any], offered: bool
) -> None:
    assert measure(**fields).is_offered is offered


def test_the_hash_is_that_of_what_is_said() -> None:
    wall_stretch = shipped_exercise("wall_stretch")
    again = exercise_content(dict(reversed(as_json(wall_stretch).items())))

    assert content_hash(again) == content_hash(wall_stretch)
    assert len(content_hash(wall_stretch)) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Wall lean"},
        {"level": 2},
        {"core_six": False},
        {"review_status": "reviewed"},
        {"steps": ("Stand.", "Lean.", "Come back.")},
    ],
)
def test_another_word_is_another_hash(change: dict[str, Any]) -> None:
    wall_stretch = shipped_exercise("wall_stretch")

    changed = msgspec.structs.replace(wall_stretch, **change)

    assert content_hash(changed) != content_hash(wall_stretch)


def test_what_lies_beside_the_content_is_hashed_too() -> None:
    wall_stretch = shipped_exercise("wall_stretch")

    hashes = {content_hash(wall_stretch, beside=beside) for beside in ("", "a", "b")}

    assert len(hashes) == 3


def test_a_field_added_later_changes_no_published_hash() -> None:
    class Later(MeasureContent, kw_only=True, frozen=True):
        licence: str = ""

    now = measure()
    later = msgspec.convert(as_json(now), Later)

    assert content_hash(later) == content_hash(now)
    assert content_hash(msgspec.structs.replace(later, licence="paid")) != content_hash(now)


def test_a_version_that_a_newer_release_published_can_be_read() -> None:
    stored = as_json(measure()) | {"licence": "paid"}

    assert measure_content(stored) == measure()


def test_what_is_at_its_default_is_not_stored() -> None:
    check = as_json(shipped_exercise("wall_stretch").checks[2])

    assert check == {
        "id": "calf-pull",
        "ask": "Did you feel a pull in your calf?",
        "right": "yes",
        "fix": "Step back a little more. Then lean in.",
    }


def test_everything_that_ships_survives_storage() -> None:
    catalogue = shipped()

    for exercise in catalogue.exercises:
        assert exercise_content(as_json(exercise.content)) == exercise.content
    for instrument in catalogue.measures:
        assert measure_content(as_json(instrument.content)) == instrument.content
    assert safety_content(as_json(catalogue.safety)) == catalogue.safety


def test_content_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        shipped_exercise("wall_stretch").name = "Wall lean"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("extra", "unknown"),
    [
        ({}, []),
        ({"licence": "paid"}, ["licence"]),
        ({"range": {"low": 0, "top": 56}}, ["range.top"]),
        (
            {"changes": [{"kind": "mcid", "value": 5, "seen": "seen", "who": "Rui"}]},
            ["changes.0.who"],
        ),
    ],
)
def test_unknown_keys_are_found_at_every_depth(extra: dict[str, Any], unknown: list[str]) -> None:
    raw = as_json(measure()) | extra

    assert list(unknown_keys(raw, msgspec.convert(raw, MeasureContent))) == unknown
