"""Lines added, ordered and changed in place, who may, and lines of a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import line_places
from patients.actions import lines as actions
from patients.actions.prescribing import AssignmentNotDraft, PatientDischarged
from patients.confirmations import (
    AlreadyPrescribed,
    ContraindicationsNotRuledOut,
    NotConfirmed,
)
from patients.models import Line, Patient
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import FRI, MON, SAT, THU, TUE, WED, Nothing
from tests.unit.patients.revising import edges, end, revise


@pytest.fixture
def stretch(world: people.World) -> Line:
    """Ana's wall stretch: 3 sets of 3, held 20 seconds, every day from Monday."""
    return rx.prescribe(world.ana, "wall_stretch", sets=3, from_=MON)


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
