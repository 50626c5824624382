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
from sessions.actions.decide import accept_held
from sessions.actions.errors import (
    PatientDischarged,
    SessionIdReused,
)
from sessions.actions.store import log_session
from sessions.adherence import adherence
from sessions.models import Alert, ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, log, result, session
from tests.unit.sessions.storing import DAY, held, send

MONDAY = dt.date(2026, 11, 23)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


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
        ({}, "results", "missing"),
        ({"note": ""}, "results", "missing"),
        ({"note": "  \n "}, "results", "missing"),
        ({"note": "\u200b \u2060"}, "results", "missing"),
        ({"symptoms": []}, "results", "missing"),
        ({"pain_before": None, "pain_after": None, "effort": None}, "results", "missing"),
        ({"duration_seconds": 600}, "results", "missing"),
        ({"help": "supervised"}, "results", "missing"),
        ({"symptoms": ["fall", "fall"]}, "symptoms", "duplicate"),
        ({"symptoms": ["fall", "fall"], "pain_after": 7}, "symptoms", "duplicate"),
    ],
)
def test_what_does_not_hold_together_is_refused(world, body, field, code):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, session(**body))

    assert [(each.field, each.code) for each in refused.value.errors] == [(field, code)]
    assert not ExerciseSession.objects.exists()


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


@pytest.mark.parametrize(
    "said",
    [{"pain_before": 0}, {"pain_after": 0}, {"pain_after": 10}, {"effort": 0},
     {"note": "My knee is swollen."}],
)  # fmt: skip
def test_pain_effort_or_a_note_may_stand_alone(world, line, said):
    """Nothing that a patient logged is thrown away, be it said without an exercise."""
    body = session(**said)

    logged, again = send(world, body), send(world, body, now=NOW + DAY)

    stored = ExerciseSession.objects.get()
    feedback = logged.answer.feedback
    assert (logged.outcome, stored.status, again.outcome) == ("created", "counted", "duplicate")
    assert {name: getattr(stored, name) for name in said} == said
    assert (feedback.safety, feedback.results, feedback.goals) == (None, [], [])
    # Nothing was done: the day is as it was.
    assert [(each.line, each.sessions_left) for each in feedback.remaining_today] == [(line.pk, 1)]
    assert (feedback.streak.unit, feedback.streak.length) == ("days", 0)
    assert not ExerciseResult.objects.exists()


def test_pain_alone_counts_for_no_adherence(world, line):
    before = adherence(patient_id=world.ana.pk, first=MONDAY, last=MONDAY, today=MONDAY)
    send(world, session(pain_after=3, effort=5, note="Only sat today."))

    after = adherence(patient_id=world.ana.pk, first=MONDAY, last=MONDAY, today=MONDAY)
    over = adherence(patient_id=world.ana.pk, first=MONDAY, last=MONDAY, today=MONDAY + DAY)

    assert after == before
    assert (over.sums.dose, over.sums.done, over.sums.expected) == (0, 0, 1)


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
