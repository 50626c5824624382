from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.discharge import AlreadyDischarged
from patients.confirmations import DischargedInPast
from patients.models import Assignment, Patient, PatientChange
from sessions import adherence
from sessions.models import Alert, ExerciseResult, ExerciseSession
from tests.factories import people, prescribed, prescriptions
from tests.unit.sessions.bodies import NOW, result, session
from tests.unit.sessions.discharging import (
    CONFIRMED,
    DAY,
    LATER,
    TODAY,
    discharge,
    last_dates,
    readmit,
    send,
    stored,
)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def alert(world: people.World, rule: str, severity: str = "medium", status: str = "open") -> Alert:
    return Alert.objects.create(
        clinic=world.clinic, patient=world.ana, rule=rule, severity=severity, status=status,
        raised_at=NOW, last_occurred_at=NOW, opened_at=NOW,
    )  # fmt: skip


# ---- discharge ----------------------------------------------------------------------------------


def test_care_ends_today_where_no_date_is_said(world):
    made, is_new = discharge(world, note="Walks alone.")

    world.ana.refresh_from_db()
    assert is_new
    assert (world.ana.status, world.ana.discharged_on) == ("discharged", TODAY)
    assert (made.discharged_on, made.reason, made.note) == (TODAY, "completed", "Walks alone.")
    assert (made.made_by_id, made.made_at, made.readmitted_at) == (world.rui.user_id, NOW, None)


def test_today_is_the_patients(world):
    Patient.objects.filter(pk=world.ana.pk).update(time_zone="Pacific/Auckland")

    made, _new = discharge(world)

    assert made.discharged_on == TODAY + DAY


def test_every_assignment_gets_that_last_date_unless_it_ends_before(world):
    spans = {
        "open": (TODAY - 7 * DAY, None),
        "longer": (TODAY - 7 * DAY, TODAY + 20 * DAY),
        "ends today": (TODAY - 7 * DAY, TODAY),
        "over": (TODAY - 21 * DAY, TODAY - 8 * DAY),
        "to come": (TODAY + 3 * DAY, None),
    }
    for title, (first, last) in spans.items():
        prescriptions.assign(
            world.ana, title=title, from_=first, until=last,
            now=prescriptions.morning(world.ana, min(first, TODAY)),
        )  # fmt: skip

    discharge(world)

    assert last_dates() == {
        "open": ("ended", TODAY),
        "longer": ("ended", TODAY),
        "ends today": ("active", TODAY),
        "over": ("active", TODAY - 8 * DAY),
        "to come": ("ended", TODAY + 2 * DAY),
    }
    assert set(Assignment.objects.exclude(ended_at=None).values_list("title", flat=True)) == {
        "open", "longer", "to come",
    }  # fmt: skip


def test_nothing_is_expected_after_it_and_all_until_then(world):
    prescribed.line(world.ana, from_=TODAY - 2 * DAY)
    week = {"first": TODAY - 7 * DAY, "last": TODAY + 6 * DAY, "today": TODAY + 7 * DAY}
    before = adherence.adherence(patient_id=world.ana.pk, **week)

    discharge(world)

    after = adherence.adherence(patient_id=world.ana.pk, **week)
    assert (before.sums.expected, after.sums.expected) == (9, 3)


def test_drafts_go_and_one_that_something_was_logged_on_is_ended(world):
    prescriptions.draft(world.ana, title="plain", from_=TODAY)
    line = prescribed.line(world.ana)
    send(world, session(result(line, 10)))
    Assignment.objects.filter(pk=line.assignment_id).update(
        status="draft", activated_at=None, title="logged on", starts_on=TODAY
    )

    discharge(world)

    assert last_dates() == {"logged on": ("ended", TODAY - DAY)}
    assert ExerciseResult.objects.get().line_id == line.pk


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (TODAY - 3 * DAY, None, TODAY),
        (TODAY - 3 * DAY, TODAY + DAY, TODAY),
        (TODAY, None, TODAY),
        (TODAY + DAY, None, TODAY),
        (TODAY + 4 * DAY, TODAY + 9 * DAY, TODAY + 3 * DAY),
        (TODAY - 3 * DAY, TODAY, TODAY),
        (TODAY - 3 * DAY, TODAY - DAY, TODAY - DAY),
    ],
)
def test_pauses_end_with_it(world, first, last, expected):
    pause = people.pause(world.ana, starts_on=first, ends_on=last)

    discharge(world)

    pause.refresh_from_db()
    assert pause.ends_on == expected
    changed = last is None or last > TODAY
    assert (pause.ended_by_id, pause.ended_at) == (
        (world.rui.user_id, NOW) if changed else (None, None)
    )


def test_a_pause_that_was_asked_for_is_answered(world):
    waiting = people.pause_request(world.ana)
    answered = people.pause_request(
        world.ana, status="withdrawn", decided_by=world.ana.user, decided_at=people.LONG_AGO
    )

    discharge(world)

    waiting.refresh_from_db()
    answered.refresh_from_db()
    assert (waiting.status, waiting.decided_by_id, waiting.decided_at) == (
        "declined", world.rui.user_id, NOW,
    )  # fmt: skip
    assert waiting.decision_note == "Care at this clinic has ended."
    assert answered.status == "withdrawn"


@pytest.mark.parametrize(
    ("rule", "severity", "status", "after"),
    [
        ("no_contact", "high", "open", "resolved"),
        ("no_contact", "critical", "acknowledged", "resolved"),
        ("low_adherence", "medium", "open", "resolved"),
        ("chest_pain", "emergency", "open", "open"),
        ("fall", "critical", "acknowledged", "acknowledged"),
        ("pain_after", "high", "open", "open"),
        ("effort", "medium", "open", "open"),
        ("too_easy", "suggestion", "open", "resolved"),
        ("too_hard", "suggestion", "acknowledged", "resolved"),
        ("unsure", "suggestion", "open", "resolved"),
        ("skipped_for_pain", "high", "open", "open"),
        ("exercise_pain", "high", "open", "open"),
    ],
)
def test_engagement_and_suggestions_are_closed_never_what_is_about_safety(
    world, rule, severity, status, after
):
    raised = alert(world, rule, severity, status)

    discharge(world)

    raised.refresh_from_db()
    assert raised.status == after
    if after == "resolved":
        assert (raised.resolved_by_id, raised.resolved_at) == (world.rui.user_id, NOW)
        assert raised.note == "The patient was discharged."
        assert AuditEvent.objects.get(action="alert_resolved").target_id == raised.pk


def test_it_is_kept_who_did_it_and_phones_learn_of_it(world):
    assignment = prescriptions.assign(world.ana, from_=TODAY)
    draft = prescriptions.draft(world.ana, from_=TODAY)
    pause = people.pause(world.ana)
    world.ana.refresh_from_db()
    before = world.ana.change_seq

    made, _new = discharge(world)

    world.ana.refresh_from_db()
    event = AuditEvent.objects.get(action="patient_discharged")
    assert (event.patient_id, event.target_id, event.actor_id) == (
        world.ana.pk, made.pk, world.rui.user_id,
    )  # fmt: skip
    assert event.details == {
        "assignments": [str(assignment.pk)],
        "drafts": [str(draft.pk)],
        "pauses": [str(pause.pk)],
    }
    assert world.ana.change_seq == before + 2
    told = PatientChange.objects.order_by("-seq").values_list("kind", flat=True)[:2]
    assert list(told) == ["record", "plan"]


def test_a_date_that_is_over_is_asked_about(world):
    with pytest.raises(DischargedInPast) as asked, transaction.atomic():
        discharge(world, on=TODAY - DAY)
    untouched = Patient.objects.get(pk=world.ana.pk).status
    made, _new = discharge(world, on=TODAY - DAY, confirm=CONFIRMED)

    assert asked.value.extra == {"confirm": ["discharged_in_past"]}
    assert [one.field for one in asked.value.errors] == ["on"]
    assert (untouched, made.discharged_on) == ("active", TODAY - DAY)


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (TODAY + DAY, "in_future"),
        (TODAY, None),
        (TODAY - 366 * DAY, None),
        (TODAY - 367 * DAY, "too_long_ago"),
    ],
)
def test_the_bounds_of_the_date(world, on, code):
    before = stored(world)
    if code is None:
        assert discharge(world, on=on, confirm=CONFIRMED)[0].discharged_on == on
        return
    with pytest.raises(Invalid) as refused, transaction.atomic():
        discharge(world, on=on, confirm=CONFIRMED)

    assert [(one.field, one.code) for one in refused.value.errors] == [("on", code)]
    assert stored(world) == before


@pytest.mark.parametrize(
    ("days", "code"), [(3, "before_last_session"), (2, None), (1, None), (0, None)]
)
def test_a_session_that_counts_is_never_after_the_last_date(world, days, code):
    line = prescribed.line(world.ana)
    send(world, session(result(line, 10), performed_at="2026-11-21T09:30:00+00:00"))
    before = stored(world)
    on = TODAY - days * DAY
    if code is None:
        assert discharge(world, on=on, confirm=CONFIRMED)[0].discharged_on == on
        return
    with pytest.raises(Invalid) as refused, transaction.atomic():
        discharge(world, on=on, confirm=CONFIRMED)

    assert [(one.field, one.code) for one in refused.value.errors] == [("on", code)]
    assert stored(world) == before


def test_a_session_dated_ahead_of_the_patients_today_does_not_hinder_today(world):
    line = prescribed.line(world.ana)
    send(world, session(result(line, 10), performed_at="2026-11-24T07:00:00+14:00"))
    assert ExerciseSession.objects.get().performed_on == TODAY + DAY

    made, _new = discharge(world)

    assert made.discharged_on == TODAY


@pytest.mark.parametrize("status", ["held", "refused", "withdrawn"])
def test_what_does_not_count_does_not_hinder(world, status):
    line = prescribed.line(world.ana)
    send(world, session(result(line, 10)))
    ExerciseSession.objects.update(
        status=status, withdrawn_at=NOW if status == "withdrawn" else None
    )

    made, _new = discharge(world, on=TODAY - 2 * DAY, confirm=CONFIRMED)

    assert made.discharged_on == TODAY - 2 * DAY


@pytest.mark.parametrize("on", [None, TODAY])
def test_twice_is_as_once(world, on):
    made, _new = discharge(world)
    before = stored(world)

    again, is_new = discharge(world, on=on, reason="moved", now=LATER)

    assert (again.pk, is_new) == (made.pk, False)
    assert stored(world) == before


def test_another_date_is_refused(world):
    discharge(world)
    before = stored(world)

    with pytest.raises(AlreadyDischarged) as refused, transaction.atomic():
        discharge(world, on=TODAY - DAY, confirm=CONFIRMED)

    assert refused.value.extra == {"discharged_on": TODAY.isoformat()}
    assert stored(world) == before


ACTORS = [
    ("rui", None),
    ("marta", NotFound),
    ("admin", NotFound),
    ("far_therapist", NotFound),
    ("ana", Forbidden),
    ("carer", Forbidden),
]


def actor(world: people.World, name: str):
    if name in ("ana", "carer"):
        return people.acting_for(world.ana, world.carer.user if name == "carer" else None)
    return people.acting(getattr(world, name))


@pytest.mark.parametrize(("name", "refusal"), ACTORS)
@pytest.mark.parametrize("act", [discharge, readmit])
def test_only_a_therapist_of_the_care_team_ends_and_begins_care(world, act, name, refusal):
    before = stored(world)
    if refusal is None:
        act(world, by=actor(world, name))
        return
    with pytest.raises(refusal), transaction.atomic():
        act(world, by=actor(world, name))

    assert stored(world) == before
