"""One example for each body, as the documentation shows it."""

from __future__ import annotations

from typing import Any

LINE = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e01"
LINE_B = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e02"
PHONE_ID = "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"
CHECK_ID = "7e0cf6f0-2b64-4b52-8e3a-95a9ab1f3a11"
ROW = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e77"
RECORD = "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e00"

SESSION: dict[str, Any] = {
    "id": PHONE_ID,
    "performed_at": "2026-11-23T09:30:00+01:00",
    "sent_at": "2026-11-23T18:02:11+01:00",
    "duration_seconds": 1260,
    "effort": 4,
    "pain_before": 2,
    "pain_after": 3,
    "symptoms": [],
    "help": "independent",
    "note": "",
    "results": [
        {
            "line": LINE,
            "side": "left",
            "sets": [
                {"repetitions": 10, "hold_seconds": 20},
                {"repetitions": 8, "hold_seconds": 20},
            ],
            "checks": {"heel-down": "yes"},
            "difficulty": "just_right",
            "pain": 2,
        },
        {"line": LINE_B, "side": "both", "skipped": "fatigue"},
    ],
}
RESULTS_OUT = [
    {
        "line": LINE,
        "side": "left",
        "completion": 0.9,
        "verdict": "part",
        "exceeded": False,
        "best": False,
        "fix": None,
        "check": None,
        "text": "18 of 20. That counts. You did it the right way.",
    },
    {
        "line": LINE_B,
        "side": "both",
        "completion": 0.0,
        "verdict": "not_done",
        "exceeded": False,
        "best": False,
        "fix": None,
        "check": None,
        "text": "Not this time. That is all right. It will be here for you next time.",
    },
]
FEEDBACK: dict[str, Any] = {
    "safety": None,
    "results": RESULTS_OUT,
    "remaining_today": [{"line": LINE_B, "sessions_left": 1}],
    "streak": {"unit": "days", "length": 4},
    "goals": [
        {
            "id": "019aa9f4-4d22-7c13-8e9f-1a2b3c4d5e72",
            "text": "Stand up ten times in a day.",
            "amount": "day_total",
            "unit": "times",
            "baseline": 10.0,
            "target": 30.0,
            "before": 10,
            "after": 30,
            "reached": True,
            "words": "You met your goal: 30 times",
            "when": "in a day",
        }
    ],
    "rules_version": 1,
}
ANSWER: dict[str, Any] = {
    "id": PHONE_ID,
    "status": "counted",
    "version": 1,
    "feedback": FEEDBACK,
}
CORRECTED = ANSWER | {"version": 2}
STAFF_ANSWER = ANSWER | {"id": ROW}
WITHDRAWN = ANSWER | {"status": "withdrawn"}
CORRECTION = SESSION | {"effort": 5, "corrects": 1}
SAFETY = {
    "verdict": "stop",
    "symptoms": ["dizziness"],
    "severity": "high",
    "text": "Stop. Sit down. Tell someone near you. If it does not pass, call 112. "
    "Nobody watches this app in real time.",
    "numbers": [{"label": "Emergency", "number": "112"}],
}
SAFETY_CHECK = {
    "id": CHECK_ID,
    "checked_at": "2026-11-23T09:25:00+01:00",
    "sent_at": "2026-11-23T09:25:02+01:00",
    "answers": {"well": "no", "floor": "yes"},
    "symptoms": ["dizziness"],
}
SAFETY_ANSWER = {"id": CHECK_ID, "version": 1, "safety": SAFETY}
BATCH = {
    "sent_at": "2026-11-23T18:02:11+01:00",
    "sessions": [{name: value for name, value in SESSION.items() if name != "sent_at"}],
    "safety_checks": [{name: value for name, value in SAFETY_CHECK.items() if name != "sent_at"}],
}
BATCH_ANSWER = {
    "sessions": [{"id": PHONE_ID, "status": "created", "version": 1, "feedback": FEEDBACK}],
    "safety_checks": [{"id": CHECK_ID, "status": "created", "version": 1, "safety": SAFETY}],
}
LOGGED: dict[str, Any] = {
    "id": PHONE_ID,
    "status": "counted",
    "version": 1,
    "performed_at": "2026-11-23T08:30:00Z",
    "performed_on": "2026-11-23",
    "received_at": "2026-11-23T17:02:12Z",
    "claimed_performed_at": "2026-11-23T08:30:00Z",
    "duration_seconds": 1260,
    "effort": 4,
    "pain_before": 2,
    "pain_after": 3,
    "symptoms": [],
    "help": "independent",
    "note": "",
    "logged_as": "patient",
    "is_possible_duplicate": False,
    "results": [
        {
            "line": LINE,
            "side": "left",
            "exercise": "Wall stretch",
            "is_off_plan": False,
            "sets": [{"repetitions": 10, "hold_seconds": 20}],
            "skipped": None,
            "checks": {"heel-down": "yes"},
            "difficulty": "just_right",
            "pain": 2,
            "verdict": "part",
        }
    ],
}
LOGGED_PAGE = {"results": [LOGGED], "next": None}
STAFF_LOGGED_PAGE = {"results": [LOGGED | {"id": ROW}], "next": None}
STAFF_SESSION = LOGGED | {
    "id": ROW,
    "patient": RECORD,
    "logged_by": "Ana Silva",
    "decided_by": None,
    "decided_at": None,
    "decision_reason": "",
    "withdrawn_by": None,
    "withdrawn_at": None,
    "withdrawn_reason": "",
    "versions": [
        {
            "number": 1,
            "content": {name: said for name, said in SESSION.items() if name != "sent_at"},
            "made_by": "Ana Silva",
            "made_as": "patient",
            "made_at": "2026-11-23T17:02:12Z",
            "sent_at": "2026-11-23T17:02:11Z",
            "clock_ahead_seconds": -1,
        }
    ],
}
STAFF_SAFETY_CHECK = {
    "id": ROW,
    "patient": RECORD,
    "checked_at": "2026-11-23T08:25:00Z",
    "checked_on": "2026-11-23",
    "received_at": "2026-11-23T17:02:12Z",
    "answers": {"well": "no"},
    "symptoms": ["dizziness"],
    "has_red_flag": True,
    "logged_by": "Ana Silva",
    "logged_as": "patient",
}
PROGRESS = {
    "weeks": [
        {
            "monday": "2026-11-16",
            "is_in_progress": False,
            "done": 4,
            "expected": 5,
            "active_days": 4,
            "sets_logged": 12,
        }
    ],
    "streak": {"unit": "days", "length": 4},
}
PLAN: dict[str, Any] = {
    "record": RECORD,
    "on": "2026-11-23",
    "change": 12,
    "is_paused": False,
    "is_safety_hold": False,
    "lines": [
        {
            "line": LINE,
            "program": "Six leg exercises",
            "position": 1,
            "note": "Hold the kitchen worktop.",
            "exercise": {
                "name": "Wall stretch",
                "purpose": "Keeps the back of your lower leg long.",
                "side_words": "Use your left leg.",
                "start": "Stand and face a wall. Put both hands on it.",
                "steps": ["Step your left leg back."],
                "cues": ["Your back heel stays on the floor."],
                "wrong_signs": [
                    {"sign": "Your heel lifts up.", "fix": "Take a smaller step back.", "fault": 0}
                ],
                "precautions": [],
                "equipment": ["wall"],
                "picture": {"name": "wall_stretch", "faults": 2, "side": "left"},
            },
            "dose": {
                "measure": "hold",
                "sets": 2,
                "repetitions": 3,
                "repetitions_max": None,
                "hold_seconds": 20,
                "duration_seconds": None,
                "distance_m": None,
                "steps": None,
                "load_kg": None,
                "rest_seconds": 15,
                "tempo": "",
                "device": "",
                "effort_ceiling": None,
                "words": "2 sets of 3, hold 20 seconds",
                "details": ["Rest 15 seconds between sets."],
            },
            "side": "left",
            "result_sides": ["left"],
            "schedule": {
                "kind": "times_per_week",
                "weekdays": [],
                "times_per_day": None,
                "times_per_week": 5,
                "words": "5 days a week",
            },
            "is_due": True,
            "expected": 0,
            "done": 0,
            "prescribed_sets": 2,
            "sets_logged": 0,
            "week_expected": 5,
            "week_done": 2,
            "best_so_far": {"left": 120},
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
            "ask": ["heel-down"],
            "phrases": {"part_sets": "{done} of 2 full sets."},
        }
    ],
    "before": [
        {
            "id": "well",
            "ask": "Do you feel well today?",
            "right": "yes",
            "fix": "Tell us what is wrong.",
        }
    ],
    "stop_now": ["Chest pain or a tight chest."],
    "stop_and_tell": ["Your leg gives way."],
    "advice": ["Keep breathing. Do not hold your breath."],
    "symptoms": {"dizziness": "I feel dizzy"},
    "safety": {"dizziness": SAFETY},
    "phrases": {"not_yet": "Not yet.", "counts": "That counts."},
    "rules": [{"verdict": "stop", "when_any": [{"fact": "red_flag", "op": "is", "value": True}]}],
    "rules_version": 1,
    "review": {"status": "draft", "words": "draft, not yet reviewed by a clinician"},
}
FIGURES: dict[str, Any] = {
    "dose_percent": 50,
    "session_percent": 66,
    "band": "slipping",
    "credited_sets": {"exact": "9/2", "rounded": 4.5},
    "prescribed_sets": {"exact": "9", "rounded": 9.0},
    "done": 2,
    "expected": 3,
    "sets_logged": 5,
}
LINE_FIGURES = FIGURES | {
    "line": LINE,
    "exercise": "Heel raises",
    "measure": "repetitions",
    "amount_logged": 45,
}
ADHERENCE: dict[str, Any] = {
    "patient": RECORD,
    "covers": {"from": "2026-11-16", "until": "2026-11-22"},
    "total": FIGURES,
    "lowest_line": LINE_FIGURES,
    "lines": [LINE_FIGURES],
    "weeks": [FIGURES | {"week": "2026-11-16", "in_progress": False}],
}
CHANGES = {
    "results": [
        {
            "seq": 41,
            "kind": "plan",
            "id": RECORD,
            "gone": None,
            "session": None,
            "feedback": None,
            "safety_check": None,
        },
        {
            "seq": 44,
            "kind": "session",
            "id": PHONE_ID,
            "gone": None,
            "session": LOGGED,
            "feedback": FEEDBACK,
            "safety_check": None,
        },
    ],
    "next": "WyIwZDVjOWYwZSIsNDRd:1pG6oR",
    "has_more": False,
}
