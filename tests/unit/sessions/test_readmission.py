"""After a discharge: what still arrives, readmission, and the database's walls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from core.errors import Invalid
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.assignments import draft_assignment
from patients.actions.prescribing import PatientDischarged as NothingPrescribed
from patients.models import Discharge, Pause
from sessions.actions.decide import accept_held
from sessions.actions.errors import PatientDischarged
from sessions.models import ExerciseResult, ExerciseSession
from tests.factories import people, prescribed, prescriptions
from tests.unit.sessions.bodies import NOW, log, result, session
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


# ---- what still arrives -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("performed_at", "is_kept"),
    [
        ("2026-11-22T10:00:00+00:00", True),
        ("2026-11-23T17:59:00+00:00", True),
        ("2026-11-24T00:01:00+00:00", False),
    ],
)
def test_what_was_performed_up_to_the_date_uploads_and_counts(world, performed_at, is_kept):
    line = prescribed.line(world.ana, from_=TODAY - 7 * DAY)
    discharge(world)
    body = session(result(line, 10, 10, 10), performed_at=performed_at)
    if is_kept:
        send(world, body, now=NOW + 2 * DAY)
        kept = ExerciseResult.objects.get()
        assert (kept.is_off_plan, kept.verdict) == (False, "right")
        return
    with pytest.raises(PatientDischarged), transaction.atomic():
        send(world, body, now=NOW + 2 * DAY)

    assert not ExerciseSession.objects.exists()


@pytest.mark.parametrize(
    ("performed_at", "is_accepted"),
    [("2026-11-23T09:30:00+00:00", True), ("2026-11-24T09:30:00+00:00", False)],
)
def test_what_is_held_is_accepted_up_to_the_date(world, performed_at, is_accepted):
    line = prescribed.line(world.ana, from_=TODAY - 7 * DAY)
    send(world, session(result(line, 10), performed_at="2026-09-01T09:30:00+00:00"))
    discharge(world)
    wanted = {
        "session_id": ExerciseSession.objects.get().pk,
        "performed_at": log(session(result(line, 1), performed_at=performed_at)).performed_at,
        "by": people.acting(world.rui),
        "now": NOW + 2 * DAY,
    }
    if is_accepted:
        assert accept_held(**wanted).answer.status == "counted"
        return
    with pytest.raises(PatientDischarged), transaction.atomic():
        accept_held(**wanted)

    assert ExerciseSession.objects.get().status == "held"


# ---- readmission --------------------------------------------------------------------------------


def test_care_begins_again_and_nothing_is_restored(world):
    prescriptions.assign(world.ana, title="At home", from_=TODAY)
    people.pause(world.ana, ends_on=None)
    discharge(world)
    ended = (last_dates(), list(Pause.objects.values()))

    patient, kept = readmit(world, now=LATER, note="Second stroke.")

    patient.refresh_from_db()
    assert (patient.status, patient.discharged_on) == ("active", None)
    assert (last_dates(), list(Pause.objects.values())) == ended
    kept.refresh_from_db()
    assert (kept.readmitted_on, kept.readmitted_by_id, kept.readmitted_at) == (
        TODAY + 30 * DAY, world.rui.user_id, LATER,
    )  # fmt: skip
    assert kept.readmission_note == "Second stroke."
    event = AuditEvent.objects.get(action="patient_readmitted")
    assert (event.patient_id, event.target_id) == (world.ana.pk, kept.pk)


def test_readmission_raises_the_change_sequence_once_and_twice_is_as_once(world):
    discharge(world)
    world.ana.refresh_from_db()
    before = world.ana.change_seq
    readmit(world, now=LATER)
    first = stored(world)

    patient, kept = readmit(world, now=LATER + DAY, note="again")

    assert stored(world) == first
    assert patient.change_seq == before + 1
    assert kept.readmitted_at == LATER


def test_one_who_was_never_discharged_stays_as_they_are(world):
    before = stored(world)

    patient, kept = readmit(world)

    assert (patient.status, kept) == ("active", None)
    assert stored(world) == before


def test_after_readmission_prescribing_and_logging_go_on(world):
    line = prescribed.line(world.ana, from_=TODAY - 7 * DAY)
    discharge(world)
    by = people.acting(world.rui)
    wanted = {
        "patient_id": world.ana.pk,
        "title": "Again",
        "items": [prescriptions.order()],
        "by": by,
    }
    with pytest.raises(NothingPrescribed), transaction.atomic():
        draft_assignment(**wanted, now=LATER)

    readmit(world, now=LATER)
    draft_assignment(**wanted, now=LATER)
    performed_at = (LATER - dt.timedelta(hours=1)).isoformat()
    send(world, session(result(line, 10), performed_at=performed_at), now=LATER)

    kept = ExerciseResult.objects.get()
    assert (kept.is_off_plan, kept.counts) == (True, True)


def test_a_second_discharge_does_not_reach_back_before_the_readmission(world):
    discharge(world)
    readmit(world, now=LATER)
    back = TODAY + 30 * DAY
    before = stored(world)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        discharge(world, on=back - DAY, confirm=CONFIRMED, now=LATER + 5 * DAY)
    untouched = stored(world)
    discharge(world, on=back, confirm=CONFIRMED, now=LATER + 5 * DAY)

    assert [one.code for one in refused.value.errors] == ["before_readmission"]
    assert untouched == before
    kept = Discharge.objects.order_by("made_at").values_list("discharged_on", "readmitted_on")
    assert list(kept) == [(TODAY, back), (back, None)]


# ---- the database's walls -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"readmitted_on": None}, "readmission_is_whole_and_later"),
        ({"readmitted_by": None}, "readmission_is_whole_and_later"),
        ({"readmitted_at": None}, "readmission_is_whole_and_later"),
        ({"readmitted_on": dt.date(2026, 2, 28)}, "readmission_is_whole_and_later"),
        (
            {"readmitted_on": None, "readmitted_by": None, "readmitted_at": None,
             "readmission_note": "back"},
            "readmission_is_whole_and_later",
        ),
        ({"reason": "bored"}, "discharge_reason_is_known"),
    ],
)  # fmt: skip
def test_the_database_refuses_half_a_readmission(world, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        people.discharge(world.ana, by=world.rui.user, **fields)


def test_the_database_holds_one_standing_discharge(world):
    standing = {"readmitted_on": None, "readmitted_by": None, "readmitted_at": None}
    people.discharge(world.ana, by=world.rui.user, **standing)

    with pytest.raises(IntegrityError, match="one_standing_discharge"), transaction.atomic():
        people.discharge(world.ana, by=world.rui.user, **standing)
