"""
Patients, who cares for them and what is prescribed to them (`records`), how care ends and pauses
(`care`), what is measured and aimed at (`measured`), and what of it changed for their phones
(`changes`).
"""

from __future__ import annotations

from patients.models.care import Discharge, Pause, PauseRequest
from patients.models.changes import PatientChange
from patients.models.measured import Assessment, Goal
from patients.models.records import (
    Assignment,
    Carer,
    CareTeamMembership,
    DateRange,
    Line,
    OfPatient,
    OfPatientQuerySet,
    Patient,
    PatientQuerySet,
    PrescribedExercise,
)

__all__ = (
    "Assessment",
    "Assignment",
    "CareTeamMembership",
    "Carer",
    "DateRange",
    "Discharge",
    "Goal",
    "Line",
    "OfPatient",
    "OfPatientQuerySet",
    "Patient",
    "PatientChange",
    "PatientQuerySet",
    "Pause",
    "PauseRequest",
    "PrescribedExercise",
)
