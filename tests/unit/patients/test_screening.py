from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import pytest

from patients.screening import (
    ScreenedExercise,
    Screening,
    ScreeningAnswers,
    ScreeningIncomplete,
    ScreeningItem,
    refuse_incomplete,
    stored_screening,
    to_screen,
    with_exercise,
)
from programs.models import SafetyBlock
from tests.factories import prescriptions as rx

WALL = UUID("bb2e07a6-ee4b-46b3-8e60-fe4e3cf90600")
BRIDGE = UUID("019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e02")
SAFE = UUID("019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e03")

ASKED = Screening(
    safety_block=1,
    items=[
        ScreeningItem(id="medically-stable", text="Medically stable"),
        ScreeningItem(id="weak-shoulder", text="Shoulder protected"),
    ],
    exercises=[
        ScreenedExercise(
            exercise=WALL, name="Wall stretch", version=1, contraindications=["Blood clot"]
        ),
        ScreenedExercise(exercise=SAFE, name="Ankle pumps", version=2, contraindications=[]),
    ],
)
ITEMS = ["medically-stable", "weak-shoulder"]


@pytest.mark.parametrize(
    ("items", "exercises", "errors"),
    [
        (ITEMS, [WALL], []),
        (ITEMS, [WALL, SAFE], []),
        (["weak-shoulder", "medically-stable"], [WALL], []),
        (ITEMS[:1], [WALL], [("screening.items", "not_confirmed")]),
        (ITEMS, [SAFE], [("screening.exercises", "not_confirmed")]),
        ([*ITEMS, "old-point"], [WALL], [("screening.items.2", "not_asked")]),
        (ITEMS, [BRIDGE, WALL], [("screening.exercises.0", "not_asked")]),
    ],
)
def test_every_point_is_confirmed_and_no_other(
    items: list[str], exercises: list[UUID], errors: list[tuple[str, str]]
) -> None:
    found: list[tuple[str, str]] = []

    try:
        refuse_incomplete(ASKED, ScreeningAnswers(items=items, exercises=exercises))
    except ScreeningIncomplete as refusal:
        found = [(one.field, one.code) for one in refusal.errors]

    assert found == errors


def test_a_refusal_names_what_is_open_in_words() -> None:
    with pytest.raises(ScreeningIncomplete) as refusal:
        refuse_incomplete(ASKED, ScreeningAnswers(items=[], exercises=[]))

    assert [one.detail for one in refusal.value.errors] == [
        "medically-stable: Medically stable",
        "weak-shoulder: Shoulder protected",
        f"{WALL}: Wall stretch: Blood clot",
    ]
    assert (refusal.value.code, refusal.value.status) == ("screening_incomplete", 400)


@pytest.mark.django_db
def test_each_exercise_is_asked_about_once_in_order() -> None:
    block = SafetyBlock.objects.order_by("-number")[0]
    wall, bridge = (rx.exercise_of(slug).current for slug in ("wall_stretch", "bridging"))

    asked = to_screen(block, [bridge, wall, bridge])

    assert [one.name for one in asked.exercises] == ["Bridge", "Wall stretch"]
    assert asked.safety_block == block.number
    assert len(asked.items) == 6


def test_what_is_kept_reads_back_and_takes_one_more_exercise() -> None:
    stored: Any = msgspec.to_builtins(ASKED)
    moment = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
    added = ScreenedExercise(
        exercise=BRIDGE, name="Bridge", version=1, contraindications=["Back fracture"],
        confirmed_by=SAFE, confirmed_at=moment,
    )  # fmt: skip

    kept = stored_screening(with_exercise(stored, added))

    assert stored_screening(stored) == ASKED
    assert kept.exercises == [*ASKED.exercises, added]
    assert kept.items == ASKED.items
