"""What alerts, a clinic's thresholds and changes of them look like, for the description."""

from __future__ import annotations

from typing import Any

import msgspec

from sessions.api.examples import LINE, RECORD, ROW
from sessions.thresholds import DEFAULTS, LIMITS

ALERT: dict[str, Any] = {
    "id": ROW,
    "patient": RECORD,
    "rule": "chest_pain",
    "line": None,
    "exercise": None,
    "question": None,
    "advice": "Call the patient now. Make sure that emergency help was called.",
    "next_step": None,
    "severity": "emergency",
    "status": "open",
    "raised_at": "2026-11-23T17:02:12Z",
    "last_occurred_at": "2026-11-23T17:02:12Z",
    "acknowledged_by": None,
    "acknowledged_at": None,
    "acknowledged_note": "",
    "resolved_by": None,
    "resolved_at": None,
    "note": "",
    "occurrences": [
        {
            "claimed_at": "2026-11-23T08:30:00Z",
            "received_at": "2026-11-23T17:02:12Z",
            "severity": "emergency",
            "session": ROW,
            "safety_check": None,
            "because": {},
            "exercise": None,
            "question": None,
        }
    ],
}
SUGGESTION = ALERT | {
    "rule": "too_easy",
    "severity": "suggestion",
    "line": LINE,
    "exercise": "Wall stretch",
    "advice": "Consider progressing this exercise.",
    "next_step": {
        "kind": "progress",
        "variants": ["Step further back."],
        "dose": {"quantity": "repetitions", "now": 5, "then": 6},
    },
    "occurrences": [
        {
            "claimed_at": "2026-11-23T08:30:00Z",
            "received_at": "2026-11-23T17:02:12Z",
            "severity": "suggestion",
            "session": ROW,
            "safety_check": None,
            "because": {"sessions": [ROW]},
            "exercise": None,
            "question": None,
        }
    ],
}
ALERT_PAGE = {"results": [ALERT, SUGGESTION], "next": None}
THRESHOLDS = {
    "version": 0,
    "numbers": msgspec.structs.asdict(DEFAULTS),
    "texts": {},
    "set_at": None,
    "sign_off": None,
    "proposal": None,
    "defaults": msgspec.structs.asdict(DEFAULTS),
    "limits": {name: limit._asdict() for name, limit in LIMITS.items()},
}
PROPOSAL: dict[str, Any] = {
    "id": "019aa9f4-5c3d-7e21-8a44-91b2c3d4e5f6",
    "status": "waiting",
    "replaces": 0,
    "numbers": msgspec.structs.asdict(DEFAULTS) | {"no_contact_expected_days": 4},
    "texts": {},
    "loosened": ["no_contact_expected_days"],
    "reason": "Most of our patients train three days a week.",
    "clinician": "019aa9f4-1f02-7d55-9a3c-5b0c6f2e8d10",
    "clinician_name": "Rui Costa",
    "is_mine_to_sign": True,
    "proposed_by": "Helena Prata",
    "proposed_at": "2026-11-23T18:02:00Z",
    "decided_by": None,
    "decided_at": None,
    "decision_note": "",
}
