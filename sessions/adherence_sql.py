"""
The SQL of adherence, dose and streak: written once, in `sql/`, and put together here.

Every statement is set-based and runs inside the clinic's context. It takes one patient or many.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"
_ONE = "patient.id = %(patient_id)s::uuid"
_CHOSEN = "patient.id = ANY(%(patient_ids)s::uuid[])"
_IN_WEEKS = "AND result.performed_on BETWEEN %(first_monday)s::date AND %(last_sunday)s::date"
_IN_WEEK = "AND result.performed_on BETWEEN %(week)s::date AND %(week)s::date + 6"
# What a part needs stands before it.
_PARTS = ("row_weeks", "sums", "line_parts", "week_facts", "day_rows", "run")


def _up_to(days: str) -> str:
    """Of seven days as bits: these and all that stand before one of them."""
    return " | ".join(f"({days} >> {number})" for number in range(7))


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _statement(name: str, *, of_patients: str = "", and_in_period: str = "") -> str:
    text = _text(name)
    for part in reversed(_PARTS):
        text = text.replace(f"{{{part}}}", _text(part))
    # Where a run is broken: by a day that was missed, or on which its unit was another.
    text = text.replace("{broken}", _up_to("(missed | other)"))
    text = text.replace("{broken_before}", _up_to("(missed_before | other)"))
    return text.replace("{of_patients}", of_patients).replace("{and_in_period}", and_in_period)


LINE_WEEKS_OF_CHOSEN = _statement("line_weeks", of_patients=_CHOSEN, and_in_period=_IN_WEEKS)
LINE_WEEKS_OF_ALL = _statement("line_weeks", of_patients="true", and_in_period=_IN_WEEKS)
STREAKS_OF_CHOSEN = _statement("streaks", of_patients=_CHOSEN)
STREAKS_OF_ALL = _statement("streaks", of_patients="true")
DAY_STATE = _statement("day_state", of_patients=_ONE)
DAY_STATE_OF_CHOSEN = _statement("day_state", of_patients=_CHOSEN)
TODAY = _statement("today", of_patients=_ONE)
RUN_AGAIN = _statement("run_again")
SILENCES = _statement("silences")
KEEP_WEEK = _statement("keep_week", of_patients=_CHOSEN, and_in_period=_IN_WEEK)
KEEP_WEEK_OF_ONE = _statement("keep_week", of_patients=_ONE, and_in_period=_IN_WEEK)
