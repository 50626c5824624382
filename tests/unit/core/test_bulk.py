"""Many rows of several tables in one statement: stored exactly as Django would store them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core.bulk import NewRow, _dumps, insert_missing, insert_together
from core.tenancy import clinic_context
from patients.models import Pause
from reminders.models import WeeklySummary
from sessions.models import ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=dt.UTC)


@pytest.fixture
def world(db):
    world = people.world()
    with clinic_context(world.clinic.pk):
        yield world


def session(world, **changes) -> ExerciseSession:
    return ExerciseSession(
        **{
            "clinic_id": world.clinic.pk,
            "patient_id": world.ana.pk,
            "phone_id": uuid.uuid4(),
            "status": "counted",
            "performed_at": NOW,
            "performed_on": NOW.date(),
            "claimed_performed_at": NOW,
            "received_at": NOW,
            "logged_by_id": world.ana.user_id,
            "logged_as": "patient",
        }
        | changes
    )


def version(session, **changes) -> SessionVersion:
    return SessionVersion(
        **{
            "clinic_id": session.clinic_id,
            "patient_id": session.patient_id,
            "session_id": session.pk,
            "number": 1,
            "content": {"note": "Olá \u2603", "sets": [{"repetitions": 10, "load_kg": 2.5}]},
            "content_hash": bytes(range(32)),
            "answer": {"goals": None},
            "made_by_id": session.logged_by_id,
            "made_as": "patient",
            "made_at": NOW,
        }
        | changes
    )


def test_rows_of_several_tables_go_in_one_statement(world, django_assert_num_queries):
    one, other = session(world), session(world)

    with django_assert_num_queries(1):
        insert_together([one, version(one), other, version(other)])

    assert ExerciseSession.objects.count() == 2
    assert {row.session_id for row in SessionVersion.objects.all()} == {one.pk, other.pk}


def test_every_kind_of_value_comes_back_as_it_was(world):
    said = session(
        world,
        effort=0,
        pain_before=None,
        symptoms=["dizziness", "other"],
        note='quotes " and \\ and \u2603 and \n lines',
        has_red_flag=True,
        sent_at=NOW + dt.timedelta(microseconds=1),
    )

    insert_together([said, version(said, clock_ahead_seconds=-(2**31))])

    stored = ExerciseSession.objects.get()
    for field in ("effort", "pain_before", "symptoms", "note", "has_red_flag", "sent_at", "help"):
        assert getattr(stored, field) == getattr(said, field), field
    assert (stored.performed_at, stored.performed_on) == (NOW, dt.date(2026, 11, 23))
    kept = SessionVersion.objects.get()
    assert bytes(kept.content_hash) == bytes(range(32))
    assert kept.content == {"note": "Olá \u2603", "sets": [{"repetitions": 10, "load_kg": 2.5}]}
    assert (kept.answer, kept.clock_ahead_seconds) == ({"goals": None}, -(2**31))


def test_lists_with_gaps_and_decimals_come_back_as_they_were(world):
    line = prescribed.line(world.ana)
    held = session(world)
    insert_together([held])

    insert_together(
        [
            ExerciseResult(
                clinic_id=world.clinic.pk, patient_id=world.ana.pk, session=held, line=line,
                performed_on=NOW.date(), performed_at=NOW, counts=True, side="both",
                is_off_plan=True, repetitions=[10, None, 8],
                load_kg=[Decimal("2.5"), None, Decimal(0)], set_count=3, total=18,
                checks={"heel-down": "yes"},
            )
        ]
    )  # fmt: skip

    stored = ExerciseResult.objects.get()
    assert (stored.repetitions, stored.hold_seconds) == ([10, None, 8], [])
    assert stored.load_kg == [Decimal("2.5"), None, Decimal(0)]
    assert (stored.checks, stored.prescribed_exercise_id) == ({"heel-down": "yes"}, None)


def test_a_row_without_a_model_is_stored_as_its_model_would_be(world):
    held, line = session(world), prescribed.line(world.ana)
    values = {
        "clinic_id": world.clinic.pk, "patient_id": world.ana.pk, "session_id": held.pk,
        "line_id": line.pk, "performed_on": NOW.date(), "performed_at": NOW, "counts": True,
        "is_off_plan": True, "repetitions": [10, None], "hold_seconds": [], "duration_seconds": [],
        "distance_m": [], "steps": [], "load_kg": [Decimal("2.5"), None], "set_count": 2,
        "total": 10, "checks": {"heel-down": "no"}, "skipped": "", "difficulty": "",
        "verdict": "not_yet", "has_check_not_yet": True, "asks_to_stop": False, "best_set": 10,
    }  # fmt: skip

    insert_together(
        [
            held,
            NewRow(ExerciseResult, values | {"side": "left"}),
            ExerciseResult(**values, side="right"),
        ]
    )

    own = ("id", "created_at", "updated_at", "side")
    names = [each.attname for each in ExerciseResult._meta.concrete_fields if each.name not in own]
    light, heavy = ExerciseResult.objects.order_by("side").values(*own, *names)
    assert [light[name] for name in names] == [heavy[name] for name in names]
    assert (light["side"], light["load_kg"]) == ("left", [Decimal("2.50"), None])
    assert light["id"].version == 7
    assert light["created_at"] == light["updated_at"] == heavy["created_at"]


def test_the_technical_times_are_filled_in(world):
    before = dt.datetime.now(dt.UTC)
    insert_together([session(world)])

    stored = ExerciseSession.objects.get()
    assert before <= stored.created_at <= dt.datetime.now(dt.UTC)
    assert stored.updated_at == stored.created_at


def test_statements_run_along_with_the_rows(world):
    insert_together(
        [session(world)],
        also=[
            (
                "UPDATE patients_patient SET change_seq = change_seq + %s WHERE id = %s RETURNING 1",
                [3, world.ana.pk],
            )
        ],
    )

    before = world.ana.change_seq
    world.ana.refresh_from_db()
    assert world.ana.change_seq == before + 3


def test_one_bad_row_stores_none(world):
    good, bad = session(world), session(world, effort=11)

    with pytest.raises(IntegrityError, match="session_effort_0_to_10"), transaction.atomic():
        insert_together([good, version(good), bad])

    assert not ExerciseSession.objects.exists()
    assert not SessionVersion.objects.exists()


def test_a_row_of_another_clinic_is_refused_as_by_any_insert(world):
    far = session(world, clinic_id=world.far_clinic.pk, patient_id=world.far_patient.pk)

    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        insert_together([far])


def test_a_reference_into_another_clinic_is_refused(world):
    crossed = session(world, patient_id=world.far_patient.pk)

    def insert_and_commit() -> None:
        insert_together([crossed])
        connection.check_constraints()

    with pytest.raises(IntegrityError, match="tenant_fk"), transaction.atomic():
        insert_and_commit()


def test_values_are_parameters_never_sql(world):
    insert_together([session(world, note="'); DELETE FROM patients_pause; --")])

    assert ExerciseSession.objects.get().note == "'); DELETE FROM patients_pause; --"
    assert Pause.objects.count() == 0


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (NOW, "2026-11-23T09:30:15.123456Z"),
        (dt.date(2026, 11, 23), "2026-11-23"),
        (dt.time(21, 0), "21:00:00"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (Decimal("0.5"), "0.5"),
        ([Decimal("1.5"), None, [uuid.UUID(int=1)]], ["1.5", None, [str(uuid.UUID(int=1))]]),
        ((1, 2), [1, 2]),
        ({"kept": 1.5}, {"kept": 1.5}),
        (0, 0),
        (False, False),
        ("", ""),
        (None, None),
    ],
)
def test_a_value_is_said_so_that_postgresql_reads_it_back(value, plain):
    said = json.loads(_dumps([{"value": value}]))[0]["value"]

    assert said == plain
    assert type(said) is type(plain)


# ---- Rows that may be there already --------------------------------------------------------------


def weeks(world, *mondays: dt.date, **contents) -> int:
    return insert_missing(
        WeeklySummary,
        [{"patient_id": world.ana.pk, "week": each, "contents": contents} for each in mondays],
        alike={"clinic_id": world.clinic.pk, "made_at": NOW, "language": "pt", "run_unit": "",
               "run_length": 0, "change_seq": 0},
    )  # fmt: skip


MONDAYS = [dt.date(2026, 11, 2), dt.date(2026, 11, 9), dt.date(2026, 11, 16)]


def test_what_is_there_is_passed_over_and_stays(world, django_assert_num_queries):
    assert weeks(world, *MONDAYS[:2], told="first") == 2

    with django_assert_num_queries(1):
        assert weeks(world, *MONDAYS, told='again " \u2603') == 1

    assert list(WeeklySummary.objects.order_by("week").values_list("week", "contents")) == [
        (MONDAYS[0], {"told": "first"}),
        (MONDAYS[1], {"told": "first"}),
        (MONDAYS[2], {"told": 'again " \u2603'}),
    ]


def test_what_is_alike_and_what_is_filled_in(world):
    weeks(world, MONDAYS[0])

    row = WeeklySummary.objects.get()
    assert (row.made_at, row.language, row.patient_id) == (NOW, "pt", world.ana.pk)
    assert row.created_at == row.updated_at
    assert row.pk.version == 7


def test_no_rows_ask_nothing(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert weeks(world) == 0


def test_a_row_that_breaks_another_rule_is_refused_and_none_goes_in(world):
    with pytest.raises(IntegrityError, match="summary_week_is_a_monday"), transaction.atomic():
        weeks(world, MONDAYS[0], dt.date(2026, 11, 10))

    assert WeeklySummary.objects.count() == 0


def test_a_row_of_another_clinic_is_refused(world):
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with clinic_context(world.far_clinic.pk), refused, transaction.atomic():
        weeks(world, MONDAYS[0])
