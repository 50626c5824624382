"""Patients with something to see to, and the caseload as it is read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from core.tenancy import clinic_context
from patients.models import Line, Patient
from sessions.models import Alert
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World

# Wednesday 25 November 2026, 10:00 in Lisbon; the four completed weeks are 26 October to 22 November.
NOW = "2026-11-25T10:00:00Z"
TODAY = dt.date(2026, 11, 25)
MONDAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)


# An alert that was opened again was raised long before it began to wait.
LONG_BEFORE = dt.datetime(2026, 11, 1, 9, 0, tzinfo=dt.UTC)


def case(world: World, name: str, **fields: Any) -> Patient:
    return people.patient(world.clinic, name, care_team=[world.rui], **fields)


def alert(patient: Patient, severity: str, *, status: str = "open", hours: int = 1) -> Alert:
    since = dt.datetime.fromisoformat(NOW) - dt.timedelta(hours=hours)
    with clinic_context(patient.clinic_id):
        return Alert.objects.create(
            clinic_id=patient.clinic_id, patient=patient, rule=f"rule_{severity}_{hours}",
            severity=severity, status=status, opened_at=since,
            raised_at=LONG_BEFORE, last_occurred_at=since,
        )  # fmt: skip


def do(line: Line, *days: dt.date, sets: int = 3, hour: int = 11) -> None:
    for day in days:
        body = {
            "id": str(uuid.uuid4()),
            "performed_at": f"{day.isoformat()}T{hour:02}:00:00+00:00",
            "results": [
                {"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}] * sets}
            ],
        }
        answer = Caller().as_(line.patient).post("me/sessions", body)
        assert answer.status_code == 201, answer.content


def caseload(caller: Caller, world: World, **query: Any) -> list[dict[str, Any]]:
    answer = caller.as_(world.rui).get("caseload", {"limit": 100} | query)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results
