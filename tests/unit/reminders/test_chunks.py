"""Chunks: what is claimed together, what a worker that died leaves, and what one fault may break."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, connection
from django.template import TemplateDoesNotExist

from core.tenancy import clinic_context
from patients.models import PrescribedExercise
from reminders.actions import deliver as sending
from reminders.actions.deliver import DeliveriesFaulty, deliver
from reminders.actions.plan import plan
from reminders.claimed import claim
from reminders.models import Delivery, Digest, Receipt, ReminderTime
from reminders.receipts import Receipts
from reminders.writers import reminder_note
from tests.factories import people, prescribed
from tests.factories.reminders import contact, delivery, preferences
from tests.unit.reminders.ports import Recording, opening

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def world(db: None) -> people.World:
    """Ana in Lisbon and Per in Oslo are reminded six times at ten; each has something to do."""
    made = people.world()
    for patient, at in ((made.ana, "10:00"), (made.far_patient, "11:00")):
        prescribed.line(patient)
        contact(patient.clinic, patient.user)
        preferences(patient, *[at] * 6)
    return made


def six(patient: people.Patient) -> list[Delivery]:
    """Six that are due at once; they would overtake one another if one were due later."""
    return [delivery(patient, NOW, slot=slot) for slot in range(1, 7)]


def states(patient: people.Patient) -> list[str]:
    with clinic_context(patient.clinic_id):
        rows = Delivery.objects.filter(patient=patient).order_by("slot")
        return list(rows.values_list("state", flat=True))


def test_a_chunk_is_of_one_clinic_the_one_that_waits_longest(world):
    six(world.ana)
    delivery(world.far_patient, NOW - MINUTE)
    first = claim(now=NOW, most=4)
    assert [(it.clinic_id, it.slot) for it in first] == [(world.far_clinic.pk, 1)]

    with clinic_context(world.far_clinic.pk):
        Delivery.objects.update(state="sent", settled_at=NOW)
    second = claim(now=NOW, most=4)
    assert [(it.clinic_id, it.slot) for it in second] == [
        (world.clinic.pk, slot) for slot in (1, 2, 3, 4)
    ]


def test_a_claim_is_two_statements_however_many_there_are(world, django_assert_num_queries):
    delivery(world.ana, NOW)
    with django_assert_num_queries(2):
        claim(now=NOW, most=200)
    with clinic_context(world.clinic.pk):
        Delivery.objects.all().delete()
    six(world.ana)
    with django_assert_num_queries(2):
        assert len(claim(now=NOW, most=200)) == 6


def test_a_run_of_six_takes_as_many_statements_as_a_run_of_one(world, django_assert_num_queries):
    email = Recording()
    deliver(now=NOW, open_port=opening(email=email))
    delivery(world.ana, NOW)
    # The job's run; claim, facts, what is left to do, settle, receipts; and an empty claim.
    with django_assert_num_queries(16):
        deliver(now=NOW, open_port=opening(email=email))
    with clinic_context(world.clinic.pk):
        Delivery.objects.all().delete()
    six(world.ana)
    with django_assert_num_queries(16):
        deliver(now=NOW, open_port=opening(email=email))
    assert len(email.sent) == 7


def test_what_a_worker_sent_before_it_died_is_settled_and_not_sent_again(world):
    rows = six(world.ana)
    died = Receipts()
    for row in rows[:4]:
        died.keep(row.pk, now=NOW - MINUTE)
    died.close()
    email = Recording()

    assert deliver(now=NOW, open_port=opening(email=email)) == 6

    assert [note.key for _address, note in email.sent] == [row.pk for row in rows[4:]]
    assert states(world.ana) == ["sent"] * 6
    with clinic_context(world.clinic.pk):
        settled = Delivery.objects.order_by("slot").values_list("settled_at", flat=True)
        assert list(settled[:4]) == [NOW - MINUTE] * 4
    assert not Receipt.objects.filter(pk__in=[row.pk for row in rows]).exists()


def test_a_receipt_is_committed_when_it_is_kept_whatever_becomes_of_the_chunk(world):
    [row, *_rest] = six(world.ana)
    kept = Receipts()
    kept.keep(row.pk, now=NOW)
    kept.keep(row.pk, now=NOW + MINUTE)
    kept.close()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT at FROM reminders_receipt WHERE delivery_id = %s", [row.pk])
        assert cursor.fetchall() == [(NOW,)]
        cursor.execute("DELETE FROM reminders_receipt")
    other.close()


def test_a_worker_that_dies_after_a_send_leaves_its_receipt(world, monkeypatch):
    """The third send ends the process, as far as this test can: the chunk is rolled back."""
    rows = six(world.ana)
    email = Recording()

    class Killed(BaseException):
        pass

    def send(note, contacts):
        if len(email.sent) == 2:
            raise Killed
        return Recording.send(email, note, contacts)

    dying = Recording()
    monkeypatch.setattr(dying, "send", send)
    with pytest.raises(Killed):
        deliver(now=NOW, open_port=opening(email=dying))
    assert states(world.ana) == ["waiting"] * 6

    deliver(now=NOW, open_port=opening(email=email))

    assert [note.key for _address, note in email.sent] == [row.pk for row in rows]
    assert states(world.ana) == ["sent"] * 6


def test_old_receipts_that_nobody_came_back_for_go(world):
    for days, kept in ((7, True), (7.001, False)):
        Receipt.objects.create(delivery_id=world.ana.pk, at=NOW - days * DAY)
        plan(now=NOW)
        assert Receipt.objects.filter(pk=world.ana.pk).exists() is kept
        Receipt.objects.filter(pk=world.ana.pk).delete()


def test_a_slow_provider_locks_no_more_than_it_sends_in_a_moment(world, monkeypatch):
    monkeypatch.setattr(sending, "LONGEST_CHUNK_SECONDS", -1)
    six(world.ana)
    email = Recording()
    chunks = []
    monkeypatch.setattr(
        sending, "claim", lambda **asked: chunks.append(claim(**asked)) or chunks[-1]
    )

    assert deliver(now=NOW, open_port=opening(email=email)) == 6
    assert [len(chunk) for chunk in chunks] == [6, 5, 4, 3, 2, 1, 0]


def test_who_is_told_to_stop_stops_after_the_delivery_in_hand(world):
    six(world.ana)
    email = Recording()

    deliver(now=NOW, open_port=opening(email=email), is_stopped=lambda: len(email.sent) == 2)

    assert states(world.ana) == ["sent"] * 2 + ["waiting"] * 4


@pytest.mark.parametrize(
    "error", [ProgrammingError, KeyError, ValueError, Digest.DoesNotExist, TemplateDoesNotExist]
)
def test_a_writer_whose_statement_fails_breaks_no_chunk(world, error):
    """A weekly mail reads its week: what goes wrong there leaves the others as they are."""
    ana = delivery(world.ana, NOW)
    week = delivery(world.ana, NOW, kind="weekly_summary", slot=0, local_date=dt.date(2026, 11, 16))

    def failing(it, now):
        if error is ProgrammingError:
            with connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column")
        raise error("emails/none.txt")

    email = Recording()
    writers = {"reminder": reminder_note, "weekly_summary": failing}
    with pytest.raises(DeliveriesFaulty, match="1 of 2"):
        deliver(now=NOW, writers=writers, open_port=opening(email=email))

    assert [note.key for _address, note in email.sent] == [ana.pk]
    with clinic_context(world.clinic.pk):
        stored = Delivery.objects.get(pk=week.pk)
    assert (stored.state, stored.attempts) == ("waiting", 1)
    assert stored.last_error == f"fault {error.__name__}"


def test_dates_of_one_chunk_are_looked_at_each_by_its_own(world):
    """Yesterday nothing was due and today something is."""
    with clinic_context(world.clinic.pk):
        PrescribedExercise.objects.update(in_force_from=NOW.date())
        ReminderTime.objects.filter(slot=2).update(at=dt.time(23, 55))
    late = NOW - 10 * 60 * MINUTE - 5 * MINUTE
    delivery(
        world.ana, late, slot=2, local_date=NOW.date() - DAY, expires_at=NOW + MINUTE,
        recipient_id=world.ana.user_id,
    )  # fmt: skip
    today = delivery(world.ana, NOW, slot=1)
    email = Recording()
    deliver(now=NOW, open_port=opening(email=email))

    assert [note.key for _address, note in email.sent] == [today.pk]
    assert states(world.ana) == ["sent", "suppressed"]


def test_a_fault_of_the_whole_chunk_is_found_one_by_one(world, monkeypatch):
    """What is left to do is worked out for all at once; one row spoils it."""
    rows = six(world.ana)
    real = sending.nothing_left

    def spoilt(claimed):
        asked = list(claimed)
        if any(it.id == rows[2].pk for it in asked):
            raise KeyError
        return real(asked)

    monkeypatch.setattr(sending, "nothing_left", spoilt)
    email = Recording()
    with pytest.raises(DeliveriesFaulty, match="1 of 7"):
        deliver(now=NOW, open_port=opening(email=email))

    assert len(email.sent) == 5
    assert states(world.ana) == ["sent", "sent", "waiting", "sent", "sent", "sent"]
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.get(pk=rows[2].pk).last_error == "fault KeyError"
