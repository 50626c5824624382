"""
Patients, who cares for them and what is prescribed to them (`records`), and what is measured and
aimed at (`measured`).
"""

from __future__ import annotations

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
    "PatientQuerySet",
    "Pause",
    "PrescribedExercise",
)
