"""Zones are Python's, from the pinned package: PostgreSQL's own tables differ, and are never asked."""

from __future__ import annotations

import re

import pytest

from tests.architecture.project import ROOT, modules

# A zone by its name or by a column, and what lets the ORM write one; UTC is no zone's rules.
NAMED_ZONE = re.compile(
    r"AT\s+TIME\s+ZONE\s+(?!'UTC')\S+|timezone\(\s*'(?!UTC)|Trunc\w*\([^)]*tzinfo\s*=",
    re.IGNORECASE,
)


def named_zones(source: str) -> list[str]:
    return [found[0] for found in NAMED_ZONE.finditer(source)]


def test_no_statement_names_a_zone():
    sources = [module.source for module in modules()]
    sources += [path.read_text() for path in ROOT.glob("*/sql/*.sql")]

    assert len(sources) >= 200
    assert [fault for source in sources for fault in named_zones(source)] == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("due_at AT TIME ZONE 'Europe/Lisbon'", 1),
        ("due_at at time zone patient.time_zone", 1),
        ("timezone('CET', due_at)", 1),
        ('TruncDate("due_at", tzinfo=zone)', 1),
        ("due_at AT TIME ZONE 'UTC'", 0),
        ("timezone('UTC', due_at)", 0),
        ('TruncWeek("performed_on")', 0),
        ("timezone.now()", 0),
    ],
)
def test_a_named_zone_is_found(source, faults):
    assert len(named_zones(source)) == faults
