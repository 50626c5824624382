"""What answers about pauses show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from patients.actions.pauses import PauseWritten
from patients.bodies.pauses import DatesOut, PauseAnswer, PauseEffectOut, PauseOut
from patients.models import Pause
from patients.paused_dates import Span


def pause_answer(written: PauseWritten, *, today: dt.date) -> PauseAnswer:
    effect = written.effect
    return PauseAnswer(
        pause=pause_out(written.pause, today=today),
        effect=PauseEffectOut(
            newly_paused=_dates(effect.newly_paused),
            no_longer_paused=_dates(effect.no_longer_paused),
            past_weeks=_dates(effect.past_weeks),
        ),
    )


def pause_out(pause: Pause, *, today: dt.date) -> PauseOut:
    """Show a pause as of the patient's today; load `made_by` and `ended_by` for a list."""
    return PauseOut(
        id=pause.pk,
        starts_on=pause.starts_on,
        ends_on=pause.ends_on,
        reason=pause.reason,
        note=pause.note,
        state=_state(pause, today),
        made_by=pause.made_by.name if pause.made_by else None,
        made_at=pause.made_at,
        ended_by=pause.ended_by.name if pause.ended_by else None,
        ended_at=pause.ended_at,
    )


def _state(pause: Pause, today: dt.date) -> Literal["coming", "running", "over"]:
    if pause.ends_on is not None and pause.ends_on < max(today, pause.starts_on):
        return "over"
    return "coming" if today < pause.starts_on else "running"


def _dates(spans: Iterable[Span]) -> list[DatesOut]:
    return [DatesOut(first=one.first, last=one.last) for one in spans]
