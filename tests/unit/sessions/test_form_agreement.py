"""How well a patient's answers agree with what the therapist saw."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Line
from programs.models import ExerciseVersion
from sessions.actions.correct import withdraw_session
from sessions.actions.decide import refuse_held
from sessions.actions.form_checks import (
    withdraw_form_check,
)
from sessions.actions.store import log_session
from sessions.form_agreement import Pair, counted, form_agreement
from sessions.form_bodies import FormAgreementOut
from sessions.models import ExerciseSession
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, log, result, session
from tests.unit.sessions.scoring import DAY, LIFTS, SEEN, TALL, score


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def say(
    world: people.World,
    line: Line,
    on: dt.date = SEEN,
    *,
    by=None,
    at: str = "09:30",
    now: dt.datetime | None = None,
    **answers: str,
) -> uuid.UUID:
    """Let Ana log a session on a date, that evening, with her answers to the checks."""
    evening = dt.datetime.combine(on, dt.time(20), dt.UTC)
    given = {name.replace("_", "-"): value for name, value in answers.items()}
    body = session(result(line, 10, checks=given), performed_at=f"{on}T{at}:00+00:00")
    logged = log_session(
        patient_id=world.ana.pk,
        content=log(body),
        by=by or people.acting_for(world.ana),
        now=now or evening,
    )
    return logged.session_id


def agreement(world: people.World) -> FormAgreementOut:
    return form_agreement(patient_id=world.ana.pk, who=people.acting(world.rui))


def figures(one: Any) -> tuple[int, int, int, int, int]:
    return (
        one.scored, one.both_answered, one.agree, one.more_favourable, one.less_favourable,
    )  # fmt: skip


PAIRS = [
    # seen, said, agree, more favourable, less favourable; "yes" is right
    ("yes", "yes", (1, 0, 0)),
    ("no", "no", (1, 0, 0)),
    ("no", "yes", (0, 1, 0)),
    ("yes", "no", (0, 0, 1)),
]


@pytest.mark.parametrize(("seen", "said", "expected"), PAIRS)
def test_an_answer_agrees_or_is_more_or_less_favourable(world, line, seen, said, expected):
    say(world, line, heels_lift=said)
    score(world, line, heels_lift=seen)

    [shown] = agreement(world).lines

    assert (shown.line, shown.exercise) == (line.pk, "Heel raises")
    assert figures(shown) == figures(shown.checks[0]) == (1, 1, *expected)


def test_where_no_is_right_no_is_the_favourable_answer():
    pair = Pair(uuid.uuid4(), uuid.uuid4(), LIFTS, seen="yes", said="no", times=3)

    assert counted([("no", pair)]) == {
        "scored": 3,
        "both_answered": 3,
        "agree": 0,
        "more_favourable": 3,
        "less_favourable": 0,
        "agreement_percent": None,
    }


@pytest.mark.parametrize(
    ("agree", "of", "percent"), [(4, 4, None), (5, 5, 100), (4, 5, 80), (4, 6, 66), (0, 5, 0)]
)
def test_below_a_handful_there_is_no_percentage_and_it_is_rounded_down(agree, of, percent):
    line, version = uuid.uuid4(), uuid.uuid4()
    same = Pair(line, version, LIFTS, "yes", "yes", agree)
    other = Pair(line, version, LIFTS, "no", "yes", of - agree)
    silent = Pair(line, version, LIFTS, "no", None, 9)

    found = counted([("yes", each) for each in (same, other, silent)])

    assert (found["scored"], found["both_answered"]) == (of + 9, of)
    assert found["agreement_percent"] == percent


WINDOW = [(-15, 0), (-14, 1), (0, 1), (14, 1), (15, 0)]


@pytest.mark.parametrize(("days", "both"), WINDOW)
def test_an_answer_counts_within_fourteen_days(world, line, days, both):
    say(world, line, SEEN + dt.timedelta(days=days), heels_lift="yes")
    score(world, line, heels_lift="yes")

    assert figures(agreement(world).lines[0])[:2] == (1, both)


def test_the_nearest_answer_stands_the_earlier_of_two_as_near(world, line):
    say(world, line, SEEN - 2 * DAY, heels_lift="no")
    say(world, line, SEEN - DAY, at="18:00", heels_lift="no")
    say(world, line, SEEN - DAY, at="08:00", heels_lift="yes")
    say(world, line, SEEN + DAY, heels_lift="no")
    score(world, line, heels_lift="yes")

    assert figures(agreement(world).lines[0]) == (1, 1, 1, 0, 0)


def test_what_is_no_answer_of_the_patient_is_passed_over(world, line):
    other = prescribed.line(world.ana, "bridging")
    say(world, line, heels_lift="unsure")
    say(world, line, body_tall="yes")
    say(world, other)
    say(world, line, by=people.acting(world.rui), heels_lift="no")
    withdrawn = say(world, line, at="11:00", heels_lift="no")
    withdraw_session(session_id=withdrawn, reason="Twice", by=people.acting(world.rui), now=NOW)
    score(world, line, heels_lift="yes")

    assert figures(agreement(world).lines[0]) == (1, 0, 0, 0, 0)


def test_held_and_refused_answers_are_passed_over_and_a_carer_s_stands(world, line):
    old = dt.date(2026, 10, 12)
    held = say(world, line, old, now=NOW, heels_lift="no")
    refuse_held(session_id=held, reason="Clock", by=people.acting(world.rui), now=NOW)
    say(world, line, old, at="10:00", now=NOW, heels_lift="no")
    assert set(ExerciseSession.objects.values_list("status", flat=True)) == {"held", "refused"}
    carer = people.acting_for(world.ana, world.carer.user)
    say(world, line, dt.date(2026, 10, 25), by=carer, heels_lift="yes")
    score(world, line, old, heels_lift="yes")

    assert figures(agreement(world).lines[0]) == (1, 1, 1, 0, 0)


def test_a_withdrawn_form_check_counts_nowhere(world, line):
    say(world, line, heels_lift="yes")
    kept = score(world, line, heels_lift="no").check
    withdraw_form_check(
        form_check_id=kept.pk, reason="Other leg", by=people.acting(world.rui), now=NOW
    )

    assert agreement(world).lines == []


def test_lines_stand_apart_with_each_check_and_their_sum(world, line):
    other = prescribed.line(world.ana, "bridging")
    bridging = other.rows.get().exercise_version.content["checks"][0]["id"]
    for days in range(3):
        day = SEEN - days * DAY
        say(world, line, day, heels_lift="yes", body_tall="yes")
        score(world, line, day, heels_lift="yes", body_tall="no" if days else "yes")
    score(world, other, **{bridging.replace("-", "_"): "yes"})

    first, second = agreement(world).lines

    assert {each.check: figures(each) for each in first.checks} == {
        LIFTS: (3, 3, 3, 0, 0), TALL: (3, 3, 1, 2, 0),
    }  # fmt: skip
    assert (figures(first), first.agreement_percent) == ((6, 6, 4, 2, 0), 66)
    assert {each.agreement_percent for each in first.checks} == {None}
    assert (second.line, figures(second)) == (other.pk, (1, 0, 0, 0, 0))


def test_another_patient_s_answers_and_scores_are_not_counted(world, line):
    bruno = people.patient(world.clinic, "Bruno", care_team=[world.rui])
    theirs = prescribed.line(bruno)
    body = session(result(theirs, 10, checks={LIFTS: "no"}), performed_at=f"{SEEN}T09:30:00+00:00")
    log_session(patient_id=bruno.pk, content=log(body), by=people.acting_for(bruno), now=NOW)
    score(world, line, heels_lift="yes")

    found = agreement(world).lines

    assert [figures(each) for each in found] == [(1, 0, 0, 0, 0)]
    assert form_agreement(patient_id=bruno.pk, who=people.acting(world.rui)).lines == []


def plainly(scored: dict[dt.date, str], said: list[tuple[dt.date, int, str]]) -> tuple[int, ...]:
    """The same, counted by hand: a second definition, for generated histories."""
    agree = more = less = 0
    for seen_on, seen in scored.items():
        near = [
            (abs((day - seen_on).days), day, hour, answer)
            for day, hour, answer in said
            if answer != "unsure" and abs((day - seen_on).days) <= 14
        ]
        if not near:
            continue
        answer = min(near)[3]
        agree += answer == seen
        more += answer == "yes" != seen
        less += answer == "no" != seen
    return len(scored), agree + more + less, agree, more, less


@pytest.mark.parametrize("seed", range(8))
def test_generated_histories_agree_with_a_plain_count(world, line, seed):
    chance = random.Random(seed)
    days = [dt.date(2026, 10, 26) + each * DAY for each in range(28)]
    said = [
        (day, hour, chance.choice(["yes", "no", "unsure"]))
        for day in chance.sample(days, 6)
        for hour in chance.sample(range(8, 20), chance.randrange(1, 3))
    ]
    for day, hour, answer in said:
        say(world, line, day, at=f"{hour:02}:00", heels_lift=answer)
    scored = {day: chance.choice(["yes", "no"]) for day in chance.sample(days, 8)}
    for day, answer in scored.items():
        score(world, line, day, heels_lift=answer)

    assert figures(agreement(world).lines[0]) == plainly(scored, said)


def test_agreement_costs_three_statements_whatever_was_scored(
    world, line, django_assert_num_queries
):
    for days in range(4):
        say(world, line, SEEN - days * DAY, heels_lift="yes")
        score(world, line, SEEN - days * DAY, heels_lift="yes")
    assert ExerciseVersion.objects.filter(exercise=line.exercise).count() >= 1

    with django_assert_num_queries(3):
        agreement(world)
