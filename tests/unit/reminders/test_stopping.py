"""Stopping mails by their link: whose, of which kind, once, taken back, and nobody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from clinics.actors import Actor
from clinics.models import Membership, User
from core.errors import NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Carer, Patient
from reminders.actions.plan import plan
from reminders.actions.stopping import are_stopped, holder_of, start_mails, stop_mails
from reminders.claimed import read_claimed
from reminders.models import (
    Delivery,
    DigestPreferences,
    ReminderPreferences,
    ReminderTime,
    StoppedCopies,
)
from reminders.rechecks import stop_of
from reminders.stop_links import StopLink
from tests.factories import people
from tests.factories.reminders import contact, delivery, digest_preferences, preferences

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def world(db: None) -> Iterator[people.World]:
    """The context of Harbour Clinic is open, as the page opens it."""
    made = people.world()
    with clinic_context(made.clinic.pk):
        yield made


def link_of(world: people.World, kind: str, user: User | None = None, **other: Any) -> StopLink:
    said = {"clinic": world.clinic.pk, "user": (user or world.ana.user).pk, "kind": kind}
    patient = None if kind == "digest" else world.ana.pk
    return StopLink(**said | {"patient": patient} | other)


def stop(link: StopLink, now: dt.datetime = NOW) -> None:
    stop_mails(link=link, by=holder_of(link), now=now)


def start(link: StopLink, now: dt.datetime = LATER) -> None:
    start_mails(link=link, by=holder_of(link), now=now)


def is_stopped(link: StopLink) -> bool:
    return are_stopped(link, holder_of(link))


def events() -> list[tuple[Any, ...]]:
    kept = AuditEvent.objects.filter(action__startswith="mails_").order_by("at", "pk")
    return list(kept.values_list("action", "acting_as", "actor_id", "patient_id", "details"))


def chosen() -> tuple[dt.datetime | None, dt.datetime | None, int]:
    row = ReminderPreferences.objects.get()
    return row.reminders_stopped_at, row.summaries_stopped_at, row.version


@pytest.mark.parametrize(
    ("kind", "stopped"),
    [("reminder", (NOW, None, 2)), ("weekly_summary", (None, NOW, 2))],
)
def test_a_patient_stops_one_kind_and_keeps_all_else(world, kind, stopped):
    preferences(world.ana, "09:00", "18:30", channels=["sms"], copies_carers=True)
    before = ReminderPreferences.objects.values().get()

    stop(link_of(world, kind))

    assert chosen() == stopped
    touched = {"reminders_stopped_at", "summaries_stopped_at", "version", "updated_at"}
    after = ReminderPreferences.objects.values().get()
    assert {name for name in before if before[name] != after[name]} <= touched
    assert ReminderTime.objects.count() == 2


def test_who_chose_nothing_yet_stops_the_weekly_mail_and_gets_no_reminders_by_it(world):
    stop(link_of(world, "weekly_summary"))

    row = ReminderPreferences.objects.get()
    assert (row.summaries_stopped_at, row.reminders_stopped_at) == (NOW, None)
    assert (row.channels, row.version, row.is_paused) == (["email"], 1, False)
    assert not ReminderTime.objects.exists()


@pytest.mark.parametrize("kind", ["reminder", "weekly_summary"])
def test_twice_is_as_once_and_the_first_time_stays(world, kind):
    link = link_of(world, kind)
    stop(link)
    before = chosen()

    stop(link, now=LATER)

    assert chosen() == before
    assert len(events()) == 1


@pytest.mark.parametrize("kind", ["reminder", "weekly_summary"])
def test_taken_back_it_is_as_before_and_both_are_kept(world, kind):
    preferences(world.ana, "09:00")
    link = link_of(world, kind)
    stop(link)
    assert is_stopped(link)

    start(link)
    start(link)

    assert not is_stopped(link)
    assert chosen() == (None, None, 3)
    ana = world.ana.user_id
    assert events() == [
        ("mails_stopped", "patient", ana, world.ana.pk, {"kind": kind}),
        ("mails_started", "patient", ana, world.ana.pk, {"kind": kind}),
    ]


def test_starting_what_was_never_stopped_stores_nothing(world):
    for kind in ("reminder", "weekly_summary"):
        start(link_of(world, kind))
    start(link_of(world, "digest", world.rui.user))
    start(link_of(world, "reminder", world.carer.user))

    assert not ReminderPreferences.objects.exists()
    assert not DigestPreferences.objects.exists()
    assert not StoppedCopies.objects.exists()
    assert events() == []


def test_the_phone_learns_of_it(world):
    before = Patient.objects.get(pk=world.ana.pk).change_seq

    stop(link_of(world, "reminder"))

    assert Patient.objects.get(pk=world.ana.pk).change_seq == before + 1


def test_what_was_planned_does_not_go_out_and_is_planned_again_when_taken_back(world):
    preferences(world.ana, "18:30")
    plan(now=NOW)
    assert Delivery.objects.filter(state="waiting").count() == 3
    link = link_of(world, "reminder")

    stop(link)
    plan(now=LATER)
    start(link)
    plan(now=LATER)

    assert Delivery.objects.filter(state="waiting").count() == 3


def test_a_carer_stops_their_own_copies_alone(world):
    eva = people.carer(world.ana, "Eva Silva")
    preferences(world.ana, "18:30", weekdays=(1,), copies_carers=True)
    link = link_of(world, "reminder", world.carer.user)

    stop(link)
    stop(link, now=LATER)
    plan(now=NOW)

    assert set(Delivery.objects.values_list("recipient_id", flat=True)) == {
        world.ana.user_id,
        eva.user_id,
    }
    assert chosen() == (None, None, 1)
    assert [one.stopped_at for one in StoppedCopies.objects.all()] == [NOW]
    assert is_stopped(link)
    assert not is_stopped(link_of(world, "reminder", eva.user))
    assert not is_stopped(link_of(world, "reminder"))
    carer = world.carer.user_id
    assert events() == [("mails_stopped", "carer", carer, world.ana.pk, {"kind": "reminder"})]


def test_a_carer_who_starts_again_is_copied_again(world):
    preferences(world.ana, "18:30", weekdays=(1,), copies_carers=True)
    link = link_of(world, "reminder", world.carer.user)
    plan(now=NOW)
    stop(link)
    plan(now=NOW)
    assert Delivery.objects.count() == 1

    start(link)
    plan(now=NOW)

    assert Delivery.objects.count() == 2


def test_a_copy_that_is_due_already_does_not_go_out(world):
    preferences(world.ana, "10:00", copies_carers=True)
    contact(world.clinic, world.carer.user)
    row = delivery(world.ana, NOW, recipient_id=world.carer.user_id)
    own = delivery(world.ana, NOW)
    before = stop_of(read_claimed(row.pk, now=NOW), now=NOW)
    stop(link_of(world, "reminder", world.carer.user))
    after = stop_of(read_claimed(row.pk, now=NOW), now=NOW)

    assert before is None
    assert after is not None
    assert after.reason == "not_copied"
    assert stop_of(read_claimed(own.pk, now=NOW), now=NOW) is None


def test_a_therapist_stops_the_digest_and_keeps_what_else_was_chosen(world):
    digest_preferences(world.rui, is_always=True)
    link = link_of(world, "digest", world.rui.user)

    stop(link)
    stop(link, now=LATER)

    row = DigestPreferences.objects.get()
    assert (row.membership_id, row.stopped_at, row.is_always) == (world.rui.pk, NOW, True)
    assert is_stopped(link)
    start(link)
    assert not is_stopped(link)
    kept = AuditEvent.objects.filter(action="digests_chosen")
    assert (
        list(kept.values_list("acting_as", "actor_id", "target_id"))
        == [("staff", world.rui.user_id, world.rui.pk)] * 2
    )


def test_a_therapist_who_chose_nothing_yet_stops_the_digest(world):
    stop(link_of(world, "digest", world.rui.user))

    assert DigestPreferences.objects.get().stopped_at == NOW
    assert not is_stopped(link_of(world, "digest", world.marta.user))


def nowhere(world: people.World) -> list[StopLink]:
    """Links that were never made, or of whom it no longer holds."""
    far = {"clinic": world.far_clinic.pk}
    return [
        link_of(world, "reminder", world.rui.user),
        link_of(world, "weekly_summary", world.carer.user),
        link_of(world, "weekly_summary", world.rui.user),
        link_of(world, "digest", world.admin.user),
        link_of(world, "digest", world.ana.user),
        link_of(world, "reminder", patient=world.far_patient.pk),
        link_of(world, "reminder", world.far_patient.user, patient=world.far_patient.pk),
        link_of(world, "reminder", patient=None),
        link_of(world, "reminder", **far),
        link_of(world, "digest", world.far_therapist.user),
    ]


def test_a_link_of_somebody_else_leads_nowhere(world):
    for link in nowhere(world):
        with pytest.raises(NotFound):
            holder_of(link)


def test_whoever_left_is_not_found_any_more(world):
    links = [
        link_of(world, "reminder", world.carer.user),
        link_of(world, "digest", world.rui.user),
        link_of(world, "reminder"),
    ]
    assert [holder_of(link).acting_as for link in links] == ["carer", "staff", "patient"]
    Carer.objects.update(revoked_at=NOW)
    Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=NOW)
    Patient.objects.filter(pk=world.ana.pk).update(user=None)

    for link in links:
        with pytest.raises(NotFound):
            holder_of(link)


def test_a_link_acts_in_its_own_clinic_on_its_own_record(world):
    assert holder_of(link_of(world, "reminder")) == Actor(
        user_id=world.ana.user_id,
        acting_as="patient",
        clinic_id=world.clinic.pk,
        patient_id=world.ana.pk,
    )


def test_after_discharge_one_may_still_say_stop(world):
    Patient.objects.filter(pk=world.ana.pk).update(
        status="discharged", discharged_on=dt.date(2026, 11, 20)
    )

    stop(link_of(world, "weekly_summary"))

    assert is_stopped(link_of(world, "weekly_summary"))
