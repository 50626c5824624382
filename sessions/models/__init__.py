"""
What patients logged (`logged`), how therapists saw it done (`form`), what the care team must look
at (`alerts`), and from which number on (`thresholds`); what is kept of weeks (`weeks`).
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
from sessions.models.weeks import PatientWeek

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
    "PatientWeek",
    "SafetyCheck",
    "SessionVersion",
    "Verdict",
)
