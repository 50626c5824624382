"""Publishing the catalogue: idempotent, in versions, and never a clinic's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoDbBlocker

from clinics.actors import system
from core.tenancy import clinic_context
from programs.actions.own import StaleVersion
from programs.actions.publish import (
    CatalogueIdChanged,
)
from programs.actions.reviews import review_measure
from programs.content import exercise_content, safety_content
from programs.models import (
    Exercise,
    ExerciseVersion,
    OutcomeMeasure,
    Program,
    ProgramItem,
    SafetyBlock,
)
from programs.reading import current_measures, safety_questions
from programs.shipped import CatalogueInvalid
from tests.conftest import as_owner
from tests.factories import people
from tests.factories.programs import CatalogueFiles, own_exercise, shipped
from tests.unit.programs.loading import LATER, current, publish, rows


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Be the owner of the tables in one transaction that is undone."""
    with django_db_blocker.unblock(), as_owner(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_what_ships_is_there_for_all_clinics() -> None:
    assert rows()[:-1] == [
        ("Exercise", 25),
        ("ExerciseVersion", 25),
        ("Program", 4),
        ("ProgramVersion", 4),
        ("ProgramItem", 24),
        ("OutcomeMeasure", 11),
        ("SafetyBlock", 1),
    ]
    assert set(ExerciseVersion.objects.values_list("number", "review_status")) == {(1, "draft")}
    assert set(ProgramItem.objects.values_list("clinic", flat=True)) == {None}


@pytest.mark.django_db
def test_the_wall_stretch_of_the_six_has_its_default_dose_and_side() -> None:
    item = ProgramItem.objects.get(
        program_version__program__slug="six_leg_exercises", exercise__slug="wall_stretch"
    )

    assert (item.position, item.side, item.measure) == (1, "affected", "hold")
    assert (item.sets, item.repetitions, item.hold_seconds, item.rest_seconds) == (1, 3, 20, 15)
    assert (item.schedule, item.times_per_week, item.weekdays) == ("times_per_week", 5, 0)


@pytest.mark.usefixtures("owner")
def test_loading_again_writes_nothing(files: CatalogueFiles) -> None:
    before = rows()

    done = publish(files, now=LATER)

    assert rows() == before
    assert (done.wrote, done.unchanged) == (False, 25 + 4 + 11 + 1)


@pytest.mark.usefixtures("owner")
def test_a_changed_wording_becomes_a_new_version(files: CatalogueFiles) -> None:
    first = current("wall_stretch")
    files.change_exercise("wall_stretch", checks__0__fix="Step a bit less far back.")

    done = publish(files, now=LATER)

    second = current("wall_stretch")
    assert done.changed == ["exercise wall_stretch"]
    assert (second.number, second.published_at) == (2, LATER)
    assert exercise_content(second.content).checks[0].fix == "Step a bit less far back."
    first.refresh_from_db()
    assert exercise_content(first.content).checks[0].fix == "Take a smaller step back."


@pytest.mark.usefixtures("owner")
def test_a_new_default_dose_is_a_new_version_of_the_programs_that_hold_it(
    files: CatalogueFiles,
) -> None:
    files.change_exercise("leg_press", usual_dose__sets__start=3)

    done = publish(files, now=LATER)

    assert done.changed == ["exercise leg_press", "program six_leg_exercises"]
    doses = ProgramItem.objects.filter(exercise__slug="leg_press").order_by(
        "program_version__number"
    )
    assert [(item.program_version.number, item.sets) for item in doses] == [(1, 2), (2, 3)]


@pytest.mark.usefixtures("owner")
def test_a_review_is_published_as_a_new_version(files: CatalogueFiles) -> None:
    files.change_exercise(
        "heel_raise",
        review_status="reviewed",
        reviewed_by="Rui Costa, physiotherapist",
        reviewed_on="2026-11-20",
    )

    publish(files, now=LATER)

    version = current("heel_raise")
    content = exercise_content(version.content)
    assert (version.number, version.review_status) == (2, "reviewed")
    assert (content.reviewed_by, content.reviewed_on) == (
        "Rui Costa, physiotherapist",
        dt.date(2026, 11, 20),
    )


@pytest.mark.usefixtures("owner")
def test_an_exercise_gone_from_the_files_is_retired_and_kept(files: CatalogueFiles) -> None:
    files.remove_exercise("leg_press")

    done = publish(files, now=LATER)

    gone = Exercise.objects.get(slug="leg_press")
    assert done.retired == ["exercise leg_press"]
    assert (gone.retired_at, gone.current is not None) == (LATER, True)
    assert not publish(files, now=LATER + dt.timedelta(days=1)).wrote
    assert ProgramItem.objects.filter(exercise=gone, program_version__number=1).count() == 1


@pytest.mark.usefixtures("owner")
def test_a_retired_exercise_that_is_back_is_in_use_again(
    files: CatalogueFiles, tmp_path: Path
) -> None:
    files.remove_exercise("leg_press")
    publish(files, now=LATER)

    done = publish(CatalogueFiles(tmp_path / "whole"), now=LATER)

    back = Exercise.objects.get(slug="leg_press")
    assert done.returned == ["exercise leg_press"]
    assert (back.retired_at, current("leg_press").number) == (None, 1)


@pytest.mark.usefixtures("owner")
def test_a_program_gone_from_the_files_is_retired(files: CatalogueFiles) -> None:
    files.remove_entry("programs.yaml", "early_bed")

    done = publish(files, now=LATER)

    assert done.retired == ["program early_bed"]
    assert Program.objects.get(slug="early_bed").retired_at == LATER


@pytest.mark.usefixtures("owner")
def test_a_measure_gone_from_the_files_is_offered_no_more(
    files: CatalogueFiles, tmp_path: Path
) -> None:
    files.remove_entry("measures.yaml", "berg_balance")

    done = publish(files, now=LATER)

    versions = OutcomeMeasure.objects.filter(slug="berg_balance").order_by("number")
    assert done.retired == ["measure berg_balance"]
    assert [(one.number, one.is_offered) for one in versions] == [(1, True), (2, False)]
    assert not publish(files, now=LATER).wrote
    assert publish(CatalogueFiles(tmp_path / "whole"), now=LATER).changed == [
        "measure berg_balance"
    ]
    assert OutcomeMeasure.objects.order_by("-number").filter(slug="berg_balance")[0].is_offered


@pytest.mark.usefixtures("owner")
def test_a_changed_safety_text_becomes_a_new_version(files: CatalogueFiles) -> None:
    files.change_safety(breathing="Breathe in and out. Do not hold it.")

    done = publish(files, now=LATER)

    newest = SafetyBlock.objects.order_by("-number")[0]
    assert done.changed == ["safety block"]
    assert newest.number == 2
    assert safety_content(newest.content).breathing == "Breathe in and out. Do not hold it."


@pytest.mark.usefixtures("owner")
def test_a_new_version_of_a_measure_is_a_draft_again(files: CatalogueFiles) -> None:
    berg = OutcomeMeasure.objects.get(slug="berg_balance")
    said: Any = {"status": "reviewed", "reviewer_name": "Dr Inês Vale", "by": system()}
    review_measure(measure_id=berg.pk, version=1, now=LATER, **said)
    files.change_entry("measures.yaml", "berg_balance", name="Berg balance")

    publish(files, now=LATER)

    newest = current_measures().get(slug="berg_balance")
    assert (newest.number, newest.newest_review) == (2, None)
    for version in (1, 2):
        with pytest.raises(StaleVersion), transaction.atomic():
            review_measure(measure_id=berg.pk, version=version, now=LATER, **said)
    review_measure(measure_id=newest.pk, version=2, now=LATER, **said)
    assert current_measures().get(pk=newest.pk).newest_review["by"] == "Dr Inês Vale"


@pytest.mark.usefixtures("owner")
def test_the_questions_of_earlier_versions_stay_known(files: CatalogueFiles) -> None:
    """A phone that was offline for long answers what its own plan asked."""
    stairs = {"id": "stairs", "ask": "Are the stairs clear?", "right": "yes", "fix": "Clear them."}
    floor = next(one for one in files.read("safety.yaml")["before"] if one["id"] == "floor")
    before = safety_questions()

    files.change_safety(before=[stairs, floor])
    publish(files, now=LATER)

    assert before == ["well", "floor", "shoes", "aid"]
    assert safety_questions() == ["stairs", "floor", "well", "shoes", "aid"]


@pytest.mark.usefixtures("owner")
def test_an_entry_never_changes_its_id(files: CatalogueFiles) -> None:
    before = rows()
    files.change_exercise("wall_stretch", id="00000000-0000-4000-8000-000000000001")

    with pytest.raises(CatalogueIdChanged, match="The exercise wall_stretch is published with"):
        publish(files)

    assert rows() == before


@pytest.mark.usefixtures("owner")
def test_an_entry_never_changes_its_slug(files: CatalogueFiles) -> None:
    before = rows()
    files.change_entry("programs.yaml", "walk_better", slug="walk_far")

    with pytest.raises(CatalogueIdChanged, match="published as walk_better: a slug never changes"):
        publish(files)

    assert rows() == before


@pytest.mark.usefixtures("owner")
def test_a_clinics_own_exercise_is_never_touched(files: CatalogueFiles) -> None:
    harbour = people.clinic()
    own = own_exercise(harbour)
    twin = own_exercise(harbour, slug="wall_stretch", name="Our wall stretch")
    files.change_exercise("wall_stretch", name="Wall lean")

    done = publish(files, now=LATER)

    assert done.changed == ["exercise wall_stretch"]
    with clinic_context(harbour.pk):
        own.refresh_from_db()
        twin.refresh_from_db()
        assert (own.retired_at, own.current.number) == (None, 1)
        assert (twin.current.name, twin.current.number) == ("Our wall stretch", 1)
        assert own.versions.count() == 1


@pytest.mark.usefixtures("owner")
def test_a_clinics_context_around_it_changes_nothing(files: CatalogueFiles) -> None:
    harbour = people.clinic()
    own_exercise(harbour)

    with clinic_context(harbour.pk):
        done = publish(files, now=LATER)
        seen = Exercise.objects.count()

    assert (done.wrote, seen) == (False, 26)


@pytest.mark.usefixtures("owner")
def test_a_role_that_sees_a_clinics_own_exercise_leaves_it_alone_too(
    files: CatalogueFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    harbour = people.clinic()
    own = own_exercise(harbour)
    monkeypatch.setattr("programs.actions.publish.clinic_context", lambda clinic_id: nullcontext())
    files.change_exercise("heel_raise", name="Toe stand")

    with clinic_context(harbour.pk):
        done = publish(files, now=LATER)
        own.refresh_from_db()

    assert (done.changed, done.retired) == (["exercise heel_raise"], [])
    assert own.retired_at is None


@pytest.mark.usefixtures("owner")
def test_what_contradicts_itself_writes_nothing(files: CatalogueFiles) -> None:
    before = rows()
    files.change_exercise("heel_raise", name="Toe stand")
    files.change_exercise("wall_stretch", checks__0__fault=9)

    with pytest.raises(CatalogueInvalid) as refused:
        publish(files)

    assert refused.value.problems == ["wall_stretch: the check heel-down shows fault 9 of 2"]
    assert rows() == before


@pytest.mark.usefixtures("owner")
def test_a_failure_halfway_leaves_nothing_behind(
    files: CatalogueFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows()
    files.change_exercise("heel_raise", name="Toe stand")
    files.change_safety(breathing="Breathe.")

    def full_disk(**fields: object) -> None:
        raise DatabaseError("no space left")

    monkeypatch.setattr(SafetyBlock.objects, "create", full_disk)
    with pytest.raises(DatabaseError, match="no space left"):
        publish(files)

    assert rows() == before


@pytest.mark.django_db
def test_content_survives_the_database_and_keeps_its_hash() -> None:
    written = {one.slug: one.content for one in shipped().exercises}

    stored = {
        exercise.slug: exercise_content(exercise.current.content)
        for exercise in Exercise.objects.select_related("current")
    }

    assert stored == written
    assert msgspec.json.encode(stored["leg_press"].usual_dose.load_kg) == (
        b'{"low":0.0,"high":100.0,"start":20.0}'
    )
