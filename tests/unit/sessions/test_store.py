from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from uuid import UUID

import msgspec
import pytest
from django.db import transaction

from core.errors import Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line, Pause
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.errors import (
    CorrectionTooLate,
    NotHeld,
    PatientDischarged,
    SessionIdReused,
    SessionWithdrawn,
    StaleVersion,
)
from sessions.actions.store import log_session
from sessions.models import Alert, AlertOccurrence, ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, correction, log, result, session

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def world(db: None) -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def send(world: people.World, body: dict, *, by=None, now: dt.datetime = NOW):
    return log_session(
        patient_id=world.ana.pk,
        content=log(body),
        by=by or people.acting_for(world.ana),
        now=now,
    )


def correct(world: people.World, body: dict, *, corrects: int, by=None, now=NOW, **changes):
    stored = ExerciseSession.objects.get(phone_id=body["id"])
    return correct_session(
        session_id=stored.pk,
        content=correction(body, corrects=corrects, **changes),
        by=by or people.acting_for(world.ana),
        now=now,
    )


def test_a_session_is_stored_with_its_credit_totals_and_feedback(world, line):
    body = session(result(line, 10, 5, 12, difficulty="just_right", pain=2), effort=4, pain_after=3)

    logged = send(world, body)

    stored = ExerciseSession.objects.get()
    kept = ExerciseResult.objects.get()
    assert logged.outcome == "created"
    assert (stored.status, stored.version, stored.effort, stored.pain_before) == (
        "counted", 1, 4, None,
    )  # fmt: skip
    assert stored.performed_on == dt.date(2026, 11, 23)
    assert (kept.repetitions, kept.set_count, kept.total) == ([10, 5, 12], 3, 27)
    assert Fraction(kept.credit_numerator, kept.credit_denominator) == Fraction(5, 2)
    assert kept.prescribed_exercise == line.rows.get()
    [said] = logged.answer.feedback.results
    assert (said.verdict, said.completion, said.exceeded, said.best) == (
        "part", pytest.approx(5 / 6), False, False,
    )  # fmt: skip


def test_the_whole_dose_is_right_and_the_day_is_done(world, line):
    logged = send(world, session(result(line, 10, 10, 10)))

    feedback = logged.answer.feedback
    assert feedback.results[0].verdict == "right"
    assert feedback.results[0].completion == 1
    assert feedback.remaining_today == []
    assert (feedback.streak.unit, feedback.streak.length) == ("days", 1)


def test_what_is_left_today_is_named(world, line):
    other = prescribed.line(world.ana, "bridging", times_per_day=2)

    logged = send(world, session(result(line, 10, 10, 10)))

    assert [(each.line, each.sessions_left) for each in logged.answer.feedback.remaining_today] == [
        (other.pk, 2)
    ]


def test_the_same_content_again_gets_the_same_answer_and_one_row(world, line):
    body = session(result(line, 10, 10), sent_at="2026-11-23T18:00:00Z")

    first = send(world, body)
    second = send(world, {**body, "sent_at": "2026-11-23T19:00:00Z"}, now=NOW + DAY)

    assert (first.outcome, second.outcome) == ("created", "duplicate")
    assert msgspec.json.encode(first.answer) == msgspec.json.encode(second.answer)
    assert ExerciseSession.objects.count() == ExerciseResult.objects.count() == 1
    assert AuditEvent.objects.filter(action="session_logged").count() == 1


def test_the_same_id_with_other_content_changes_nothing(world, line):
    body = session(result(line, 10, 10))
    send(world, body)

    with pytest.raises(SessionIdReused), transaction.atomic():
        send(world, {**body, "results": [result(line, 10, 9)]})

    assert ExerciseResult.objects.get().repetitions == [10, 10]
    assert SessionVersion.objects.count() == 1


def test_another_patient_may_use_the_same_id(world, line):
    body = session(result(line, 10))
    send(world, body)
    bela = people.patient(world.clinic, "Bela Dias", care_team=[world.rui])
    hers = prescribed.line(bela)

    logged = log_session(
        patient_id=bela.pk,
        content=log({**body, "results": [result(hers, 5)]}),
        by=people.acting_for(bela),
        now=NOW,
    )

    assert logged.outcome == "created"
    assert ExerciseSession.objects.filter(phone_id=body["id"]).count() == 2


def test_a_line_of_another_patient_is_refused_as_unknown(world, line):
    bela = people.patient(world.clinic, "Bela Dias", care_team=[world.rui])
    hers = prescribed.line(bela)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, session(result(hers, 5)))

    assert [(each.field, each.code) for each in refused.value.errors] == [
        ("results.0.line", "unknown_line")
    ]
    assert not ExerciseSession.objects.exists()


def test_a_set_without_the_amount_of_its_measure_is_refused(world):
    hold = prescribed.line(
        world.ana, "wall_stretch", measure="hold", repetitions=2, hold_seconds=20, side="left"
    )

    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, session(result(hold, 2, side="left")))

    assert [(each.field, each.code) for each in refused.value.errors] == [
        ("results.0.sets.0.hold_seconds", "missing")
    ]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"results": []}, "results", "missing"),
        ({"symptoms": ["fall", "fall"]}, "symptoms", "duplicate"),
    ],
)
def test_what_does_not_hold_together_is_refused(world, line, body, field, code):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, session(result(line, 1), **body) if "results" not in body else session())

    assert (refused.value.errors[0].field, refused.value.errors[0].code) == (field, code)


def test_sets_and_skipped_exclude_each_other_and_a_line_stands_once(world, line):
    both = result(line, 10, skipped="pain")

    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, session(both, both))

    assert [(each.field, each.code) for each in refused.value.errors] == [
        ("results.0", "sets_or_skipped"),
        ("results.1", "sets_or_skipped"),
        ("results.1", "duplicate"),
    ]


def test_a_symptom_may_stand_alone(world):
    logged = send(world, session(symptoms=["dizziness"]))

    assert logged.answer.feedback.safety.verdict == "stop"
    assert logged.answer.feedback.results == []


def test_a_session_after_the_line_ended_is_extra(world, line):
    line.rows.update(in_force_until=dt.date(2026, 11, 20))

    logged = send(world, session(result(line, 10)))

    kept = ExerciseResult.objects.get()
    assert (kept.is_off_plan, kept.prescribed_exercise, kept.credit_numerator) == (True, None, None)
    assert logged.answer.feedback.results[0].completion is None
    assert logged.answer.feedback.results[0].verdict == "right"


def test_a_side_that_is_not_prescribed_is_extra(world, line):
    send(world, session(result(line, 10, side="left")))

    assert ExerciseResult.objects.get().is_off_plan is True


def test_best_beats_every_earlier_total_of_that_side(world, line):
    def best(repetitions: int, day: int, side: str = "both") -> bool:
        body = session(
            result(line, repetitions, side=side), performed_at=f"2026-11-{day}T09:00:00+00:00"
        )
        return send(world, body).answer.feedback.results[0].best

    assert best(10, 17) is False  # nothing to beat
    assert best(30, 21) is True
    assert best(3, 22, side="left") is False
    assert best(30, 22) is False
    assert best(31, 23) is True
    assert best(11, 18) is True  # late: judged by what came before it


@pytest.mark.parametrize(
    ("performed_at", "zone", "day"),
    [
        ("2026-11-23T23:30:00+01:00", "Europe/Lisbon", dt.date(2026, 11, 23)),
        ("2026-11-23T22:30:00Z", "Europe/Berlin", dt.date(2026, 11, 23)),
        ("2026-11-22T23:30:00Z", "Europe/Berlin", dt.date(2026, 11, 23)),
        ("2026-11-22T23:30:00-00:00", "Europe/Berlin", dt.date(2026, 11, 23)),
        ("2026-11-22T23:30:00+00:00", "Europe/Berlin", dt.date(2026, 11, 22)),
    ],
)
def test_the_day_is_where_the_phone_was(world, line, performed_at, zone, day):
    world.ana.time_zone = zone
    world.ana.save()

    send(world, session(result(line, 10), performed_at=performed_at), now=NOW + DAY)

    assert ExerciseSession.objects.get().performed_on == day


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


def held(world, line, **more):
    body = session(result(line, 10, 10, 10), performed_at="2026-11-26T18:00:00+00:00", **more)
    return body, send(world, body)


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


def test_after_discharge_only_earlier_sessions_are_kept(world, line):
    world.ana.status = "discharged"
    world.ana.discharged_on = dt.date(2026, 11, 22)
    world.ana.save()

    send(world, session(result(line, 10), performed_at="2026-11-22T10:00:00+00:00"))
    with pytest.raises(PatientDischarged), transaction.atomic():
        send(world, session(result(line, 10)))

    assert ExerciseSession.objects.count() == 1


@pytest.mark.parametrize(
    ("symptom", "opens"),
    [("chest_pain", True), ("fall", True), ("dizziness", False), ("near_fall", False)],
)
def test_an_emergency_or_a_fall_opens_a_safety_hold(world, line, symptom, opens):
    send(world, session(result(line, 10), symptoms=[symptom]))
    send(world, session(result(line, 10), symptoms=[symptom]))

    holds = Pause.objects.filter(reason="safety_hold")
    assert holds.count() == int(opens)
    assert Alert.objects.get().occurrences.count() == 2
    if opens:
        assert (holds.get().starts_on, holds.get().ends_on) == (dt.date(2026, 11, 23), None)


def test_a_new_occurrence_reopens_an_acknowledged_alert(world, line):
    send(world, session(symptoms=["dizziness"]))
    Alert.objects.update(status="acknowledged")

    send(world, session(symptoms=["dizziness"]))

    assert Alert.objects.get().status == "open"


def test_two_loggers_of_one_line_within_an_hour_may_be_one_session(world, line):
    send(world, session(result(line, 10)))
    send(
        world,
        session(result(line, 10), performed_at="2026-11-23T10:30:00+00:00"),
        by=people.acting_for(world.ana, world.carer.user),
    )
    send(
        world,
        session(result(line, 10), performed_at="2026-11-23T11:31:00+00:00"),
    )

    flags = ExerciseSession.objects.order_by("performed_at")
    assert [each.is_possible_duplicate for each in flags] == [True, True, False]


def test_the_phones_clock_is_measured(world, line):
    send(world, session(result(line, 10), sent_at="2026-11-23T18:04:00+00:00"))

    assert SessionVersion.objects.get().clock_ahead_seconds == 120


def test_every_write_raises_the_patients_change_sequence(world, line):
    before = world.ana.change_seq

    send(world, session(result(line, 10)))

    world.ana.refresh_from_db()
    assert world.ana.change_seq == before + 1


def test_a_therapist_outside_the_care_team_logs_nothing(world, line):
    with pytest.raises(NotFound), transaction.atomic():
        send(world, session(result(line, 10)), by=people.acting(world.marta))

    assert not ExerciseSession.objects.exists()


def test_the_rows_key_is_not_the_phones_id(world, line):
    body = session(result(line, 10))
    send(world, body)

    assert ExerciseSession.objects.get().pk != UUID(body["id"])


def discharged(world) -> None:
    world.ana.status = "discharged"
    world.ana.discharged_on = dt.date(2026, 11, 22)
    world.ana.save()


def test_a_red_flag_after_discharge_still_says_what_to_do(world, line):
    discharged(world)

    with pytest.raises(PatientDischarged) as refused, transaction.atomic():
        send(world, session(result(line, 10), symptoms=["chest_pain"]))

    assert refused.value.extra["safety"]["verdict"] == "stop"


def test_what_is_held_is_kept_and_alerts_also_after_discharge(world, line):
    discharged(world)

    _body, logged = held(world, line, symptoms=["chest_pain"])

    assert logged.answer.feedback.safety.verdict == "stop"
    assert Alert.objects.get().severity == "emergency"
    with pytest.raises(PatientDischarged), transaction.atomic():
        accept_held(
            session_id=ExerciseSession.objects.get().pk,
            performed_at=log(session(result(line, 1))).performed_at,
            by=people.acting(world.rui),
            now=NOW,
        )


def test_feedback_keeps_the_row_and_dose_that_it_came_from(world, line):
    row = line.rows.get()

    send(world, session(result(line, 10), result(line, 10, side="left")))

    on_plan, off_plan = SessionVersion.objects.get().judged_against
    assert (on_plan["line"], on_plan["side"]) == (str(line.pk), "both")
    assert (on_plan["row"]["id"], on_plan["row"]["sets"]) == (str(row.pk), 3)
    assert off_plan["row"] is None
