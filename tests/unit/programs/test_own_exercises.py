"""A clinic's own exercises: made once, changed in versions, copied, retired."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from clinics.actors import Actor
from core.errors import DomainError, Invalid
from core.tenancy import clinic_context
from programs.actions.own import KeyReused, StaleVersion
from programs.actions.own_exercises import (
    create_exercise,
)
from programs.confirmations import ReadsHard
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

HARD = "Proprioceptive facilitation necessitates considerable neuromuscular rehabilitation."


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


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
