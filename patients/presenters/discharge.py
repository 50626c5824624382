"""What answers about the end of care show."""

from __future__ import annotations

from django.utils.translation import gettext as _

from patients.bodies.discharge import DischargeOut, ReadmissionAnswer
from patients.models import Discharge, Patient


def discharge_out(discharge: Discharge) -> DischargeOut:
    """Show a discharge; load `made_by` and `readmitted_by` for a list."""
    back = discharge.readmitted_by
    return DischargeOut(
        id=discharge.pk,
        discharged_on=discharge.discharged_on,
        reason=discharge.reason,
        note=discharge.note,
        made_by=discharge.made_by.name,
        made_at=discharge.made_at,
        readmitted_on=discharge.readmitted_on,
        readmitted_by=back.name if back else None,
        readmitted_at=discharge.readmitted_at,
        readmission_note=discharge.readmission_note,
    )


def readmission_answer(patient: Patient, discharge: Discharge | None) -> ReadmissionAnswer:
    return ReadmissionAnswer(
        patient=patient.pk,
        status=patient.status,
        discharge=discharge_out(discharge) if discharge else None,
        detail=_("Nothing was restored: what the discharge ended stays ended. Prescribe anew."),
    )
