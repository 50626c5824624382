"""
What patients logged (`logged`), how therapists saw it done (`form`), and what the care team must
look at (`alerts`).
"""

from __future__ import annotations

from sessions.models.alerts import Alert, AlertOccurrence
from sessions.models.form import FormCheck
from sessions.models.logged import (
    EARLIEST,
    LATEST,
    ExerciseResult,
    ExerciseSession,
    LoggedAs,
    SafetyCheck,
    SessionVersion,
    Verdict,
)

__all__ = (
    "EARLIEST",
    "LATEST",
    "Alert",
    "AlertOccurrence",
    "ExerciseResult",
    "ExerciseSession",
    "FormCheck",
    "LoggedAs",
    "SafetyCheck",
    "SessionVersion",
    "Verdict",
)
