"""What a therapist scores in the clinic, and how it agrees with what the patient says."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from core.bodies import decode
from core.errors import Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from sessions.actions.form_checks import (
    FormCheckExists,
    FormCheckWithdrawn,
    score_form,
    withdraw_form_check,
)
from sessions.form_bodies import NewFormCheck
from sessions.models import FormCheck
from tests.factories import people, prescribed
from tests.factories.database import checked_at_once
from tests.unit.sessions.bodies import NOW
from tests.unit.sessions.scoring import DAY, LIFTS, SEEN, TALL, score


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


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
