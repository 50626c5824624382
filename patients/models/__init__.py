"""Patients, who cares for them and what is prescribed to them (`records`)."""

from __future__ import annotations

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
