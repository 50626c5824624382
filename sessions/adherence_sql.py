"""
The SQL of adherence, dose and streak: written once, in `sql/`, and put together here.

Every statement is set-based and runs inside the clinic's context. It takes one patient or many.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"
_LINE_DAYS = (_FOLDER / "line_days.sql").read_text(encoding="utf-8")
_CHOSEN = "patient.id = ANY(%(patient_ids)s::uuid[])"


def _statement(name: str, *, of_patients: str = "") -> str:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return text.replace("{line_days}", _LINE_DAYS).replace("{of_patients}", of_patients)


LINE_WEEKS_OF_CHOSEN = _statement("line_weeks.sql", of_patients=_CHOSEN)
LINE_WEEKS_OF_ALL = _statement("line_weeks.sql", of_patients="true")
STREAKS_OF_CHOSEN = _statement("streaks.sql", of_patients=_CHOSEN)
STREAKS_OF_ALL = _statement("streaks.sql", of_patients="true")
DAY_STATE = _statement("day_state.sql")
