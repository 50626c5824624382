"""Two sessions that may be one are flagged, both; a flag without a partner goes again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.bodies import Instant
from core.tenancy import clinic_context
from patients.models import Line
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.store import log_session
from sessions.models import ExerciseSession
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, correction, log, result, session

HALF_PAST_NINE = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


@pytest.fixture
def log_at(world: people.World, line: Line) -> Any:
    """Log heel raises for Ana some minutes (or seconds) after half past nine, as she or as João."""

    def log_one(minutes: int, *, by: str = "Ana", seconds: int = 0, line: Line = line) -> Any:
        who = {
            "Ana": people.acting_for(world.ana),
            "João": people.acting_for(world.ana, world.carer.user),
            "Rui": people.acting(world.rui),
        }[by]
        at = HALF_PAST_NINE + dt.timedelta(minutes=minutes, seconds=seconds)
        body = session(result(line, 10), performed_at=at.isoformat())
        log_session(patient_id=world.ana.pk, content=log(body), by=who, now=NOW)
        return body

    return log_one


def row(body: dict[str, Any]) -> ExerciseSession:
    return ExerciseSession.objects.get(phone_id=body["id"])


def flagged(*bodies: dict[str, Any]) -> list[bool]:
    return [row(body).is_possible_duplicate for body in bodies]


def withdraw(world: people.World, body: dict[str, Any]) -> None:
    withdraw_session(
        session_id=row(body).pk, reason="twice", by=people.acting(world.rui), now=NOW
    )  # fmt: skip


def correct(world: people.World, body: dict[str, Any], **changes: Any) -> None:
    correct_session(
        session_id=row(body).pk,
        content=correction(body, corrects=1, **changes),
        by=people.acting(world.rui),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("minutes", "seconds", "both"),
    [(0, 0, True), (59, 59, True), (60, 0, True), (60, 1, False), (-60, 0, True), (-60, -1, False)],
)
def test_two_loggers_are_one_within_sixty_minutes(log_at, minutes, seconds, both):
    hers = log_at(0)

    his = log_at(minutes, seconds=seconds, by="João")

    assert flagged(hers, his) == [both, both]


def test_another_line_at_the_same_time_is_no_duplicate(world, log_at):
    hers = log_at(0)

    his = log_at(0, by="João", line=prescribed.line(world.ana, "sit_to_stand"))

    assert flagged(hers, his) == [False, False]


def test_what_the_therapist_logged_beside_the_patient_is_flagged_too(log_at):
    hers = log_at(0)

    assert flagged(hers, log_at(30, by="Rui")) == [True, True]


def test_the_partner_of_a_withdrawn_session_is_one_of_a_kind_again(world, log_at):
    hers, his = log_at(0), log_at(30, by="João")

    withdraw(world, his)

    assert flagged(hers) == [False]
    assert row(hers).status == "counted"


def test_a_partner_that_has_another_partner_keeps_the_flag(world, log_at):
    his_first, hers, his_second = log_at(-50, by="João"), log_at(0), log_at(50, by="João")

    withdraw(world, his_first)
    assert flagged(hers, his_second) == [True, True]

    withdraw(world, his_second)
    assert flagged(hers) == [False]


def test_partners_of_a_partner_are_left_alone(world, log_at):
    """Half past eight and half past ten are no pair, but each is one with half past nine."""
    early, middle, late = log_at(-60), log_at(0, by="João"), log_at(60)

    withdraw(world, early)

    assert flagged(middle, late) == [True, True]


def test_withdrawing_the_one_in_the_middle_frees_both(world, log_at):
    early, middle, late = log_at(-60), log_at(0, by="João"), log_at(60)

    withdraw(world, middle)

    assert flagged(early, late) == [False, False]


def test_a_correction_that_moves_a_session_away_frees_both(world, log_at):
    hers, his = log_at(0), log_at(30, by="João")

    correct(world, his, performed_at="2026-11-23T12:00:00+00:00")

    assert flagged(hers, his) == [False, False]


def test_a_correction_that_stays_near_keeps_both(world, log_at):
    hers, his = log_at(0), log_at(30, by="João")

    correct(world, his, performed_at="2026-11-23T10:30:00+00:00", effort=4)

    assert flagged(hers, his) == [True, True]


def test_a_correction_that_takes_the_line_out_frees_both(world, log_at):
    hers, his = log_at(0), log_at(30, by="João")

    correct(world, his, results=[], symptoms=["other"])

    assert flagged(hers, his) == [False, False]


def test_a_correction_from_one_partner_to_another_changes_partners(world, log_at):
    morning, evening, his = log_at(0), log_at(300), log_at(30, by="João")

    correct(world, his, performed_at="2026-11-23T14:00:00+00:00")

    assert flagged(morning, evening, his) == [False, True, True]


def held_pair(world: people.World, line: Line) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two sessions dated tomorrow by wrong clocks, hers and his, half an hour apart."""
    bodies = []
    for at, who in (("09:30", None), ("10:00", world.carer.user)):
        body = session(result(line, 10), performed_at=f"2026-11-24T{at}:00+00:00")
        log_session(
            patient_id=world.ana.pk,
            content=log(body),
            by=people.acting_for(world.ana, who),
            now=NOW,
        )
        bodies.append(body)
    return bodies[0], bodies[1]


def test_refusing_what_is_held_frees_its_partner(world, line):
    hers, his = held_pair(world, line)
    assert flagged(hers, his) == [True, True]

    refuse_held(session_id=row(his).pk, reason="twice", by=people.acting(world.rui), now=NOW)

    assert flagged(hers) == [False]


def test_accepting_what_is_held_at_another_time_frees_both(world, line):
    hers, his = held_pair(world, line)

    accept_held(
        session_id=row(his).pk,
        performed_at=Instant.parse("2026-11-23T10:00:00+00:00"),
        by=people.acting(world.rui),
        now=NOW,
    )

    assert flagged(hers, his) == [False, False]
    assert (row(his).status, row(hers).status) == ("counted", "held")


def test_another_patients_sessions_keep_their_flags(world, log_at, line):
    bruno = people.patient(world.clinic, "Bruno Reis", care_team=[world.rui])
    other = prescribed.line(bruno)
    friend = people.carer(bruno, "Carla Reis")
    for who in (None, friend.user):
        log_session(
            patient_id=bruno.pk,
            content=log(session(result(other, 10))),
            by=people.acting_for(bruno, who),
            now=NOW,
        )
    log_at(0)
    his = log_at(10, by="João")

    withdraw(world, his)

    still = ExerciseSession.objects.filter(is_possible_duplicate=True, status="counted")
    assert set(still.values_list("patient", flat=True)) == {bruno.pk}
    assert still.count() == 2
