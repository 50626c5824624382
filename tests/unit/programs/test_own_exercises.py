"""A clinic's own exercises: made once, changed in versions, copied, retired."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from clinics.actors import Actor, system
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.actions.own import EntryRetired, KeyReused, SharedEntry, StaleVersion
from programs.actions.own_exercises import (
    copy_exercise,
    create_exercise,
    publish_exercise_version,
    restore_exercise,
    retire_exercise,
)
from programs.confirmations import ReadsHard
from programs.models import Exercise, ExerciseVersion
from programs.shipped import read_catalogue
from tests.factories import people
from tests.factories.programs import exercise_order, own_exercise

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
KEY = uuid.UUID("5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10")
HARD = "Proprioceptive facilitation necessitates considerable neuromuscular rehabilitation."
SHIPPED = {entry.slug: entry for entry in read_catalogue().exercises}


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


def create(by: Actor, *, key: uuid.UUID = KEY, **changes: Any) -> Exercise:
    with clinic_context(by.clinic_id):
        return create_exercise(key=key, order=exercise_order(**changes), by=by, now=NOW)[0]


def publish(exercise: Exercise, by: Actor, *, replaces: int = 1, **changes: Any) -> Exercise:
    with clinic_context(by.clinic_id):
        return publish_exercise_version(
            exercise_id=exercise.pk,
            replaces=replaces,
            order=exercise_order(**changes),
            by=by,
            now=LATER,
        )


def stored(by: Actor) -> list[tuple[Any, ...]]:
    """Return all that is stored of the clinic's own exercises, byte by byte."""
    with clinic_context(by.clinic_id):
        versions = ExerciseVersion.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        return [
            (*row[:-1], bytes(row[-1]))
            for row in versions.values_list(
                "exercise__retired_at", "exercise__current", "id", "number", "name", "level",
                "published_at", "review_status", "content", "content_hash",
            )
        ]  # fmt: skip


def written(by: Actor) -> list[tuple[str, Any]]:
    with clinic_context(by.clinic_id):
        return list(
            AuditEvent.objects.filter(target="programs.Exercise")
            .order_by("pk")
            .values_list("action", "details__version")
        )


def refused(
    by: Actor, error: type[DomainError], call: Callable[..., Any], *args: Any, **words: Any
):
    """Call what is refused, and see that nothing was stored or kept of it."""
    before = (stored(by), written(by))
    with pytest.raises(error) as caught, transaction.atomic():
        call(*args, **words)
    assert (stored(by), written(by)) == before
    return caught.value


def fields(error: DomainError) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.errors]


# ---- creating -----------------------------------------------------------------------------------


def test_an_exercise_is_made_as_a_draft_with_its_first_version(rui: Actor) -> None:
    exercise = create(rui, name="Heel raise at the sink", level=2)

    version = exercise.current
    assert version is not None
    assert (exercise.clinic_id, version.clinic_id) == (rui.clinic_id, rui.clinic_id)
    assert (version.number, version.name, version.level) == (1, "Heel raise at the sink", 2)
    assert (version.review_status, version.published_at) == ("draft", NOW)
    assert version.content["name"] == "Heel raise at the sink"
    assert written(rui) == [("exercise_created", 1)]


def test_the_same_again_with_the_same_key_is_made_once(rui: Actor) -> None:
    first = create(rui)
    before = stored(rui)

    again = create(rui)

    assert again.pk == first.pk
    assert stored(rui) == before
    assert written(rui) == [("exercise_created", 1)]


def test_a_key_is_for_one_exercise(rui: Actor) -> None:
    create(rui)

    refused(rui, KeyReused, create, rui, level=2)


def test_two_keys_make_two_and_two_clinics_may_choose_the_same_key(
    world: people.World, rui: Actor
) -> None:
    ingrid = people.acting(world.far_therapist)

    made = {create(rui).pk, create(rui, key=uuid.uuid4()).pk, create(ingrid, level=2).pk}

    assert len(made) == 3
    assert [len(stored(one)) for one in (rui, ingrid)] == [2, 1]


def test_every_fault_is_named_at_once(rui: Actor) -> None:
    error = refused(
        rui, Invalid, create, rui,
        checks__0__fault=9, usual_dose__sets__high=21, purpose="Helps your {side} leg.",
    )  # fmt: skip

    assert fields(error) == [
        ("checks.0.fault", "no_such_fault"),
        ("purpose", "placeholder_elsewhere"),
        ("usual_dose.sets", "out_of_range"),
    ]
    assert error.errors[2].detail == "Sets is not from 1 to 20."


def test_hard_words_are_a_warning_to_confirm(rui: Actor) -> None:
    error = refused(rui, ReadsHard, create, rui, purpose=HARD)

    assert fields(error) == [("purpose", "reads_hard")]
    assert error.extra == {"confirm": ["reads_hard"]}
    with clinic_context(rui.clinic_id):
        made, is_new = create_exercise(
            key=KEY, order=exercise_order(purpose=HARD), confirm=["reads_hard"], by=rui, now=NOW
        )
    assert (is_new, made.current.content["purpose"]) == (True, HARD)


@pytest.mark.parametrize(
    ("picture", "found"),
    [
        ({"name": "wall_stretch", "faults": 2}, True),
        ({"name": "wall_stretch", "faults": 1}, False),
        ({"name": "wall_dance", "faults": 2}, False),
    ],
)
def test_a_picture_is_one_that_an_exercise_shows(rui: Actor, picture: Any, found: bool) -> None:
    if found:
        assert create(rui, picture=picture).current.content["picture"] == picture
    else:
        error = refused(rui, Invalid, create, rui, picture=picture)
        assert ("picture", "unknown_picture") in fields(error)


def test_another_clinic_s_picture_is_not_found(world: people.World, rui: Actor) -> None:
    own_exercise(world.far_clinic, picture={"name": "sledge", "faults": 0})

    error = refused(rui, Invalid, create, rui, picture={"name": "sledge", "faults": 0})

    assert ("picture", "unknown_picture") in fields(error)


def test_easier_and_harder_ones_are_exercises_that_the_clinic_sees(
    world: people.World, rui: Actor
) -> None:
    own, theirs = own_exercise(world.clinic), own_exercise(world.far_clinic)
    bridge = str(SHIPPED["bridging"].id)

    error = refused(
        rui, Invalid, create, rui,
        easier_exercises=[bridge, str(theirs.pk)],
        harder_exercises=[str(own.pk), bridge, str(uuid.uuid4())],
    )  # fmt: skip

    assert fields(error) == [
        ("easier_exercises.1", "unknown_exercise"),
        ("harder_exercises.1", "repeated"),
        ("harder_exercises.2", "unknown_exercise"),
    ]
    made = create(rui, easier_exercises=[bridge], harder_exercises=[str(own.pk)])
    assert list(made.current.content["harder_exercises"]) == [str(own.pk)]


# ---- new versions -------------------------------------------------------------------------------


def test_a_new_version_is_a_draft_and_leaves_the_old_one_as_it_was(rui: Actor) -> None:
    exercise = create(rui)
    (old,) = stored(rui)

    publish(exercise, rui, level=4)

    first, second = stored(rui)
    assert first[2:] == old[2:]
    assert (second[3], second[5], second[6], second[7]) == (2, 4, LATER, "draft")
    assert first[1] == second[1] == second[2]
    assert written(rui) == [("exercise_created", 1), ("exercise_version_published", 2)]


def test_the_same_version_again_answers_as_before(rui: Actor) -> None:
    exercise = create(rui)
    publish(exercise, rui, level=4)
    before = (stored(rui), written(rui))

    again = publish(exercise, rui, level=4)

    assert again.current.number == 2
    assert (stored(rui), written(rui)) == before


def test_a_version_that_changes_nothing_is_none(rui: Actor) -> None:
    exercise = create(rui)
    before = stored(rui)

    publish(exercise, rui)

    assert stored(rui) == before


@pytest.mark.parametrize("replaces", [1, 3])
def test_a_version_that_replaces_another_than_the_current_is_stale(
    rui: Actor, replaces: int
) -> None:
    exercise = create(rui)
    publish(exercise, rui, level=4)

    error = refused(rui, StaleVersion, publish, exercise, rui, replaces=replaces, level=1)

    assert (error.code, error.extra, fields(error)) == (
        "stale",
        {"version": 2},
        [("replaces", "stale")],
    )


def test_a_check_s_id_keeps_its_right_answer_through_all_versions(rui: Actor) -> None:
    check = {"id": "wobble", "ask": "Did you wobble?", "right": "no", "fix": "Hold on."}
    exercise = create(rui, checks=[check])
    other = [{"id": "tall", "ask": "Were you tall?", "right": "yes", "fix": "Look up."}]
    publish(exercise, rui, checks=other)

    error = refused(
        rui, Invalid, publish, exercise, rui,
        replaces=2, checks=[*other, check | {"right": "yes", "ask": "Were you steady?"}],
    )  # fmt: skip

    assert fields(error) == [("checks.1.right", "check_means_otherwise")]
    publish(exercise, rui, replaces=2, checks=[*other, check | {"ask": "Did you sway at all?"}])
    publish(exercise, rui, replaces=3, checks=[check | {"id": "steady", "right": "yes"}])
    assert len(stored(rui)) == 4


def test_an_exercise_is_no_easier_one_of_itself(rui: Actor) -> None:
    exercise = create(rui)

    error = refused(rui, Invalid, publish, exercise, rui, easier_exercises=[str(exercise.pk)])

    assert fields(error) == [("easier_exercises.0", "unknown_exercise")]


def test_a_new_version_is_held_to_the_same_rules(rui: Actor) -> None:
    exercise = create(rui)

    assert fields(refused(rui, Invalid, publish, exercise, rui, checks__0__fault=9)) == [
        ("checks.0.fault", "no_such_fault")
    ]
    refused(rui, ReadsHard, publish, exercise, rui, purpose=HARD)


# ---- copies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_any_shipped_exercise_can_be_copied_and_changed(rui: Actor, slug: str) -> None:
    shipped = SHIPPED[slug]
    with clinic_context(rui.clinic_id):
        copy, is_new = copy_exercise(exercise_id=shipped.id, key=KEY, by=rui, now=NOW)
        source = Exercise.objects.get(pk=shipped.id)

    with clinic_context(rui.clinic_id):
        publish_exercise_version(
            exercise_id=copy.pk,
            replaces=1,
            order=exercise_order(slug, level=3 if shipped.content.level != 3 else 2),
            by=rui,
            now=LATER,
        )

    assert (is_new, copy.copied_from_id, copy.pk != shipped.id) == (True, source.current_id, True)
    first, second = stored(rui)
    assert (first[4], second[4]) == (shipped.content.name,) * 2
    assert {key for key in first[8] | second[8] if first[8].get(key) != second[8].get(key)} == {
        "level"
    }


def test_a_copy_may_get_a_name_and_is_made_once(rui: Actor) -> None:
    bridge = SHIPPED["bridging"].id
    with clinic_context(rui.clinic_id):
        made = [
            copy_exercise(exercise_id=bridge, key=KEY, name="Bridge in bed", by=rui, now=NOW)
            for _time in range(2)
        ]

    assert [is_new for _copy, is_new in made] == [True, False]
    assert made[0][0].pk == made[1][0].pk
    assert written(rui) == [("exercise_copied", 1)]
    assert stored(rui)[0][4] == "Bridge in bed"


def test_a_copy_s_key_is_for_one_copy(rui: Actor) -> None:
    def copy(slug: str, name: str = "") -> None:
        with clinic_context(rui.clinic_id):
            copy_exercise(exercise_id=SHIPPED[slug].id, key=KEY, name=name, by=rui, now=NOW)

    copy("bridging")

    refused(rui, KeyReused, copy, "heel_raise")
    refused(rui, KeyReused, copy, "bridging", "Bridge in bed")
    refused(rui, KeyReused, create, rui)


def test_an_own_exercise_is_copied_as_it_is_now_and_parts_from_it(rui: Actor) -> None:
    exercise = create(rui)
    publish(exercise, rui, level=4)
    with clinic_context(rui.clinic_id):
        copy, _new = copy_exercise(exercise_id=exercise.pk, key=uuid.uuid4(), by=rui, now=LATER)
        source = ExerciseVersion.objects.get(pk=copy.copied_from_id)
    publish(exercise, rui, replaces=2, level=1)

    assert (copy.current.number, copy.current.level) == (1, 4)
    assert (source.number, source.exercise_id) == (2, exercise.pk)


def test_another_clinic_s_exercise_is_not_copied(world: people.World, rui: Actor) -> None:
    theirs = own_exercise(world.far_clinic)

    def copy(exercise_id: uuid.UUID) -> None:
        with clinic_context(rui.clinic_id):
            copy_exercise(exercise_id=exercise_id, key=KEY, by=rui, now=NOW)

    refused(rui, NotFound, copy, theirs.pk)
    refused(rui, NotFound, copy, uuid.uuid4())


# ---- retiring -----------------------------------------------------------------------------------


def test_an_exercise_is_retired_and_taken_back_and_each_is_kept_once(rui: Actor) -> None:
    exercise = create(rui)
    with clinic_context(rui.clinic_id):
        retired = [
            retire_exercise(exercise_id=exercise.pk, by=rui, now=now).retired_at
            for now in (NOW, LATER)
        ]
        restored = [
            restore_exercise(exercise_id=exercise.pk, by=rui, now=LATER).retired_at
            for _time in range(2)
        ]

    assert (retired, restored) == ([NOW, NOW], [None, None])
    assert [action for action, _version in written(rui)] == [
        "exercise_created",
        "exercise_retired",
        "exercise_restored",
    ]


def test_a_retired_exercise_gets_no_new_version(rui: Actor) -> None:
    exercise = create(rui)
    with clinic_context(rui.clinic_id):
        retire_exercise(exercise_id=exercise.pk, by=rui, now=NOW)

    refused(rui, EntryRetired, publish, exercise, rui, level=4)


# ---- who may ------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[uuid.UUID, Actor], Any]] = {
    "version": lambda target, by: publish_exercise_version(
        exercise_id=target, replaces=1, order=exercise_order(level=4), by=by, now=NOW
    ),
    "retire": lambda target, by: retire_exercise(exercise_id=target, by=by, now=NOW),
    "restore": lambda target, by: restore_exercise(exercise_id=target, by=by, now=NOW),
}
COPY = {"copy": lambda target, by: copy_exercise(exercise_id=target, key=KEY, by=by, now=NOW)}


@pytest.mark.parametrize("write", WRITES)
def test_what_ships_is_changed_by_no_clinic(rui: Actor, write: str) -> None:
    shared = SHIPPED["bridging"].id
    with clinic_context(rui.clinic_id):
        before = ExerciseVersion.objects.filter(exercise=shared).count()
        error = refused(rui, SharedEntry, WRITES[write], shared, rui)

        assert (error.code, error.status) == ("shared_entry", 403)
        assert ExerciseVersion.objects.filter(exercise=shared).count() == before
        assert Exercise.objects.get(pk=shared).retired_at is None


@pytest.mark.parametrize("write", WRITES)
def test_what_is_another_clinic_s_is_unknown(world: people.World, rui: Actor, write: str) -> None:
    theirs = own_exercise(world.far_clinic)
    with clinic_context(rui.clinic_id):
        for target in (theirs.pk, uuid.uuid4()):
            refused(rui, NotFound, WRITES[write], target, rui)


@pytest.mark.parametrize("write", [*WRITES, "copy"])
@pytest.mark.parametrize("who", ["admin", "patient", "carer", "system", "nobody"])
def test_nobody_but_the_clinic_s_therapists_writes(
    world: people.World, rui: Actor, who: str, write: str
) -> None:
    exercise = create(rui, key=uuid.uuid4())
    by = {
        "admin": people.acting(world.admin),
        "patient": people.acting_for(world.ana),
        "carer": people.acting_for(world.ana, world.carer.user),
        "system": system(world.clinic.pk),
        "nobody": Actor(user_id=None, clinic_id=world.clinic.pk),
    }[who]
    with clinic_context(world.clinic.pk):
        refused(rui, Forbidden, (WRITES | COPY)[write], exercise.pk, by)


def test_an_administrator_who_is_a_therapist_too_and_any_colleague_may(
    world: people.World, rui: Actor
) -> None:
    exercise = create(rui)
    both = people.acting(
        people.membership(world.clinic, "therapist", user=world.admin.user), world.admin
    )

    publish(exercise, people.acting(world.marta), level=4)
    publish(exercise, both, replaces=2, level=1)

    assert [row[5] for row in stored(rui)] == [exercise_order().level, 4, 1]
