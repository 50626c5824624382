"""What the sender does beside reminders: mails, alerts that nobody answered, the nightly check."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail as outgoing
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from core.delivery import deliver, is_message_due
from core.models import JobRun, Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from rehab_platform.schedule import periodic_jobs
from reminders import looking
from reminders.looking import Looking
from reminders.turns import EVERY, Turn, turns
from sessions.actions.telling import escalate
from sessions.actions.watch import watch
from sessions.models import Alert, AlertOccurrence
from tests.factories import people, prescribed
from tests.factories.racing import at_once
from tests.unit.reminders.test_looking import Clock

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ON_CALL = "oncall@harbour.example"


@pytest.fixture
def idle(monkeypatch) -> None:
    """No reminders, plans or weeks."""
    monkeypatch.setattr(looking, "plan", lambda *, now, longest_seconds: 0)
    monkeypatch.setattr(looking, "make_weeks", lambda *, now, longest_seconds: 0)
    monkeypatch.setattr(looking, "deliver", lambda *, now, is_stopped: 0)
    monkeypatch.setattr(looking, "is_something_due", lambda *, now: False)


@pytest.fixture
def world(db: None) -> people.World:
    return on_call()


def on_call() -> people.World:
    made = people.world()
    made.clinic.on_call_contact = ON_CALL
    made.clinic.save()
    return made


def looks(clock: Clock, *taken: Turn) -> Looking:
    made = clock.looking()
    made.turns = taken
    return made


def fall(world: people.World, at: dt.datetime) -> Alert:
    with clinic_context(world.clinic.pk):
        return Alert.objects.create(
            clinic=world.clinic, patient=world.ana, rule="fall", severity="critical",
            raised_at=at, opened_at=at, last_occurred_at=at,
        )  # fmt: skip


def sent_to() -> list[str]:
    return [each.to[0] for each in outgoing.outbox]


# ---- When ----------------------------------------------------------------------------------------


def seconds(taken: list[dt.datetime]) -> list[int]:
    return [int((at - NOW).total_seconds()) for at in taken]


def test_a_turn_is_taken_once_a_minute(idle):
    taken: list[dt.datetime] = []
    turn = Turn(name="escalate", work=lambda *, now: taken.append(now) or 0)

    looks(Clock(stopped_after=61), turn).run()

    assert seconds(taken) == [0, 60, 120]


def test_and_at_once_where_something_is_due(idle):
    taken: list[dt.datetime] = []
    due = NOW + dt.timedelta(seconds=6)
    turn = Turn(
        name="deliver",
        work=lambda *, now: taken.append(now) or 0,
        is_due=lambda *, now: now == due,
    )

    looks(Clock(stopped_after=34), turn).run()

    assert seconds(taken) == [0, 6, 66]


def test_a_fault_in_one_holds_up_neither_the_others_nor_reminders(idle, monkeypatch, caplog):
    taken: list[str] = []
    monkeypatch.setattr(looking, "deliver", lambda *, now, is_stopped: taken.append("sent") or 1)

    def faulty(*, now: dt.datetime) -> int:
        raise ValueError("ours")

    other = Turn(name="deliver", work=lambda *, now: taken.append("mails") or 0)
    looked_at = looks(Clock(stopped_after=1), Turn(name="watch", work=faulty), other).run()

    assert (looked_at, taken) == (1, ["mails", "sent"])
    assert "a turn met a fault" in caplog.text


def test_without_the_database_it_is_made_up_for_at_the_next_look(idle, monkeypatch):
    monkeypatch.setattr(looking.connection, "close", lambda: None)
    problems = iter([OperationalError("away"), None, None])
    taken: list[dt.datetime] = []

    def work(*, now: dt.datetime) -> int:
        if problem := next(problems):
            raise problem
        taken.append(now)
        return 0

    looks(Clock(stopped_after=3), Turn(name="escalate", work=work)).run()

    assert seconds(taken) == [2]


def test_readiness_hears_of_every_turn_in_time():
    late_after = {
        job.name: job.late_after_seconds
        for job in periodic_jobs(tidy_every_seconds=300, deliver_every_seconds=1)
    }

    for turn in turns(WRITERS):
        assert (EVERY + looking.LOOK_EVERY).total_seconds() < late_after[turn.name]


def test_every_job_of_the_clock_but_tidying_has_its_place_in_a_look():
    jobs = {job.name for job in periodic_jobs(tidy_every_seconds=300, deliver_every_seconds=30)}

    assert {turn.name for turn in turns(WRITERS)} | {"plan", "weeks", "remind", "tidy"} == jobs


# ---- What ----------------------------------------------------------------------------------------


def test_an_emergency_s_mail_goes_out_without_a_broker(idle, world):
    people.message(world.clinic, world.rui.user, about={"alert": fall(world, NOW).pk}, due_at=NOW)

    looks(Clock(stopped_after=1), *turns(WRITERS)).run()

    assert sent_to() == [world.rui.user.email]


def test_one_that_comes_later_goes_at_the_next_look(idle, world):
    clock = Clock(stopped_after=1)
    sender = looks(clock, *turns(WRITERS))
    sender.run()
    people.message(world.clinic, world.rui.user, about={"alert": fall(world, NOW).pk}, due_at=NOW)
    clock.left = 2

    sender.run()

    assert sent_to() == [world.rui.user.email]
    assert clock.now == NOW + 2 * looking.LOOK_EVERY


def test_what_nobody_answered_for_an_hour_is_told_and_mailed_in_one_look(idle, world):
    alert = fall(world, NOW - HOUR)

    looks(Clock(stopped_after=1), *turns(WRITERS)).run()

    assert sent_to() == [ON_CALL]
    with clinic_context(world.clinic.pk):
        assert Alert.objects.get(pk=alert.pk).escalated_at == NOW


def test_the_night_is_looked_at(idle, world):
    prescribed.line(world.ana, from_=NOW.date() - dt.timedelta(days=4))

    looks(Clock(stopped_after=1), *turns(WRITERS)).run()

    with clinic_context(world.clinic.pk):
        assert Alert.objects.get().rule == "no_contact"


def test_each_leaves_its_run(idle, world):
    looks(Clock(stopped_after=1), *turns(WRITERS)).run()

    kept = {run.name: (run.last_started_at, run.last_outcome) for run in JobRun.objects.all()}
    assert kept == dict.fromkeys(["escalate", "watch", "deliver"], (NOW, "done"))


def test_an_idle_look_asks_once_for_mails_and_writes_nothing(idle, world):
    clock = Clock(stopped_after=1)
    sender = looks(clock, *turns(WRITERS))
    sender.run()
    before = list(JobRun.objects.order_by("name").values())
    clock.left = 10

    with CaptureQueriesContext(connection) as asked:
        sender.run()

    statements = [sql["sql"] for sql in asked if "SAVEPOINT" not in sql["sql"]]
    assert [each.partition("(")[0] for each in statements] == ["SELECT claim_message"] * 9
    assert list(JobRun.objects.order_by("name").values()) == before


@pytest.mark.parametrize(("ahead", "is_due"), [(-1, True), (0, True), (1, False)])
def test_a_message_that_is_due_is_known_to_the_second(world, ahead, is_due):
    people.message(world.far_clinic, world.rui.user, due_at=NOW + dt.timedelta(seconds=ahead))

    assert is_message_due(now=NOW) is is_due


def test_without_time_nothing_is_begun(world):
    people.message(world.clinic, world.rui.user, due_at=NOW)
    prescribed.line(world.ana, from_=NOW.date() - dt.timedelta(days=4))

    assert deliver(writers=WRITERS, now=NOW, longest_seconds=0) == 0
    assert watch(now=NOW, longest_seconds=0) == 0
    assert is_message_due(now=NOW)


# ---- Beside a worker -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_senders_and_workers_at_once_tell_nothing_twice(idle):
    world = on_call()
    for _number in range(3):
        people.message(world.clinic, world.rui.user, due_at=NOW)
    alert = fall(world, NOW - HOUR)
    prescribed.line(world.far_patient, from_=NOW.date() - dt.timedelta(days=4))

    def sender() -> None:
        looks(Clock(stopped_after=2), *turns(WRITERS)).run()

    def worker() -> None:
        escalate(now=NOW)
        watch(now=NOW)
        deliver(writers=WRITERS, now=NOW)

    at_once(sender, worker, sender, worker)
    sender()

    assert sorted(sent_to()) == sorted([world.rui.user.email] * 3 + [ON_CALL])
    with clinic_context(world.clinic.pk):
        assert Alert.objects.get(pk=alert.pk).escalated_at == NOW
        assert Message.objects.filter(address=ON_CALL).count() == 1
    with clinic_context(world.far_clinic.pk):
        assert AlertOccurrence.objects.filter(alert__rule="no_contact").count() == 1
