"""What changes under a kept week takes it away, in the database itself, whoever changes it."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Assignment, Pause, PrescribedExercise
from sessions.models import ExerciseResult, ExerciseSession, PatientWeek, SafetyCheck
from sessions.patient_weeks import keep_week
from tests.factories.database import plan_by_index
from tests.unit.sessions.generated import SPAN, STARTS, history
from tests.unit.sessions.histories import LONG_AGO, place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History
from tests.unit.sessions.oracle import Pause as Away
from tests.unit.sessions.prescribed import MON, TUE, WED, daily, done, lines
from tests.unit.sessions.test_adherence_properties import stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("prepared_for_good")]

WEEK = 7 * DAY
# Numbers of weeks, counted from the week of MON.
ALL = frozenset(range(-3, 4))
EVERY_TABLE = [Pause, PrescribedExercise, Assignment, ExerciseSession, ExerciseResult, SafetyCheck]


def keep(patient, weeks=ALL, since=MON):
    for number in weeks:
        keep_week(patient_ids=[patient.pk], week=since + number * WEEK)


def left(patient) -> set[int]:
    weeks = PatientWeek.objects.filter(patient=patient).values_list("week", flat=True)
    return {(week - MON).days // 7 for week in weeks}


def change(model, **fields):
    assert model.objects.update(**fields) == 1


# What changes in Ana Silva's record, and the weeks that are gone. One session on Tuesday of week 0, a
# pause from Wednesday of week 1 to Wednesday of week 2, a check on Wednesday of week 0, one daily row.
GONE = {
    "nothing": (lambda ana: None, set()),
    "a session counts no longer": (
        lambda ana: change(ExerciseSession, status="withdrawn", withdrawn_at=LONG_AGO), {0},
    ),
    "a session was on another day": (
        lambda ana: change(ExerciseSession, performed_on=TUE - WEEK), {-1, 0},
    ),
    "a session brought a red flag": (lambda ana: change(ExerciseSession, has_red_flag=True), {0}),
    "a result was judged anew": (lambda ana: change(ExerciseResult, credit_numerator=3), {0}),
    "a result was on another day": (
        lambda ana: change(ExerciseResult, performed_on=TUE + WEEK), {0, 1},
    ),
    "a result is gone": (lambda ana: ExerciseResult.objects.all().delete(), {0}),
    "a session and its result are gone": (
        lambda ana: (ExerciseResult.objects.all().delete(), ExerciseSession.objects.all().delete()),
        {0},
    ),
    "a check brought a red flag": (lambda ana: change(SafetyCheck, has_red_flag=True), {0}),
    "a check was on another day": (lambda ana: change(SafetyCheck, checked_on=WED + WEEK), {0, 1}),
    "a pause ends later": (lambda ana: change(Pause, ends_on=WED + 3 * WEEK), {1, 2, 3}),
    "a pause ends earlier": (lambda ana: change(Pause, ends_on=WED + WEEK), {0, 1, 2, 3}),
    "a pause has no end": (lambda ana: change(Pause, ends_on=None), {1, 2, 3}),
    "a pause begins earlier": (lambda ana: change(Pause, starts_on=MON), {-1, 0, 1, 2, 3}),
    "a pause has another reason": (lambda ana: change(Pause, reason="safety_hold"), {0, 1, 2, 3}),
    "a pause is gone": (lambda ana: Pause.objects.all().delete(), {0, 1, 2, 3}),
    "a pause is new": (
        lambda ana: Pause.objects.create(
            clinic=ana.clinic, patient=ana, starts_on=MON + 3 * WEEK, reason="holiday",
            made_at=LONG_AGO,
        ),
        {2, 3},
    ),
    "a row ends": (lambda ana: change(PrescribedExercise, in_force_until=WED + 2 * WEEK), {1, 2, 3}),
    "a row asks for more": (lambda ana: change(PrescribedExercise, sets=2), ALL),
    "an assignment ends": (lambda ana: change(Assignment, ends_on=WED + WEEK), {0, 1, 2, 3}),
    "an assignment was never active": (
        lambda ana: change(Assignment, status="ended", activated_at=None), ALL,
    ),
    "the patient moves": (
        lambda ana: type(ana).objects.filter(pk=ana.pk).update(time_zone="Europe/Berlin"), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("harm", "gone"), GONE.values(), ids=GONE)
def test_the_weeks_that_a_change_takes_away(harm, gone):
    ana = store(
        place(),
        History(
            lines(daily(MON - 10 * WEEK)), (done(TUE, 10),), (Away(WED + WEEK, WED + 2 * WEEK),),
            (Check(WED, red_flag=False),),
        ),
    ).patient  # fmt: skip
    keep(ana)

    harm(ana)

    assert left(ana) == ALL - gone


def test_another_patients_weeks_stay():
    ana, eva = (
        each.patient
        for each in store_many(
            place(), [History(lines(daily(MON - 10 * WEEK)), (done(TUE, 10),))] * 2
        )
    )
    keep(ana)
    keep(eva)

    ExerciseSession.objects.filter(patient=ana).update(has_red_flag=True)
    PrescribedExercise.objects.filter(patient=ana).update(sets=2)

    assert left(ana) == set()
    assert left(eva) == ALL


READ_OF_KEPT = """
SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname = 'rehab_sessions_patientweek'
"""


@pytest.mark.parametrize(
    "harm",
    [
        lambda ana: ExerciseSession.objects.filter(patient=ana).update(has_red_flag=True),
        lambda ana: SafetyCheck.objects.filter(patient=ana).update(has_red_flag=True),
        lambda ana: PrescribedExercise.objects.filter(patient=ana).update(sets=2),
        lambda ana: ExerciseResult.objects.filter(patient=ana).update(counts=False),
    ],
    ids=["a session", "a check", "a row", "a result"],
)
def test_a_change_reads_the_patients_own_weeks_alone(harm):
    one = History(lines(daily(MON)), (done(TUE, 10),), (), (Check(WED, red_flag=False),))
    patients = [each.patient for each in store_many(place(), [one] * 60)]
    keep_week(patient_ids=[each.pk for each in patients], week=MON)

    def read() -> int:
        with connection.cursor() as cursor:
            # The triggers' plans are kept for the connection: those of other tests' tables.
            cursor.execute("DISCARD PLANS")
            plan_by_index()
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(READ_OF_KEPT)
            return int(cursor.fetchone()[0])

    before = read()
    harm(patients[0])

    assert read() - before <= 4
    assert PatientWeek.objects.count() == 59


def a_change(random: Random, patient_id, start: dt.date):
    """Change one row of a patient's, some way or other: (model, what) to read in a failure."""

    def day():
        return start + DAY * random.randint(-2, SPAN)

    model = random.choice(EVERY_TABLE)
    own = list(model.objects.filter(patient=patient_id))
    if not own:
        return model, "none"
    row = random.choice(own)
    fields = {
        Pause: {"starts_on": day(), "ends_on": random.choice((None, day())),
                "reason": random.choice(("holiday", "safety_hold"))},
        PrescribedExercise: {"in_force_until": random.choice((None, day())), "in_force_from": day(),
                             "sets": random.randint(1, 3)},
        Assignment: {"starts_on": day(), "ends_on": random.choice((None, day()))},
        ExerciseSession: {"status": random.choice(("counted", "held", "refused")),
                          "performed_on": day(), "has_red_flag": random.random() < 0.5},
        ExerciseResult: {"performed_on": day(), "counts": random.random() < 0.5,
                         "asks_to_stop": random.random() < 0.5, "is_off_plan": True},
        SafetyCheck: {"checked_on": day(), "has_red_flag": random.random() < 0.5},
    }[model]  # fmt: skip
    name = random.choice([*fields, "gone"])
    try:
        with transaction.atomic():
            if name == "gone":
                if model is ExerciseSession:
                    ExerciseResult.objects.filter(session=row).delete()
                model.objects.filter(pk=row.pk).delete()
            else:
                model.objects.filter(pk=row.pk).update(**{name: fields[name]})
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError:  # the database refuses it: nothing has changed
        return model, "refused"
    return model, name


@given(random=st.randoms(use_true_random=False))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_kept_is_right_after_any_change(harbour, random):
    start = random.choice(STARTS)
    weeks = range(-1, SPAN // 7 + 2)

    def check(kept):
        [ana] = kept
        keep(ana.patient, weeks, start)
        for _ in range(6):
            made = a_change(random, ana.patient.pk, start)
            after = whole(ana.patient)
            PatientWeek.objects.all().delete()
            keep(ana.patient, weeks, start)
            right = whole(ana.patient)

            assert {week: right[week] for week in after} == after, made

    question = type("Question", (), {"history": history(random, start)})
    stored(harbour, [question], check)


@pytest.fixture
def harbour():
    return place()


def whole(patient):
    """Return all that is kept, by week."""
    names = [
        field.attname
        for field in PatientWeek._meta.concrete_fields
        if field.name not in ("id", "created_at", "updated_at")
    ]
    kept = PatientWeek.objects.filter(patient=patient)
    return {row[names.index("week")]: row for row in kept.values_list(*names)}
