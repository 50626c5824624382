"""What a patient and a therapist see of an exercise."""

from __future__ import annotations

import msgspec

from programs.bodies import CheckOut, PictureForPatient, WrongSignOut
from programs.models import ProgramItem
from programs.presenters import (
    checks_out,
    dose_out,
    evidence_out,
    exercise_for_patient,
    review_out,
    schedule_out,
)
from tests.factories.programs import shipped_exercise


def test_the_wall_stretch_for_the_left_leg() -> None:
    seen = exercise_for_patient(shipped_exercise("wall_stretch"), side="left", affected="left")

    assert seen.name == "Wall stretch"
    assert seen.side_words == "Use your left leg."
    assert seen.start == "Stand and face a wall. Put both hands on it."
    assert seen.steps == [
        "Step your left leg back.",
        "Point both feet at the wall.",
        "Keep the left knee straight and the heel down.",
        "Bend your right knee and lean in.",
        "Feel a pull in your calf. Hold.",
        "Come back slowly.",
    ]
    assert seen.wrong_signs[2] == WrongSignOut(
        sign="Your foot turns out.", fix="Turn your toes to the wall.", fault=None
    )
    assert seen.picture == PictureForPatient(name="wall_stretch", faults=2, side="left")


def test_precautions_for_clinicians_stay_with_clinicians() -> None:
    seen = exercise_for_patient(shipped_exercise("wall_stretch"), side="left", affected="left")

    assert seen.precautions == [
        "Weak hand: rest your forearm on the wall, or hold a rail with your strong hand.",
        "Knee that snaps back: keep a very small bend.",
    ]


def test_each_side_starts_with_the_affected_one() -> None:
    seen = exercise_for_patient(shipped_exercise("wall_stretch"), side="each", affected="right")

    assert seen.steps[0] == "Step your right leg back."
    assert seen.side_words == "Do it with your right leg. Then do it all with your left leg."
    assert seen.picture.side == "right"


def test_no_placeholder_reaches_a_patient() -> None:
    seen = exercise_for_patient(shipped_exercise("weight_shift"), side="right", affected="left")

    assert b"{side}" not in msgspec.json.encode(seen)
    assert seen.steps[0] == "Move your hips over your right leg."


def test_all_checks_or_those_to_ask() -> None:
    walking = shipped_exercise("walking_stick")

    assert [check.id for check in checks_out(walking)] == ["heel-first", "knee-bends", "felt-safe"]
    assert checks_out(walking, {"felt-safe"}) == [
        CheckOut(
            id="felt-safe",
            ask="Did you feel safe?",
            right="yes",
            fix="Stop this one for today. Tell your therapist.",
            fault=None,
            safety=True,
            optional=False,
        )
    ]


def test_a_dose_and_a_schedule_in_numbers_and_words() -> None:
    row = ProgramItem(
        side="affected",
        measure="duration",
        sets=1,
        duration_seconds=300,
        rest_seconds=60,
        device="walking stick",
        schedule="weekdays",
        weekdays=0b1000101,
        times_per_day=2,
    )

    dose, schedule = dose_out(row, category="gait"), schedule_out(row)

    assert (dose.measure, dose.sets, dose.duration_seconds) == ("duration", 1, 300)
    assert (dose.repetitions, dose.load_kg) == (None, None)
    assert (dose.words, dose.details) == ("walk 5 minutes", ["Use: walking stick."])
    assert (schedule.kind, schedule.weekdays, schedule.times_per_day) == ("weekdays", [1, 3, 7], 2)
    assert schedule.words == "2 times a day, on Monday, Wednesday and Sunday"


def test_a_draft_says_so_in_words() -> None:
    assert review_out("draft").words == "draft, not yet reviewed by a clinician"
    assert review_out("reviewed").words == "reviewed by a clinician"


def test_evidence_says_how_sure_we_are_of_its_source() -> None:
    told = [(one.source, one.seen_words) for one in evidence_out(shipped_exercise("leg_press"))]

    assert told == [
        (
            "AHA/ASA, Billinger 2014, as tabled in PMC6124986",
            "seen in a text that quotes the source",
        ),
        ("Canadian Stroke Best Practice Recommendations, level A", "reported, not seen"),
    ]
