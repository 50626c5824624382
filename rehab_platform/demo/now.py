"""
The demo's two buttons: a reminder, and the mails of last week, now, whatever the hour.

The product's own planner, weeks and delivery do it, at the moment at which each is due. Nothing else
goes out by that: what else waits is set aside meanwhile, and the clocks of the jobs stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from clinics.models import Clinic
from core.calendar import WEEK, zone
from core.models import JobRun
from core.tenancy import clinic_context
from patients.models import Patient
from rehab_platform.demo.people import PatientEntry, cast
from rehab_platform.demo.seeding import refuse_in_production
from rehab_platform.demo.telling import WEEKLY, clinics_of, make_week, telling_of, zones_of
from reminders.actions.deliver import JOB, deliver
from reminders.actions.plan import plan_clinic
from reminders.models import Delivery
from reminders.telling import Telling
from reminders.wall_clock import completed_week

SENT, WAITING = Delivery.State.SENT, Delivery.State.WAITING
# A delivery takes seconds at most; what is due shortly after it is set aside too.
SHORTLY = dt.timedelta(minutes=5)


def is_shown() -> bool:
    """Whether mails are kept in the demo's folder: to a mail server, nothing is sent early."""
    return bool(settings.EMAIL_FILE_PATH)


def reminded() -> list[PatientEntry]:
    """Return who of the demo can be reminded now: those with times, neither paused nor stopped."""
    everybody = [one for clinic in cast().clinics for one in clinic.patients]
    return [one for one in everybody if one.reminders and one.reminders.goes_out]


def show_everything(*, now: dt.datetime) -> list[str]:
    """Press both buttons, as each start of the demo does; nothing where the demo is not whole."""
    first, *_others = reminded()
    if not clinics_of([one.name for one in cast().clinics]):
        return []
    return [tell_last_week(now=now), remind(first.number, now=now)]


def remind(number: str, *, now: dt.datetime) -> str:
    """
    Send a patient's next reminder that has something to remind of; say in words what was done.

    :raises LookupError: the demo has no such patient
    """
    refuse_in_production()
    with transaction.atomic():
        patient = _patient(number)
        plan_clinic(patient.clinic_id, now=now)
        for due_at in _coming(patient, now=now):
            if sent := _try(patient, due_at):
                return _reminded_words(patient, due_at, sent)
    return _("Every reminder of %(name)s for the next two days was shown, or nothing is due.") % {
        "name": patient.name
    }


def tell_last_week(*, now: dt.datetime) -> str:
    """Send the weekly mails of both clinics; say in words what was done."""
    refuse_in_production()
    sent: Counter[str] = Counter()
    with transaction.atomic():
        for clinic in clinics_of([one.name for one in cast().clinics]):
            for zone_name in zones_of(clinic):
                monday = completed_week(now, zone_name)
                sent += _tell(clinic, telling_of(clinic, monday, zone_name))
    if not sent:
        return _(
            "Last week was told already: its mails are in the mailbox, and none goes out twice."
        )
    return _(
        "Told of last week, as on the morning on which it is due: %(summaries)d summaries to "
        "patients, %(digests)d digests to therapists."
    ) % {"summaries": sent[WEEKLY[0]], "digests": sent[WEEKLY[1]]}


def _patient(number: str) -> Patient:
    for clinic in clinics_of([one.name for one in cast().clinics]):
        with clinic_context(clinic.pk):
            found = Patient.objects.filter(medical_record_number=number).first()
        if found is not None:
            return found
    raise LookupError(number)


def _coming(patient: Patient, *, now: dt.datetime) -> list[dt.datetime]:
    with clinic_context(patient.clinic_id):
        waiting = Delivery.objects.filter(
            patient=patient, kind=Delivery.Kind.REMINDER, state=WAITING, due_at__gt=now
        )
        return list(waiting.order_by("due_at").values_list("due_at", flat=True).distinct())


def _try(patient: Patient, due_at: dt.datetime) -> int:
    """Deliver what is due then to a patient and to carers; return how many went out, or undo it."""
    with transaction.atomic():
        with clinic_context(patient.clinic_id):
            own = Delivery.objects.filter(
                patient=patient, kind=Delivery.Kind.REMINDER, state=WAITING, due_at=due_at
            )
            keys = list(own.values_list("pk", flat=True))
        _deliver_only(keys, at=due_at)
        with clinic_context(patient.clinic_id):
            sent = Delivery.objects.filter(pk__in=keys, state=SENT).count()
        if not sent:
            transaction.set_rollback(True)
    return sent


def _tell(clinic: Clinic, telling: Telling) -> Counter[str]:
    """Make a week of those who live in a zone, and deliver its mails; return how many of each kind."""
    with clinic_context(clinic.pk):
        make_week(clinic, telling)
        weekly = Delivery.objects.filter(kind__in=WEEKLY, local_date=telling.week)
        keys = list(weekly.filter(state=WAITING).values_list("pk", flat=True))
    _deliver_only(keys, at=telling.due_at)
    with clinic_context(clinic.pk):
        sent = Delivery.objects.filter(pk__in=keys, state=SENT)
        return Counter(sent.values_list("kind", flat=True))


def _deliver_only(keys: Collection[UUID], *, at: dt.datetime) -> None:
    with _others_aside(keys, at=at), _clock_kept():
        deliver(now=at)


@contextmanager
def _others_aside(keys: Collection[UUID], *, at: dt.datetime) -> Iterator[None]:
    """Let everything else wait. Nobody sees it: the transaction around puts it back."""
    aside: dict[UUID, list[UUID]] = {}
    for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
        with clinic_context(clinic_id):
            others = Delivery.objects.filter(state=WAITING, next_at__lte=at + SHORTLY)
            found = others.exclude(pk__in=keys).select_for_update(skip_locked=True)
            aside[clinic_id] = list(found.values_list("pk", flat=True))
            Delivery.objects.filter(pk__in=aside[clinic_id]).update(next_at=F("next_at") + WEEK)
    yield
    for clinic_id, others_keys in aside.items():
        with clinic_context(clinic_id):
            Delivery.objects.filter(pk__in=others_keys).update(next_at=F("next_at") - WEEK)


@contextmanager
def _clock_kept() -> Iterator[None]:
    """Leave the record of the job's last run as it is: this was no run by the clock."""
    row = JobRun.objects.filter(name=JOB)
    before = row.values("last_started_at", "last_finished_at", "last_outcome").first()
    yield
    if before is None:
        row.delete()
    else:
        row.update(**before)


def _reminded_words(patient: Patient, due_at: dt.datetime, sent: int) -> str:
    local = due_at.astimezone(zone(patient.time_zone))
    told = {"name": patient.name, "at": f"{local:%H:%M}", "on": f"{local:%A}", "others": sent - 1}
    words = _("Sent %(name)s the reminder of %(on)s %(at)s, as if it were that minute") % told
    if sent > 1:
        words += _(", and a copy to whoever helps")
    return words + _(". It does not come again at that time.")
