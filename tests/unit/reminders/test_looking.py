"""The process that keeps looking, what it does without a database, and its command."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from clinics.actors import system
from core.errors import Forbidden
from core.models import AuditEvent, JobRun
from core.tenancy import clinic_context
from rehab_platform.schedule import periodic_jobs
from reminders import looking
from reminders.actions.deliver import DeliveriesFaulty
from reminders.actions.retry import retry_failed
from reminders.faults import ClinicsFaulty
from reminders.looking import Looking
from reminders.models import Delivery
from reminders.queue import is_something_due, read_lag, read_queue
from tests.factories import people, prescribed
from tests.factories.reminders import contact, delivery, preferences

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


class Clock:
    """A clock that goes on by what was waited; `stopped_after` so many waits."""

    def __init__(self, *, stopped_after: int) -> None:
        self.now = NOW
        self.left = stopped_after
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)
        self.waited.append(seconds)

    def looking(self) -> Looking:
        return Looking(
            clock=lambda: self.now,
            is_stopped=lambda: len(self.waited) >= self.left,
            wait=self.wait,
        )


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, dt.datetime]]:
    made: list[tuple[str, dt.datetime]] = []
    monkeypatch.setattr(
        looking, "plan", lambda *, now, longest_seconds: made.append(("plan", now)) or 0
    )
    monkeypatch.setattr(looking, "make_weeks", lambda *, now, longest_seconds: 0)
    monkeypatch.setattr(
        looking, "deliver", lambda *, now, is_stopped: made.append(("deliver", now)) or 1
    )
    monkeypatch.setattr(looking, "is_something_due", lambda *, now: True)
    return made


def test_it_sends_every_two_seconds_and_plans_every_minute(calls):
    clock = Clock(stopped_after=61)

    assert clock.looking().run() == 61
    assert clock.waited == [2.0] * 61
    planned = [int((now - NOW).total_seconds()) for what, now in calls if what == "plan"]
    assert planned == [0, 60, 120]


def test_it_sends_before_it_plans(calls):
    """However much there is to plan, what is due does not wait for it."""
    Clock(stopped_after=1).looking().run()

    assert [what for what, _now in calls] == ["deliver", "plan"]


def test_it_goes_on_planning_until_nothing_is_left(calls, monkeypatch):
    left = iter([500, 500, 0])
    seconds = []

    def planning(*, now, longest_seconds):
        calls.append(("plan", now))
        seconds.append(longest_seconds)
        return next(left)

    monkeypatch.setattr(looking, "plan", planning)
    Clock(stopped_after=20).looking().run()

    planned = [int((now - NOW).total_seconds()) for what, now in calls if what == "plan"]
    assert (planned, seconds) == ([0, 2, 4], [2.0] * 3)


def test_who_is_stopped_looks_no_more(calls):
    assert Clock(stopped_after=0).looking().run() == 0
    assert calls == []


@pytest.mark.parametrize("error", [OperationalError(), DeliveriesFaulty()])
def test_it_goes_on_after(calls, monkeypatch, error):
    turns = iter([error, None, None])

    def failing(*, now, is_stopped):
        problem = next(turns)
        if problem:
            raise problem
        return 1

    monkeypatch.setattr(looking, "deliver", failing)
    monkeypatch.setattr(looking.connection, "close", lambda: None)

    assert Clock(stopped_after=3).looking().run() == 2


def test_without_the_database_it_plans_anew_when_it_is_back(calls, monkeypatch):
    problems = iter([OperationalError("away"), None])

    def failing(*, now, longest_seconds):
        problem = next(problems)
        if problem:
            raise problem
        calls.append(("plan", now))
        return 0

    monkeypatch.setattr(looking, "plan", failing)
    monkeypatch.setattr(looking.connection, "close", lambda: None)
    Clock(stopped_after=3).looking().run()

    assert [what for what, _now in calls] == ["deliver", "deliver", "plan", "deliver"]


def test_a_clinic_whose_plans_meet_a_fault_keeps_no_weeks_back(calls, monkeypatch):
    """And it is tried again in a minute, not in every turn."""

    def faulty(*, now, longest_seconds):
        calls.append(("plan", now))
        raise ClinicsFaulty

    monkeypatch.setattr(looking, "plan", faulty)
    monkeypatch.setattr(
        looking, "make_weeks", lambda *, now, longest_seconds: calls.append(("weeks", now)) or 0
    )
    Clock(stopped_after=31).looking().run()

    for work in ("plan", "weeks"):
        seconds = [int((now - NOW).total_seconds()) for what, now in calls if what == work]
        assert seconds == [0, 60]


# ---- What a look leaves ---------------------------------------------------------------------------


@pytest.fixture
def runs(calls, monkeypatch) -> list[dt.datetime]:
    """When the senders' runs began that are kept, as far as each of them has done its work."""
    kept: list[dt.datetime] = []
    monkeypatch.setattr(looking, "deliver", lambda *, now, is_stopped: kept.append(now) or 0)
    monkeypatch.setattr(looking, "is_something_due", lambda *, now: False)
    return kept


def seconds(kept: list[dt.datetime]) -> list[int]:
    return [int((now - NOW).total_seconds()) for now in kept]


def test_looks_that_find_nothing_are_kept_once_a_minute(runs):
    Clock(stopped_after=61).looking().run()

    assert seconds(runs) == [0, 60, 120]


def test_they_are_kept_before_readiness_calls_the_job_late():
    [remind] = [
        job for job in periodic_jobs(tidy_every_seconds=1, deliver_every_seconds=1)
        if job.name == "remind"
    ]  # fmt: skip

    assert (
        looking.KEEP_IDLE_EVERY + looking.LOOK_EVERY
    ).total_seconds() < remind.late_after_seconds


def test_what_is_due_is_sent_at_once_and_its_run_is_kept(runs, monkeypatch):
    due = NOW + dt.timedelta(seconds=4)
    monkeypatch.setattr(looking, "is_something_due", lambda *, now: now == due)

    Clock(stopped_after=33).looking().run()

    assert seconds(runs) == [0, 4, 64]


def test_a_look_without_the_database_is_made_up_for_at_the_next(runs, monkeypatch):
    answers = iter([OperationalError("away"), None, None])

    def asked(*, now):
        if problem := next(answers):
            raise problem
        return False

    monkeypatch.setattr(looking, "is_something_due", asked)
    monkeypatch.setattr(looking.connection, "close", lambda: None)
    Clock(stopped_after=4).looking().run()

    assert seconds(runs) == [0, 4]  # at 2 it was away


def test_an_idle_look_is_one_statement_and_writes_nothing(db, monkeypatch):
    monkeypatch.setattr(looking, "plan", lambda *, now, longest_seconds: 0)
    monkeypatch.setattr(looking, "make_weeks", lambda *, now, longest_seconds: 0)
    clock = Clock(stopped_after=1)
    looks = clock.looking()
    looks.run()
    [before] = JobRun.objects.values()
    clock.left = 10

    with CaptureQueriesContext(connection) as asked:
        looks.run()

    assert [sql["sql"].partition("(")[0] for sql in asked] == ["SELECT oldest_delivery"] * 9
    assert list(JobRun.objects.values()) == [before]
    assert (before["name"], before["last_started_at"]) == ("remind", NOW)


@pytest.mark.parametrize(("ahead", "is_due"), [(-1, True), (0, True), (1, False)])
def test_what_is_due_is_known_to_the_second(world, ahead, is_due):
    delivery(world.far_patient, NOW + dt.timedelta(seconds=ahead))

    assert is_something_due(now=NOW) is is_due


# ---- The queue and its verbs ---------------------------------------------------------------------


@pytest.fixture
def world(db: None, time_machine) -> people.World:
    time_machine.move_to(NOW, tick=False)
    made = people.world()
    prescribed.line(made.ana)
    contact(made.clinic, made.ana.user)
    preferences(made.ana, "10:00", "18:30")
    return made


def say(verb: str) -> str:
    out = io.StringIO()
    call_command("reminders", verb, stdout=out)
    return out.getvalue().strip()


def settled(world: people.World, slot: int, state: str, **fields: object) -> Delivery:
    given = {"settled_at": NOW - MINUTE, "expires_at": NOW + 60 * MINUTE} | fields
    return delivery(world.ana, NOW - 10 * MINUTE, slot=slot, state=state, **given)


def test_the_queue_of_all_clinics_in_numbers(world):
    delivery(world.ana, NOW - 3 * MINUTE)
    delivery(world.far_patient, NOW - MINUTE)
    delivery(world.ana, NOW + MINUTE, slot=2)
    settled(world, 3, "sent", attempts=1)
    settled(world, 4, "failed", attempts=4, last_error="SMTPDataError 554")
    settled(world, 5, "suppressed", reason="paused")
    settled(world, 6, "expired", settled_at=NOW - 1441 * MINUTE)

    queue = read_queue(now=NOW)

    states = ("waiting", "sent", "failed", "suppressed", "expired")
    assert [queue.number(state) for state in states] == [2, 1, 1, 1, 0]
    assert (queue.oldest_due_at, queue.lag) == (NOW - 3 * MINUTE, 3 * MINUTE)
    assert queue.worst_lateness == 9 * MINUTE
    assert say("queue").splitlines() == [
        "oldest due: 180 s ago; sent at most 540 s late in a day",
        "       1 failed     reminder email SMTPDataError 554",
        "       1 sent       reminder email",
        "       1 suppressed reminder email paused",
        "       2 waiting    reminder email",
    ]


@pytest.mark.parametrize(("seconds", "lags"), [(0, False), (120, False), (121, True)])
def test_a_queue_lags_after_two_minutes(world, seconds, lags):
    delivery(world.ana, NOW - dt.timedelta(seconds=seconds))

    assert read_queue(now=NOW).is_lagging is lags
    assert read_lag(now=NOW) == read_queue(now=NOW).lag == dt.timedelta(seconds=seconds)


def test_what_waits_for_its_next_try_does_not_lag(world):
    delivery(world.ana, NOW - 20 * MINUTE, next_at=NOW + MINUTE, attempts=2)

    assert read_queue(now=NOW).lag == dt.timedelta(0)


def test_an_empty_queue(world):
    assert say("queue") == "oldest due: 0 s ago; sent at most 0 s late in a day"


def test_the_verbs_do_what_the_clock_does(world, mailoutbox):
    assert say("plan") == "planned: 1 patients"
    assert say("plan") == "planned: 0 patients"
    delivery(world.ana, NOW)
    assert say("deliver") == "looked at: 1 deliveries"
    assert [mail.to for mail in mailoutbox] == [[world.ana.user.email]]
    # Ana's and Per's week, and each therapist's.
    assert say("weeks") == "made: 5 weeks"
    assert say("weeks") == "made: 0 weeks"


def test_what_failed_and_is_of_use_starts_over(world):
    failed = settled(world, 1, "failed", attempts=4, last_error="SMTPDataError 554")
    settled(world, 2, "failed", attempts=4, expires_at=NOW)
    settled(world, 3, "expired")

    assert say("retry") == "start over: 1 deliveries"

    with clinic_context(world.clinic.pk):
        again = Delivery.objects.get(pk=failed.pk)
        event = AuditEvent.objects.get(action="deliveries_retried")
    assert (again.state, again.attempts, again.next_at) == ("waiting", 0, NOW)
    assert (again.last_error, again.settled_at) == ("", None)
    assert (event.details, event.acting_as) == ({"number": 1}, "system")
    assert say("retry") == "start over: 0 deliveries"


def test_what_another_channel_carries_on_does_not_start_over(world):
    failed = settled(world, 1, "failed", attempts=4)
    delivery(world.ana, NOW, channel="sms", slot=1, instead_of=failed.pk)

    assert say("retry") == "start over: 0 deliveries"


@pytest.mark.parametrize("who", ["admin", "rui", "ana"])
def test_nobody_of_a_clinic_starts_them_over(world, who):
    failed = settled(world, 1, "failed", attempts=4)
    by = people.acting_for(world.ana) if who == "ana" else people.acting(getattr(world, who))

    with pytest.raises(Forbidden):
        retry_failed(clinic_id=world.clinic.pk, by=by, now=NOW)
    with clinic_context(world.clinic.pk):
        assert Delivery.objects.get(pk=failed.pk).state == "failed"


def test_an_operator_and_the_platform_may(world):
    settled(world, 1, "failed", attempts=4)
    olga = people.operating(people.operator())

    assert retry_failed(clinic_id=world.clinic.pk, by=olga, now=NOW) == 1
    assert retry_failed(clinic_id=world.clinic.pk, by=system(world.clinic.pk), now=NOW) == 0


@pytest.mark.parametrize("verb", ["", "flush"])
def test_an_unknown_verb_says_which_there_are(verb):
    with pytest.raises(CommandError, match="verb"):
        call_command("reminders", *([verb] if verb else []))
