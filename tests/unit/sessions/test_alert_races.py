"""Acknowledging while new occurrences arrive, and two nightly checks at once."""

from __future__ import annotations

import datetime as dt

import pytest

from core.models import Message
from core.tenancy import clinic_context
from sessions.actions.alerts import acknowledge_alert
from sessions.actions.store import log_session
from sessions.actions.telling import escalate
from sessions.actions.watch import watch_clinic
from sessions.models import Alert, AlertOccurrence
from tests.factories import people, prescribed
from tests.factories.racing import at_once
from tests.unit.sessions.bodies import NOW, log, session

HOUR = dt.timedelta(hours=1)
UPLOADS = 4


@pytest.mark.django_db(transaction=True)
def test_an_alert_stays_one_and_nothing_said_of_it_is_lost():
    world = people.world()

    def fall() -> None:
        with clinic_context(world.clinic.pk):
            log_session(
                patient_id=world.ana.pk, content=log(session(symptoms=["fall"])),
                by=people.acting_for(world.ana), now=NOW,
            )  # fmt: skip

    def acknowledge() -> None:
        with clinic_context(world.clinic.pk):
            pk = Alert.objects.get().pk
            acknowledge_alert(alert_id=pk, by=people.acting(world.rui), now=NOW)

    def leave_to_on_call() -> None:
        escalate(now=NOW + HOUR)

    fall()
    at_once(*[fall] * UPLOADS, acknowledge, acknowledge, leave_to_on_call, leave_to_on_call)
    escalate(now=NOW + HOUR)

    with clinic_context(world.clinic.pk):
        alert = Alert.objects.get()
        assert AlertOccurrence.objects.count() == UPLOADS + 1
        # Opened once more for each time that it had been acknowledged before a fall came.
        assert 1 <= alert.openings <= 3
        if alert.status == "open":
            assert alert.escalated_at is not None
        to_on_call = Message.objects.filter(key__startswith=f"alert:{alert.pk}:")
        assert to_on_call.count() <= alert.openings
        to_rui = Message.objects.filter(recipient_id=world.rui.user_id)
        assert to_rui.count() == UPLOADS + 1

    prescribed.line(world.far_patient, from_=NOW.date() - dt.timedelta(days=4))
    at_once(*[lambda: watch_clinic(world.far_clinic, now=NOW)] * 3)

    with clinic_context(world.far_clinic.pk):
        assert AlertOccurrence.objects.get().alert.rule == "no_contact"
