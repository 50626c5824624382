"""Today's plan: whose it is, what it hangs on, and words that are made once but never mixed up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.bodies import encode
from core.errors import NotFound
from core.tenancy import set_clinic
from patients.models import Patient, Pause, PrescribedExercise
from sessions import plan as plans
from sessions.plan import PlanHead, plan, plan_head
from tests.factories import people, prescribed

MON, TUE, WED, THU, FRI = (dt.date(2026, 11, day) for day in range(23, 28))
NOW = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
MIDNIGHT_IN_LISBON = dt.datetime(2026, 11, 25, 0, 0, tzinfo=dt.UTC)
A_SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def world(db) -> people.World:
    made = people.world()
    set_clinic(made.clinic.pk)
    return made


def head(world: people.World, on: dt.date | None = None, *, now: dt.datetime = NOW) -> PlanHead:
    return plan_head(who=people.acting_for(world.ana), on=on, now=now)


def only_line(world: people.World) -> Any:
    [line] = plan(head(world)).lines
    return line


def change(world: people.World, **fields: Any) -> None:
    Patient.objects.filter(pk=world.ana.pk).update(**fields)


def pause(world: people.World, first: dt.date, last: dt.date | None, reason: str) -> Pause:
    return Pause.objects.create(
        clinic=world.clinic, patient=world.ana, starts_on=first, ends_on=last, reason=reason,
        made_by=world.rui.user, made_at=people.LONG_AGO,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "reason", "paused_on", "held_on"),
    [
        (TUE, THU, "holiday", [TUE, WED, THU], []),
        (WED, WED, "illness", [WED], []),
        (WED, None, "hospital", [WED, THU, FRI], []),
        (TUE, WED, "safety_hold", [TUE, WED], [TUE, WED]),
        (WED, None, "safety_hold", [WED, THU, FRI], [WED, THU, FRI]),
    ],
)
def test_a_pause_holds_from_its_first_to_its_last_date(
    world, first, last, reason, paused_on, held_on
):
    pause(world, first, last, reason)

    heads = {day: head(world, day).known for day in (MON, TUE, WED, THU, FRI)}

    assert [day for day, one in heads.items() if one.is_paused] == paused_on
    assert [day for day, one in heads.items() if one.is_safety_hold] == held_on


def test_two_pauses_of_one_day_are_both_seen(world):
    pause(world, MON, FRI, "holiday")
    pause(world, WED, WED, "safety_hold")

    seen = {day: (head(world, day).known.is_paused, head(world, day).known.is_safety_hold)
            for day in (TUE, WED, THU)}  # fmt: skip

    assert seen == {TUE: (True, False), WED: (True, True), THU: (True, False)}


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Europe/Lisbon", MIDNIGHT_IN_LISBON - A_SECOND, TUE),
        ("Europe/Lisbon", MIDNIGHT_IN_LISBON, WED),
        ("Pacific/Kiritimati", MIDNIGHT_IN_LISBON - A_SECOND, WED),
        ("Pacific/Pago_Pago", MIDNIGHT_IN_LISBON, TUE),
    ],
)
def test_without_a_date_it_is_the_patients_own_today(world, zone, now, day):
    """A pause of that one day is seen, whichever side of UTC's midnight the day lies."""
    change(world, time_zone=zone)
    pause(world, day, day, "illness")

    known = head(world, now=now).known

    assert (known.day, known.is_paused) == (day, True)


def test_a_record_that_is_not_the_actors_is_not_found(world):
    own = people.acting_for(world.ana)
    for who in (
        replace(own, patient_id=None),
        replace(own, patient_id=world.far_patient.pk),
        replace(own, clinic_id=world.far_clinic.pk),
        replace(own, clinic_id=None),
        people.acting_for(world.far_patient),
    ):
        with pytest.raises(NotFound):
            plan_head(who=who, on=None, now=NOW)


def test_a_carer_reads_the_same_plan(world):
    carer = people.acting_for(world.ana, world.carer.user)

    assert plan_head(who=carer, on=WED, now=NOW) == head(world, WED)


# ---- Words are made once, and for each side, language and dose on their own ----------------------


def test_each_side_has_its_own_words(world):
    """There and back again: what was made for one is never what another reads."""
    prescribed.line(world.ana, "knee_twist", side="both")
    seen: dict[tuple[str, str], set[bytes]] = {}
    for _again in range(2):
        for affected, side in product(("left", "right"), ("left", "right", "both")):
            change(world, affected_side=affected)
            PrescribedExercise.objects.update(side=side)
            line = only_line(world)
            assert line.side == side
            seen.setdefault((affected, side), set()).add(encode(line.exercise))

    assert {key: len(words) for key, words in seen.items()} == dict.fromkeys(seen, 1)
    said = {key: words.pop() for key, words in seen.items()}
    assert said["left", "left"] == said["right", "left"] != said["left", "right"]
    assert said["left", "both"] != said["right", "both"]
    assert b"Use your left leg." in said["right", "left"]
    assert b"Use your right leg." in said["left", "right"]


def test_each_language_is_worded_on_its_own(world):
    prescribed.line(world.ana, "heel_raise")
    plans.exercise_said.cache_clear()
    plans.amounts_said.cache_clear()

    for language in ("en", "pt", "en", "pt"):
        change(world, language=language)
        only_line(world)

    assert plans.exercise_said.cache_info().misses == 2
    assert plans.amounts_said.cache_info().misses == 2


def test_another_dose_is_another_sentence(world):
    prescribed.line(world.ana, "heel_raise")
    before = only_line(world)
    PrescribedExercise.objects.update(repetitions=12, load_kg="2.5", times_per_day=2)

    after = only_line(world)

    assert (before.dose.repetitions, after.dose.repetitions) == (10, 12)
    assert (before.dose.load_kg, after.dose.load_kg) == (None, 2.5)
    assert before.dose.words != after.dose.words
    assert before.schedule.words != after.schedule.words
    assert before.phrases["part_repetitions"] != after.phrases["part_repetitions"]


def test_a_new_version_of_an_exercise_is_read_from_its_own_text(world):
    prescribed.line(world.ana, "heel_raise")
    assert only_line(world).exercise.name == "Heel raises"
    row = PrescribedExercise.objects.select_related("exercise_version").get()
    other = (
        PrescribedExercise.exercise_version.field.related_model.objects.filter(
            exercise__slug="knee_twist"
        )
        .order_by("-number")
        .first()
    )
    PrescribedExercise.objects.filter(pk=row.pk).update(exercise_version=other)

    assert only_line(world).exercise.name == other.name


def test_equal_plans_are_equal_and_worded_once(world):
    """Three plans of one patient: the exercise and its dose are put into words for the first."""
    prescribed.line(world.ana, "heel_raise")
    plans.exercise_said.cache_clear()
    plans.amounts_said.cache_clear()
    plans.safety_block.cache_clear()

    first, *others = [plan(head(world)) for _time in range(3)]

    assert others == [first, first]
    for kept in (plans.exercise_said, plans.amounts_said, plans.safety_block):
        assert kept.cache_info().misses == 1


def test_what_is_kept_in_a_process_is_bounded():
    kept = (plans.exercise_said, plans.amounts_said, plans.safety_block, plans.said)

    assert [each.cache_info().maxsize for each in kept] == [2048, 4096, 16, 1024]


def test_three_statements_whatever_is_prescribed(world):
    for slug in ("heel_raise", "knee_twist", "ankle_pumps"):
        prescribed.line(world.ana, slug)

    with CaptureQueriesContext(connection) as captured:
        found = plan(head(world))

    assert len(found.lines) == 3
    assert len(captured) == 3
