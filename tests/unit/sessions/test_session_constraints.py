"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import (
    Alert,
    AlertOccurrence,
    ExerciseResult,
    ExerciseSession,
    SafetyCheck,
    SessionVersion,
)
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def a_session(world: people.World, **changes: Any) -> ExerciseSession:
    return ExerciseSession.objects.create(
        **{
            "clinic": world.clinic,
            "patient": world.ana,
            "phone_id": uuid.uuid4(),
            "status": "counted",
            "performed_at": NOW,
            "performed_on": NOW.date(),
            "claimed_performed_at": NOW,
            "received_at": NOW,
            "logged_by": world.ana.user,
            "logged_as": "patient",
        }
        | changes
    )


def a_result(world: people.World, line: Line, **changes: Any) -> ExerciseResult:
    return ExerciseResult.objects.create(
        **{
            "clinic": world.clinic,
            "patient": world.ana,
            "session": changes.pop("session", None) or a_session(world),
            "line": line,
            "prescribed_exercise": line.rows.get(),
            "performed_on": NOW.date(),
            "performed_at": NOW,
            "counts": True,
            "side": "both",
            "is_off_plan": False,
            "repetitions": [10],
            "set_count": 1,
            "credit_numerator": 10,
            "credit_denominator": 10,
            "total": 10,
        }
        | changes
    )


def refuses(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


AT_BOUND = [
    {"effort": 0}, {"effort": 10}, {"pain_before": 10}, {"pain_after": 0},
    {"duration_seconds": 21_600}, {"help": ""}, {"help": "hands_on"},
]  # fmt: skip
BEYOND = [
    ({"effort": 11}, "session_effort_0_to_10"),
    ({"pain_before": 11}, "session_pain_before_0_to_10"),
    ({"pain_after": 11}, "session_pain_after_0_to_10"),
    ({"duration_seconds": 21_601}, "session_duration_in_range"),
    ({"performed_at": dt.datetime(1999, 12, 31, tzinfo=dt.UTC)}, "session_performed_at_in_range"),
    ({"performed_at": dt.datetime(2100, 1, 2, tzinfo=dt.UTC)}, "session_performed_at_in_range"),
    ({"status": "lost"}, "session_status_is_known"),
    ({"help": "some"}, "session_help_is_known"),
    ({"logged_as": "admin"}, "session_logged_as_is_known"),
    ({"status": "withdrawn"}, "session_withdrawn_has_its_time"),
]


@pytest.mark.parametrize("change", AT_BOUND, ids=str)
def test_a_session_at_its_bounds_is_kept(world, change):
    assert a_session(world, **change).pk


@pytest.mark.parametrize(("change", "constraint"), BEYOND, ids=str)
def test_a_session_beyond_its_bounds_is_refused(world, change, constraint):
    with refuses(constraint), transaction.atomic():
        a_session(world, **change)


RESULT_AT_BOUND = [
    {"repetitions": [0]}, {"repetitions": [1_000]}, {"hold_seconds": [21_600]},
    {"duration_seconds": [21_600]}, {"distance_m": [50_000]}, {"steps": [50_000]},
    {"load_kg": [500]}, {"pain": 10}, {"repetitions": [None]},
    {"repetitions": [], "set_count": 0, "skipped": "pain", "credit_numerator": 0},
]  # fmt: skip
RESULT_BEYOND = [
    ({"repetitions": [1_001]}, "result_repetitions_in_range"),
    ({"repetitions": [-1]}, "result_repetitions_in_range"),
    ({"hold_seconds": [21_601]}, "result_hold_seconds_in_range"),
    ({"duration_seconds": [21_601]}, "result_duration_in_range"),
    ({"distance_m": [50_001]}, "result_distance_in_range"),
    ({"steps": [50_001]}, "result_steps_in_range"),
    ({"load_kg": [500.5]}, "result_load_in_range"),
    ({"pain": 11}, "result_pain_0_to_10"),
    ({"set_count": 51, "repetitions": [1] * 51}, "result_"),
    ({"side": "each"}, "result_side_is_known"),
    ({"verdict": "great"}, "result_verdict_is_known"),
    ({"difficulty": "hard"}, "result_difficulty_is_known"),
    ({"skipped": "lazy"}, "result_skip"),
    ({"skipped": "pain"}, "result_skipped_has_no_sets"),
    ({"repetitions": [10, 10]}, "result_lists_are_as_long_as_the_sets"),
    ({"credit_numerator": 11}, "result_credit_is_a_sum_of_set_credits"),
    ({"credit_numerator": None}, "result_credit_is_a_sum_of_set_credits"),
    ({"credit_denominator": 0, "credit_numerator": 0}, "result_credit_is_a_sum_of_set_credits"),
]


@pytest.mark.parametrize("change", RESULT_AT_BOUND, ids=str)
def test_a_result_at_its_bounds_is_kept(world, line, change):
    assert a_result(world, line, **change).pk


@pytest.mark.parametrize(("change", "constraint"), RESULT_BEYOND, ids=lambda each: str(each)[:50])
def test_a_result_beyond_its_bounds_is_refused(world, line, change, constraint):
    with refuses(constraint), transaction.atomic():
        a_result(world, line, **change)


def test_one_session_for_a_phones_id_and_patient(world):
    first = a_session(world)

    with refuses("one_session_for_a_phone_id"), transaction.atomic():
        a_session(world, phone_id=first.phone_id)


def test_one_result_for_a_line_and_side(world, line):
    kept = a_result(world, line)

    a_result(world, line, session=kept.session, side="left")
    with refuses("one_result_for_a_line_and_side"), transaction.atomic():
        a_result(world, line, session=kept.session)


def a_safety_check(world: people.World, **changes: Any) -> SafetyCheck:
    return SafetyCheck.objects.create(
        **{
            "clinic": world.clinic,
            "patient": world.ana,
            "phone_id": uuid.uuid4(),
            "checked_at": NOW,
            "checked_on": NOW.date(),
            "received_at": NOW,
            "answers": {},
            "logged_by": world.ana.user,
            "logged_as": "patient",
            "content_hash": b"x" * 32,
            "answer": {},
        }
        | changes
    )


def test_one_safety_check_for_a_phones_id(world):
    first = a_safety_check(world)

    with refuses("one_safety_check_for_a_phone_id"), transaction.atomic():
        a_safety_check(world, phone_id=first.phone_id)


LOGGERS = [("patient", True), ("carer", True), ("therapist", True), ("admin", False), ("", False)]


@pytest.mark.parametrize(("word", "known"), LOGGERS)
def test_who_answered_a_safety_check_is_a_known_word(world, word, known):
    with (
        refuses("safety_check_logged_as_is_known") if not known else nullcontext(),
        transaction.atomic(),
    ):
        a_safety_check(world, logged_as=word)


@pytest.mark.parametrize(("word", "known"), LOGGERS)
def test_who_made_a_version_is_a_known_word(world, word, known):
    with (
        refuses("session_version_made_as_is_known") if not known else nullcontext(),
        transaction.atomic(),
    ):
        SessionVersion.objects.create(
            clinic=world.clinic,
            patient=world.ana,
            session=a_session(world),
            number=1,
            content={},
            content_hash=b"x" * 32,
            answer={},
            made_by=world.ana.user,
            made_as=word,
            made_at=NOW,
        )


@pytest.mark.parametrize(
    ("word", "known"),
    [
        *((word, True) for word in ("emergency", "critical", "high", "medium", "suggestion")),
        ("none", False),
        ("", False),
    ],
)
def test_the_severity_of_an_occurrence_is_a_known_word(world, word, known):
    alert = Alert.objects.create(
        clinic=world.clinic, patient=world.ana, rule="fall", severity="critical",
        raised_at=NOW, opened_at=NOW, last_occurred_at=NOW,
    )  # fmt: skip
    with (
        refuses("occurrence_severity_is_known") if not known else nullcontext(),
        transaction.atomic(),
    ):
        AlertOccurrence.objects.create(
            clinic=world.clinic, patient=world.ana, alert=alert, severity=word,
            session=a_session(world), session_version=1, claimed_at=NOW, received_at=NOW,
        )  # fmt: skip


def test_one_open_alert_for_a_rule_with_and_without_a_line(world, line):
    def alert(**changes: Any) -> Alert:
        return Alert.objects.create(
            clinic=world.clinic,
            patient=world.ana,
            rule="fall",
            severity="critical",
            raised_at=NOW,
            opened_at=NOW,
            last_occurred_at=NOW,
            **changes,
        )

    first = alert()
    alert(line=line)
    with refuses("one_open_alert_for_a_rule"), transaction.atomic():
        alert()
    first.status = "resolved"
    first.save()
    assert alert().pk


def test_nothing_that_was_logged_goes_with_what_it_refers_to(world, line):
    a_result(world, line)

    for row in (line, line.rows.get(), world.ana, world.ana.user):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()

    assert ExerciseResult.objects.count() == 1
