"""One example for each body about prescriptions, as the documentation shows it."""

from __future__ import annotations

from typing import Any

PATIENT = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e00"
ASSIGNMENT = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f2a10"
LINE = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e01"
ROW = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e77"
WALL_STRETCH = "bb2e07a6-ee4b-46b3-8e60-fe4e3cf90600"
SIX_LEG_EXERCISES = "74202746-7c2b-41cc-862a-e32c2509786d"

DOSE: dict[str, Any] = {"measure": "hold", "sets": 2, "repetitions": 3, "hold_seconds": 20}
DOSE_OUT: dict[str, Any] = DOSE | {
    "repetitions_max": None,
    "load_kg": None,
    "rest_seconds": 15,
    "tempo": "",
    "device": "",
    "effort_ceiling": None,
}
THREE_DAYS: dict[str, Any] = {"kind": "weekdays", "weekdays": [1, 3, 5], "times_per_day": 1}
CONTRAINDICATIONS = [
    "Calf swelling or suspected blood clot",
    "Unhealed ankle or Achilles injury",
    "Cannot stand with support",
]

DRAFT_FROM_PROGRAM: dict[str, Any] = {
    "program": SIX_LEG_EXERCISES,
    "starts_on": "2026-11-23",
    "changes": [
        {"position": 1, "dose": DOSE, "side": "affected", "schedule": THREE_DAYS},
        {"position": 6, "leave_out": True},
    ],
}
ROW_OUT: dict[str, Any] = {
    "id": ROW,
    "from": "2026-11-23",
    "until": None,
    "is_in_force": True,
    "dose": DOSE_OUT,
    "dose_words": "2 sets of 3, hold 20 seconds",
    "side": "left",
    "side_words": "Use your left leg.",
    "side_asked": "affected",
    "schedule": THREE_DAYS,
    "schedule_words": "on Monday, Wednesday and Friday",
    "is_outside_usual_range": False,
    "prescribed_by": "Rui Costa",
    "prescribed_at": "2026-11-22T15:04:00Z",
}
LINE_OUT: dict[str, Any] = {
    "id": LINE,
    "position": 1,
    "measure": "hold",
    "note": "Hold on to the kitchen worktop.",
    "exercise": {
        "id": WALL_STRETCH,
        "name": "Wall stretch",
        "version": 1,
        "newest_version": 1,
        "review_status": "draft",
        "precautions": ["Knee that snaps back: keep a very small bend."],
        "contraindications": CONTRAINDICATIONS,
    },
    "rows": [ROW_OUT],
}
LINE_ANSWER: dict[str, Any] = LINE_OUT | {"assignment": ASSIGNMENT, "patient": PATIENT}
REVISED_LINE: dict[str, Any] = LINE_ANSWER | {
    "rows": [
        ROW_OUT | {"until": "2026-11-26"},
        ROW_OUT
        | {
            "id": "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e78",
            "from": "2026-11-26",
            "is_in_force": False,
            "dose": DOSE_OUT | {"sets": 3},
            "dose_words": "3 sets of 3, hold 20 seconds",
        },
    ]
}
ENDED_LINE: dict[str, Any] = LINE_ANSWER | {"rows": [ROW_OUT | {"until": "2026-12-01"}]}
SUMMARY: dict[str, Any] = {
    "id": ASSIGNMENT,
    "patient": PATIENT,
    "title": "Six leg exercises",
    "status": "active",
    "starts_on": "2026-11-23",
    "ends_on": None,
    "program": {"id": SIX_LEG_EXERCISES, "name": "Six leg exercises", "version": 1},
    "therapist": {"membership": "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f3b20", "name": "Rui Costa"},
    "drafted_at": "2026-11-22T15:04:00Z",
    "activated_at": "2026-11-22T15:09:00Z",
    "ended_at": None,
}
_SCREENING: dict[str, Any] = {
    "asked": {
        "safety_block": 1,
        "items": [
            {
                "id": "medically-stable",
                "text": "Medically stable; blood pressure and heart rate limits set by the "
                "treating team",
            }
        ],
        "exercises": [
            {
                "exercise": WALL_STRETCH,
                "name": "Wall stretch",
                "version": 1,
                "contraindications": CONTRAINDICATIONS,
                "confirmed_by": None,
                "confirmed_at": None,
            }
        ],
    },
}
ACTIVE: dict[str, Any] = SUMMARY | {
    "lines": [LINE_OUT],
    "screening": _SCREENING | {"confirmed_by": "Rui Costa", "confirmed_at": "2026-11-22T15:09:00Z"},
}
DRAFT: dict[str, Any] = SUMMARY | {
    "status": "draft",
    "activated_at": None,
    "lines": [LINE_OUT | {"rows": [ROW_OUT | {"is_in_force": False}]}],
    "screening": _SCREENING | {"confirmed_by": None, "confirmed_at": None},
}
ENDED: dict[str, Any] = ACTIVE | {"ends_on": "2026-11-30", "ended_at": "2026-11-30T16:00:00Z"}
ACTIVATION: dict[str, Any] = {
    "screening": {"items": ["medically-stable"], "exercises": [WALL_STRETCH]}
}
NEW_LINE: dict[str, Any] = {
    "exercise": WALL_STRETCH,
    "from": "2026-11-24",
    "dose": DOSE,
    "side": "affected",
    "schedule": THREE_DAYS,
    "note": "Hold on to the kitchen worktop.",
    "confirm": ["contraindications"],
}
REVISION: dict[str, Any] = {"from": "2026-11-26", "dose": DOSE | {"sets": 3}}
LAST_DATE: dict[str, Any] = {"on": "2026-11-30"}
