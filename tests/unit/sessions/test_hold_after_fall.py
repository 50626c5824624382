"""A fall pauses the patient unless the clinic chose otherwise; an emergency always does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from core.tenancy import clinic_context
from patients.models import Line, Pause
from sessions.actions.safety_checks import log_safety_check
from sessions.bodies import LogSafetyCheck
from sessions.models import Alert
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, log, result, session
from tests.unit.sessions.raising import alerts, send

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def world(db: None) -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def choose(world: people.World, *, holds: bool) -> None:
    world.clinic.holds_after_fall = holds
    world.clinic.save()


def holds() -> list[tuple[dt.date, dt.date | None]]:
    found = Pause.objects.filter(reason="safety_hold")
    return list(found.values_list("starts_on", "ends_on"))


HELD = [(TODAY, None)]
# symptoms, the clinic's choice → what holds
CASES = [
    (["fall"], True, HELD),
    (["fall"], False, []),
    (["chest_pain"], True, HELD),
    (["chest_pain"], False, HELD),
    (["faint"], False, HELD),
    (["new_weakness"], False, HELD),
    (["severe_headache"], False, HELD),
    (["fall", "faint"], False, HELD),
    (["fall", "dizziness"], False, []),
    (["dizziness"], True, []),
    (["near_fall", "other"], True, []),
]


@pytest.mark.parametrize(("symptoms", "choice", "held"), CASES)
def test_a_session_s_symptoms_hold(world, line, symptoms, choice, held):
    choose(world, holds=choice)

    send(world, session(result(line, 10), symptoms=symptoms))

    assert holds() == held


@pytest.mark.parametrize(("symptoms", "choice", "held"), CASES)
def test_a_safety_check_s_do_alike(world, line, symptoms, choice, held):
    choose(world, holds=choice)
    said = log(session(symptoms=["other"]))
    check = LogSafetyCheck(
        id=said.id, checked_at=said.performed_at, answers={"well": "no"}, symptoms=symptoms
    )

    log_safety_check(
        patient_id=world.ana.pk, content=check, by=people.acting_for(world.ana), now=NOW
    )

    assert holds() == held


def test_the_alert_of_a_fall_and_the_stop_stay(world, line):
    choose(world, holds=False)

    stored = send(world, session(result(line, 10), symptoms=["fall"]))

    assert alerts() == [("fall", "critical", "open")]
    assert stored.has_red_flag
    assert stored.versions.get().answer["feedback"]["results"][0]["verdict"] == "stop"


def test_what_holds_already_stays_when_the_clinic_chooses_otherwise(world, line):
    send(world, session(result(line, 10), symptoms=["fall"]))
    choose(world, holds=False)

    send(world, session(result(line, 10), symptoms=["fall"]))

    assert holds() == HELD
    assert Alert.objects.get().occurrences.count() == 2


def test_another_clinic_s_choice_is_its_own(world, line):
    world.far_clinic.holds_after_fall = False
    world.far_clinic.save()

    send(world, session(result(line, 10), symptoms=["fall"]))

    assert holds() == HELD


def test_it_is_on_by_default_for_whoever_writes_a_clinic(world):
    assert people.clinic("Bay Clinic").holds_after_fall is True
