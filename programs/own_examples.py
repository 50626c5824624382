"""What the interface's description shows as an example of a clinic's own entries."""

from __future__ import annotations

from typing import Any

from programs import examples

SAID = (
    "name", "category", "level", "position", "helper", "laterality", "measures", "purpose",
    "picture", "equipment", "start", "steps", "cues", "wrong_signs", "checks", "precautions",
    "contraindications", "usual_dose", "goal_example", "easier", "harder", "clinical", "icf",
)  # fmt: skip
ORDER: dict[str, Any] = {name: examples.EXERCISE[name] for name in SAID} | {
    "name": "Wall stretch with a towel",
    "equipment": ["wall", "towel"],
    "easier_exercises": [examples.SUMMARY["id"]],
}
KEY = "5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10"
NEW_EXERCISE: dict[str, Any] = ORDER | {"key": KEY}
NEXT_EXERCISE: dict[str, Any] = ORDER | {"level": 2, "replaces": 1, "confirm": ["reads_hard"]}
OWN: dict[str, Any] = (
    examples.EXERCISE
    | {name: value for name, value in ORDER.items() if name != "easier_exercises"}
    | {
        "id": "0199f0c6-5b7e-7d0a-9a51-6a1f3ce1b0aa",
        "core_six": False,
        "is_own": True,
        "evidence": [],
        "easier_exercises": [
            {"id": examples.SUMMARY["id"], "name": "Wall stretch", "is_retired": False}
        ],
        "harder_exercises": [],
    }
)
OWN_SECOND: dict[str, Any] = OWN | {"level": 2, "version": 2}
RETIRED: dict[str, Any] = OWN | {"is_retired": True}
COPY: dict[str, Any] = {"key": KEY, "name": "Wall stretch with a towel"}
COPIED: dict[str, Any] = OWN | {
    "easier_exercises": [],
    "copied_from": {"id": examples.SUMMARY["id"], "version": 1, "name": "Wall stretch"},
}
REVIEW: dict[str, Any] = {"version": 1, "status": "reviewed", "note": "Tried with two patients."}
REVIEWED_AS: dict[str, Any] = {
    "status": "reviewed",
    "words": "reviewed by a clinician",
    "by": "Rui Costa",
    "at": "2026-11-23T18:02:00Z",
    "note": "Tried with two patients.",
}
REVIEWED: dict[str, Any] = OWN | {"review": REVIEWED_AS}
ITEM: dict[str, Any] = {
    "exercise": examples.SUMMARY["id"],
    "dose": {"measure": "hold", "sets": 1, "repetitions": 3, "hold_seconds": 20},
    "side": "affected",
    "schedule": {"kind": "times_per_week", "times_per_week": 5},
}
PROGRAM: dict[str, Any] = {"name": "After the cast", "weeks": 4, "items": [ITEM]}
NEW_PROGRAM: dict[str, Any] = PROGRAM | {"key": KEY}
NEXT_PROGRAM: dict[str, Any] = PROGRAM | {"weeks": 6, "replaces": 1, "confirm": []}
OWN_PROGRAM: dict[str, Any] = examples.PROGRAM | {
    "id": "0199f0c6-5b7e-7d0a-9a51-6a1f3ce1b0ab",
    "name": "After the cast",
    "weeks": 4,
    "is_own": True,
}
OWN_PROGRAM_SECOND: dict[str, Any] = OWN_PROGRAM | {"weeks": 6, "version": 2}
RETIRED_PROGRAM: dict[str, Any] = OWN_PROGRAM | {"is_retired": True}
REVIEWED_PROGRAM: dict[str, Any] = OWN_PROGRAM | {"review": REVIEWED_AS}
COPY_PROGRAM: dict[str, Any] = {"key": KEY, "name": "After the cast"}
COPIED_PROGRAM: dict[str, Any] = OWN_PROGRAM | {
    "copied_from": {
        "id": examples.PROGRAM_HEAD["id"],
        "version": 1,
        "name": examples.PROGRAM_HEAD["name"],
    },
}
SHARED_REVIEW: dict[str, Any] = REVIEW | {"reviewer_name": "Dr Inês Vale"}
SHARED: dict[str, Any] = {
    "id": examples.SUMMARY["id"],
    "name": "Wall stretch",
    "version": 1,
    "is_retired": False,
    "review": REVIEWED_AS | {"by": "Dr Inês Vale"},
}
SHARED_MEASURE: dict[str, Any] = SHARED | {
    "id": "0199f0c6-5b7e-7d0a-9a51-6a1f3ce1b0ac",
    "name": "10-metre walk",
}
