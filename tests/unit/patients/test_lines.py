"""Lines over time, against the database: domain.md section 3, "Line", sentence by sentence."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, Invalid
from core.ids import uuid7
from core.tenancy import clinic_context
from patients.actions import lines as actions
from patients.confirmations import (
    AlreadyPrescribed,
    OutsideUsualRange,
    ResultsToday,
)
from patients.models import Line, Patient
from patients.orders import RowOrder
from patients.plan_in_force import row_on, rows_in_force
from programs.doses import HoldDose, RepetitionsDose
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import FRI, MON, SAT, SUN, THU, TUE, WED, Nothing
from tests.unit.patients.revising import edges, end, revise

THREE_SETS = HoldDose(sets=3, repetitions=3, hold_seconds=20)


@pytest.fixture
def stretch(world: people.World) -> Line:
    """Ana's wall stretch: 3 sets of 3, held 20 seconds, every day from Monday."""
    return rx.prescribe(world.ana, "wall_stretch", sets=3, from_=MON)


def test_a_change_closes_the_row_and_opens_its_successor(stretch: Line) -> None:
    row = revise(stretch, MON, from_=THU)

    assert edges(stretch) == [(MON, THU, 3), (THU, None, 1)]
    assert row.prescribed_at == rx.morning(stretch.patient, MON)
    assert row.prescribed_by_id == rx.therapist_of(stretch.patient).user_id


def test_tomorrow_is_the_default(stretch: Line) -> None:
    revise(stretch, WED)

    assert edges(stretch) == [(MON, THU, 3), (THU, None, 1)]


def test_tomorrow_is_the_patients_tomorrow(stretch: Line) -> None:
    with clinic_context(stretch.clinic_id):
        Patient.objects.update(time_zone="Pacific/Auckland")

    with clinic_context(stretch.clinic_id):
        actions.revise_line(
            line_id=stretch.pk, order=RowOrder(dose=THREE_SETS), logged=Nothing(),
            by=rx.therapist_of(stretch.patient),
            now=dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC),
        )  # fmt: skip

    assert edges(stretch)[1][0] == THU


def test_what_begins_later_is_by_default_changed_where_it_begins(world: people.World) -> None:
    line = rx.prescribe(world.ana, from_=FRI, now=rx.morning(world.ana, MON))

    revise(line, MON)

    assert edges(line) == [(FRI, None, 1)]


def test_today_is_the_first_date_that_can_change(stretch: Line) -> None:
    with pytest.raises(Invalid) as refusal:
        revise(stretch, WED, from_=TUE)
    revise(stretch, WED, from_=WED)

    assert [(one.field, one.code) for one in refusal.value.errors] == [("from", "from_in_past")]
    assert edges(stretch) == [(MON, WED, 3), (WED, None, 1)]


def test_rows_not_yet_begun_are_replaced(stretch: Line) -> None:
    revise(
        stretch,
        MON,
        from_=THU,
        order=RowOrder(dose=HoldDose(sets=2, repetitions=3, hold_seconds=20)),
    )
    revise(stretch, MON, from_=SAT)

    revise(stretch, TUE, from_=WED)

    assert edges(stretch) == [(MON, WED, 3), (WED, None, 1)]


def test_a_row_that_began_today_is_replaced_so_that_none_is_empty(stretch: Line) -> None:
    revise(stretch, MON, from_=MON)

    assert edges(stretch) == [(MON, None, 1)]


def test_successive_changes_keep_what_was(stretch: Line) -> None:
    for day, sets in ((TUE, 1), (THU, 2), (SAT, 3)):
        order = RowOrder(dose=HoldDose(sets=sets, repetitions=3, hold_seconds=20))
        revise(stretch, day, from_=day, order=order)

    assert edges(stretch) == [(MON, TUE, 3), (TUE, THU, 1), (THU, SAT, 2), (SAT, None, 3)]


def test_what_is_not_said_stays_as_it_was(stretch: Line) -> None:
    revise(stretch, MON, from_=THU, order=RowOrder(schedule=rx.times_per_week(4)))

    row = rx.rows_of(stretch)[1]
    assert (row.sets, row.repetitions, row.hold_seconds) == (3, 3, 20)
    assert (row.side, row.side_asked) == ("left", "affected")
    assert (row.schedule, row.times_per_week, row.weekdays) == ("times_per_week", 4, 0)


def test_a_side_stays_resolved_when_the_record_is_corrected(stretch: Line) -> None:
    with clinic_context(stretch.clinic_id):
        Patient.objects.filter(pk=stretch.patient_id).update(affected_side="right")

    revise(stretch, MON, from_=THU)
    revise(stretch, MON, from_=FRI, order=RowOrder(side="affected"))

    assert [row.side for row in rx.rows_of(stretch)] == ["left", "left", "right"]
    assert [row.side_asked for row in rx.rows_of(stretch)] == ["affected"] * 3


def test_the_measure_of_a_line_never_changes(stretch: Line) -> None:
    with pytest.raises(Invalid) as refusal:
        revise(stretch, order=RowOrder(dose=RepetitionsDose(sets=1, repetitions=3)))

    assert [(e.field, e.code) for e in refusal.value.errors] == [("dose.measure", "measure_fixed")]
    assert edges(stretch) == [(MON, None, 3)]


def test_a_change_says_what_it_changes(stretch: Line) -> None:
    with pytest.raises(Invalid) as refusal:
        revise(stretch, order=RowOrder())

    assert refusal.value.errors[0].code == "nothing_changes"


def test_with_a_result_today_today_is_confirmed_and_tomorrow_is_not(stretch: Line) -> None:
    logged = Nothing(exists=True)

    with pytest.raises(ResultsToday) as refusal:
        revise(stretch, MON, from_=MON, logged=logged)
    assert logged.calls == []
    revise(stretch, MON, from_=TUE, logged=logged)
    revise(stretch, MON, from_=MON, logged=logged, confirm=["results_today"])

    assert refusal.value.extra == {"confirm": ["results_today"]}
    assert edges(stretch) == [(MON, None, 1)]
    assert logged.calls == [("release", TUE), ("rejudge", TUE), ("release", MON), ("rejudge", MON)]


def test_a_dose_outside_the_usual_range_is_confirmed_and_marked(stretch: Line) -> None:
    order = RowOrder(dose=HoldDose(sets=4, repetitions=4, hold_seconds=31))

    with pytest.raises(OutsideUsualRange) as refusal:
        revise(stretch, order=order)
    revise(stretch, order=order, confirm=["outside_usual_range"])

    assert [one.field for one in refusal.value.errors] == ["dose.sets", "dose.hold_seconds"]
    assert refusal.value.extra["usual_range"] == {
        "dose.sets": [1, 3], "dose.hold_seconds": [10, 30],
    }  # fmt: skip
    assert [row.is_outside_usual_range for row in rx.rows_of(stretch)] == [False, True]


def test_a_dose_once_confirmed_is_not_asked_about_when_the_side_changes(stretch: Line) -> None:
    order = RowOrder(dose=HoldDose(sets=4, repetitions=4, hold_seconds=20))
    revise(stretch, from_=TUE, order=order, confirm=["outside_usual_range"])

    revise(stretch, from_=WED, order=RowOrder(side="right"))

    assert rx.rows_of(stretch)[2].is_outside_usual_range


def test_a_change_to_a_side_that_another_line_has_is_confirmed(
    world: people.World, stretch: Line
) -> None:
    rx.prescribe(world.ana, "wall_stretch", side="right", from_=MON)

    with pytest.raises(AlreadyPrescribed):
        revise(stretch, order=RowOrder(side="right"))

    assert edges(stretch) == [(MON, None, 3)]


def test_ending_closes_the_row_without_a_successor(stretch: Line) -> None:
    end(stretch, WED)

    assert edges(stretch) == [(MON, THU, 3)]


def test_ending_takes_away_what_would_begin_later(stretch: Line) -> None:
    revise(stretch, MON, from_=FRI)

    end(stretch, TUE, on=WED)

    assert edges(stretch) == [(MON, THU, 3)]


def test_yesterday_is_the_earliest_last_date(stretch: Line) -> None:
    with pytest.raises(Invalid) as refusal:
        end(stretch, WED, on=MON)
    end(stretch, WED, on=TUE)

    assert [(e.field, e.code) for e in refusal.value.errors] == [("on", "in_past")]
    assert edges(stretch) == [(MON, WED, 3)]


def test_a_line_that_began_today_and_ends_yesterday_has_no_row(stretch: Line) -> None:
    end(stretch, MON, on=MON - dt.timedelta(days=1))

    assert edges(stretch) == []


def test_ending_twice_for_the_same_date_changes_nothing_more(stretch: Line) -> None:
    end(stretch, WED, on=FRI)
    with clinic_context(stretch.clinic_id):
        before = Patient.objects.get(pk=stretch.patient_id).change_seq

    end(stretch, THU, on=FRI)

    with clinic_context(stretch.clinic_id):
        assert Patient.objects.get(pk=stretch.patient_id).change_seq == before


def test_an_end_may_come_sooner_but_not_later(stretch: Line) -> None:
    end(stretch, WED, on=SAT)

    end(stretch, WED, on=FRI)
    with pytest.raises(actions.LineAlreadyEnded):
        end(stretch, WED, on=SAT)

    assert edges(stretch) == [(MON, SAT, 3)]


def test_a_change_keeps_the_end_that_was_planned(stretch: Line) -> None:
    end(stretch, MON, on=SAT)

    revise(stretch, TUE, from_=THU)
    with pytest.raises(actions.LineAlreadyEnded):
        revise(stretch, TUE, from_=SUN)

    assert edges(stretch) == [(MON, THU, 3), (THU, SUN, 1)]


def test_ending_before_what_was_logged_today_is_confirmed(stretch: Line) -> None:
    logged = Nothing(exists=True)

    with pytest.raises(ResultsToday):
        end(stretch, WED, on=TUE, logged=logged)
    end(stretch, WED, on=TUE, logged=logged, confirm=["results_today"])

    assert edges(stretch) == [(MON, WED, 3)]
    assert logged.calls == [("release", WED), ("rejudge", WED)]


def test_a_change_stays_within_the_assignments_dates(world: people.World) -> None:
    line = rx.prescribe(world.ana, from_=WED, until=SAT, now=rx.morning(world.ana, MON))

    codes = []
    for day in (TUE, SUN):
        with pytest.raises(Invalid) as refusal:
            revise(line, MON, from_=day)
        codes += [one.code for one in refusal.value.errors]
    with pytest.raises(actions.AssignmentOver):
        revise(line, SUN)

    assert codes == ["from_before_start", "from_after_end"]
    assert edges(line) == [(WED, None, 3)]


def test_the_database_refuses_rows_that_overlap(stretch: Line) -> None:
    copy = rx.rows_of(stretch)[0]
    copy.pk, copy.in_force_from = uuid7(), FRI

    refusal = "prescribed_rows_of_a_line_overlap"
    with clinic_context(stretch.clinic_id), pytest.raises(IntegrityError, match=refusal):  # noqa: SIM117
        with transaction.atomic():
            copy.save(force_insert=True)


@pytest.mark.parametrize(
    ("until", "constraint"),
    [(FRI, "prescribed_rows_of_a_line_overlap"), (MON, "prescribed_row_is_not_empty")],
)
def test_the_database_refuses_an_overlap_and_an_empty_row_by_sql(
    stretch: Line, until: dt.date, constraint: str
) -> None:
    revise(stretch, from_=THU)

    with clinic_context(stretch.clinic_id), pytest.raises(IntegrityError, match=constraint):  # noqa: SIM117
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE patients_prescribedexercise SET in_force_until = %s "
                "WHERE line_id = %s AND in_force_from = %s",
                [until, stretch.pk, MON],
            )

    assert edges(stretch) == [(MON, THU, 3), (THU, None, 1)]


def test_rows_that_touch_are_no_overlap(stretch: Line) -> None:
    revise(stretch, from_=THU)

    with clinic_context(stretch.clinic_id):
        in_force = [
            rows_in_force(patient_id=stretch.patient_id, day=day).get() for day in (WED, THU)
        ]

    assert [row.sets for row in in_force] == [3, 1]


STEPS = st.tuples(
    st.sampled_from(["revise", "revise", "end"]),
    st.integers(0, 3),  # days that pass before it
    st.integers(-1, 9),  # from today
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=8))
def test_any_story_leaves_rows_disjoint_whole_and_without_a_gap(
    world: people.World, steps: list[tuple[str, int, int]]
) -> None:
    line = rx.prescribe(world.ana, from_=MON)
    today, seen = MON, {MON: 3}
    for what, passed, ahead in steps:
        for _ in range(passed):
            today += dt.timedelta(days=1)
            row = row_on(rx.rows_of(line), today)
            seen[today] = row.sets if row else 0
        day = today + dt.timedelta(days=ahead)
        try:
            if what == "revise":
                sets = 1 + ahead % 3
                dose = HoldDose(sets=sets, repetitions=3, hold_seconds=20)
                revise(line, today, from_=day, order=RowOrder(dose=dose))
            else:
                end(line, today, on=day)
        except DomainError:
            continue
        row = row_on(rx.rows_of(line), today)
        seen[today] = row.sets if row else 0
        rows = rx.rows_of(line)
        assert all(r.in_force_until is None or r.in_force_from < r.in_force_until for r in rows)
        for earlier, later in pairwise(rows):
            assert earlier.in_force_until == later.in_force_from
        assert not rows or rows[0].in_force_from == MON
    for day, sets in seen.items():
        row = row_on(rx.rows_of(line), day)
        assert (row.sets if row else 0) == sets, "history was rewritten"
