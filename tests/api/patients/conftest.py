from __future__ import annotations

import pytest

from patients.models import Patient
from tests.factories import people
from tests.factories.people import World


@pytest.fixture
def bruno(world: World) -> Patient:
    """A patient of Marta's alone."""
    return people.patient(
        world.clinic, "Bruno Lopes", care_team=[world.marta], medical_record_number="H-2041"
    )
