"""
What patients logged (`logged`), how therapists saw it done (`form`), what the care team must look
at (`alerts`), and from which number on (`thresholds`).
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
from sessions.models.thresholds import AlertThresholds, ClinicWatch

__all__ = (
    "EARLIEST",
    "LATEST",
    "Alert",
    "AlertOccurrence",
    "AlertThresholds",
    "ClinicWatch",
    "ExerciseResult",
    "ExerciseSession",
    "FormCheck",
    "LoggedAs",
    "SafetyCheck",
    "SessionVersion",
    "Verdict",
)
