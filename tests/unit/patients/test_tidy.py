from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from clinics.models import Device
from core.models import AuditEvent, JobRun, Message
from core.tenancy import clinic_context
from patients import tasks
from patients.actions import tidy as tidying
from patients.actions.tidy import tidy
from patients.models import Assignment
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
OLD = NOW - dt.timedelta(days=90, seconds=1)
JUST_KEPT = NOW - dt.timedelta(days=90)


def draft(world: World, drafted_at: dt.datetime, **fields: Any) -> Assignment:
    patient = fields.pop("patient", world.ana)
    therapist = fields.pop("therapist", world.rui)
    with clinic_context(patient.clinic_id):
        return Assignment.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            therapist=therapist,
            title="Walking again",
            starts_on=dt.date(2026, 6, 1),
            drafted_at=drafted_at,
            **fields,
        )


def kept(world: World) -> set[Any]:
    with clinic_context(world.clinic.pk):
        return set(Assignment.objects.values_list("pk", flat=True))


def test_old_drafts_go_and_nothing_else(world: World) -> None:
    old = draft(world, OLD)
    young = draft(world, JUST_KEPT)
    ended = draft(world, OLD, status="ended", ended_at=NOW)
    far = draft(world, OLD, patient=world.far_patient, therapist=world.far_therapist)

    deleted = tidy(now=NOW)

    assert deleted == 2
    assert kept(world) == {young.pk, ended.pk}
    with clinic_context(world.far_clinic.pk):
        assert not Assignment.objects.filter(pk=far.pk).exists()
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="draft_expired")
    assert (event.target_id, event.patient_id, event.actor_id) == (old.pk, world.ana.pk, None)


def test_each_draft_goes_in_a_transaction_of_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No patient's record stays locked while another patient's drafts are deleted."""
    bruno = people.patient(world.clinic, "Bruno Reis", care_team=[world.rui])
    steps: list[str] = []
    delete = tidying._delete_draft

    @contextmanager
    def watched(clinic_id: Any) -> Iterator[None]:
        steps.append("begin")
        with clinic_context(clinic_id):
            yield
        steps.append("end")

    def watched_delete(patient_id: Any, *draft: Any, now: dt.datetime) -> int:
        steps.append("Ana" if patient_id == world.ana.pk else "Bruno")
        return delete(patient_id, *draft, now=now)

    for patient in (world.ana, bruno, world.ana):
        draft(world, OLD, patient=patient)
    monkeypatch.setattr(tidying, "clinic_context", watched)
    monkeypatch.setattr(tidying, "_delete_draft", watched_delete)

    assert tidy(now=NOW) == 3

    told = " ".join(steps)
    assert sorted(told.count(name) for name in ("Ana", "Bruno")) == [1, 2]
    assert told.count("begin Ana end") == 2
    assert told.count("begin Bruno end") == 1


def test_a_run_deletes_so_many_drafts_of_a_clinic_and_the_next_run_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    for _each in range(3):
        draft(world, OLD)

    assert [tidy(now=NOW) for _run in range(3)] == [2, 1, 0]


def test_twice_is_as_once(world: World) -> None:
    draft(world, OLD)

    assert (tidy(now=NOW), tidy(now=NOW)) == (1, 0)


def test_devices_that_ended_a_month_ago_go(world: World) -> None:
    people.device_token(world.rui.user)
    people.device_token(world.rui.user)
    device = world.rui.user.devices.order_by("pk").first()
    Device.objects.filter(pk=device.pk).update(ended_at=NOW - dt.timedelta(days=31))

    tidy(now=NOW)

    assert world.rui.user.devices.count() == 1


def test_mails_that_were_settled_a_month_ago_go_in_every_clinic_and_in_none(world: World) -> None:
    long_ago = NOW - dt.timedelta(days=31)
    places = [world.clinic, world.far_clinic, None]
    for place in places:
        people.message(place, world.rui.user, key="old")
        people.message(place, world.rui.user, key="waiting")
        with clinic_context(place.pk if place else None):
            Message.objects.filter(key="old").update(state="sent", settled_at=long_ago)

    assert tidy(now=NOW) == 3

    for place in places:
        with clinic_context(place.pk if place else None):
            assert list(Message.objects.values_list("key", flat=True)) == ["waiting"]


def test_the_run_is_recorded(world: World) -> None:
    tidy(now=NOW)

    run = JobRun.objects.get(name="tidy")
    assert (run.last_started_at, run.last_outcome) == (NOW, "done")
    assert run.last_finished_at
    assert NOW <= run.last_finished_at < NOW + dt.timedelta(minutes=1)


def test_a_failed_run_is_recorded_as_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*, now: dt.datetime) -> int:
        raise ValueError("devices cannot be tidied")

    monkeypatch.setattr(tidying, "tidy_devices", fail)

    with pytest.raises(ValueError, match="devices cannot be tidied"):
        tidy(now=NOW)

    assert JobRun.objects.get(name="tidy").last_outcome == "failed"


def test_the_task_reads_the_clock(world: World) -> None:
    before = dt.datetime.now(dt.UTC)

    tasks.tidy()

    assert JobRun.objects.get(name="tidy").last_started_at >= before
