"""The platform's word on outcome measures: whose it is, and what counts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from clinics.actors import Actor, system
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.actions.own import StaleVersion
from programs.actions.reviews import review_measure
from programs.bodies import SharedQuery
from programs.models import Exercise, OutcomeMeasure, Program, Review
from programs.presenters import outcome_measure_out
from programs.reading import measures_offered, shared_found
from tests.factories import people
from tests.factories.programs import shipped

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
PLATFORM = system()
BRIDGE = next(one.id for one in shipped().exercises if one.slug == "bridging")


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


def kept() -> int:
    with clinic_context(None):
        return Review.objects.count()


def refused(error: type[DomainError], call: Any, **words: Any) -> None:
    with pytest.raises(error), transaction.atomic():
        call(**words)


def berg() -> OutcomeMeasure:
    return OutcomeMeasure.objects.get(slug="berg_balance")


def review_berg(status: Any = "reviewed", *, by: Actor = PLATFORM, **changes: Any) -> Review:
    said: dict[str, Any] = {
        "measure_id": berg().pk, "version": 1, "reviewer_name": "Dr Inês Vale", "now": NOW,
    }  # fmt: skip
    return review_measure(status=status, by=by, **said | changes)


def measures_shown(who: Actor) -> dict[str, tuple[str, str | None]]:
    with clinic_context(who.clinic_id):
        shown = [(one.slug, outcome_measure_out(one).review) for one in measures_offered()]
    return {slug: (review.status, review.by) for slug, review in shown}


def test_the_platform_reviews_an_outcome_measure_for_every_clinic(
    world: people.World, rui: Actor
) -> None:
    before = measures_shown(rui)

    review_berg(note="Read against the papers.", reviewer_name=" Dr Inês Vale ")

    assert set(before.values()) == {("draft", None)}
    for who in (rui, people.acting(world.far_therapist)):
        shown = measures_shown(who)
        assert shown.pop("berg_balance") == ("reviewed", "Dr Inês Vale")
        assert set(shown.values()) == {("draft", None)}
    assert berg().review_status == "draft"
    with clinic_context(None):
        event = AuditEvent.objects.get(action="outcome_measure_reviewed")
    assert (event.target, event.target_id, event.details) == (
        "programs.OutcomeMeasure", berg().pk, {"version": 1, "status": "reviewed"},
    )  # fmt: skip


def test_the_newest_review_of_a_measure_counts(rui: Actor) -> None:
    review_berg()

    review_berg("draft", now=LATER, reviewer_name="Dr Tom Reed")

    assert measures_shown(rui)["berg_balance"] == ("draft", "Dr Tom Reed")
    assert kept() == 2


def test_measures_are_read_with_their_reviews_in_one_statement(
    world: people.World, rui: Actor, django_assert_num_queries: Any
) -> None:
    review_berg()
    with clinic_context(world.clinic.pk), django_assert_num_queries(1):
        measures_offered()
    olga = people.operating(people.operator())
    with clinic_context(None), django_assert_num_queries(1):
        page = shared_found(SharedQuery(kind="measure"), who=olga)
    assert len(page.items) == len(shipped().measures)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"version": 2}, StaleVersion),
        ({"version": 0}, StaleVersion),
        ({"measure_id": uuid.UUID(int=1)}, NotFound),
        ({"measure_id": BRIDGE}, NotFound),
        ({"reviewer_name": ""}, Invalid),
        ({"reviewer_name": " "}, Invalid),
        ({"reviewer_name": "x" * 121}, Invalid),
    ],
)
def test_a_review_of_no_measure_or_by_nobody_is_refused(
    db: None, changes: dict[str, Any], error: type[DomainError]
) -> None:
    refused(error, review_berg, **changes)

    assert kept() == 0


def test_nobody_but_the_platform_reviews_a_measure(world: people.World, rui: Actor) -> None:
    chosen = people.operating(people.operator(), world.clinic)
    for who in (rui, people.acting(world.admin), system(world.clinic.pk), chosen):
        refused(Forbidden, review_berg, by=who)

    assert kept() == 0


def put(clinic_id: uuid.UUID | None, context: uuid.UUID | None, **fields: Any) -> str | None:
    """Insert a review as a context, and return the SQLSTATE with which it is refused."""
    said = {
        "status": "reviewed", "reviewer_name": "Dr Inês Vale", "reviewed_at": NOW,
        "measure_version_id": berg().pk, "clinic_id": clinic_id,
    } | fields  # fmt: skip
    try:
        with transaction.atomic(), clinic_context(context):
            Review.objects.create(**said)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", None)
    return None


def test_the_database_lets_no_clinic_review_a_measure(world: people.World) -> None:
    with clinic_context(None):
        bridge = Exercise.objects.get(pk=BRIDGE).current_id
        walk = Program.objects.get(slug="walk_better", clinic=None).current_id

    assert put(world.clinic.pk, world.clinic.pk) == "23514"
    assert put(None, world.clinic.pk) == "42501"
    assert put(None, None, exercise_version_id=bridge) == "23514"
    assert put(None, None, program_version_id=walk) == "23514"
    assert put(None, None, measure_version_id=None) == "23514"
    assert put(None, None) is None
