"""What Ana chooses, and what is stored of it, read past the API."""

from __future__ import annotations

from typing import Any

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.models import ReminderPreferences, ReminderTime
from tests.api.caller import Caller

NOTHING_YET: dict[str, Any] = {
    "version": 0,
    "times": [],
    "channels": ["email"],
    "quiet_from": None,
    "quiet_until": None,
    "is_paused": False,
    "paused_until": None,
    "copies_carers": False,
    "counts_by_mail": False,
    "follows_phone": False,
    "wants_reminders": True,
    "wants_summaries": True,
}
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
# Thursday 26 November 2026, 10:00 in Lisbon.
NOW = "2026-11-26T10:00:00Z"


def choice(*times: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A whole choice: these times on every day (or as given), and whatever `fields` say."""
    said = [{"at": one, "weekdays": EVERY_DAY} if isinstance(one, str) else one for one in times]
    return NOTHING_YET | {"times": said} | fields


def again(shown: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Send back what was shown, changed in some fields."""
    times = [{name: one[name] for name in ("slot", "at", "weekdays")} for one in shown["times"]]
    return {name: shown[name] for name in NOTHING_YET} | {"times": times} | fields


def stored(patient: Patient) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    with clinic_context(patient.clinic_id):
        row = ReminderPreferences.objects.filter(patient=patient).values().first()
        times = ReminderTime.objects.filter(patient=patient).order_by("slot")
        return row, list(times.values("slot", "at", "weekdays"))


def chosen_by(caller: Caller, who: Any, *times: Any, **fields: Any) -> dict[str, Any]:
    response = caller.as_(who).put("me/reminders", choice(*times, **fields))
    assert response.status_code == 200, response.content
    return response.json()


def refusals(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(one["field"], one["code"]) for one in response.json()["errors"]]
