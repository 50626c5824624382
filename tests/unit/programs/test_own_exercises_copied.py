"""Own exercises copied and retired, and who may write them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from clinics.actors import Actor, system
from core.errors import Forbidden, NotFound
from core.tenancy import clinic_context
from programs.actions.own import EntryRetired, KeyReused, SharedEntry
from programs.actions.own_exercises import (
    copy_exercise,
    publish_exercise_version,
    restore_exercise,
    retire_exercise,
)
from programs.models import Exercise, ExerciseVersion
from tests.factories import people
from tests.factories.programs import exercise_order, own_exercise
from tests.unit.programs.own_exercises import (
    KEY,
    LATER,
    NOW,
    SHIPPED,
    create,
    publish,
    refused,
    stored,
    written,
)


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


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
