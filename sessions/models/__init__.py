"""
What patients logged (`logged`), how therapists saw it done (`form`), what the care team must look
at (`alerts`), from which number on (`thresholds`), and what waits to change them
(`threshold_proposals`); what is kept of weeks (`weeks`).
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
from sessions.models.threshold_proposals import ThresholdProposal
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
    "ThresholdProposal",
    "Verdict",
)
