"""The nightly check and the hour without an answer: what is told, once, to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import JobRun, Message
from core.tenancy import clinic_context
from patients.models import CareTeamMembership
from sessions import tasks
from sessions.actions import watch as watching
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.actions.store import log_session
from sessions.actions.telling import escalate
from sessions.actions.watch import watch, watch_clinic
from sessions.models import Alert, AlertOccurrence
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import log, result, session

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
START = dt.date(2026, 11, 2)  # a Monday
NOW = dt.datetime(2026, 11, 5, 12, 0, tzinfo=dt.UTC)  # three expected days later
ON_CALL = "oncall@harbour.example"


@pytest.fixture
def world(db: None) -> people.World:
    made = people.world()
    made.clinic.on_call_contact = ON_CALL
    made.clinic.save()
    return made


@pytest.fixture
def line(world: people.World):
    return prescribed.line(world.ana, from_=START)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def alerts() -> list[tuple[str, str, str]]:
    return sorted(Alert.objects.values_list("rule", "severity", "status"))


def told() -> list[str]:
    occurrences = AlertOccurrence.objects.order_by("received_at", "id")
    return list(occurrences.values_list("severity", flat=True))


def recipients() -> list[str]:
    """Who was left a message, oldest first: a user's name or an address."""
    names = {str(each.user_id): each.user.name for each in people.Membership.objects.all()}
    messages = Message.objects.order_by("due_at", "id")
    return [each.address or names[str(each.recipient_id)] for each in messages]


def hurts(world: people.World, line, pain: int = 8, now: dt.datetime = NOW, **more) -> None:
    body = session(result(line, 10), pain_after=pain, performed_at=now.isoformat(), **more)
    log_session(
        patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=now
    )


# ---- The nightly check ---------------------------------------------------------------------------


def test_a_silence_is_told_once_and_again_when_it_becomes_graver(world, line):
    days = [watch_clinic(world.clinic, now=NOW + number * DAY) for number in range(20)]

    assert [number for number, count in enumerate(days) if count] == [0, 11, 18]
    assert alerts() == [
        ("low_adherence", "medium", "open"),
        ("no_contact", "critical", "open"),
    ]
    silence = AlertOccurrence.objects.filter(alert__rule="no_contact").order_by("received_at")
    assert [each.severity for each in silence] == ["medium", "high", "critical"]
    assert [each.received_at for each in silence] == [NOW, NOW + 11 * DAY, NOW + 18 * DAY]


def test_running_twice_adds_nothing(world, line):
    assert watch_clinic(world.clinic, now=NOW) == 1
    assert watch_clinic(world.clinic, now=NOW) == 0

    assert told() == ["medium"]


def test_what_was_resolved_is_not_told_again_until_it_is_graver(world, line):
    watch_clinic(world.clinic, now=NOW)
    rui = people.acting(world.rui)
    resolve_alert(alert_id=Alert.objects.get().pk, note="On holiday.", by=rui, now=NOW)

    watch_clinic(world.clinic, now=NOW + DAY)
    assert alerts() == [("no_contact", "medium", "resolved")]

    watch_clinic(world.clinic, now=NOW + 11 * DAY)
    assert ("no_contact", "high", "open") in alerts()


def test_a_new_silence_after_a_session_is_a_new_occurrence(world, line):
    watch_clinic(world.clinic, now=NOW)
    hurts(world, line, pain=0)

    watch_clinic(world.clinic, now=NOW + 3 * DAY)
    assert told() == ["medium"]
    watch_clinic(world.clinic, now=NOW + 4 * DAY)

    assert told() == ["medium", "medium"]
    assert Alert.objects.get().occurrences.count() == 2


def test_a_session_that_comes_between_reading_and_locking_is_seen(world, line, monkeypatch):
    first_look = watching.found_among

    def found_then_a_session(watched, limits):
        found = first_look(watched, limits)
        monkeypatch.setattr(watching, "found_among", first_look)
        hurts(world, line, pain=0)
        return found

    monkeypatch.setattr(watching, "found_among", found_then_a_session)

    assert watch_clinic(world.clinic, now=NOW) == 0
    assert alerts() == []


def test_each_clinic_is_checked_once_a_night_from_two_in_the_morning(world, line):
    two = dt.datetime(2026, 11, 5, 2, 0, tzinfo=dt.UTC)

    watch(now=two - DAY)
    watch(now=two - MINUTE)
    before = told()
    watch(now=two)
    watch(now=two + MINUTE)

    assert before == []
    assert told() == ["medium"]


def test_slices_are_gone_through_to_the_end(world, line, monkeypatch):
    monkeypatch.setattr(watching, "AT_ONCE", 1)
    for name in ("Bela Dias", "Caio Reis"):
        prescribed.line(people.patient(world.clinic, name, care_team=[world.rui]), from_=START)

    watch(now=NOW)

    assert told() == ["medium"] * 3


def test_a_run_that_is_cut_off_goes_on_where_it_stopped(world, line, monkeypatch):
    monkeypatch.setattr(watching, "AT_ONCE", 1)
    prescribed.line(people.patient(world.clinic, "Bela Dias", care_team=[world.rui]), from_=START)
    watching._watch_slice(world.clinic, now=NOW)
    assert len(told()) == 1

    watch(now=NOW + MINUTE)

    assert len(told()) == 2


def test_a_slice_takes_as_many_statements_for_one_as_for_many(world, line):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            watch_clinic(world.clinic, now=NOW)
        return len(captured)

    one = statements()
    for number in range(6):
        patient = people.patient(world.clinic, f"Patient {number}", care_team=[world.rui])
        prescribed.line(patient, from_=START)

    assert statements() == one


def test_the_runs_are_recorded(world):
    watch(now=NOW)
    tasks.watch()
    tasks.escalate()

    assert set(JobRun.objects.values_list("name", "last_outcome")) == {
        ("watch", "done"), ("escalate", "done"),
    }  # fmt: skip


# ---- Who is told ---------------------------------------------------------------------------------


def test_a_grave_alert_is_told_to_the_care_team_at_once_and_names_nobody(world, line):
    CareTeamMembership.objects.create(
        clinic=world.clinic, patient=world.ana, membership=world.marta
    )

    hurts(world, line)

    assert sorted(recipients()) == ["Marta Dias", "Rui Costa"]
    for message in Message.objects.all():
        assert (message.kind, message.due_at) == ("alert", NOW)
        assert message.about == {"alert": str(Alert.objects.get().pk)}
        assert str(world.ana.pk) not in message.key


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({"pain": 4, "pain_before": 0}, 0),
        ({"pain": 7}, 1),
        ({"pain": 0, "symptoms": ["dizziness"]}, 0),
        ({"pain": 0, "symptoms": ["fall"]}, 1),
        ({"pain": 0, "symptoms": ["chest_pain"]}, 1),
        ({"pain": 9, "symptoms": ["chest_pain", "fall"]}, 3),
    ],
)
def test_critical_and_emergency_alerts_alone_are_told(world, line, said, count):
    hurts(world, line, **said)

    assert recipients() == ["Rui Costa"] * count


def test_without_a_care_team_who_is_on_call_is_told_at_once(world, line):
    CareTeamMembership.objects.all().delete()

    hurts(world, line)

    assert recipients() == [ON_CALL]


def test_without_an_on_call_contact_the_administrators_are(world, line):
    CareTeamMembership.objects.all().delete()
    world.clinic.on_call_contact = ""
    world.clinic.save()

    hurts(world, line)

    assert recipients() == [world.admin.user.name]


def test_a_therapist_who_left_is_not_told(world, line):
    world.rui.deactivated_at = NOW
    world.rui.save()

    hurts(world, line)

    assert recipients() == [ON_CALL]


def test_every_grave_occurrence_is_told_again(world, line):
    hurts(world, line)
    hurts(world, line, now=NOW + MINUTE)

    assert recipients() == ["Rui Costa", "Rui Costa"]


@pytest.mark.parametrize(("minutes", "is_told"), [(59, False), (60, True), (61, True)])
def test_after_an_hour_without_an_answer_who_is_on_call_is_told(world, line, minutes, is_told):
    hurts(world, line)

    assert escalate(now=NOW + minutes * MINUTE) == int(is_told)
    assert recipients() == ["Rui Costa", *([ON_CALL] if is_told else [])]


def test_it_is_told_once_for_each_time_that_the_alert_opens(world, line):
    rui = people.acting(world.rui)
    hurts(world, line)
    counts = [escalate(now=NOW + 60 * MINUTE), escalate(now=NOW + 61 * MINUTE)]
    acknowledge_alert(alert_id=Alert.objects.get().pk, by=rui, now=NOW + 62 * MINUTE)
    hurts(world, line, now=NOW + 63 * MINUTE)

    counts += [escalate(now=NOW + minutes * MINUTE) for minutes in (122, 123, 124)]

    assert counts == [1, 0, 0, 1, 0]
    assert recipients().count(ON_CALL) == 2


@pytest.mark.parametrize("answer", ["acknowledged", "resolved"])
def test_an_answer_within_the_hour_is_enough(world, line, answer):
    hurts(world, line)
    Alert.objects.update(status=answer)

    assert escalate(now=NOW + DAY) == 0


def test_more_of_the_same_does_not_put_off_telling_who_is_on_call(world, line):
    for minutes in (0, 30, 59):
        hurts(world, line, now=NOW + minutes * MINUTE)

    assert escalate(now=NOW + 60 * MINUTE) == 1


def test_a_high_alert_waits_for_the_care_team(world, line):
    hurts(world, line, pain=4, pain_before=0)

    assert alerts() == [("pain_after", "high", "open")]
    assert escalate(now=NOW + DAY) == 0


def test_each_clinic_tells_its_own(world, line):
    hurts(world, line)
    with clinic_context(world.far_clinic.pk):
        Alert.objects.create(
            clinic=world.far_clinic, patient=world.far_patient, rule="fall", severity="critical",
            raised_at=NOW, opened_at=NOW, last_occurred_at=NOW,
        )  # fmt: skip
        world.far_clinic.on_call_contact = "vakt@fjord.example"
        world.far_clinic.save()

    assert escalate(now=NOW + 60 * MINUTE) == 2

    assert recipients() == ["Rui Costa", ON_CALL]
    with clinic_context(world.far_clinic.pk):
        assert recipients() == ["vakt@fjord.example"]
