"""What one audit event holds, and what it cannot hold."""

from __future__ import annotations

import contextvars
import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, transaction

from clinics import actors
from clinics.actors import Actor
from core import audit
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
RUI = Actor(
    user_id=uuid.UUID(int=1),
    acting_as="staff",
    clinic_id=uuid.UUID(int=2),
    membership_id=uuid.UUID(int=3),
    roles=frozenset({"therapist"}),
)


@pytest.fixture
def from_somewhere() -> Iterator[None]:
    token = audit.set_origin(request_id="req-1", address="203.0.113.7")
    yield
    audit.reset_origin(token)


def event(**said) -> AuditEvent:
    return audit.build(**{"action": "pause_made", "by": RUI, "now": NOW} | said)


def test_an_event_says_who_did_what_when_and_to_whom():
    built = event(
        patient_id=uuid.UUID(int=4),
        target="patients.Pause",
        target_id=uuid.UUID(int=5),
        reason="as asked",
        details={"fields": ["ends_on"]},
    )

    assert (built.actor_id, built.acting_as, built.clinic_id) == (
        RUI.user_id,
        "staff",
        RUI.clinic_id,
    )
    assert (built.action, built.at, built.patient_id) == ("pause_made", NOW, uuid.UUID(int=4))
    assert (built.target, built.target_id) == ("patients.Pause", uuid.UUID(int=5))
    assert (built.reason, built.details) == ("as asked", {"fields": ["ends_on"]})


def test_what_was_not_said_is_empty_never_made_up():
    built = event()

    assert (built.patient_id, built.target_id) == (None, None)
    assert (built.target, built.reason, built.details) == ("", "", {})
    assert (built.request_id, built.address) == ("", None)


def test_details_of_two_events_are_never_the_same_dictionary():
    one, other = event(), event()
    one.details["fields"] = ["note"]

    assert other.details == {}


def test_the_platform_itself_acts_without_a_user():
    built = event(by=actors.system(RUI.clinic_id))

    assert (built.actor_id, built.acting_as, built.clinic_id) == (None, "system", RUI.clinic_id)


def test_an_event_knows_the_request_it_was_made_in(from_somewhere):
    assert (event().request_id, event().address) == ("req-1", "203.0.113.7")


def test_an_origin_ends_with_its_request():
    outer = audit.set_origin(request_id="outer", address="203.0.113.7")
    inner = audit.set_origin(request_id="inner", address=None)

    assert (event().request_id, event().address) == ("inner", None)
    audit.reset_origin(inner)
    assert (event().request_id, event().address) == ("outer", "203.0.113.7")
    audit.reset_origin(outer)
    assert (event().request_id, event().address) == ("", None)


def test_an_origin_is_not_seen_by_another_request(from_somewhere):
    elsewhere = contextvars.Context()

    assert elsewhere.run(lambda: event().request_id) == ""


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:DB8::0:7", "2001:db8::7"),
        ("::1", "::1"),
        ("", None),
        (None, None),
        ("203.0.113.256", None),
        ("unknown", None),
        ("203.0.113.7:443", None),
        ("203.0.113.7, 10.0.0.1", None),
        ("'; DROP TABLE", None),
    ],
)
def test_an_address_that_is_none_is_kept_as_unknown(address, kept):
    token = audit.set_origin(request_id="req-1", address=address)

    assert (event().request_id, event().address) == ("req-1", kept)
    audit.reset_origin(token)


@pytest.mark.parametrize(("said", "kept"), [(63, 63), (64, 64), (65, 64), (5_000, 64)])
def test_a_request_id_is_cut_to_what_fits(said, kept):
    token = audit.set_origin(request_id="r" * said, address=None)

    assert event().request_id == "r" * kept
    audit.reset_origin(token)


@pytest.mark.parametrize(("said", "kept"), [(499, 499), (500, 500), (501, 500)])
def test_a_reason_is_cut_to_what_fits(said, kept):
    assert event(reason="w" * said).reason == "w" * kept


@pytest.mark.django_db
def test_a_recorded_event_is_stored_as_it_was_built(from_somewhere):
    world = people.world()
    by = people.acting(world.rui)
    with clinic_context(world.clinic.pk):
        kept = audit.record(action="pause_made", by=by, now=NOW, patient_id=world.ana.pk)

        stored = AuditEvent.objects.get(pk=kept.pk)

    assert (stored.action, stored.at, stored.actor_id) == ("pause_made", NOW, world.rui.user_id)
    assert (stored.patient_id, stored.request_id) == (world.ana.pk, "req-1")


@pytest.mark.django_db
def test_building_an_event_stores_none():
    world = people.world()
    with clinic_context(world.clinic.pk):
        audit.build(action="pause_made", by=people.acting(world.rui), now=NOW)

        assert not AuditEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper",
    [
        lambda rows: rows.update(action="nothing"),
        lambda rows: rows.delete(),
        lambda rows: rows.get().delete(),
        lambda rows: setattr(kept := rows.get(), "reason", "other") or kept.save(),
    ],
    ids=["update", "delete", "delete one", "save"],
)
def test_an_event_is_neither_changed_nor_removed(tamper):
    world = people.world()
    with clinic_context(world.clinic.pk):
        audit.record(action="pause_made", by=people.acting(world.rui), now=NOW)

        with pytest.raises(DatabaseError), transaction.atomic():
            tamper(AuditEvent.objects.all())

        assert [each.action for each in AuditEvent.objects.all()] == ["pause_made"]


@pytest.mark.django_db
def test_an_event_of_a_clinic_is_read_in_that_clinic_alone():
    world = people.world()
    with clinic_context(world.clinic.pk):
        audit.record(action="pause_made", by=people.acting(world.rui), now=NOW)
    with clinic_context(world.far_clinic.pk):
        assert not AuditEvent.objects.exists()
    assert not AuditEvent.objects.filter(action="pause_made").exists()
