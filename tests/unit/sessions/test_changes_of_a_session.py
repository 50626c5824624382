"""What correcting, accepting and repeating must not disturb."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.db import transaction

from core.bodies import Instant
from core.errors import Invalid
from core.tenancy import clinic_context
from patients.actions.pauses import end_pause
from patients.models import Line, Pause
from sessions.actions.alerts import resolve_alert
from sessions.actions.correct import correct_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.store import log_session
from sessions.models import Alert, AlertOccurrence, ExerciseSession, SessionVersion
from sessions.presenters import logged_session
from sessions.reading import results_of
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, correction, log, result, session

DAY = dt.timedelta(days=1)
AHEAD = "2026-11-26T09:30:00+00:00"
TOO_EARLY = [("performed_at", "in_the_future")]


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def send(world: people.World, body: dict, *, by=None, now: dt.datetime = NOW):
    who = by or people.acting_for(world.ana)
    return log_session(patient_id=world.ana.pk, content=log(body), by=who, now=now)


def stored(body: dict) -> ExerciseSession:
    return ExerciseSession.objects.get(phone_id=body["id"])


def correct(world: people.World, body: dict, *, by=None, now=NOW, corrects: int = 1, **changes):
    return correct_session(
        session_id=stored(body).pk,
        content=correction(body, corrects=corrects, **changes),
        by=by or people.acting_for(world.ana),
        now=now,
    )


def accept(world: people.World, body: dict, performed_at: str | None = None, now=NOW):
    time = Instant.parse(performed_at) if performed_at else None
    return accept_held(
        session_id=stored(body).pk, performed_at=time, by=people.acting(world.rui), now=now
    )


def test_a_clock_of_the_far_future_is_stored_as_far_as_it_can_be_told(world, line):
    logged = send(world, session(result(line, 10), sent_at="2099-12-31T23:59:59Z"))

    assert logged.outcome == "created"
    assert SessionVersion.objects.get().clock_ahead_seconds == 2_147_483_647


def test_the_care_team_corrects_by_the_id_that_its_list_shows(world, line):
    body = session(result(line, 10, 10))
    send(world, body)
    shown = {"id": str(stored(body).pk)}

    made = correct(world, body, by=people.acting(world.rui), effort=6, **shown)
    again = correct(world, body, by=people.acting(world.rui), effort=6, **shown)

    assert (made.answer.version, stored(body).effort) == (2, 6)
    assert again.answer == made.answer
    assert send(world, {**body, "effort": 6}).answer == made.answer


@pytest.mark.parametrize("by", ["patient", "care team"])
def test_a_correction_under_the_id_of_nothing_else_is_refused(world, line, by):
    body = session(result(line, 10, 10))
    send(world, body)
    who = people.acting(world.rui) if by == "care team" else people.acting_for(world.ana)
    foreign = str(uuid.uuid4()) if by == "care team" else str(stored(body).pk)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        correct(world, body, by=who, id=foreign)

    assert [(each.field, each.code) for each in refused.value.errors] == [("id", "id_differs")]


def test_a_patients_own_two_sessions_are_no_duplicates_whoever_corrects_one(world, line):
    morning = session(result(line, 10))
    soon_after = session(result(line, 10), performed_at="2026-11-23T10:00:00+00:00")
    send(world, morning)
    send(world, soon_after)

    correct(world, morning, by=people.acting(world.rui), effort=6)

    assert stored(morning).is_possible_duplicate is False


@pytest.mark.parametrize("moved_by", ["correction", "acceptance"])
def test_both_of_two_sessions_are_flagged_when_one_is_moved_to_the_other(world, line, moved_by):
    hers = session(result(line, 10), performed_at=AHEAD)
    his = session(result(line, 10))
    send(world, hers)
    send(world, his, by=people.acting_for(world.ana, world.carer.user))

    if moved_by == "acceptance":
        accept(world, hers, "2026-11-23T09:45:00+00:00")
    else:
        correct(world, hers, performed_at="2026-11-23T09:45:00+00:00")

    assert (stored(hers).is_possible_duplicate, stored(his).is_possible_duplicate) == (True, True)


def test_a_symptom_that_was_dealt_with_does_not_come_back_with_a_correction(world, line):
    body = session(result(line, 10), symptoms=["fall"])
    send(world, body)
    rui = people.acting(world.rui)
    end_pause(patient_id=world.ana.pk, pause_id=Pause.objects.get().pk, by=rui, now=NOW + DAY)
    resolve_alert(alert_id=Alert.objects.get().pk, note="Not hurt.", by=rui, now=NOW + DAY)

    correct(world, body, effort=6, now=NOW + 2 * DAY)

    assert Pause.objects.get().ends_on == dt.date(2026, 11, 23)
    assert Alert.objects.get().status == "resolved"
    assert AlertOccurrence.objects.count() == 1


def test_accepting_a_session_does_not_open_the_hold_again_that_it_had_opened(world, line):
    body = session(result(line, 10), symptoms=["chest_pain"], performed_at=AHEAD)
    send(world, body)
    rui = people.acting(world.rui)
    end_pause(patient_id=world.ana.pk, pause_id=Pause.objects.get().pk, by=rui, now=NOW + DAY)

    accept(world, body, "2026-11-23T09:30:00+00:00", now=NOW + 2 * DAY)

    assert Pause.objects.get().ends_on == dt.date(2026, 11, 23)


def test_a_correction_that_adds_a_grave_symptom_opens_a_hold_anew(world, line):
    body = session(result(line, 10), symptoms=["fall"])
    send(world, body)
    rui = people.acting(world.rui)
    end_pause(patient_id=world.ana.pk, pause_id=Pause.objects.get().pk, by=rui, now=NOW + DAY)

    correct(world, body, symptoms=["fall", "faint"], now=NOW + 2 * DAY)

    holds = Pause.objects.order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(holds) == [
        (dt.date(2026, 11, 23), dt.date(2026, 11, 23)),
        (dt.date(2026, 11, 25), None),
    ]


def test_a_correction_of_a_held_session_gets_the_full_feedback_once_accepted(world, line):
    body = session(result(line, 10, 10, 10), performed_at=AHEAD)
    send(world, body)
    assert correct(world, body, effort=3).answer.status == "held"
    accepted = accept(world, body, "2026-11-23T09:30:00+00:00")

    again = correct(world, body, effort=3)

    assert again.answer == accepted.answer
    assert (again.answer.status, again.answer.version) == ("counted", 3)


def test_a_correction_of_a_held_session_says_that_it_was_refused(world, line):
    body = session(result(line, 10), performed_at=AHEAD)
    send(world, body)
    correct(world, body, effort=3)
    rui = people.acting(world.rui)
    refuse_held(session_id=stored(body).pk, reason="A wrong clock.", by=rui, now=NOW)

    assert correct(world, body, effort=3).answer.status == "refused"


def test_the_same_moment_without_its_offset_keeps_its_date(world, line):
    """What a list shows is in UTC; Ana was in Auckland, where it was the day after already."""
    body = session(result(line, 10), performed_at="2026-11-23T00:30:00+13:00")
    send(world, body)

    correct(world, body, performed_at="2026-11-22T11:30:00Z", effort=6)

    assert stored(body).performed_on == dt.date(2026, 11, 23)


def test_accepting_after_a_change_of_zone_does_not_move_the_date(world, line):
    body = session(result(line, 10), performed_at="2026-10-01T22:30:00Z")
    send(world, body)
    world.ana.time_zone = "Pacific/Auckland"
    world.ana.save()

    accept(world, body)

    assert stored(body).performed_on == dt.date(2026, 10, 1)


def test_not_even_the_care_team_logs_what_lies_ahead(world, line):
    body = session(result(line, 10), performed_at=AHEAD)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        send(world, body, by=people.acting(world.rui))

    assert [(each.field, each.code) for each in refused.value.errors] == TOO_EARLY


def test_not_even_the_care_team_moves_a_session_to_what_lies_ahead(world, line):
    body = session(result(line, 10))
    send(world, body)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        correct(world, body, by=people.acting(world.rui), performed_at=AHEAD)

    assert [(each.field, each.code) for each in refused.value.errors] == TOO_EARLY


def test_a_list_shows_no_verdict_that_a_held_session_was_not_given(world, line):
    well = session(result(line, 10, 10, 10), performed_at=AHEAD)
    sore = session(result(line, 10, 10, 10, pain=6), performed_at=AHEAD)
    send(world, well)
    send(world, sore)

    def shown(body: dict):
        row = stored(body)
        [said] = logged_session(row, results_of([row])[row.pk], for_staff=False).results
        return said.verdict

    assert (shown(well), shown(sore)) == (None, "stop_exercise")
    accept(world, well, "2026-11-23T09:30:00+00:00")
    assert shown(well) == "right"


# ---- what a decision on a held session reads ------------------------------------------------------


def test_a_decision_said_again_is_answered_from_its_own_session(world, line):
    """Both have one version of the same number: whose it is must be asked."""
    first = session(result(line, 4), performed_at=AHEAD)
    other = session(result(line, 9), performed_at=AHEAD)
    for body in (first, other):
        send(world, body)
    given = {"reason": "The clock was wrong.", "by": people.acting(world.rui), "now": NOW}
    refused = refuse_held(session_id=stored(first).pk, **given)
    refuse_held(session_id=stored(other).pk, **given)

    again = refuse_held(session_id=stored(first).pk, **given)

    assert (again.outcome, again.session_id) == ("duplicate", stored(first).pk)
    assert again.answer == refused.answer
    assert str(again.answer.id) == first["id"]


def test_what_no_longer_fits_its_line_is_not_accepted_and_stays_held(world, line):
    body = session(result(line, 10, 8), performed_at=AHEAD)
    send(world, body)
    Line.objects.filter(pk=line.pk).update(measure="duration")

    with pytest.raises(Invalid) as refusal, transaction.atomic():
        accept(world, body, performed_at="2026-11-23T09:30:00+00:00")

    assert [(one.field, one.code) for one in refusal.value.errors] == [
        ("results.0.sets.0.duration_seconds", "missing"),
        ("results.0.sets.1.duration_seconds", "missing"),
    ]
    kept = stored(body)
    assert (kept.status, kept.version, kept.decided_at) == ("held", 1, None)
