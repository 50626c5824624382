"""A clinic's own alert thresholds, and changes that wait, put straight into the tables."""

from __future__ import annotations

from typing import Any

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from sessions.models import AlertThresholds, ThresholdProposal
from sessions.thresholds import DEFAULTS, NAMES
from tests.factories.people import LONG_AGO


def thresholds(clinic: Clinic, set_by: User, number: int = 1, **fields: Any) -> AlertThresholds:
    """Make a version of the platform's own numbers, but for what is named."""
    with clinic_context(clinic.pk):
        return AlertThresholds.objects.create(
            clinic=clinic,
            number=number,
            set_by=set_by,
            set_at=LONG_AGO,
            **{name: getattr(DEFAULTS, name) for name in NAMES} | fields,
        )


def proposal(clinician: Membership, proposed_by: User, **fields: Any) -> ThresholdProposal:
    """Have four expected days of silence, in place of three, wait for a clinician's signature."""
    numbers = {name: getattr(DEFAULTS, name) for name in NAMES} | {"no_contact_expected_days": 4}
    with clinic_context(clinician.clinic_id):
        return ThresholdProposal.objects.create(
            clinic_id=clinician.clinic_id,
            clinician=clinician,
            proposed_by=proposed_by,
            **{
                "replaces": 0,
                "numbers": numbers,
                "loosened": ["no_contact_expected_days"],
                "reason": "They train three days a week.",
                "proposed_at": LONG_AGO,
            }
            | fields,
        )
