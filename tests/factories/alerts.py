"""A clinic's own alert thresholds put straight into the tables."""

from __future__ import annotations

from typing import Any

from clinics.models import Clinic, User
from core.tenancy import clinic_context
from sessions.models import AlertThresholds
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
