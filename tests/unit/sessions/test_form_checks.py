"""What a therapist scores in the clinic, and how it agrees with what the patient says."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.bodies import decode
from core.errors import Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from programs.models import ExerciseVersion
from sessions.actions.correct import withdraw_session
from sessions.actions.decide import refuse_held
from sessions.actions.form_checks import (
    FormCheckExists,
    FormCheckWithdrawn,
    score_form,
    withdraw_form_check,
)
from sessions.actions.store import log_session
from sessions.form_agreement import Pair, counted, form_agreement
from sessions.form_bodies import FormAgreementOut, NewFormCheck
from sessions.models import ExerciseSession, FormCheck
from tests.factories import people, prescribed
from tests.factories.database import checked_at_once
from tests.unit.sessions.bodies import NOW, log, result, session

DAY = dt.timedelta(days=1)
SEEN = dt.date(2026, 11, 10)
LIFTS, TALL = "heels-lift", "body-tall"  # right: yes, yes


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


def asked(line: Line, seen_on: dt.date = SEEN, note: str = "", **answers: str) -> NewFormCheck:
    given = {name.replace("_", "-"): value for name, value in answers.items()}
    body = {"line": str(line.pk), "seen_on": str(seen_on), "answers": given, "note": note}
    return decode(body, NewFormCheck)


def score(world: people.World, line: Line, seen_on: dt.date = SEEN, by=None, **answers: str):
    return score_form(
        patient_id=world.ana.pk,
        asked=asked(line, seen_on, **answers),
        by=by or people.acting(world.rui),
        now=NOW,
    )


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


def test_what_was_seen_is_kept_with_the_wording_that_was_in_force(world, line):
    scored = score(world, line, heels_lift="yes", body_tall="no")

    kept = FormCheck.objects.get()
    assert (scored.outcome, scored.check.pk) == ("created", kept.pk)
    assert (kept.line, kept.seen_on, kept.answers) == (line, SEEN, {LIFTS: "yes", TALL: "no"})
    assert kept.exercise_version == line.rows.get().exercise_version
    assert (kept.scored_by, kept.scored_at, kept.withdrawn_at) == (world.rui.user, NOW, None)
    event = AuditEvent.objects.get(action="form_scored")
    assert (event.patient_id, event.target_id) == (world.ana.pk, kept.pk)


def test_the_same_again_is_one_row_and_something_else_is_refused(world, line):
    first = score(world, line, heels_lift="yes")
    again = score(world, line, heels_lift="yes", by=people.acting(world.rui))
    with pytest.raises(FormCheckExists) as refused, transaction.atomic():
        score(world, line, heels_lift="no")

    assert (again.outcome, again.check.pk) == ("duplicate", first.check.pk)
    assert refused.value.extra == {"form_check": str(first.check.pk)}
    assert FormCheck.objects.get().answers == {LIFTS: "yes"}
    assert AuditEvent.objects.filter(action="form_scored").count() == 1


def test_a_score_that_was_withdrawn_makes_room_for_another(world, line):
    wrong = score(world, line, heels_lift="yes").check
    rui = people.acting(world.rui)
    withdrawn = withdraw_form_check(form_check_id=wrong.pk, reason="Other leg", by=rui, now=NOW)
    again = withdraw_form_check(form_check_id=wrong.pk, reason="Other leg", by=rui, now=NOW + DAY)
    right = score(world, line, heels_lift="no")

    assert (withdrawn.withdrawn_at, again.withdrawn_at) == (NOW, NOW)
    assert (right.outcome, FormCheck.objects.count()) == ("created", 2)
    assert AuditEvent.objects.filter(action="form_check_withdrawn").count() == 1
    with pytest.raises(FormCheckWithdrawn), transaction.atomic():
        withdraw_form_check(form_check_id=wrong.pk, reason="Twice", by=rui, now=NOW)


TODAY = NOW.date()
WRONG = {
    "a check that the exercise has not": (
        {"answers": {LIFTS: "yes", "knee-bent": "yes"}}, "answers.knee-bent", "unknown_check",
    ),
    "a line that is nobody's": ({"line": str(uuid.UUID(int=1))}, "line", "unknown_line"),
    "tomorrow": ({"seen_on": str(TODAY + DAY)}, "seen_on", "in_the_future"),
    "the day before it was prescribed": ({"seen_on": "2026-01-04"}, "seen_on", "not_in_force"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "field", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_and_nothing_is_kept(world, line, change, field, code):
    body = {"line": str(line.pk), "seen_on": str(SEEN), "answers": {LIFTS: "yes"}} | change
    with pytest.raises(Invalid) as refused, transaction.atomic():
        score_form(
            patient_id=world.ana.pk,
            asked=decode(body, NewFormCheck),
            by=people.acting(world.rui),
            now=NOW,
        )

    assert [(each.field, each.code) for each in refused.value.errors] == [(field, code)]
    assert FormCheck.objects.count() == AuditEvent.objects.count() == 0


@pytest.mark.parametrize("day", [TODAY, dt.date(2026, 1, 5)])
def test_today_and_the_first_date_of_the_prescription_are_taken(world, line, day):
    assert score(world, line, day, heels_lift="yes").outcome == "created"


def test_a_line_of_another_patient_is_unknown(world, line):
    bruno = people.patient(world.clinic, "Bruno", care_team=[world.rui])

    with pytest.raises(Invalid) as refused, transaction.atomic():
        score(world, prescribed.line(bruno), heels_lift="yes")

    assert [each.field for each in refused.value.errors] == ["line"]


@pytest.mark.parametrize("who", ["marta", "admin", "far_therapist"])
def test_only_the_care_team_scores_and_withdraws(world, line, who):
    kept = score(world, line, heels_lift="yes").check
    by = people.acting(getattr(world, who))

    with pytest.raises(NotFound), transaction.atomic():
        score(world, line, SEEN + DAY, by=by, heels_lift="yes")
    with pytest.raises(NotFound), transaction.atomic():
        withdraw_form_check(form_check_id=kept.pk, reason="x", by=by, now=NOW)

    assert list(FormCheck.objects.values_list("pk", "withdrawn_at")) == [(kept.pk, None)]


BROKEN = {
    "no answer": ("form_check_answers_are_yes_or_no", {"answers": {}}),
    "a third answer": ("form_check_answers_are_yes_or_no", {"answers": {LIFTS: "unsure"}}),
    "an answer that is none": ("form_check_answers_are_yes_or_no", {"answers": {LIFTS: None}}),
    "a list of answers": ("form_check_answers_are_yes_or_no", {"answers": ["yes"]}),
    "a list for an answer": ("form_check_answers_are_yes_or_no", {"answers": {LIFTS: ["yes"]}}),
    "a number": ("form_check_answers_are_yes_or_no", {"answers": {LIFTS: "yes", TALL: 1}}),
    "long ago": ("form_check_date_in_range", {"seen_on": dt.date(1999, 12, 31)}),
    "withdrawn by nobody": (
        "form_check_withdrawn_says_by_whom_and_why",
        {"withdrawn_at": NOW, "withdrawn_reason": "x"},
    ),
    "withdrawn without a reason": (
        "form_check_withdrawn_says_by_whom_and_why", {"withdrawn_at": NOW, "by": True},
    ),
    "a reason alone": ("form_check_withdrawn_says_by_whom_and_why", {"withdrawn_reason": "x"}),
    "a second one that day": ("one_form_check_of_a_line_for_a_date", {"seen_on": SEEN}),
}  # fmt: skip


@pytest.mark.parametrize(("constraint", "wrong"), BROKEN.values(), ids=BROKEN.keys())
def test_the_database_refuses(world, line, constraint, wrong):
    score(world, line, heels_lift="yes")
    by = world.rui.user if wrong.get("by") else None
    row = {
        "clinic": world.clinic,
        "patient": world.ana,
        "line": line,
        "exercise_version": line.rows.get().exercise_version,
        "seen_on": SEEN + DAY,
        "answers": {LIFTS: "yes"},
        "scored_by": world.rui.user,
        "scored_at": NOW,
        "withdrawn_by": by,
    } | {name: value for name, value in wrong.items() if name != "by"}

    with pytest.raises(IntegrityError, match=constraint), checked_at_once():
        FormCheck.objects.create(**row)


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
