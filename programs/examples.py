"""What the interface's description shows as an example of each answer about the catalogue."""

from __future__ import annotations

from typing import Any

REVIEW: dict[str, Any] = {
    "status": "draft",
    "words": "draft, not yet reviewed by a clinician",
    "by": None,
    "at": None,
    "note": "",
}
PICTURE = {"name": "wall_stretch", "faults": 2}
SUMMARY: dict[str, Any] = {
    "id": "bb2e07a6-ee4b-46b3-8e60-fe4e3cf90600",
    "version": 1,
    "name": "Wall stretch",
    "category": "stretching",
    "level": 3,
    "position": "standing",
    "helper": "near",
    "laterality": "one",
    "measures": ["hold"],
    "purpose": "Keeps the back of your lower leg long, so your heel can reach the floor.",
    "picture": PICTURE,
    "core_six": True,
    "is_own": False,
    "is_retired": False,
    "review": REVIEW,
}
EXERCISES: dict[str, Any] = {"results": [SUMMARY], "next": None}
LINE: dict[str, Any] = {
    "side": "affected",
    "dose": {
        "measure": "hold",
        "sets": 1,
        "repetitions": 3,
        "hold_seconds": 20,
        "repetitions_max": None,
        "load_kg": None,
        "rest_seconds": 15,
        "tempo": "",
        "device": "",
        "effort_ceiling": None,
    },
    "dose_words": "1 set of 3, hold 20 seconds",
    "schedule": {"kind": "times_per_week", "times_per_week": 5},
    "schedule_words": "5 days a week",
}
EXERCISE: dict[str, Any] = SUMMARY | {
    "also": [],
    "equipment": ["wall", "firm shoes"],
    "start": "Stand and face a wall. Put both hands on it.",
    "steps": ["Step your {side} leg back.", "Bend your {other} knee and lean in.", "Hold."],
    "cues": ["Your back heel stays on the floor."],
    "wrong_signs": [
        {"sign": "Your heel lifts up.", "fix": "Take a smaller step back.", "fault": 0}
    ],
    "checks": [
        {
            "id": "heel-down",
            "ask": "Did your back heel stay down?",
            "right": "yes",
            "fix": "Take a smaller step back.",
            "fault": 0,
            "safety": False,
            "optional": False,
        }
    ],
    "precautions": [{"text": "Knee that snaps back: keep a very small bend.", "for_patient": True}],
    "contraindications": ["Calf swelling or suspected blood clot"],
    "usual_dose": {
        "sets": {"low": 1, "high": 3, "start": 1},
        "repetitions": {"low": 2, "high": 4, "start": 3},
        "hold_seconds": {"low": 10, "high": 30, "start": 20},
        "rest_seconds": 15,
        "times_per_day": {"low": 1, "high": 2, "start": 1},
        "days_per_week": {"low": 3, "high": 7, "start": 5},
    },
    "default": LINE,
    "goal_example": "Hold for 30 seconds, 3 times, with my heel down.",
    "easier": ["Take a smaller step."],
    "harder": ["Step further back."],
    "variant_of": None,
    "clinical": {
        "targets": ["gastrocnemius"],
        "intent": "ankle dorsiflexion range with knee straight",
    },
    "icf": ["b7100", "b735", "d4154"],
    "evidence": [
        {
            "text": "Routine stretch alone has little lasting effect on joint range.",
            "source": "Cochrane review of stretch, 2017",
            "seen": "reported",
            "seen_words": "reported, not seen",
        }
    ],
    "easier_exercises": [],
    "harder_exercises": [
        {
            "id": "1d683371-acce-4cbc-bc58-7c74171c2a1d",
            "name": "Heel drop on a step",
            "is_retired": True,
        }
    ],
    "copied_from": None,
}
PROGRAM_HEAD: dict[str, Any] = {
    "id": "74202746-7c2b-41cc-862a-e32c2509786d",
    "version": 1,
    "name": "Six leg exercises",
    "weeks": 6,
    "is_own": False,
    "is_retired": False,
    "review": REVIEW,
}
PROGRAMS: dict[str, Any] = {
    "results": [PROGRAM_HEAD | {"exercises": ["Wall stretch", "Lying leg crossover"]}],
    "next": None,
}
PROGRAM: dict[str, Any] = PROGRAM_HEAD | {
    "copied_from": None,
    "items": [
        LINE
        | {
            "position": 1,
            "exercise": SUMMARY["id"],
            "name": SUMMARY["name"],
            "picture": PICTURE,
            "is_retired": False,
        }
    ],
}
MEASURES: dict[str, Any] = {
    "results": [
        {
            "slug": "gait_speed",
            "version": 1,
            "name": "10-metre walk",
            "unit": "m/s",
            "better": "higher",
            "range": {"low": 0.0, "high": 5.0, "low_is_allowed": False, "high_is_ours": True},
            "codes": [],
            "variants": [
                {"id": "comfortable", "name": "comfortable speed"},
                {"id": "maximum", "name": "as fast as is safe"},
            ],
            "needs_aid": True,
            "is_sided": False,
            "note": "Metres per second over the measured part.",
            "changes": [
                {
                    "change": {
                        "kind": "mcid",
                        "value": 0.16,
                        "seen": "seen",
                        "group": "20 to 60 days after the stroke",
                        "source": "Tilson 2010, PMC2816032",
                        "variant": "comfortable",
                    },
                    "seen_words": "seen in the source",
                }
            ],
            "loinc": "",
            "review": REVIEW,
        }
    ]
}
