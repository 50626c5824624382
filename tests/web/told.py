"""A week and a digest with something of everything in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.factories import people
from tests.factories.reminders import NO_CASES, QUIET_WEEK

STATES = ["done", "part", "not_done", "rest", "paused", "done", "done"]
WORDS = ["Done", "Part", "Not done", "Rest", "Paused", "Done", "Done"]
BUSY_WEEK: dict[str, Any] = QUIET_WEEK | {
    "sentence": "Well done. You met a goal.",
    "rule": "goal_met",
    "counts": "You did your plan on 3 of 5 days.",
    "days": [
        {"on": f"2026-11-{16 + number}", "state": state, "words": words}
        for number, (state, words) in enumerate(zip(STATES, WORDS, strict=True))
    ],
    "sessions": 4,
    "in_a_row": "3 days in a row.",
    "goals": [
        {"text": "Walk to the <bakery>.", "words": "You met your goal: 300 m", "when": "in one go", "is_met": True},
        {"text": "Stand up alone.", "words": "4 of 10 times", "when": "", "is_met": False},
    ],
    "next_week": "The plan is the same: 5 days.",
    "corrections": [{"on": "2026-11-10", "state": "done", "words": "Tuesday is now: done"}],
}  # fmt: skip


def case(patient: UUID, reference: str, *reasons: str, **other: Any) -> dict[str, Any]:
    said = {"unit": "days", "done": 3, "due": 5, "trend": "down", "is_paused": False}
    who = {"patient": str(patient), "reference": reference, "reasons": list(reasons)}
    return who | said | other


def whole(world: people.World) -> dict[str, Any]:
    """A caseload of three: Ana, one who left it since, and one who is on track."""
    rest = people.patient(world.clinic, "Zé Pinto", care_team=[world.rui], email=None)
    return NO_CASES | {
        "patients": 3, "attention": 2, "on_track": 1,
        "cases": [
            case(world.ana.pk, "1042", "safety", "slipping"),
            case(uuid4(), "1043", "ready", trend="up"),
            case(rest.pk, "1044", is_paused=True, trend=None),
        ],
    }  # fmt: skip
