"""Who says that a clinician has reviewed a version, and what counts."""

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
from programs.actions.own import SharedEntry, StaleVersion
from programs.actions.own_exercises import publish_exercise_version
from programs.actions.reviews import review_exercise, review_program, set_review_status
from programs.bodies import ExerciseQuery
from programs.models import Exercise, Program, Review
from programs.presenters import entry_review_out
from programs.reading import exercise_found, exercises_found, program_found
from tests.factories import people
from tests.factories.programs import exercise_order, own_exercise, own_program, own_review, shipped

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
PLATFORM = system()
BRIDGE = next(one.id for one in shipped().exercises if one.slug == "bridging")
WALK = next(one.id for one in shipped().programs if one.slug == "walk_better")


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


def review(exercise: Exercise, by: Actor, status: Any = "reviewed", **changes: Any) -> None:
    said: dict[str, Any] = {"version": 1, "now": NOW} | changes
    with clinic_context(by.clinic_id):
        review_exercise(exercise_id=exercise.pk, status=status, by=by, **said)


def review_shared(status: Any = "reviewed", *, by: Actor = PLATFORM, **changes: Any) -> Review:
    said: dict[str, Any] = {
        "exercise_id": BRIDGE, "version": 1, "reviewer_name": "Dr Inês Vale", "now": NOW,
    }  # fmt: skip
    return set_review_status(status=status, by=by, **said | changes)


def shown(exercise_id: uuid.UUID, who: Actor) -> tuple[str, str | None, dt.datetime | None, str]:
    with clinic_context(who.clinic_id):
        out = entry_review_out(exercise_found(exercise_id, who=who))
    return (out.status, out.by, out.at, out.note)


def kept() -> int:
    with clinic_context(None):
        return Review.objects.count()


def refused(error: type[DomainError], call: Any, *args: Any, **words: Any) -> DomainError:
    with pytest.raises(error) as caught, transaction.atomic():
        call(*args, **words)
    return caught.value


# ---- a clinic's own -----------------------------------------------------------------------------


def test_an_own_exercise_is_a_draft_until_a_named_therapist_reviews_it(
    world: people.World, rui: Actor
) -> None:
    exercise = own_exercise(world.clinic)
    assert shown(exercise.pk, rui) == ("draft", None, None, "")

    review(exercise, rui, note="Tried with two patients.")

    assert shown(exercise.pk, rui) == ("reviewed", "Rui Costa", NOW, "Tried with two patients.")
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.get(action="exercise_reviewed")
    assert (event.actor_id, event.target_id, event.details) == (
        world.rui.user_id,
        exercise.pk,
        {"version": 1, "status": "reviewed"},
    )


def test_the_newest_review_counts_and_a_review_may_be_taken_back(
    world: people.World, rui: Actor
) -> None:
    exercise, marta = own_exercise(world.clinic), people.acting(world.marta)
    review(exercise, rui)
    review(exercise, marta, now=LATER)
    assert shown(exercise.pk, rui)[:3] == ("reviewed", "Marta Dias", LATER)

    review(exercise, rui, "draft", now=LATER, note="The third step is wrong.")

    assert shown(exercise.pk, rui) == ("draft", "Rui Costa", LATER, "The third step is wrong.")


def test_the_same_said_again_and_a_draft_of_a_draft_are_kept_once(
    world: people.World, rui: Actor
) -> None:
    exercise = own_exercise(world.clinic)
    review(exercise, rui, "draft")
    for _time in range(2):
        review(exercise, rui)

    with clinic_context(world.clinic.pk):
        assert Review.objects.count() == 1
        assert AuditEvent.objects.filter(action="exercise_reviewed").count() == 1


def test_a_new_version_is_a_draft_again(world: people.World, rui: Actor) -> None:
    exercise = own_exercise(world.clinic)
    review(exercise, rui)
    with clinic_context(world.clinic.pk):
        publish_exercise_version(
            exercise_id=exercise.pk, replaces=1, order=exercise_order(level=1), by=rui, now=LATER
        )

    assert shown(exercise.pk, rui) == ("draft", None, None, "")
    error = refused(StaleVersion, review, exercise, rui)
    assert [(one.field, one.code) for one in error.errors] == [("version", "stale")]
    review(exercise, rui, version=2, now=LATER)
    assert shown(exercise.pk, rui)[:3] == ("reviewed", "Rui Costa", LATER)


def test_an_own_program_is_reviewed_likewise(world: people.World, rui: Actor) -> None:
    program = own_program(world.clinic, own_exercise(world.clinic), "pool", name="In the pool")
    with clinic_context(world.clinic.pk):
        review_program(program_id=program.pk, version=1, status="reviewed", by=rui, now=NOW)
        out = entry_review_out(program_found(program.pk, who=rui).version)

    assert (out.status, out.by, out.at) == ("reviewed", "Rui Costa", NOW)


def test_reviews_are_shown_in_lists_in_the_same_statement(
    world: people.World, rui: Actor, django_assert_num_queries: Any
) -> None:
    review(own_exercise(world.clinic), rui)
    with clinic_context(world.clinic.pk), django_assert_num_queries(1):
        page = exercises_found(ExerciseQuery(source="own"), who=rui)

    assert [entry_review_out(one).by for one in page.items] == ["Rui Costa"]


@pytest.mark.parametrize("who", ["admin", "patient", "carer", "system"])
def test_nobody_but_a_therapist_of_the_clinic_reviews(world: people.World, who: str) -> None:
    exercise = own_exercise(world.clinic)
    by = {
        "admin": people.acting(world.admin),
        "patient": people.acting_for(world.ana),
        "carer": people.acting_for(world.ana, world.carer.user),
        "system": system(world.clinic.pk),
    }[who]

    refused(Forbidden, review, exercise, by)


def test_shared_and_foreign_ones_are_not_a_therapist_s_to_review(
    world: people.World, rui: Actor
) -> None:
    with clinic_context(None):
        bridge, walk = Exercise.objects.get(pk=BRIDGE), Program.objects.get(pk=WALK)

    refused(SharedEntry, review, bridge, rui)
    refused(NotFound, review, own_exercise(world.far_clinic), rui)
    with clinic_context(world.clinic.pk):
        refused(
            SharedEntry, review_program,
            program_id=walk.pk, version=1, status="reviewed", by=rui, now=NOW,
        )  # fmt: skip
        assert Review.objects.count() == 0


# ---- what ships ---------------------------------------------------------------------------------


def test_the_platform_reviews_a_shared_exercise_for_every_clinic(
    world: people.World, rui: Actor
) -> None:
    review_shared(note="Read against the guideline.")

    for who in (rui, people.acting(world.far_therapist)):
        assert shown(BRIDGE, who) == (
            "reviewed", "Dr Inês Vale", NOW, "Read against the guideline.",
        )  # fmt: skip
    with clinic_context(None):
        assert Exercise.objects.get(pk=BRIDGE).current.review_status == "draft"


def test_the_newest_review_of_what_ships_counts(rui: Actor) -> None:
    review_shared()

    review_shared("draft", now=LATER, reviewer_name="Dr Tom Reed")

    assert shown(BRIDGE, rui)[:3] == ("draft", "Dr Tom Reed", LATER)
    assert kept() == 2


def test_a_shared_program_is_reviewed_likewise(world: people.World, rui: Actor) -> None:
    review_shared(exercise_id=None, program_id=WALK)
    with clinic_context(world.clinic.pk):
        out = entry_review_out(program_found(WALK, who=rui).version)

    assert (out.status, out.by) == ("reviewed", "Dr Inês Vale")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"version": 2}, StaleVersion),
        ({"version": 0}, StaleVersion),
        ({"exercise_id": uuid.UUID(int=1)}, NotFound),
        ({"exercise_id": WALK}, NotFound),
        ({"exercise_id": None}, Invalid),
        ({"program_id": WALK}, Invalid),
        ({"reviewer_name": " "}, Invalid),
        ({"reviewer_name": "x" * 121}, Invalid),
    ],
)
def test_a_review_that_names_nothing_there_is_refused(
    db: None, changes: dict[str, Any], error: type[DomainError]
) -> None:
    refused(error, review_shared, **changes)

    assert kept() == 0


def test_what_is_a_clinic_s_own_is_not_the_platform_s_to_review(world: people.World) -> None:
    refused(NotFound, review_shared, exercise_id=own_exercise(world.clinic).pk)


def test_nobody_but_the_platform_reviews_what_ships(world: people.World, rui: Actor) -> None:
    chosen = people.operating(people.operator(), world.clinic)
    for who in (rui, people.acting(world.admin), system(world.clinic.pk), chosen):
        refused(Forbidden, review_shared, by=who)

    assert kept() == 0


# ---- the database's own rules -------------------------------------------------------------------


def put(clinic_id: uuid.UUID | None, context: uuid.UUID | None, **fields: Any) -> str | None:
    """Insert a review as a context, and return the SQLSTATE with which it is refused."""
    with clinic_context(None):
        bridge = Exercise.objects.get(pk=BRIDGE)
    said = {
        "exercise_version_id": bridge.current_id, "status": "reviewed",
        "reviewer_name": "Dr Inês Vale", "reviewed_at": NOW, "clinic_id": clinic_id,
    } | fields  # fmt: skip
    try:
        with transaction.atomic(), clinic_context(context):
            Review.objects.create(**said)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", None)
    return None


def test_a_shared_review_is_added_outside_every_clinic_alone(world: people.World) -> None:
    assert put(None, world.clinic.pk) == "42501"
    assert put(world.far_clinic.pk, world.clinic.pk) == "42501"
    assert put(None, None) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "fine"},
        {"reviewer_name": ""},
        {"exercise_version_id": None},
        {"program_version": "walk"},
    ],
)
def test_a_review_that_says_nothing_is_refused(db: None, fields: dict[str, Any]) -> None:
    if "program_version" in fields:
        with clinic_context(None):
            fields = {"program_version_id": Program.objects.get(pk=WALK).current_id}

    assert put(None, None, **fields) == "23514"


def test_a_review_of_another_clinic_s_exercise_is_refused(world: people.World) -> None:
    theirs = own_exercise(world.far_clinic)

    told = put(world.clinic.pk, world.clinic.pk, exercise_version_id=theirs.current_id)

    assert told == "23503"


def test_a_clinic_s_word_on_what_ships_does_not_count(world: people.World, rui: Actor) -> None:
    """The database lets a clinic keep one about a shared version; nothing reads it."""
    assert put(world.clinic.pk, world.clinic.pk) is None

    assert shown(BRIDGE, rui) == ("draft", None, None, "")


def test_a_review_is_never_changed_or_taken_away(world: people.World) -> None:
    exercise = own_exercise(world.clinic)
    own_review(exercise)

    for change in (
        lambda: Review.objects.update(status="draft"),
        lambda: Review.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), clinic_context(world.clinic.pk):
            change()
