"""Alerts of a patient without a care team: who is on call is told at once, each opening once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail as outgoing

from clinics.actions.logins import deactivate_login, reactivate_login
from clinics.actors import system
from core.delivery import deliver
from core.models import Message
from core.tenancy import clinic_context, set_clinic
from patients.actions.care_team import put_on_care_team, remove_from_care_team
from patients.actions.leaving import deactivate_member, end_role
from patients.models import CareTeamMembership, Line
from rehab_platform.mails import WRITERS
from sessions.actions.alerts import acknowledge_alert
from sessions.actions.watch import watch_clinic
from sessions.models import Alert
from tests.factories import people, prescribed
from tests.factories.people import World
from tests.unit.sessions.bodies import NOW, result, session
from tests.unit.sessions.raising import alerts, hurting, on, send

ON_CALL = "oncall@harbour.example"
HOUR = dt.timedelta(hours=1)
LATER = NOW + HOUR


@pytest.fixture
def world(db: None) -> World:
    made = people.world()
    made.clinic.on_call_contact = ON_CALL
    made.clinic.save()
    return made


@pytest.fixture
def line(world: World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


@pytest.fixture
def alone(world: World) -> None:
    """Nobody treats Ana."""
    CareTeamMembership.objects.all().delete()


def told() -> list[str]:
    """Who was left a message, oldest first: a user's name or an address."""
    names = {each.user_id: each.user.name for each in people.Membership.objects.all()}
    messages = Message.objects.order_by("due_at", "id")
    return [each.address or names[each.recipient_id] for each in messages]


def an_alert(world: World, severity: str = "high", rule: str = "dizziness", **fields: Any) -> Alert:
    return Alert.objects.create(
        clinic=world.clinic, rule=rule, severity=severity,
        **{"patient": world.ana, "raised_at": NOW, "opened_at": NOW, "last_occurred_at": NOW}
        | fields,
    )  # fmt: skip


def answered(world: World) -> dict[str, Any]:
    return {
        "status": "resolved",
        "resolved_at": NOW,
        "note": "Well.",
        "resolved_by": world.rui.user,
    }


def mails(world: World, now: dt.datetime = LATER) -> list[str]:
    """Send what waits; return to whom mails went."""
    deliver(writers=WRITERS, now=now)
    set_clinic(world.clinic.pk)
    return [each.to[0] for each in outgoing.outbox]


# ---- What is raised while nobody treats the patient ----------------------------------------------


def test_two_high_alerts_are_two_messages_that_name_nobody(world, line, alone):
    send(world, session(result(line, 10), symptoms=["near_fall"], pain_before=1, pain_after=6))

    assert alerts() == [("near_fall", "high", "open"), ("pain_after", "high", "open")]
    assert told() == [ON_CALL, ON_CALL]
    for message in Message.objects.all():
        assert (message.kind, message.due_at, list(message.about)) == ("alert", NOW, ["alert"])
        assert str(world.ana.pk) not in message.key
    assert mails(world) == [ON_CALL, ON_CALL]
    for mail in outgoing.outbox:
        said = f"{mail.subject} {mail.body}".lower()
        assert not [word for word in ("ana", "silva", "pain", "fall", "high") if word in said]


@pytest.mark.parametrize(
    ("said", "severity", "count"),
    [
        ({"pain_after": 5}, "medium", 1),
        ({"pain_after": 6}, "high", 1),
        ({"pain_after": 7}, "critical", 1),
        ({"pain_after": 4}, None, 0),
    ],
)
def test_every_severity_is_told(world, line, alone, said, severity, count):
    send(world, hurting(line, 4, 20))

    send(world, session(result(line, 10), **said))

    assert [each for _rule, each, _status in alerts()] == [severity] * count
    assert told() == [ON_CALL] * count


def test_with_a_care_team_a_high_alert_still_waits_for_it(world, line):
    send(world, session(result(line, 10), symptoms=["near_fall"]))

    assert alerts() == [("near_fall", "high", "open")]
    assert told() == []


def test_a_suggestion_waits_for_whoever_takes_over(world, line, alone):
    for day in (19, 20, 21):
        body = session(result(line, 10, difficulty="too_hard"), performed_at=on(day))
        send(world, body)

    assert alerts() == [("too_hard", "suggestion", "open")]
    assert told() == []


def test_each_opening_of_a_lesser_alert_is_told_once(world, line, alone):
    for hour in (8, 9, 10):
        send(world, session(result(line, 10), symptoms=["near_fall"], performed_at=on(22, hour)))
    assert told() == [ON_CALL]

    Alert.objects.update(status="acknowledged", acknowledged_at=NOW, acknowledged_by=world.rui.user)
    for hour in (11, 12):
        send(world, session(result(line, 10), symptoms=["near_fall"], performed_at=on(22, hour)))

    assert Alert.objects.get().openings == 2
    assert told() == [ON_CALL, ON_CALL]


def test_one_that_becomes_graver_is_told_again(world, line, alone):
    send(world, hurting(line, 4, 19))
    send(world, hurting(line, 5, 20))
    send(world, hurting(line, 4, 21))
    send(world, hurting(line, 6, 22))

    assert alerts() == [("pain_after", "high", "open")]
    assert told() == [ON_CALL, ON_CALL]


def test_without_an_address_each_administrator_is(world, line, alone):
    world.clinic.on_call_contact = ""
    world.clinic.save()
    people.admin(world.clinic, "Nuno Reis")

    send(world, session(result(line, 10), symptoms=["near_fall"]))

    assert sorted(told()) == ["Helena Prata", "Nuno Reis"]


def test_a_night_tells_of_all_who_are_silent_at_once(world, line):
    for name, therapist in (("Bo Lund", world.rui), ("Cy Moe", world.marta)):
        prescribed.line(people.patient(world.clinic, name, email=None, care_team=[therapist]))
    CareTeamMembership.objects.filter(membership=world.rui).delete()

    watch_clinic(world.clinic, now=NOW + dt.timedelta(days=40))

    raised = Alert.objects.filter(rule="no_contact")
    assert set(raised.values_list("severity", flat=True)) == {"critical"}
    assert raised.count() == 3
    assert sorted(told()) == ["Marta Dias", ON_CALL]
    message = Message.objects.get(address=ON_CALL)
    assert message.about == {"clinic": str(world.clinic.pk)}


# ---- The last therapist goes ---------------------------------------------------------------------


def removed(world: World) -> None:
    remove_from_care_team(
        patient_id=world.ana.pk, membership_id=world.rui.pk, by=people.acting(world.rui), now=LATER
    )


def deactivated(world: World) -> None:
    deactivate_member(
        user_id=world.rui.user_id, cover=None, by=people.acting(world.admin), now=LATER
    )


def role_ended(world: World) -> None:
    end_role(
        user_id=world.rui.user_id, role="therapist", cover=None,
        by=people.acting(world.admin), now=LATER,
    )  # fmt: skip


def login_ended(world: World) -> None:
    with clinic_context(None):
        deactivate_login(user_id=world.rui.user_id, by=system(), now=LATER)


GOES: list[Callable[[World], None]] = [removed, deactivated, role_ended, login_ended]


@pytest.mark.parametrize("goes", GOES)
def test_of_all_alerts_that_stand_one_message_is_sent(world, goes):
    an_alert(world)
    an_alert(world, "critical", "fall", status="acknowledged", acknowledged_at=NOW,
             acknowledged_by=world.marta.user)  # fmt: skip
    an_alert(world, "medium", "effort")

    goes(world)

    [message] = Message.objects.all()
    assert (message.kind, message.address, message.due_at) == ("alert", ON_CALL, LATER)
    assert set(message.about) <= {"patient", "clinic"}
    assert mails(world) == [ON_CALL]


@pytest.mark.parametrize("goes", GOES)
@pytest.mark.parametrize("standing", ["nothing", "suggestion", "resolved", "another's"])
def test_where_none_stands_nobody_is_written_to(world, goes, standing):
    if standing == "suggestion":
        an_alert(world, "suggestion", "too_easy")
    if standing == "resolved":
        an_alert(world, **answered(world))
    if standing == "another's":
        an_alert(world, patient=people.patient(world.clinic, "Bo Lund", care_team=[world.marta]))

    goes(world)

    assert mails(world) == []
    assert {each.last_error for each in Message.objects.all()} == {
        "no alert stands without a care team"
    }


@pytest.mark.parametrize("goes", GOES)
def test_while_a_colleague_stays_nobody_is_written_to(world, goes):
    an_alert(world)
    put_on_care_team(
        patient_id=world.ana.pk, membership_id=world.marta.pk, is_lead=False,
        by=people.acting(world.rui), now=NOW,
    )  # fmt: skip

    goes(world)

    assert mails(world) == []


def test_a_colleague_who_takes_over_is_enough(world):
    an_alert(world)

    deactivate_member(
        user_id=world.rui.user_id, cover=world.marta.pk, by=people.acting(world.admin), now=LATER
    )

    assert told() == []


def test_who_takes_over_before_the_mail_goes_stops_it(world):
    an_alert(world)
    removed(world)
    put_on_care_team(
        patient_id=world.ana.pk, membership_id=world.marta.pk, is_lead=True,
        by=people.acting(world.admin), now=LATER,
    )  # fmt: skip

    assert mails(world) == []


def test_a_caseload_of_several_is_one_message_too(world):
    for name in ("Bo Lund", "Cy Moe"):
        an_alert(world, patient=people.patient(world.clinic, name, care_team=[world.rui]))
    an_alert(world)

    deactivated(world)

    assert told() == [ON_CALL]
    assert mails(world) == [ON_CALL]


def test_one_who_had_left_the_clinic_before_hands_nothing_over(world):
    an_alert(world)
    world.rui.deactivated_at = NOW
    world.rui.save()

    remove_from_care_team(
        patient_id=world.ana.pk, membership_id=world.rui.pk,
        by=people.acting(world.admin), now=LATER,
    )  # fmt: skip

    assert told() == []


def test_the_administrators_are_told_where_nobody_is_on_call(world):
    world.clinic.on_call_contact = ""
    world.clinic.save()
    an_alert(world)

    removed(world)

    assert told() == ["Helena Prata"]


def test_each_time_that_the_last_one_goes_is_told(world):
    an_alert(world)
    removed(world)
    put_on_care_team(
        patient_id=world.ana.pk, membership_id=world.rui.pk, is_lead=True,
        by=people.acting(world.admin), now=LATER,
    )  # fmt: skip
    removed(world)
    login_ended(world)
    with clinic_context(None):
        reactivate_login(user_id=world.rui.user_id, by=system(), now=LATER)
        deactivate_login(user_id=world.rui.user_id, by=system(), now=LATER + HOUR)

    assert told() == [ON_CALL] * 4


def test_another_clinic_hears_nothing(world):
    an_alert(world)
    deactivated(world)

    with clinic_context(world.far_clinic.pk):
        assert Message.objects.count() == 0


def test_an_answer_drops_a_lesser_alert_s_message_as_it_does_a_grave_one_s(world, line, alone):
    send(world, session(result(line, 10), symptoms=["near_fall"]))
    people.CareTeamMembership.objects.create(
        clinic=world.clinic, patient=world.ana, membership=world.rui
    )
    acknowledge_alert(alert_id=Alert.objects.get().pk, by=people.acting(world.rui), now=NOW)

    assert mails(world) == []
