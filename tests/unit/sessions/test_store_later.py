"""What becomes of a session after it was stored: held, accepted, corrected, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import transaction

from core.errors import Invalid, NotFound
from core.tenancy import clinic_context
from patients.models import Line
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.errors import (
    CorrectionTooLate,
    NotHeld,
    SessionIdReused,
    SessionWithdrawn,
    StaleVersion,
)
from sessions.models import Alert, AlertOccurrence, ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, correction, log, result, session
from tests.unit.sessions.storing import DAY, held, send

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def correct(world: people.World, body: dict, *, corrects: int, by=None, now=NOW, **changes):
    stored = ExerciseSession.objects.get(phone_id=body["id"])
    return correct_session(
        session_id=stored.pk,
        content=correction(body, corrects=corrects, **changes),
        by=by or people.acting_for(world.ana),
        now=now,
    )


@pytest.mark.parametrize(
    ("ago", "status"),
    [
        (dt.timedelta(days=30), "counted"),
        (dt.timedelta(days=30, seconds=1), "held"),
        (-dt.timedelta(minutes=10), "counted"),
        (-dt.timedelta(minutes=10, seconds=1), "held"),
    ],
)
def test_what_is_held(world, line, ago, status):
    performed_at = (NOW - ago).isoformat()

    logged = send(world, session(result(line, 10), performed_at=performed_at))

    assert logged.answer.status == status
    assert ExerciseSession.objects.get().status == status
    assert ExerciseResult.objects.get().counts is (status == "counted")


def test_a_held_session_is_answered_with_safety_alone(world, line):
    _body, logged = held(world, line, symptoms=["chest_pain"])

    feedback = logged.answer.feedback
    assert logged.outcome == "held"
    assert feedback.safety.verdict == "stop"
    assert feedback.results[0].verdict == "stop"
    assert (feedback.results[0].completion, feedback.remaining_today, feedback.streak) == (
        None, None, None,
    )  # fmt: skip
    alert = Alert.objects.get()
    occurrence = AlertOccurrence.objects.get()
    assert (alert.rule, alert.severity) == ("chest_pain", "emergency")
    assert occurrence.claimed_at == dt.datetime(2026, 11, 26, 18, tzinfo=dt.UTC)
    assert occurrence.received_at == NOW


def test_a_held_session_without_symptoms_says_nothing_of_right_or_wrong(world, line):
    _body, logged = held(world, line)

    assert logged.answer.feedback.safety is None
    assert [each.verdict for each in logged.answer.feedback.results] == [None]


def test_accepting_a_held_session_makes_it_count_at_its_right_time(world, line):
    body, _first = held(world, line)
    stored = ExerciseSession.objects.get()
    when = log({**body, "performed_at": "2026-11-23T18:00:00+00:00"}).performed_at

    accepted = accept_held(
        session_id=stored.pk, performed_at=when, by=people.acting(world.rui), now=NOW + DAY
    )
    again = accept_held(
        session_id=stored.pk, performed_at=when, by=people.acting(world.rui), now=NOW + DAY
    )
    retried = send(world, body, now=NOW + 2 * DAY)

    stored.refresh_from_db()
    assert (stored.status, stored.version) == ("counted", 2)
    assert stored.performed_on == dt.date(2026, 11, 23)
    assert stored.claimed_performed_at == dt.datetime(2026, 11, 26, 18, tzinfo=dt.UTC)
    assert accepted.answer.feedback.results[0].verdict == "right"
    assert again.answer == accepted.answer
    assert (retried.outcome, retried.answer) == ("duplicate", accepted.answer)


def test_a_held_session_is_not_accepted_into_the_future(world, line):
    held(world, line)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        accept_held(
            session_id=ExerciseSession.objects.get().pk,
            performed_at=None,
            by=people.acting(world.rui),
            now=NOW,
        )

    assert refused.value.errors[0].code == "in_the_future"
    assert ExerciseSession.objects.get().status == "held"


def test_a_refused_session_is_kept_and_counts_nowhere(world, line):
    body, _first = held(world, line)
    stored = ExerciseSession.objects.get()

    refuse_held(session_id=stored.pk, reason="wrong clock", by=people.acting(world.rui), now=NOW)
    retried = send(world, body)

    stored.refresh_from_db()
    assert (stored.status, stored.decision_reason) == ("refused", "wrong clock")
    assert ExerciseResult.objects.get().counts is False
    assert retried.answer.status == "refused"
    with pytest.raises(NotHeld), transaction.atomic():
        accept_held(
            session_id=stored.pk, performed_at=None, by=people.acting(world.rui), now=NOW + 4 * DAY
        )


def test_a_correction_keeps_what_it_said_and_judges_anew(world, line):
    body = session(result(line, 10, 10))
    send(world, body)

    made = correct(world, body, corrects=1, results=[result(line, 10, 10, 10)])

    stored = ExerciseSession.objects.get()
    assert (stored.version, made.answer.version) == (2, 2)
    assert made.answer.feedback.results[0].verdict == "right"
    assert ExerciseResult.objects.get().repetitions == [10, 10, 10]
    first, second = SessionVersion.objects.order_by("number")
    assert len(first.content["results"][0]["sets"]) == 2
    assert len(second.content["results"][0]["sets"]) == 3


def test_the_same_correction_again_is_answered_as_the_first_time(world, line):
    body = session(result(line, 10, 10))
    send(world, body)
    first = correct(world, body, corrects=1, results=[result(line, 10)])

    second = correct(world, body, corrects=1, results=[result(line, 10)])

    assert (second.outcome, second.answer) == ("duplicate", first.answer)
    assert ExerciseSession.objects.get().version == 2


def test_a_stale_correction_is_refused(world, line):
    body = session(result(line, 10, 10))
    send(world, body)
    correct(world, body, corrects=1, results=[result(line, 10)])

    with pytest.raises(StaleVersion), transaction.atomic():
        correct(world, body, corrects=1, results=[result(line, 9)])

    assert ExerciseResult.objects.get().repetitions == [10]


def test_any_version_that_was_kept_is_answered_when_it_comes_again(world, line):
    body = session(result(line, 10, 10))
    first = send(world, body)
    second = correct(world, body, corrects=1, results=[result(line, 10)])

    assert send(world, body).answer == first.answer
    assert send(world, {**body, "results": [result(line, 10)]}).answer == second.answer


@pytest.mark.parametrize(("late", "allowed"), [(dt.timedelta(0), True), (MINUTE, False)])
def test_a_patient_may_correct_for_seven_days(world, line, late, allowed):
    body = session(result(line, 10, 10))
    send(world, body)
    when = NOW + 7 * DAY + late

    if allowed:
        assert correct(world, body, corrects=1, effort=3, now=when).answer.version == 2
    else:
        with pytest.raises(CorrectionTooLate), transaction.atomic():
            correct(world, body, corrects=1, effort=3, now=when)
        assert ExerciseSession.objects.get().version == 1


def test_the_care_team_may_correct_without_limit_and_a_stranger_never(world, line):
    body = session(result(line, 10, 10))
    send(world, body)

    made = correct(
        world, body, corrects=1, effort=3, by=people.acting(world.rui), now=NOW + 300 * DAY
    )

    assert made.answer.version == 2
    with pytest.raises(NotFound), transaction.atomic():
        correct(world, body, corrects=2, effort=4, by=people.acting(world.marta))


def test_a_carer_corrects_only_what_they_logged(world, line):
    carer = people.acting_for(world.ana, world.carer.user)
    hers = session(result(line, 10, 10))
    his = session(result(line, 10, 10), performed_at="2026-11-22T09:00:00+00:00")
    send(world, hers)
    send(world, his, by=carer)

    assert correct(world, his, corrects=1, effort=2, by=carer).answer.version == 2
    with pytest.raises(Exception, match="logged this session"), transaction.atomic():
        correct(world, hers, corrects=1, effort=2, by=carer)


def test_a_correction_may_raise_an_alert_and_never_closes_one(world, line):
    body = session(result(line, 10), symptoms=["near_fall"])
    send(world, body)

    correct(world, body, corrects=1, symptoms=["dizziness"])

    assert sorted(Alert.objects.values_list("rule", "status")) == [
        ("dizziness", "open"),
        ("near_fall", "open"),
    ]


def test_withdrawing_keeps_the_session_and_counts_it_nowhere(world, line):
    body = session(result(line, 10, 10))
    send(world, body)
    stored = ExerciseSession.objects.get()
    args = {"session_id": stored.pk, "reason": "tapped twice", "by": people.acting_for(world.ana)}

    first = withdraw_session(**args, now=NOW)
    second = withdraw_session(**args, now=NOW + 30 * DAY)

    stored.refresh_from_db()
    assert (stored.status, stored.withdrawn_reason) == ("withdrawn", "tapped twice")
    assert ExerciseResult.objects.get().counts is False
    assert first.answer == second.answer
    assert send(world, body).outcome == "withdrawn"
    with pytest.raises(SessionIdReused), transaction.atomic():
        send(world, {**body, "effort": 1})
    with pytest.raises(SessionWithdrawn), transaction.atomic():
        correct(world, body, corrects=1, effort=1)
