"""What the alert rules are told of the past, as it is read from the tables."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.tenancy import clinic_context
from patients.models import CareTeamMembership, Line
from sessions.actions.store import log_session
from sessions.alert_facts import (
    ALERT_FACTS,
    AlertFacts,
    OnCall,
    alert_facts,
    asked_of,
    parsed,
    read_on_call,
    read_standing,
    read_standing_of,
    read_thresholds,
)
from sessions.alert_rules import Earlier
from sessions.models import Alert, AlertOccurrence, ExerciseSession
from sessions.thresholds import DEFAULTS, NAMES, thresholds_of
from tests.factories import people, prescribed
from tests.factories.alerts import thresholds
from tests.unit.sessions.bodies import NOW, log, result, session

DAY = dt.timedelta(days=1)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def say(world: people.World, line: Line, days_ago: int, **said: Any) -> uuid.UUID:
    """Log three sets of ten so many days ago; the session's own key."""
    whole = {key: said.pop(key) for key in ("pain_after", "symptoms") if key in said}
    body = session(
        result(line, *said.pop("done", (10, 10, 10)), **said),
        performed_at=(NOW - days_ago * DAY).isoformat(), **whole,
    )  # fmt: skip
    logged = log_session(
        patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=NOW
    )
    return logged.session_id


def skip(world: people.World, line: Line, days_ago: int, reason: str) -> uuid.UUID:
    body = session(
        {"line": str(line.pk), "side": "both", "skipped": reason},
        performed_at=(NOW - days_ago * DAY).isoformat(),
    )
    logged = log_session(
        patient_id=world.ana.pk, content=log(body), by=people.acting_for(world.ana), now=NOW
    )
    return logged.session_id


def read(world: people.World, *asked: Line, ignoring: uuid.UUID | None = None) -> AlertFacts:
    """Read the column for a session of now that asks all there is about these lines."""
    lines = [each.pk for each in asked]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ALERT_FACTS}",
            {
                "clinic": world.clinic.pk, "patient": world.ana.pk, "performed_at": NOW,
                "except": ignoring, "skipped_for_pain": lines, "too_easy": lines, "unsure": lines,
            },
        )  # fmt: skip
        [raw] = cursor.fetchone()
    return alert_facts(parsed(raw))


def test_with_nothing_said_there_is_nothing_but_who_is_told(world, line):
    told = read(world, line)

    assert (told.thresholds, told.open, told.heard) == (DEFAULTS, {}, {})
    assert (told.previous.pain_after, dict(told.previous.of_lines)) == (None, {})
    assert list(told.team) == [world.rui.user_id]
    assert told.on_call == OnCall(address="", admins=[world.admin.user_id])


def test_each_lines_sessions_are_told_newest_first_by_what_they_answered(world, line):
    oldest = say(world, line, 5, difficulty="too_easy", checks={"heels-lift": "unsure"})
    hard = say(world, line, 4, difficulty="too_hard")
    silent = say(world, line, 3)
    skipped = skip(world, line, 2, "pain")
    part = say(world, line, 1, difficulty="too_easy", done=(10, 10))

    earlier = read(world, line).previous.of_lines

    assert earlier["too_easy", line.pk] == [
        Earlier(part, ""), Earlier(hard, ""), Earlier(oldest, "too_easy"),
    ]  # fmt: skip
    assert earlier["too_hard", line.pk] == [
        Earlier(part, ""), Earlier(hard, "too_hard"), Earlier(oldest, ""),
    ]  # fmt: skip
    assert earlier["unsure", line.pk] == [Earlier(oldest, "unsure")]
    assert earlier["skipped_for_pain", line.pk] == [
        Earlier(part, ""), Earlier(skipped, "skipped_for_pain"), Earlier(silent, ""),
        Earlier(hard, ""), Earlier(oldest, ""),
    ]  # fmt: skip


def test_a_session_is_not_told_about_itself(world, line):
    before = say(world, line, 2, difficulty="too_hard", pain_after=2)
    itself = say(world, line, 1, difficulty="too_hard", pain_after=3)

    told = read(world, line, ignoring=itself)

    assert told.previous.pain_after == 2
    assert told.previous.of_lines["too_hard", line.pk] == [Earlier(before, "too_hard")]


def test_lines_that_are_not_asked_about_are_not_told(world, line):
    other = prescribed.line(world.ana, "bridging")
    say(world, line, 1, difficulty="too_hard")

    assert dict(read(world, other).previous.of_lines) == {}
    assert dict(read(world).previous.of_lines) == {}


def test_what_earlier_versions_raised_has_been_heard(world, line):
    itself = say(world, line, 1, symptoms=["fall"], pain_after=8)

    told = read(world, line, ignoring=itself)

    assert told.heard == {("fall", None): {"critical"}, ("pain_after", None): {"critical"}}
    assert {key: one.status for key, one in told.open.items()} == {
        ("fall", None): "open", ("pain_after", None): "open",
    }  # fmt: skip
    assert read(world, line).heard == {}


def test_resolved_alerts_do_not_stand(world, line):
    say(world, line, 2, symptoms=["fall"])
    say(world, line, 1, pain_after=8)
    Alert.objects.filter(rule="fall").update(status="resolved")
    Alert.objects.filter(rule="pain_after").update(status="acknowledged")

    standing = read_standing(clinic_id=world.clinic.pk, patient_id=world.ana.pk)

    assert [(key, one.status) for key, one in standing.open.items()] == [
        (("pain_after", None), "acknowledged")
    ]


def test_the_same_of_many_patients_is_each_their_own(world, line):
    bela = people.patient(world.clinic, "Bela Dias", care_team=[world.marta])
    say(world, line, 1, symptoms=["fall"])

    standing = read_standing_of(
        clinic_id=world.clinic.pk, patient_ids=[world.ana.pk, bela.pk, world.far_patient.pk]
    )

    assert set(standing) == {world.ana.pk, bela.pk}
    assert (list(standing[world.ana.pk].open), list(standing[bela.pk].open)) == (
        [("fall", None)], [],
    )  # fmt: skip
    assert list(standing[bela.pk].team) == [world.marta.user_id]


def test_the_team_is_those_who_work_and_the_contact_is_the_clinics(world):
    CareTeamMembership.objects.create(
        clinic=world.clinic, patient=world.ana, membership=world.marta
    )
    world.marta.user.is_active = False
    world.marta.user.save()
    world.clinic.on_call_contact = "oncall@harbour.example"
    world.clinic.save()

    standing = read_standing(clinic_id=world.clinic.pk, patient_id=world.ana.pk)

    assert list(standing.team) == [world.rui.user_id]
    assert read_on_call(world.clinic.pk).address == "oncall@harbour.example"
    assert standing.on_call == read_on_call(world.clinic.pk)


def test_the_newest_thresholds_are_read(world):
    assert read_thresholds(world.clinic.pk) == DEFAULTS
    for number, pain in ((1, 6), (2, 5)):
        thresholds(world.clinic, world.admin.user, number, pain_after_critical=pain)

    assert read_thresholds(world.clinic.pk).pain_after_critical == 5
    assert thresholds_of({name: getattr(DEFAULTS, name) for name in NAMES}) == DEFAULTS


# what a result says → the rules that ask what its line's earlier sessions said
ASKS = [
    ({}, []),
    ({"difficulty": "just_right", "checks": {"heels-lift": "yes"}, "pain": 9}, []),
    ({"difficulty": "too_easy"}, ["too_easy"]),
    ({"difficulty": "too_hard"}, ["too_easy"]),
    ({"checks": {"heels-lift": "unsure"}}, ["unsure"]),
    ({"sets": None, "skipped": "pain"}, ["skipped_for_pain"]),
    ({"sets": None, "skipped": "fatigue"}, []),
    (
        {"sets": None, "skipped": "pain", "difficulty": "too_hard", "checks": {"a-b": "unsure"}},
        ["skipped_for_pain", "too_easy", "unsure"],
    ),
]


@pytest.mark.parametrize(("said", "expected"), ASKS)
def test_the_past_is_asked_only_for_what_this_session_says(line, said, expected):
    body = {key: value for key, value in (result(line, 10) | said).items() if value is not None}

    asked = asked_of(log(session(body)))

    assert sorted(rule for rule, lines in asked.items() if lines) == expected
    assert all(lines in ([], [line.pk]) for lines in asked.values())


def test_a_cause_is_told_once_and_no_cause_as_often_as_it_happens(world):
    alert = Alert.objects.create(
        clinic=world.clinic, patient=world.ana, rule="no_contact", severity="medium",
        raised_at=NOW, opened_at=NOW, last_occurred_at=NOW,
    )  # fmt: skip

    def occurrence(cause: str) -> AlertOccurrence:
        return AlertOccurrence.objects.create(
            clinic=world.clinic, patient=world.ana, alert=alert, severity="medium",
            claimed_at=NOW, received_at=NOW, cause=cause,
        )  # fmt: skip

    for cause in ("", "", "no_contact:start:medium", "no_contact:start:high"):
        occurrence(cause)
    with pytest.raises(IntegrityError, match="one_occurrence_for_a_cause"), transaction.atomic():
        occurrence("no_contact:start:medium")

    assert AlertOccurrence.objects.count() == 4
    assert ExerciseSession.objects.count() == 0
