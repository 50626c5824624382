"""The week of each patient of a zone: worked out together, stored with its delivery, once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from django.utils import translation

from clinics.models import Clinic
from core.bulk import insert_missing
from core.calendar import DAY, WEEK
from patients.models import Goal, Patient
from reminders.bodies.weeks import Week
from reminders.models import Channel, Delivery, ReminderPreferences, WeeklySummary
from reminders.quiet_hours import QuietHours
from reminders.telling import Telling
from reminders.week_contents import GoalFacts, Run, Told, week_contents
from reminders.week_reading import Weeks, weeks_of
from reminders.week_words import WeekFacts, run_within
from sessions.goal_answers import goals_for_patient
from sessions.streak import streaks_of

AT_ONCE: Final = 500
Goals = Mapping[UUID, Sequence[GoalFacts]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What of a patient's preferences a weekly summary obeys."""

    is_stopped: bool = False
    quiet: QuietHours | None = None


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
    weeks = weeks_of(patient_ids=[one.pk for one in patients], monday=telling.week)
    contents = _contents(patients, weeks, telling.week)
    count = insert_missing(
        [
            WeeklySummary(
                clinic_id=clinic.pk, patient_id=one.pk, week=telling.week, made_at=now,
                language=one.language, contents=msgspec.to_builtins(contents[one.pk]),
            )
            for one in patients
        ]
    )  # fmt: skip
    insert_missing(list(_deliveries(clinic, patients, telling, now=now)))
    return count, patients[-1].pk if len(patients) == AT_ONCE else None


def _next_patients(zone_name: str, after: UUID | None) -> list[Patient]:
    found = Patient.objects.filter(status=Patient.Status.ACTIVE, time_zone=zone_name)
    if after is not None:
        found = found.filter(pk__gt=after)
    return list(found.only("pk", "user_id", "language", "time_zone").order_by("pk")[:AT_ONCE])


def _contents(
    patients: Sequence[Patient], weeks: Mapping[UUID, Weeks], monday: dt.date
) -> dict[UUID, Week]:
    """Put each week together, in its patient's language."""
    runs = _runs(weeks, monday)
    told_before = _told_before(weeks, monday)
    in_language: defaultdict[str, list[Patient]] = defaultdict(list)
    for one in patients:
        in_language[one.language].append(one)
    found: dict[UUID, Week] = {}
    for language, speakers in in_language.items():
        with translation.override(language):
            goals = _goals([one.pk for one in speakers], monday)
            for one in speakers:
                of_patient = weeks[one.pk]
                found[one.pk] = week_contents(
                    Told(
                        monday=monday,
                        week=of_patient.week,
                        before=of_patient.before,
                        after=of_patient.after,
                        run=runs.get(one.pk),
                        goals=goals.get(one.pk, ()),
                        told_before=told_before.get(one.pk),
                    )
                )
    return found


def _runs(weeks: Mapping[UUID, Weeks], monday: dt.date) -> dict[UUID, Run]:
    """
    Return the run of each, as it stands on the Monday after.

    A week in which a day was missed knows its own; only a run that may be longer is read further back.
    """
    longer = [key for key, one in weeks.items() if _may_be_longer(one.week)]
    runs = {
        key: Run(unit="days", length=run_within(one.week))
        for key, one in weeks.items()
        if one.week.missed and one.after.due
    }
    if longer:
        today = monday + WEEK
        zones = set(Patient.objects.filter(pk__in=longer).values_list("time_zone", flat=True))
        found = streaks_of(patient_ids=longer, today_by_zone=dict.fromkeys(zones, today))
        runs |= {key: Run(unit=run.unit, length=run.length) for key, run in found.items()}
    return runs


def _may_be_longer(week: WeekFacts) -> bool:
    """Whether days, or a week of free days, lengthened a run without a miss."""
    return bool(week.asked and not week.missed) or (not week.asked and week.is_all_done)


def _told_before(weeks: Mapping[UUID, Weeks], monday: dt.date) -> dict[UUID, list[str]]:
    """Return the words of the days of the week before, as they were told."""
    rows = WeeklySummary.objects.filter(patient__in=list(weeks), week=monday - WEEK)
    return {
        patient_id: [day["state"] for day in days]
        for patient_id, days in rows.values_list("patient_id", "contents__days")
        if days
    }


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


def _deliveries(
    clinic: Clinic, patients: Sequence[Patient], telling: Telling, *, now: dt.datetime
) -> Iterator[Delivery]:
    """Yield a mail for each with a login who has not stopped summaries, while it is of use."""
    if telling.is_over(now):
        return
    choices = _choices(patients)
    for one in patients:
        choice = choices.get(one.pk, NO_CHOICE)
        if one.user_id is None or choice.is_stopped:
            continue
        yield Delivery(
            clinic_id=clinic.pk, patient_id=one.pk, recipient_id=one.user_id,
            kind=Delivery.Kind.WEEKLY_SUMMARY, channel=Channel.EMAIL, local_date=telling.week,
            slot=0, time_zone=telling.zone_name, due_at=telling.due_at,
            next_at=_not_in(choice.quiet, telling), expires_at=telling.expires_at,
        )  # fmt: skip


def _choices(patients: Sequence[Patient]) -> dict[UUID, Choice]:
    rows = ReminderPreferences.objects.filter(patient__in=[one.pk for one in patients])
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
