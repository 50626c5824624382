"""Publishing a catalogue, and what is stored of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from clinics.actors import system
from core.models import AuditEvent
from programs.actions.publish import (
    Published,
    publish_catalogue,
)
from programs.models import (
    Exercise,
    ExerciseVersion,
    OutcomeMeasure,
    Program,
    ProgramItem,
    ProgramVersion,
    SafetyBlock,
)
from programs.shipped import read_catalogue
from tests.factories.programs import CatalogueFiles

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def publish(files: CatalogueFiles, *, now: dt.datetime = NOW) -> Published:
    with transaction.atomic():
        return publish_catalogue(read_catalogue(files.directory), by=system(), now=now)


def rows() -> list[tuple[str, int]]:
    """Count every row of the catalogue, and the audit's."""
    models = (
        Exercise,
        ExerciseVersion,
        Program,
        ProgramVersion,
        ProgramItem,
        OutcomeMeasure,
        SafetyBlock,
        AuditEvent,
    )
    return [(model.__name__, model.objects.count()) for model in models]


def current(slug: str) -> ExerciseVersion:
    version = Exercise.objects.select_related("current").get(clinic=None, slug=slug).current
    assert version is not None
    return version
