"""What the demo's people chose about reminders, and their past weeks, told as they were due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from clinics.models import Clinic, User
from core.calendar import WEEK, days, week_start
from core.tenancy import clinic_context
from patients.models import Patient
from rehab_platform.demo.care import Case
from rehab_platform.demo.people import Reminded
from reminders.actions.digests import make_digests
from reminders.actions.preferences import choose_reminders
from reminders.actions.summaries import make_summaries
from reminders.actions.weeks import make_slice
from reminders.bodies.preferences import NewReminderChoice, NewReminderTime
from reminders.models import Channel, Contact, Delivery, WeeklySummary
from reminders.quiet_hours import QuietHours
from reminders.telling import Telling
from reminders.wall_clock import weekly_at

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
WEEKLY = (Delivery.Kind.WEEKLY_SUMMARY, Delivery.Kind.DIGEST)


def choose(wanted: Reminded, case: Case, now: dt.datetime) -> None:
    """Choose reminders as the patient does in their app."""
    asked = NewReminderChoice(
        version=0,
        times=[
            NewReminderTime(at=at, weekdays=wanted.weekdays or EVERY_DAY) for at in wanted.times
        ],
        channels=["email"],
        quiet_from=None,
        quiet_until=None,
        is_paused=wanted.is_paused,
        paused_until=None,
        copies_carers=wanted.copies_carers,
        counts_by_mail=wanted.counts_by_mail,
        follows_phone=False,
        wants_reminders=wanted.wants_reminders,
        wants_summaries=True,
    )
    choose_reminders(patient_id=case.patient_id, asked=asked, by=case.patient, now=now)


def reach(user: User, clinic: Clinic, now: dt.datetime) -> None:
    """Let the address of a login be proved, as by an invitation that was accepted there."""
    Contact.objects.get_or_create(
        clinic=clinic,
        user=user,
        channel=Channel.EMAIL,
        address=user.email,
        defaults={"added_at": now, "confirmed_at": now},
    )


def past_weeks(clinic: Clinic, *, first: dt.date, today: dt.date) -> Iterator[Telling]:
    """Yield each week of the story that was told already, but the last: that one is told now."""
    last = week_start(today) - WEEK
    for monday in days(first, last):
        if monday.weekday() == 0 and monday < last:
            yield telling_of(clinic, monday, clinic.time_zone)


def telling_of(clinic: Clinic, monday: dt.date, zone_name: str) -> Telling:
    """Return when a clinic tells a week in a zone: at its hour, or when the quiet hours end."""
    at = weekly_at(
        monday, weekday=clinic.summary_weekday, hour=clinic.summary_hour, zone_name=zone_name
    )
    quiet = QuietHours(begins=clinic.quiet_from, ends=clinic.quiet_until)
    return Telling(week=monday, zone_name=zone_name, due_at=quiet.end_after(at, zone_name))


def tell_past_week(clinic: Clinic, telling: Telling, now: dt.datetime) -> None:
    """
    Make a past week as the clock would have, and take its mails for sent: nobody waits for them.

    Who came to the clinic after that week has none.
    """
    while make_slice(clinic_id=clinic.pk, now=now) is not None:
        pass
    newer = Patient.objects.filter(assignments__starts_on__gte=telling.week + WEEK)
    WeeklySummary.objects.filter(week=telling.week, patient__in=newer).delete()
    sent = Delivery.objects.filter(kind__in=WEEKLY, state=Delivery.State.WAITING)
    sent.filter(patient__in=newer).delete()
    sent.update(state=Delivery.State.SENT, attempts=1, settled_at=now)


def make_week(clinic: Clinic, telling: Telling) -> None:
    """Store a week and its mails, as at the moment at which it is due; what is there stays."""
    for make in (make_summaries, make_digests):
        after, is_whole = None, False
        while not is_whole:
            _made, after = make(clinic=clinic, telling=telling, after=after, now=telling.due_at)
            is_whole = after is None


def clinics_of(names: list[str]) -> list[Clinic]:
    """Return the demo's clinics, as far as they are there."""
    return list(Clinic.objects.filter(name__in=names, archived_at=None).order_by("created_at"))


def zones_of(clinic: Clinic) -> list[str]:
    """Return where a clinic's people are told: its own zone first, then others of its patients."""
    with clinic_context(clinic.pk):
        active = Patient.objects.filter(status=Patient.Status.ACTIVE)
        lived_in = set(active.values_list("time_zone", flat=True))
    return [clinic.time_zone, *sorted(lived_in - {clinic.time_zone})]
