"""The quarter's sessions of a line are counted in an index, whatever became of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from core.tenancy import clinic_context
from patients.models import Line
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.line_history import counted_since, history_sql
from sessions.models import ExerciseResult, ExerciseSession
from tests.factories import people, prescribed
from tests.factories.database import plan_by_index
from tests.unit.sessions.bodies import NOW, correction, log, result, session
from tests.unit.sessions.storing import DAY, held, send

TODAY = dt.date(2026, 11, 23)
LAST_OF_QUARTER, FIRST_OF_QUARTER = "2026-09-30T23:59:59+00:00", "2026-10-01T00:00:00+00:00"


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def both_sides(line: Line, **more: Any) -> dict[str, Any]:
    """A session with a result for each side of the line: counted once."""
    return session(result(line, 10, side="left"), result(line, 10, side="right"), **more)


def counted(line: Line) -> int:
    statement = f"SELECT ({history_sql('line.id')})::text FROM patients_line AS line WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(statement, [counted_since(TODAY), line.pk])
        return json.loads(cursor.fetchone()[0])["sessions"]


def moments_are_the_sessions() -> bool:
    """Whether each result has its session's moment; by it the results of one stand together."""
    pairs = ExerciseResult.objects.values_list("performed_at", "session__performed_at")
    return all(own == of_session for own, of_session in pairs)


def moved(world: people.World, body: dict[str, Any], to: str, **changes: Any) -> None:
    correct_session(
        session_id=ExerciseSession.objects.get(phone_id=body["id"]).pk,
        content=correction(body, corrects=1, performed_at=to, **changes),
        by=people.acting(world.rui),
        now=NOW,
    )


def test_sessions_at_the_same_moment_are_counted_each(world, line):
    send(world, both_sides(line))
    send(world, both_sides(line), by=people.acting(world.rui))

    assert counted(line) == 2


@pytest.mark.parametrize(
    ("first", "then", "before", "after"),
    [
        ("2026-11-20T09:00:00+00:00", "2026-11-21T09:00:00+00:00", 1, 1),
        (FIRST_OF_QUARTER, LAST_OF_QUARTER, 1, 0),
        (LAST_OF_QUARTER, FIRST_OF_QUARTER, 0, 1),
    ],
)
def test_a_session_is_counted_where_it_was_moved_to(world, line, first, then, before, after):
    body = both_sides(line, performed_at=first)
    send(world, body, by=people.acting(world.rui))
    assert (counted(line), moments_are_the_sessions()) == (before, True)

    moved(world, body, then)

    assert (counted(line), moments_are_the_sessions()) == (after, True)


def test_what_was_corrected_to_nothing_done_is_no_session(world, line):
    body = both_sides(line)
    send(world, body)

    skipped = {"line": str(line.pk), "side": "both", "skipped": "fatigue"}
    moved(world, body, body["performed_at"], results=[skipped])

    assert counted(line) == 0


def test_a_withdrawn_session_is_not_counted(world, line):
    send(world, both_sides(line))

    withdraw_session(
        session_id=ExerciseSession.objects.get().pk, reason="", by=people.acting_for(world.ana),
        now=NOW,
    )  # fmt: skip

    assert counted(line) == 0


def test_a_held_session_is_counted_once_it_is_accepted_at_its_right_time(world, line):
    body, _answer = held(world, line)
    assert (counted(line), moments_are_the_sessions()) == (0, True)
    when = log({**body, "performed_at": FIRST_OF_QUARTER}).performed_at

    accept_held(
        session_id=ExerciseSession.objects.get().pk, performed_at=when,
        by=people.acting(world.rui), now=NOW + DAY,
    )  # fmt: skip

    assert (counted(line), moments_are_the_sessions()) == (1, True)


def test_a_refused_session_is_not_counted(world, line):
    held(world, line)

    refuse_held(
        session_id=ExerciseSession.objects.get().pk, reason="Not hers.",
        by=people.acting(world.rui), now=NOW + DAY,
    )  # fmt: skip

    assert counted(line) == 0


def test_they_are_counted_without_a_row_of_the_table(world, line):
    """In the order of the index, so that nothing is sorted; VACUUM lets it answer alone."""
    send(world, both_sides(line))
    plan_by_index()
    with connection.cursor() as cursor:
        for way in ("hashagg", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) SELECT ({history_sql('line.id')}) FROM patients_line AS line",
            [counted_since(TODAY)],
        )
        [[found]] = cursor.fetchall()
    [plan] = json.loads(found) if isinstance(found, str) else found

    [group] = [each for each in nodes(plan["Plan"]) if each["Node Type"] == "Group"]
    [scan] = [each for each in group["Plans"] if "Index Name" in each]

    assert (scan["Node Type"], scan["Index Name"]) == ("Index Only Scan", "result_latest_of_line")
    assert {each["Node Type"] for each in nodes(group)} <= {"Group", "Index Only Scan", "Result"}


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(one for each in node.get("Plans", []) for one in nodes(each))]


def test_what_is_added_is_soon_seen_by_autovacuum():
    """After a thousand rows, not after a fifth of the table: until then rows are read, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reloptions FROM pg_class WHERE oid = 'rehab_sessions_exerciseresult'::regclass"
        )
        assert cursor.fetchone() == (["autovacuum_vacuum_insert_scale_factor=0"],)
