"""
Patients, who cares for them and what is prescribed to them (`records`), what is measured and aimed
at (`measured`), and what of it changed for their phones (`changes`).
"""

from __future__ import annotations

from patients.models.changes import PatientChange
from patients.models.measured import Assessment
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
    Pause,
    PrescribedExercise,
)

__all__ = (
    "Assessment",
    "Assignment",
    "CareTeamMembership",
    "Carer",
    "DateRange",
    "Line",
    "OfPatient",
    "OfPatientQuerySet",
    "Patient",
    "PatientChange",
    "PatientQuerySet",
    "Pause",
    "PrescribedExercise",
)
