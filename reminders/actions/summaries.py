"""The week of each patient of a zone: worked out together, stored with its delivery, once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import F, Func, JSONField, Value
from django.utils import translation

from clinics.models import Clinic
from core.bulk import insert_missing
from core.calendar import DAY, WEEK
from patients.models import Goal, Patient
from reminders.actions.weekly_deliveries import mail_of
from reminders.bodies.weeks import Week
from reminders.models import Delivery, ReminderPreferences, WeeklySummary
from reminders.quiet_hours import QuietHours
from reminders.runs import NO_RUN, Run, runs_of
from reminders.telling import Telling
from reminders.week_contents import GoalFacts, Told, week_contents
from reminders.week_reading import Weeks, weeks_of
from sessions.goal_answers import goals_for_patient

AT_ONCE: Final = 500
Goals = Mapping[UUID, Sequence[GoalFacts]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What of a patient's preferences a weekly summary obeys."""

    is_stopped: bool = False
    quiet: QuietHours | None = None


class Addressed(NamedTuple):
    """Whom a week is told to: a patient, perhaps with a login."""

    id: UUID
    user_id: UUID | None
    language: str
    change_seq: int


NO_CHOICE = Choice()


def make_summaries(
    *, clinic: Clinic, telling: Telling, after: UUID | None, now: dt.datetime
) -> tuple[int, UUID | None]:
    """
    Store the next patients' weeks, in the order of their keys, with what is to be delivered.

    Returns how many were new, and the last patient's key; None where these were the last. Runs in
    the clinic's context and inside a transaction.
    """
    patients = _next_patients(telling.zone_name, after)
    weeks = weeks_of(patient_ids=[one.id for one in patients], monday=telling.week)
    runs = runs_of(weeks, monday=telling.week, zone_name=telling.zone_name)
    contents = _contents(patients, weeks, runs, telling.week)
    count = insert_missing(
        WeeklySummary,
        [
            {
                "patient_id": one.id,
                "language": one.language,
                "contents": contents[one.id],
                "run_unit": runs.get(one.id, NO_RUN).unit,
                "run_length": runs.get(one.id, NO_RUN).length,
                "change_seq": one.change_seq,
            }
            for one in patients
        ],
        alike={"clinic_id": clinic.pk, "week": telling.week, "made_at": now},
    )
    _leave_mails(clinic, patients, telling, now=now)
    return count, patients[-1].id if len(patients) == AT_ONCE else None


def _next_patients(zone_name: str, after: UUID | None) -> list[Addressed]:
    found = Patient.objects.filter(status=Patient.Status.ACTIVE, time_zone=zone_name)
    if after is not None:
        found = found.filter(pk__gt=after)
    rows = found.order_by("pk").values_list("pk", "user_id", "language", "change_seq")
    return [Addressed(*row) for row in rows[:AT_ONCE]]


def _contents(
    patients: Sequence[Addressed], weeks: Mapping[UUID, Weeks], runs: Mapping[UUID, Run],
    monday: dt.date,
) -> dict[UUID, Week]:  # fmt: skip
    """Put each week together, in its patient's language."""
    told_before = _told_before(weeks, monday)
    in_language: defaultdict[str, list[UUID]] = defaultdict(list)
    for one in patients:
        in_language[one.language].append(one.id)
    found: dict[UUID, Week] = {}
    for language, speakers in in_language.items():
        with translation.override(language):
            goals = _goals(speakers, monday)
            for key in speakers:
                of_patient, run = weeks[key], runs.get(key, NO_RUN)
                found[key] = week_contents(
                    Told(
                        monday=monday,
                        week=of_patient.week,
                        before=of_patient.before,
                        after=of_patient.after,
                        run_unit=run.unit,
                        run_length=run.length,
                        goals=goals.get(key, ()),
                        told_before=told_before.get(key),
                    )
                )
    return found


def _told_before(weeks: Mapping[UUID, Weeks], monday: dt.date) -> dict[UUID, list[str]]:
    """Return the words of the days of the week before, as they were told."""
    states = Func(
        F("contents"), Value("$.days[*].state"), function="jsonb_path_query_array",
        template="%(function)s(%(expressions)s::jsonpath)", output_field=JSONField(),
    )  # fmt: skip
    rows = WeeklySummary.objects.filter(patient__in=list(weeks), week=monday - WEEK)
    return {patient_id: told for patient_id, told in rows.values_list("patient_id", states) if told}


def _goals(patient_ids: Sequence[UUID], monday: dt.date) -> Goals:
    """Return where the goals of each stand, in the order in which they were set."""
    sunday = monday + WEEK - DAY
    goals = list(
        Goal.objects.filter(
            patient__in=patient_ids, status=Goal.Status.ACTIVE, starts_on__lte=sunday
        ).order_by("set_at", "pk")
    )
    found: defaultdict[UUID, list[GoalFacts]] = defaultdict(list)
    if goals:
        for goal, shown in zip(goals, goals_for_patient(goals, today=sunday), strict=True):
            is_met = shown.reached_on is not None and monday <= shown.reached_on <= sunday
            found[goal.patient_id].append(
                GoalFacts(text=shown.text, amount=goal.amount, now=shown.words, is_met=is_met)
            )
    return found


def _leave_mails(
    clinic: Clinic, patients: Sequence[Addressed], telling: Telling, *, now: dt.datetime
) -> None:
    """Leave a mail for each with a login who has not stopped summaries, while it is of use."""
    if telling.is_over(now):
        return
    choices = _choices(patients)
    wanted = [
        (one, choice)
        for one in patients
        if one.user_id is not None and not (choice := choices.get(one.id, NO_CHOICE)).is_stopped
    ]
    insert_missing(
        Delivery,
        [
            {
                "patient_id": one.id,
                "recipient_id": one.user_id,
                "next_at": _not_in(choice.quiet, telling),
            }
            for one, choice in wanted
        ],
        alike=mail_of(telling, clinic, kind=Delivery.Kind.WEEKLY_SUMMARY),
    )


def _choices(patients: Sequence[Addressed]) -> dict[UUID, Choice]:
    rows = ReminderPreferences.objects.filter(patient__in=[one.id for one in patients])
    return {
        patient_id: Choice(
            is_stopped=stopped_at is not None,
            quiet=QuietHours(begins=begins, ends=ends) if begins and ends else None,
        )
        for patient_id, stopped_at, begins, ends in rows.values_list(
            "patient_id", "summaries_stopped_at", "quiet_from", "quiet_until"
        )
    }


def _not_in(quiet: QuietHours | None, telling: Telling) -> dt.datetime:
    """Return when it may go out first: the patient's own quiet hours may be wider than the clinic's."""
    return quiet.end_after(telling.due_at, telling.zone_name) if quiet else telling.due_at
