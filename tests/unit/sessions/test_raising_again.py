"""Alerts of held and corrected sessions, and of one that is open already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Line, PrescribedExercise
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.actions.correct import correct_session
from sessions.actions.decide import accept_held
from sessions.actions.safety_checks import log_safety_check
from sessions.bodies import LogSafetyCheck
from sessions.models import Alert, AlertOccurrence, ExerciseSession
from tests.factories import people, prescribed
from tests.factories.alerts import thresholds
from tests.unit.sessions.bodies import NOW, correction, log, result, session
from tests.unit.sessions.raising import LONG_PAST, alerts, hurting, on, send

DAY = dt.timedelta(days=1)
AHEAD = "2026-11-26T09:30:00+00:00"


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def correct(world: people.World, body: dict[str, Any], *, corrects: int = 1, **changes: Any):
    stored = ExerciseSession.objects.get(phone_id=body["id"])
    return correct_session(
        session_id=stored.pk,
        content=correction(body, corrects=corrects, **changes),
        by=people.acting_for(world.ana),
        now=NOW + dt.timedelta(hours=1),
    )


def occurrences(rule: str = "pain_after") -> list[str]:
    told = AlertOccurrence.objects.filter(alert__rule=rule).order_by("received_at", "id")
    return list(told.values_list("severity", flat=True))


# ---- Held, corrected, accepted -------------------------------------------------------------------


@pytest.mark.parametrize("performed_at", [AHEAD, LONG_PAST])
def test_a_held_session_is_never_out_of_safety(world, line, performed_at):
    PrescribedExercise.objects.filter(line=line).update(effort_ceiling=3)
    send(
        world,
        session(
            result(line, 10, pain=7), performed_at=performed_at, pain_after=8, effort=9,
            symptoms=["near_fall"],
        ),
    )  # fmt: skip

    assert alerts() == [
        ("exercise_pain", "critical", "open"),
        ("near_fall", "high", "open"),
        ("pain_after", "critical", "open"),
    ]
    told = AlertOccurrence.objects.filter(alert__rule="pain_after").get()
    assert told.claimed_at == log(session(performed_at=performed_at)).performed_at.at
    assert told.received_at == NOW


def test_accepting_raises_what_waited_and_nothing_twice(world, line):
    PrescribedExercise.objects.filter(line=line).update(effort_ceiling=3)
    held = send(world, session(result(line, 10), performed_at=AHEAD, pain_after=7, effort=9))
    assert alerts() == [("pain_after", "critical", "open")]

    when = log(session(performed_at=on(23))).performed_at
    accept_held(session_id=held.pk, performed_at=when, by=people.acting(world.rui), now=NOW)

    assert alerts() == [("effort", "medium", "open"), ("pain_after", "critical", "open")]
    assert occurrences() == ["critical"]


def test_accepting_judges_by_the_time_put_right(world, line):
    send(world, hurting(line, 1, 22))
    send(world, hurting(line, 4, 24), now=NOW + DAY)
    held = send(world, session(result(line, 10), performed_at=AHEAD, pain_after=4), now=NOW + DAY)
    AlertOccurrence.objects.all().delete()
    Alert.objects.all().delete()

    when = log(session(performed_at=on(23))).performed_at
    accept_held(session_id=held.pk, performed_at=when, by=people.acting(world.rui), now=NOW)

    assert AlertOccurrence.objects.get().because == {"amount": 4, "previous": 1}


def test_a_correction_may_raise_and_never_closes(world, line):
    body = hurting(line, 8, 22)
    send(world, body)

    correct(world, body, pain_after=1, pain_before=None)
    assert alerts() == [("pain_after", "critical", "open")]
    correct(world, body, corrects=2, results=[result(line, 10, pain=6)])

    assert alerts() == [("exercise_pain", "high", "open"), ("pain_after", "critical", "open")]
    assert occurrences() == ["critical"]


def test_a_correction_that_says_the_same_again_has_been_heard(world, line):
    body = hurting(line, 8, 22)
    stored = send(world, body)
    resolve_alert(
        alert_id=Alert.objects.get().pk, note="Better.", by=people.acting(world.rui), now=NOW
    )

    correct(world, body, note="Typed late.")

    assert alerts() == [("pain_after", "critical", "resolved")]
    assert AlertOccurrence.objects.get().session_id == stored.pk


def test_a_correction_that_says_worse_is_a_new_occurrence(world, line):
    body = hurting(line, 5, 22, pain_before=2)
    send(world, body)

    correct(world, body, pain_after=7)

    assert alerts() == [("pain_after", "critical", "open")]
    assert occurrences() == ["high", "critical"]
    versions = AlertOccurrence.objects.order_by("session_version").values_list("session_version")
    assert list(versions) == [(1,), (2,)]


def test_a_correction_compares_with_others_and_not_with_itself(world, line):
    send(world, hurting(line, 4, 21))
    body = hurting(line, 1, 22)
    send(world, body)

    correct(world, body, pain_after=5)

    assert AlertOccurrence.objects.get().because == {"amount": 5, "previous": 4}


# ---- One open alert ------------------------------------------------------------------------------


def acknowledged(world: people.World) -> None:
    acknowledge_alert(alert_id=Alert.objects.get().pk, by=people.acting(world.rui), now=NOW)


# severity of the alert, of the new occurrence → status, severity, openings
GROUPS = [
    ("medium", "medium", "acknowledged", "medium", 1),
    ("medium", "high", "open", "high", 2),
    ("high", "medium", "acknowledged", "high", 1),
    ("high", "high", "open", "high", 2),
    ("high", "critical", "open", "critical", 2),
    ("critical", "medium", "acknowledged", "critical", 1),
    ("critical", "high", "open", "critical", 2),
    ("critical", "critical", "open", "critical", 2),
]


# pain after that raises the severity where the previous session said 4
PAINS = {"medium": 5, "high": 6, "critical": 7}


@pytest.mark.parametrize(("first", "second", "status", "severity", "openings"), GROUPS)
def test_a_new_occurrence_on_an_acknowledged_alert(
    world, line, first, second, status, severity, openings
):
    send(world, hurting(line, 4, 19))
    send(world, hurting(line, PAINS[first], 20), now=NOW)
    acknowledged(world)
    send(world, hurting(line, 4, 21))

    send(world, hurting(line, PAINS[second], 22), now=NOW + DAY)

    alert = Alert.objects.get()
    assert (alert.status, alert.severity, alert.openings) == (status, severity, openings)
    assert (alert.raised_at, alert.last_occurred_at) == (NOW, NOW + DAY)
    assert alert.opened_at == (NOW + DAY if openings == 2 else NOW)
    assert occurrences() == [first, second]


@pytest.mark.parametrize(
    ("first", "second", "openings"),
    [
        ("high", "high", 1),
        ("high", "critical", 2),
        ("critical", "high", 1),
        ("critical", "critical", 1),
    ],
)
def test_an_open_alert_opens_anew_only_when_it_becomes_graver(world, line, first, second, openings):
    send(world, hurting(line, 4, 19))
    send(world, hurting(line, PAINS[first], 20), now=NOW)
    Alert.objects.update(escalated_at=NOW)
    send(world, hurting(line, 4, 21))

    send(world, hurting(line, PAINS[second], 22), now=NOW + DAY)

    alert = Alert.objects.get()
    assert (alert.status, alert.openings) == ("open", openings)
    assert alert.escalated_at == (None if openings == 2 else NOW)


def test_after_resolving_there_is_a_new_alert(world, line):
    send(world, hurting(line, 7, 20))
    resolve_alert(
        alert_id=Alert.objects.get().pk, note="Seen.", by=people.acting(world.rui), now=NOW
    )

    send(world, hurting(line, 7, 21))

    assert alerts() == [("pain_after", "critical", "open"), ("pain_after", "critical", "resolved")]


def test_each_line_has_an_alert_of_its_own(world, line):
    other = prescribed.line(world.ana, "bridging")
    for day in (20, 21):
        send(
            world,
            session(
                *[
                    {"line": str(each.pk), "side": "both", "skipped": "pain"}
                    for each in (line, other)
                ],
                performed_at=on(day),
            ),
        )

    assert sorted(Alert.objects.values_list("line", flat=True)) == sorted([line.pk, other.pk])


def test_a_safety_check_adds_to_the_alert_of_the_same_symptom(world, line):
    send(world, session(result(line, 10), symptoms=["dizziness"]))
    content = LogSafetyCheck(
        id=log(session()).id,
        checked_at=log(session()).performed_at,
        answers={"well": "no"},
        symptoms=["dizziness", "near_fall"],
    )

    log_safety_check(
        patient_id=world.ana.pk, content=content, by=people.acting_for(world.ana), now=NOW
    )

    assert alerts() == [("dizziness", "high", "open"), ("near_fall", "high", "open")]
    assert occurrences("dizziness") == ["high", "high"]


# ---- The clinic's own numbers --------------------------------------------------------------------


def test_the_newest_numbers_of_the_clinic_decide(world, line):
    thresholds(world.clinic, world.admin.user, 1, pain_after_critical=6)
    thresholds(world.clinic, world.admin.user, 2, pain_after_critical=5)

    send(world, hurting(line, 5, 22))

    assert alerts() == [("pain_after", "critical", "open")]


def test_another_clinics_numbers_do_not(world, line):
    thresholds(world.far_clinic, world.far_therapist.user, pain_after_critical=5)

    send(world, hurting(line, 6, 22))

    assert alerts() == []
