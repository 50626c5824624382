"""Who may publish the catalogue: the database's walls, the audit, two at once, and the command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoDbBlocker

from clinics.actors import Actor, system
from core import audit
from core.errors import Forbidden
from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.actions.publish import (
    SharedRowsNotWritable,
    publish_catalogue,
)
from programs.models import (
    Exercise,
    ExerciseVersion,
    OutcomeMeasure,
    Program,
    SafetyBlock,
)
from programs.shipped import read_catalogue
from tests.conftest import as_owner
from tests.factories import people
from tests.factories.programs import CatalogueFiles
from tests.unit.programs.loading import LATER, NOW, current, publish, rows


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Be the owner of the tables in one transaction that is undone."""
    with django_db_blocker.unblock(), as_owner(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_application_may_not_publish(files: CatalogueFiles) -> None:
    before = rows()
    files.change_exercise("heel_raise", name="Toe stand")

    with pytest.raises(SharedRowsNotWritable):
        publish(files)

    assert rows() == before


@pytest.mark.django_db
@pytest.mark.parametrize("table", [SafetyBlock, OutcomeMeasure])
def test_the_database_keeps_the_application_from_platform_content(
    table: type[SafetyBlock] | type[OutcomeMeasure],
) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        table.objects.all().delete()


@pytest.mark.django_db
def test_the_database_keeps_the_application_from_shared_rows() -> None:
    harbour = people.clinic()

    with clinic_context(harbour.pk):
        assert Program.objects.filter(slug="early_bed").update(retired_at=NOW) == 0
        assert Program.objects.filter(slug="early_bed").update(clinic=harbour) == 0
        assert Program.objects.filter(slug="early_bed")._raw_delete("default") == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Exercise.objects.create(slug="shared_by_force")

    assert Program.objects.filter(clinic=None, retired_at=None).count() == 4


@pytest.mark.usefixtures("owner")
def test_a_published_version_never_changes() -> None:
    version = current("wall_stretch")

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        ExerciseVersion.objects.filter(pk=version.pk).update(name="Wall dance")


@pytest.mark.parametrize("roles", [frozenset({"admin"}), frozenset({"therapist", "admin"})])
def test_no_member_of_staff_publishes_for_all(files: CatalogueFiles, roles: frozenset[str]) -> None:
    helena = Actor(user_id=None, acting_as="staff", roles=roles)

    with pytest.raises(Forbidden):
        publish_catalogue(read_catalogue(files.directory), by=helena, now=NOW)


@pytest.mark.usefixtures("owner")
def test_a_load_that_wrote_leaves_an_audit_event(
    files: CatalogueFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform's own events are readable by none of our roles: the writer is watched."""
    files.change_exercise("heel_raise", name="Toe stand")
    files.remove_entry("programs.yaml", "early_bed")
    kept: list[AuditEvent] = []
    record = audit.record
    monkeypatch.setattr(audit, "record", lambda **event: kept.append(record(**event)))

    publish(files, now=LATER)
    publish(files, now=LATER)

    (event,) = kept
    assert (event.action, event.at, event.acting_as) == ("publish_catalogue", LATER, "system")
    assert (event.clinic_id, event.actor_id) == (None, None)
    assert event.details == {
        "new": [],
        "changed": ["exercise heel_raise"],
        "retired": ["program early_bed"],
    }


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_publish_once(files: CatalogueFiles) -> None:
    files.change_exercise("heel_raise", name="Toe stand")
    catalogue = read_catalogue(files.directory)
    barrier, told = threading.Barrier(2), []

    def load() -> None:
        barrier.wait()
        try:
            told.append(publish_catalogue(catalogue, by=system(), now=LATER).changed)
        finally:
            connection.close()

    with as_owner():
        loaders = [threading.Thread(target=load) for _ in range(2)]
        for loader in loaders:
            loader.start()
        for loader in loaders:
            loader.join()

    assert sorted(told) == [[], ["exercise heel_raise"]]
    assert current("heel_raise").number == 2


@pytest.mark.usefixtures("owner")
def test_the_command_says_what_it_did(files: CatalogueFiles) -> None:
    files.change_exercise("heel_raise", name="Toe stand")
    files.remove_entry("programs.yaml", "early_bed")
    out = StringIO()

    call_command("load_catalogue", directory=files.directory, stdout=out)

    assert out.getvalue() == (
        "new version: exercise heel_raise\nretired: program early_bed\nunchanged: 39\n"
    )


@pytest.mark.usefixtures("owner")
def test_the_command_can_be_silent(files: CatalogueFiles) -> None:
    out = StringIO()

    call_command("load_catalogue", directory=files.directory, verbosity=0, stdout=out)

    assert out.getvalue() == ""


def test_the_command_names_every_problem(files: CatalogueFiles) -> None:
    files.change_exercise("heel_raise", level=9)
    files.change_safety(effort="")

    with pytest.raises(CommandError) as refused:
        call_command("load_catalogue", directory=files.directory)

    assert str(refused.value) == (
        "The catalogue is not valid. Nothing was loaded.\n"
        "  exercises/heel_raise.yaml: Expected `int` <= 4 - at `$.level`\n"
        "  safety.yaml: Expected `str` of length >= 1 - at `$.effort`"
    )


@pytest.mark.django_db
def test_the_command_says_whom_to_connect_as(files: CatalogueFiles) -> None:
    with pytest.raises(CommandError, match="Connect as the owner of the tables"):
        call_command("load_catalogue", directory=files.directory)


def test_the_command_needs_a_directory(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing is not a directory"):
        call_command("load_catalogue", directory=tmp_path / "missing")
