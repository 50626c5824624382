"""The week of each patient of a zone: worked out together, stored with its delivery, once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection
from django.utils import translation
from psycopg.types.json import Json, Jsonb

from clinics.models import Clinic
from core.calendar import DAY, WEEK
from core.ids import uuid7_texts
from patients.models import Goal
from reminders.quiet_hours import QuietHours
from reminders.runs import NO_RUN, Run, runs_of
from reminders.telling import Telling
from reminders.week_contents import GoalFacts, Told, days_told, week_encoded
from reminders.week_reading import Weeks, weeks_of
from sessions.goal_answers import goals_for_patient

_SQL: Final = Path(str(files("reminders"))) / "sql"
TOLD_TO: Final = (_SQL / "told_to.sql").read_text(encoding="utf-8")
TELL: Final = (_SQL / "tell.sql").read_text(encoding="utf-8")
AT_ONCE: Final = 500
FIRST: Final = UUID(int=0)
Goals = Mapping[UUID, Sequence[GoalFacts]]


class Addressed(NamedTuple):
    """
    Whom a week is told to, perhaps with a login: a row of `sql/told_to.sql`, in its order.

    `told_before`: the days of the week before in words, as their own summary told them, in JSON.
    """

    id: UUID
    user_id: UUID | None
    language: str
    change_seq: int
    told_before: str | None
    is_stopped: bool
    quiet_from: dt.time | None
    quiet_until: dt.time | None
    has_goals: bool

    def next_at(self, telling: Telling) -> dt.datetime | None:
        """Return when it may go out first, if that is not when it is due: their own quiet hours may be wider."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        quiet = QuietHours(begins=self.quiet_from, ends=self.quiet_until)
        return quiet.end_after(telling.due_at, telling.zone_name)


def make_summaries(
    *, clinic: Clinic, telling: Telling, after: UUID | None, now: dt.datetime
) -> tuple[int, UUID | None]:
    """
    Store the next patients' weeks, in the order of their keys, with what is to be delivered.

    Returns how many were new, and the last patient's key; None where these were the last. Runs in
    the clinic's context and inside a transaction.
    """
    patients = _next_patients(telling, after)
    if not patients:
        return 0, None
    weeks = weeks_of(patient_ids=[one.id for one in patients], monday=telling.week)
    runs = runs_of(weeks, monday=telling.week, zone_name=telling.zone_name)
    contents = _contents(patients, weeks, runs, telling.week)
    count = _tell(clinic, patients, contents, runs, telling, now=now)
    return count, patients[-1].id if len(patients) == AT_ONCE else None


def _next_patients(telling: Telling, after: UUID | None) -> list[Addressed]:
    values: dict[str, Any] = {
        "week": telling.week, "zone_name": telling.zone_name, "after": after or FIRST,
        "most": AT_ONCE,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TOLD_TO, values)
        return [Addressed._make(row) for row in cursor.fetchall()]


def _contents(
    patients: Sequence[Addressed], weeks: Mapping[UUID, Weeks], runs: Mapping[UUID, Run],
    monday: dt.date,
) -> list[bytes]:  # fmt: skip
    """Put each week together, in its patient's language; return them in the patients' order."""
    in_language: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(patients):
        in_language[one.language].append(place)
    found = [b""] * len(patients)
    for language, places in in_language.items():
        with translation.override(language):
            speakers = [(place, patients[place]) for place in places]
            goals = _goals([one.id for _place, one in speakers if one.has_goals], monday)
            for place, one in speakers:
                of_patient, run = weeks[one.id], runs.get(one.id, NO_RUN)
                found[place] = week_encoded(
                    language,
                    Told(
                        monday, of_patient.week, of_patient.before, of_patient.after, run.unit,
                        run.length, goals.get(one.id, ()), days_told(one.told_before),
                    ),
                )  # fmt: skip
    return found


def _goals(patient_ids: Sequence[UUID], monday: dt.date) -> Goals:
    """Return where the goals of each stand, in the order in which they were set."""
    if not patient_ids:
        return {}
    sunday = monday + WEEK - DAY
    goals = list(
        Goal.objects.filter(
            patient__in=patient_ids, status=Goal.Status.ACTIVE, starts_on__lte=sunday
        ).order_by("set_at", "pk")
    )
    found: defaultdict[UUID, list[GoalFacts]] = defaultdict(list)
    for goal, shown in zip(goals, goals_for_patient(goals, today=sunday), strict=True):
        is_met = shown.reached_on is not None and monday <= shown.reached_on <= sunday
        found[goal.patient_id].append(
            GoalFacts(text=shown.text, amount=goal.amount, now=shown.words, is_met=is_met)
        )
    return found


def _tell(
    clinic: Clinic, patients: Sequence[Addressed], contents: Sequence[bytes],
    runs: Mapping[UUID, Run], telling: Telling, *, now: dt.datetime,
) -> int:  # fmt: skip
    """Store them, with a mail for each with a login who has not stopped summaries, while it is of use."""
    kinds: dict[bytes, int] = {}
    is_of_use = not telling.is_over(now)
    keys = uuid7_texts(2 * len(patients))
    rows = []
    for one, said, key, mail_key in zip(patients, contents, keys[::2], keys[1::2], strict=True):
        run = runs.get(one.id, NO_RUN)
        row = {
            "id": key, "patient_id": one.id, "language": one.language,
            "kind": kinds.setdefault(said, len(kinds)), "run_unit": run.unit,
            "run_length": run.length, "change_seq": one.change_seq,
        }  # fmt: skip
        if is_of_use and one.user_id is not None and not one.is_stopped:
            next_at = one.next_at(telling)
            row |= {"mail_id": mail_key, "recipient_id": one.user_id, "next_at": next_at}
        rows.append(row)
    values: dict[str, Any] = {
        "rows": Json(rows, dumps=msgspec.json.encode),
        "contents": Jsonb([msgspec.Raw(said) for said in kinds], dumps=msgspec.json.encode),
        "clinic_id": clinic.pk, "week": telling.week, "now": now, "zone_name": telling.zone_name,
        "due_at": telling.due_at, "expires_at": telling.expires_at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TELL, values)
        [(count,)] = cursor.fetchall()
    return int(count)
