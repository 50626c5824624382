"""Lines over time, against the database: domain.md section 3, "Line", sentence by sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.ids import uuid7
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import line_places
from patients.actions import lines as actions
from patients.actions.prescribing import AssignmentNotDraft, PatientDischarged
from patients.confirmations import (
    AlreadyPrescribed,
    ContraindicationsNotRuledOut,
    NotConfirmed,
    OutsideUsualRange,
    ResultsToday,
)
from patients.models import Line, Patient, PrescribedExercise
from patients.orders import RowOrder
from patients.plan_in_force import row_on, rows_in_force
from programs.doses import HoldDose, RepetitionsDose
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import FRI, MON, SAT, SUN, THU, TUE, WED, Nothing

THREE_SETS = HoldDose(sets=3, repetitions=3, hold_seconds=20)


def edges(line: Line) -> list[tuple[dt.date, dt.date | None, int]]:
    return [(row.in_force_from, row.in_force_until, row.sets) for row in rx.rows_of(line)]


def revise(
    line: Line,
    now: dt.date = MON,
    *,
    from_: dt.date | None = None,
    order: RowOrder | None = None,
    logged: Nothing | None = None,
    confirm: Collection[str] = (),
    by: Any = None,
) -> PrescribedExercise:
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.revise_line(
            line_id=line.pk,
            order=order or RowOrder(dose=HoldDose(sets=1, repetitions=3, hold_seconds=20)),
            starts_on=from_,
            confirm=confirm,
            logged=logged or Nothing(),
            by=by or rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now),
        )


def end(line: Line, now: dt.date = MON, *, on: dt.date | None = None, **more: Any) -> Line:
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.end_line(
            line_id=line.pk,
            on=on,
            logged=more.pop("logged", Nothing()),
            by=rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now),
            **more,
        )


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


# ---- Adding, ordering, changing in place -------------------------------------------------------------


def add(world: people.World, line: Line, slug: str = "bridging", **more: Any) -> Line:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return actions.add_line(
            assignment_id=line.assignment_id,
            order=rx.order(slug, sets=1, **more.pop("words", {})),
            starts_on=more.pop("from_", None),
            confirm=more.pop("confirm", ["contraindications"]),
            by=more.pop("by", rx.therapist_of(world.ana)),
            now=rx.morning(world.ana, more.pop("now", TUE)),
        )


def test_a_line_is_added_from_today_or_a_later_date(world: people.World, stretch: Line) -> None:
    today = add(world, stretch)
    later = add(world, stretch, "knee_twist", from_=FRI)

    assert [row.in_force_from for row in rx.rows_of(today)] == [TUE]
    assert [row.in_force_from for row in rx.rows_of(later)] == [FRI]
    assert [today.position, later.position] == [2, 3]


def test_a_line_is_not_added_to_the_past(world: people.World, stretch: Line) -> None:
    with pytest.raises(Invalid) as refusal:
        add(world, stretch, from_=MON)

    assert [(e.field, e.code) for e in refusal.value.errors] == [("from", "from_in_past")]
    with clinic_context(world.clinic.pk):
        assert Line.objects.count() == 1


def test_the_contra_indications_of_an_added_exercise_are_confirmed_and_kept(
    world: people.World, stretch: Line
) -> None:
    with pytest.raises(ContraindicationsNotRuledOut) as refusal:
        add(world, stretch, confirm=[])
    add(world, stretch)

    assert refusal.value.extra["confirm"] == ["contraindications"]
    with clinic_context(world.clinic.pk):
        stretch.assignment.refresh_from_db()
    kept = stretch.assignment.screening["exercises"]
    assert [one["name"] for one in kept] == ["Wall stretch", "Bridge"]
    assert kept[0]["confirmed_by"] is None
    assert kept[1]["confirmed_by"] == str(world.rui.user_id)
    assert kept[1]["confirmed_at"] == "2026-11-24T08:00:00Z"


def test_an_exercise_that_was_screened_is_not_screened_again(
    world: people.World, stretch: Line
) -> None:
    add(world, stretch, "wall_stretch", words={"side": "right"}, confirm=[])

    with clinic_context(world.clinic.pk):
        stretch.assignment.refresh_from_db()
    assert len(stretch.assignment.screening["exercises"]) == 1


def test_an_exercise_in_force_on_the_same_side_is_confirmed(
    world: people.World, stretch: Line
) -> None:
    with pytest.raises(AlreadyPrescribed) as refusal:
        add(world, stretch, "wall_stretch", words={"side": "each"})
    add(world, stretch, "wall_stretch", words={"side": "each"}, confirm=["already_prescribed"])

    assert [one.field for one in refusal.value.errors] == ["exercise"]


def test_all_that_must_be_confirmed_is_asked_at_once(world: people.World, stretch: Line) -> None:
    words = {"side": "left", "repetitions": 9}

    with pytest.raises(NotConfirmed) as refusal:
        add(world, stretch, "wall_stretch", words=words, confirm=[])

    assert refusal.value.extra["confirm"] == ["already_prescribed", "outside_usual_range"]
    assert refusal.value.code == "already_prescribed"


def test_an_assignment_holds_forty_lines(
    world: people.World, stretch: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_LINES", 2)
    add(world, stretch)

    with pytest.raises(actions.TooManyLines):
        add(world, stretch, "knee_twist")


def test_a_note_and_the_order_change_in_place(world: people.World, stretch: Line) -> None:
    second = add(world, stretch)
    third = add(world, stretch, "knee_twist")
    by, now = rx.therapist_of(world.ana), rx.morning(world.ana, TUE)

    with clinic_context(world.clinic.pk):
        line_places.change_line(line_id=third.pk, note="Slowly.", position=1, by=by, now=now)

    with clinic_context(world.clinic.pk):
        shown = Line.objects.order_by("position").values_list("pk", "position", "note")
        assert list(shown) == [(third.pk, 1, "Slowly."), (stretch.pk, 2, ""), (second.pk, 3, "")]
        event = AuditEvent.objects.filter(action="line_changed").get()
    assert event.details == {"fields": ["note", "position"]}
    assert event.patient_id == world.ana.pk
    assert len(rx.rows_of(third)) == 1


def test_the_order_names_every_line_once(world: people.World, stretch: Line) -> None:
    second = add(world, stretch)
    by, now = rx.therapist_of(world.ana), rx.morning(world.ana, TUE)

    def put(lines: list[UUID]) -> None:
        with transaction.atomic(), clinic_context(world.clinic.pk):
            line_places.order_lines(
                assignment_id=stretch.assignment_id, lines=lines, by=by, now=now
            )

    for wrong in ([stretch.pk], [stretch.pk, stretch.pk], [stretch.pk, second.pk, world.ana.pk]):
        with pytest.raises(Invalid, match="once"):
            put(wrong)
    put([second.pk, stretch.pk])

    with clinic_context(world.clinic.pk):
        places = dict(Line.objects.values_list("pk", "position"))
    assert places == {second.pk: 1, stretch.pk: 2}


def test_every_write_of_a_line_is_audited_and_raises_the_sequence(stretch: Line) -> None:
    with clinic_context(stretch.clinic_id):
        before = Patient.objects.get(pk=stretch.patient_id).change_seq

    row = revise(stretch, from_=THU)
    end(stretch, on=SAT)

    with clinic_context(stretch.clinic_id):
        assert Patient.objects.get(pk=stretch.patient_id).change_seq == before + 2
        events = list(AuditEvent.objects.filter(target_id=stretch.pk).order_by("id"))
    assert [one.action for one in events] == ["line_revised", "line_ended"]
    assert events[0].details == {"row": str(row.pk), "confirmed": []}


# ---- Who may ---------------------------------------------------------------------------------------


def test_only_the_care_teams_therapists_change_a_line(world: people.World, stretch: Line) -> None:
    outsiders = {
        "colleague": (people.acting(world.marta), NotFound),
        "admin": (people.acting(world.admin), NotFound),
        "elsewhere": (people.acting(world.far_therapist), NotFound),
        "patient": (people.acting_for(world.ana), Forbidden),
        "carer": (people.acting_for(world.ana, world.carer.user), Forbidden),
    }

    for by, refusal in outsiders.values():
        with pytest.raises(refusal):
            revise(stretch, by=by)

    assert edges(stretch) == [(MON, None, 3)]


def test_nothing_is_prescribed_after_discharge(world: people.World, stretch: Line) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=MON)

    with pytest.raises(PatientDischarged):
        revise(stretch)

    assert edges(stretch) == [(MON, None, 3)]


def test_nothing_is_half_written_when_counting_anew_fails(stretch: Line) -> None:
    class Broken(Nothing):
        def rejudge(self, *, line_ids: Collection[UUID], since: dt.date) -> None:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        revise(stretch, from_=THU, logged=Broken())

    assert edges(stretch) == [(MON, None, 3)]
    with clinic_context(stretch.clinic_id):
        assert not AuditEvent.objects.filter(action="line_revised").exists()


# ---- Lines of a draft --------------------------------------------------------------------------------


def test_a_drafts_line_is_changed_from_its_start(world: people.World) -> None:
    draft = rx.draft(world.ana, from_=MON)
    with clinic_context(world.clinic.pk):
        line = draft.lines.select_related("patient").get()

    revise(line, WED)

    assert edges(line) == [(MON, None, 1)]


def test_a_drafts_line_is_deleted_not_ended(world: people.World, stretch: Line) -> None:
    draft = rx.draft(world.ana, rx.order("bridging"))
    by, now = rx.therapist_of(world.ana), rx.morning(world.ana, MON)
    with clinic_context(world.clinic.pk):
        line = draft.lines.select_related("patient").get()

    def delete(one: Line) -> None:
        with transaction.atomic(), clinic_context(world.clinic.pk):
            actions.delete_draft_line(line_id=one.pk, by=by, now=now)

    with pytest.raises(actions.LineOfDraft):
        end(line)
    with pytest.raises(AssignmentNotDraft):
        delete(stretch)
    delete(line)

    with clinic_context(world.clinic.pk):
        assert list(Line.objects.values_list("pk", flat=True)) == [stretch.pk]
