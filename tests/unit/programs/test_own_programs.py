"""A clinic's own programs: made once, changed in versions, copied, retired."""

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
from programs.actions.own_exercises import retire_exercise
from programs.actions.own_programs import (
    copy_program,
    create_program,
    digest_of,
    order_of,
    publish_program_version,
    restore_program,
    retire_program,
)
from programs.confirmations import OutsideUsualRange, RepeatedExercise
from programs.models import Program, ProgramItem, ProgramVersion
from tests.factories import people
from tests.factories.programs import item_body, own_exercise, own_program, program_order, shipped

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
KEY = uuid.UUID("5f0c1a34-93f2-4a55-9d59-0a4f7b8e5a10")
SHIPPED = {entry.slug: entry for entry in shipped().programs}


@pytest.fixture
def rui(world: people.World) -> Actor:
    return people.acting(world.rui)


def create(
    by: Actor, *items: dict[str, Any], key: uuid.UUID = KEY, confirm: Any = (), **changes: Any
) -> Program:
    with clinic_context(by.clinic_id):
        return create_program(
            key=key, order=program_order(*items, **changes), confirm=confirm, by=by, now=NOW
        )[0]


def publish(
    program: Program, by: Actor, *items: dict[str, Any], replaces: int = 1, **changes: Any
) -> Program:
    with clinic_context(by.clinic_id):
        return publish_program_version(
            program_id=program.pk,
            replaces=replaces,
            order=program_order(*items, **changes),
            by=by,
            now=LATER,
        )


def stored(by: Actor) -> list[tuple[Any, ...]]:
    """Return all that is stored of the clinic's own programs: versions, then items."""
    with clinic_context(by.clinic_id):
        versions = ProgramVersion.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        items = ProgramItem.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        retired = Program.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        return [
            *(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
              for row in versions.values_list()),
            *items.values_list(),
            *retired.values_list("pk", "retired_at"),
        ]  # fmt: skip


def versions_of(by: Actor) -> list[tuple[int, str, int | None]]:
    with clinic_context(by.clinic_id):
        rows = ProgramVersion.objects.filter(clinic_id=by.clinic_id).order_by("pk")
        return list(rows.values_list("number", "name", "weeks"))


def written(by: Actor) -> list[str]:
    with clinic_context(by.clinic_id):
        kept = AuditEvent.objects.filter(target="programs.Program").order_by("pk")
        return list(kept.values_list("action", flat=True))


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


def test_a_program_is_made_with_its_items_in_order(rui: Actor) -> None:
    step = item_body("step_up", side="each")
    program = create(rui, item_body(), step, item_body("bridging"))

    version = program.current
    assert version is not None
    with clinic_context(rui.clinic_id):
        items = list(version.items.select_related("exercise").order_by("position"))
    assert (version.number, version.name, version.weeks) == (1, "Standing tall", 6)
    assert (version.review_status, version.published_at) == ("draft", NOW)
    assert [(one.position, one.exercise.slug, one.side) for one in items] == [
        (1, "heel_raise", "both"),
        (2, "step_up", "each"),
        (3, "bridging", "both"),
    ]
    assert {(one.sets, one.repetitions, one.times_per_week) for one in items} == {(2, 10, 5)}
    assert {one.clinic_id for one in items} == {rui.clinic_id}
    assert written(rui) == ["program_created"]


def test_the_same_again_with_the_same_key_is_made_once(rui: Actor) -> None:
    first = create(rui)
    before = stored(rui)

    again = create(rui)

    assert (again.pk, stored(rui)) == (first.pk, before)
    assert written(rui) == ["program_created"]
    refused(rui, KeyReused, create, rui, weeks=7)
    refused(rui, KeyReused, create, rui, item_body("bridging"))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"exercise": str(KEY)}, "items.1.exercise", "unknown_exercise"),
        ({"side": "left"}, "items.1.side", "side_does_not_suit"),
        ({"side": "affected"}, "items.1.side", "side_does_not_suit"),
        (
            {"dose": {"measure": "steps", "sets": 1, "steps": 10}},
            "items.1.dose.measure",
            "measure_does_not_suit",
        ),
        (
            {
                "dose": {
                    "measure": "repetitions", "sets": 1, "repetitions": 8, "repetitions_max": 8,
                }
            },
            "items.1.dose.repetitions_max",
            "does_not_rise",
        ),
    ],
)  # fmt: skip
def test_an_item_that_cannot_be_is_named_by_its_place(
    rui: Actor, changes: dict[str, Any], field: str, code: str
) -> None:
    error = refused(rui, Invalid, create, rui, item_body(), item_body("bridging", **changes))

    assert fields(error) == [(field, code)]


def test_retired_and_foreign_exercises_are_named_all_at_once(
    world: people.World, rui: Actor
) -> None:
    own, theirs = own_exercise(world.clinic), own_exercise(world.far_clinic)
    with clinic_context(rui.clinic_id):
        retire_exercise(exercise_id=own.pk, by=rui, now=NOW)

    error = refused(
        rui, Invalid, create, rui,
        item_body(exercise=str(theirs.pk)), item_body(), item_body(exercise=str(own.pk)),
    )  # fmt: skip

    assert fields(error) == [
        ("items.0.exercise", "unknown_exercise"),
        ("items.2.exercise", "retired_exercise"),
    ]


def test_a_dose_outside_the_usual_range_is_asked_about(rui: Actor) -> None:
    much = item_body("bridging", dose={"measure": "repetitions", "sets": 4, "repetitions": 10})

    error = refused(rui, OutsideUsualRange, create, rui, item_body(), much)

    assert fields(error) == [("items.1.dose.sets", "outside_usual_range")]
    assert error.extra == {
        "confirm": ["outside_usual_range"],
        "usual_range": {"items.1.dose.sets": [1, 3]},
    }
    assert create(rui, item_body(), much, confirm=["outside_usual_range"]).current is not None


@pytest.mark.parametrize(
    ("first", "second", "asks"),
    [
        ("left", "right", False),
        ("affected", "unaffected", False),
        ("left", "left", True),
        ("left", "each", True),
        ("affected", "left", True),
    ],
)
def test_an_exercise_twice_on_one_side_is_asked_about(
    rui: Actor, first: str, second: str, asks: bool
) -> None:
    items = [item_body("step_up", side=side) for side in (first, second)]

    if asks:
        error = refused(rui, RepeatedExercise, create, rui, *items)
        assert fields(error) == [("items.1.exercise", "repeated_exercise")]
        create(rui, *items, confirm=["repeated_exercise"])
    else:
        create(rui, *items)
    assert versions_of(rui) == [(1, "Standing tall", 6)]


# ---- new versions -------------------------------------------------------------------------------


def test_a_new_version_leaves_the_old_one_and_its_items_as_they_were(rui: Actor) -> None:
    program = create(rui)
    before = stored(rui)

    publish(program, rui, item_body("bridging"), item_body(), weeks=None)

    after = stored(rui)
    assert [row for row in before if row not in after] == []
    assert versions_of(rui) == [(1, "Standing tall", 6), (2, "Standing tall", None)]
    assert len(after) == len(before) + 3
    assert written(rui) == ["program_created", "program_version_published"]


def test_the_same_version_again_and_one_that_changes_nothing_write_nothing(rui: Actor) -> None:
    program = create(rui)
    publish(program, rui)
    assert versions_of(rui) == [(1, "Standing tall", 6)]
    publish(program, rui, weeks=8)
    before = (stored(rui), written(rui))

    publish(program, rui, weeks=8)
    publish(program, rui, weeks=8, replaces=2)

    assert (stored(rui), written(rui)) == before


@pytest.mark.parametrize("replaces", [1, 3])
def test_a_version_that_replaces_another_than_the_current_is_stale(
    rui: Actor, replaces: int
) -> None:
    program = create(rui)
    publish(program, rui, weeks=8)

    error = refused(rui, StaleVersion, publish, program, rui, replaces=replaces, weeks=9)

    assert (error.extra, fields(error)) == ({"version": 2}, [("replaces", "stale")])


def test_a_new_version_is_held_to_the_same_rules(world: people.World, rui: Actor) -> None:
    own = own_exercise(world.clinic)
    program = create(rui, item_body(exercise=str(own.pk)))
    with clinic_context(rui.clinic_id):
        retire_exercise(exercise_id=own.pk, by=rui, now=NOW)

    error = refused(
        rui, Invalid, publish, program, rui, item_body(exercise=str(own.pk)), item_body()
    )

    assert fields(error) == [("items.0.exercise", "retired_exercise")]
    much = item_body("bridging", dose={"measure": "repetitions", "sets": 4, "repetitions": 10})
    refused(rui, OutsideUsualRange, publish, program, rui, much)


# ---- copies and retiring ------------------------------------------------------------------------


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_any_shipped_program_can_be_copied_says_the_same_and_can_be_sent(
    rui: Actor, slug: str
) -> None:
    with clinic_context(rui.clinic_id):
        source = Program.objects.select_related("current").get(pk=SHIPPED[slug].id)
        copy, is_new = copy_program(program_id=source.pk, key=KEY, by=rui, now=NOW)
        orders = [order_of(one.current) for one in (source, copy)]

        assert orders[0] == orders[1]
        assert bytes(copy.current.content_hash) == digest_of(orders[1])
        again = publish_program_version(
            program_id=copy.pk, replaces=1, order=orders[1], by=rui, now=LATER
        )
        assert create_program(key=uuid.uuid4(), order=orders[1], by=rui, now=NOW)[1] is True
    assert (is_new, copy.copied_from_id, again.current.number) == (True, source.current_id, 1)


def test_a_copy_may_get_a_name_and_is_made_once(rui: Actor) -> None:
    six = SHIPPED["walk_better"].id
    with clinic_context(rui.clinic_id):
        made = [
            copy_program(program_id=six, key=KEY, name="Walk at last", by=rui, now=NOW)
            for _time in range(2)
        ]

    assert [is_new for _copy, is_new in made] == [True, False]
    assert [name for _number, name, _weeks in versions_of(rui)] == ["Walk at last"]
    assert written(rui) == ["program_copied"]


def test_a_copy_of_a_program_with_a_retired_exercise_is_refused_by_its_place(
    world: people.World, rui: Actor
) -> None:
    own = own_exercise(world.clinic)
    program = create(rui, item_body(), item_body(exercise=str(own.pk)))
    with clinic_context(rui.clinic_id):
        retire_exercise(exercise_id=own.pk, by=rui, now=NOW)

    def copy() -> None:
        with clinic_context(rui.clinic_id):
            copy_program(program_id=program.pk, key=uuid.uuid4(), by=rui, now=NOW)

    assert fields(refused(rui, Invalid, copy)) == [("items.1.exercise", "retired_exercise")]


def test_a_program_is_retired_and_taken_back_and_each_is_kept_once(rui: Actor) -> None:
    program = create(rui)
    with clinic_context(rui.clinic_id):
        retired = [
            retire_program(program_id=program.pk, by=rui, now=now).retired_at
            for now in (NOW, LATER)
        ]
    refused(rui, EntryRetired, publish, program, rui, weeks=8)
    with clinic_context(rui.clinic_id):
        restored = [
            restore_program(program_id=program.pk, by=rui, now=LATER).retired_at
            for _time in range(2)
        ]

    assert (retired, restored) == ([NOW, NOW], [None, None])
    assert written(rui) == ["program_created", "program_retired", "program_restored"]


# ---- who may ------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[uuid.UUID, Actor], Any]] = {
    "version": lambda target, by: publish_program_version(
        program_id=target, replaces=1, order=program_order(weeks=9), by=by, now=NOW
    ),
    "retire": lambda target, by: retire_program(program_id=target, by=by, now=NOW),
    "restore": lambda target, by: restore_program(program_id=target, by=by, now=NOW),
}
COPY = {"copy": lambda target, by: copy_program(program_id=target, key=KEY, by=by, now=NOW)}


@pytest.mark.parametrize("write", WRITES)
def test_what_ships_is_changed_by_no_clinic(rui: Actor, write: str) -> None:
    shared = SHIPPED["walk_better"].id
    with clinic_context(rui.clinic_id):
        refused(rui, SharedEntry, WRITES[write], shared, rui)

        assert ProgramVersion.objects.filter(program=shared).count() == 1
        assert Program.objects.get(pk=shared).retired_at is None


@pytest.mark.parametrize("write", [*WRITES, "copy"])
def test_what_is_another_clinic_s_is_unknown(world: people.World, rui: Actor, write: str) -> None:
    theirs = own_program(
        world.far_clinic, own_exercise(world.far_clinic), "fjord", name="In the fjord"
    )
    with clinic_context(rui.clinic_id):
        for target in (theirs.pk, uuid.uuid4()):
            refused(rui, NotFound, (WRITES | COPY)[write], target, rui)


@pytest.mark.parametrize("write", [*WRITES, "copy"])
@pytest.mark.parametrize("who", ["admin", "patient", "carer", "system"])
def test_nobody_but_the_clinic_s_therapists_writes(
    world: people.World, rui: Actor, who: str, write: str
) -> None:
    program = create(rui, key=uuid.uuid4())
    by = {
        "admin": people.acting(world.admin),
        "patient": people.acting_for(world.ana),
        "carer": people.acting_for(world.ana, world.carer.user),
        "system": system(world.clinic.pk),
    }[who]
    with clinic_context(world.clinic.pk):
        refused(rui, Forbidden, (WRITES | COPY)[write], program.pk, by)
        refused(rui, Forbidden, create, by, weeks=9)
