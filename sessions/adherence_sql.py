"""
The SQL of adherence, dose and streak: written once, in `sql/`, and put together here.

Every statement is set-based and runs inside the clinic's context. It takes one patient or many.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"
_LINE_DAYS = (_FOLDER / "line_days.sql").read_text(encoding="utf-8")
_CHOSEN = "patient.id = ANY(%(patient_ids)s::uuid[])"
_IN_WEEKS = "AND result.performed_on BETWEEN %(first_monday)s::date AND %(last_sunday)s::date"


def _statement(name: str, *, of_patients: str = "", and_in_period: str = "") -> str:
    text = (_FOLDER / name).read_text(encoding="utf-8").replace("{line_days}", _LINE_DAYS)
    return text.replace("{of_patients}", of_patients).replace("{and_in_period}", and_in_period)


LINE_WEEKS_OF_CHOSEN = _statement("line_weeks.sql", of_patients=_CHOSEN, and_in_period=_IN_WEEKS)
LINE_WEEKS_OF_ALL = _statement("line_weeks.sql", of_patients="true", and_in_period=_IN_WEEKS)
STREAKS_OF_CHOSEN = _statement("streaks.sql", of_patients=_CHOSEN)
STREAKS_OF_ALL = _statement("streaks.sql", of_patients="true")
DAY_STATE = _statement("day_state.sql")
