"""What answers about requests for a pause show; to the patient and to the care team alike."""

from __future__ import annotations

from django.db.models import QuerySet

from patients.bodies.pause_requests import PauseRequestOut
from patients.models import PauseRequest


def with_people(requests: QuerySet[PauseRequest]) -> QuerySet[PauseRequest]:
    """Load what a list needs, so that it asks once for all."""
    return requests.select_related("asked_by", "decided_by")


def pause_request_out(request: PauseRequest) -> PauseRequestOut:
    return PauseRequestOut(
        id=request.pk,
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        reason=request.reason,
        note=request.note,
        status=request.status,  # type: ignore[arg-type]
        asked_by=request.asked_by.name,
        asked_as=request.asked_as,
        asked_at=request.asked_at,
        decided_by=request.decided_by.name if request.decided_by else None,
        decided_at=request.decided_at,
        decision_note=request.decision_note,
        pause=request.pause_id,
    )
