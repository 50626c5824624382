"""Uploads and plans cost the same number of statements, however much is sent or stored."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import clinic_context
from patients.models import Line
from sessions.alert_facts import ALERT_FACTS, ASKED
from sessions.goals import GOALS_OF_LINE
from sessions.models import Alert, PatientWeek
from sessions.patient_weeks import figures_of
from tests.api.caller import Caller
from tests.factories import measured, people, prescribed
from tests.factories.database import plan_by_index

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
UPLOAD_AT_MOST = 10
PLAN_AT_MOST = 7  # BEGIN, identify, three reads, audit, COMMIT
NOT_CHANGED_AT_MOST = 5

HISTORY = """
WITH numbers AS (SELECT generate_series(1, %(count)s) AS n),
made AS (
    INSERT INTO rehab_sessions_exercisesession (
        id, created_at, updated_at, clinic_id, patient_id, phone_id, status, version,
        performed_at, performed_on, claimed_performed_at, received_at, symptoms, help, note,
        logged_by_id, logged_as, has_red_flag, is_possible_duplicate, decision_reason,
        withdrawn_reason)
    SELECT gen_random_uuid(), now(), now(), %(clinic)s, %(patient)s, gen_random_uuid(), 'counted',
        1, at, at::date, at, at, '{}', '', '', %(user)s, 'patient', false, false, '', ''
    FROM (SELECT timestamptz '2026-11-22 12:00Z' - n * interval '45 minutes' AS at FROM numbers) t
    RETURNING id, performed_at, performed_on
)
INSERT INTO rehab_sessions_exerciseresult (
    id, created_at, updated_at, clinic_id, patient_id, session_id, line_id,
    prescribed_exercise_id, performed_on, performed_at, counts, side, is_off_plan, repetitions,
    hold_seconds, duration_seconds, distance_m, steps, load_kg, set_count, skipped, checks,
    difficulty, credit_numerator, credit_denominator, total, verdict, has_check_not_yet,
    asks_to_stop)
SELECT gen_random_uuid(), now(), now(), %(clinic)s, %(patient)s, made.id, %(line)s, %(row)s,
    performed_on, performed_at, true, 'both', false, '{10}', '{}', '{}', '{}', '{}', '{}', 1, '',
    '{}', '', 10, 10, 10, 'part', false, false
FROM made
"""


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def lines(world: people.World) -> list[Line]:
    slugs = ["heel_raise", "bridging", "sit_to_stand", "knee_twist", "leg_press", "heel_slide"]
    made = [prescribed.line(world.ana, slug) for slug in slugs]
    a_night_passes(world)
    return made


def a_night_passes(world: people.World) -> None:
    """Keep the last weeks, as the nightly check does."""
    last = dt.date(2026, 11, 16)
    weeks = [last - number * dt.timedelta(days=7) for number in range(4)]
    with clinic_context(world.clinic.pk):
        figures_of(patient_ids=[world.ana.pk], weeks=weeks)


def history(world: people.World, line: Line, count: int) -> None:
    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(
            HISTORY,
            {
                "count": count,
                "clinic": world.clinic.pk,
                "patient": world.ana.pk,
                "user": world.ana.user_id,
                "line": line.pk,
                "row": line.rows.get().pk,
            },
        )
    a_night_passes(world)


def statements(call: Any) -> tuple[Any, list[str]]:
    """Return the answer and the statements of a request; SAVEPOINT and RELEASE are its
    BEGIN and COMMIT inside a test, and only a test has a context to take down afterwards."""
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    sent = [query["sql"] for query in captured.captured_queries]
    return answer, [sql for sql in sent if "set_config('app.clinic_id'" not in sql]


def a_session(lines: list[Line], sets: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "sent_at": "2026-11-23T18:02:00+00:00",
        "results": [
            {
                "line": str(line.pk),
                "side": "both",
                "sets": [{"repetitions": 10}] * sets,
                "pain": 1,
            }
            for line in lines
        ],
    }


def test_an_upload_keeps_its_statement_count(caller: Caller, world: people.World, lines):
    ana = caller.as_(world.ana)
    counts = {}

    def upload(name: str, named: list[Line], sets: int) -> None:
        body = a_session(named, sets)
        answer, sent = statements(lambda: ana.post("me/sessions", body))
        assert answer.status_code == 201
        counts[name] = len(sent)
        assert len(sent) <= UPLOAD_AT_MOST, "\n".join(sql[:160] for sql in sent)

    upload("one set, no history", lines[:1], 1)
    upload("sixty sets, no history", lines, 10)
    history(world, lines[0], 10_000)
    upload("one set, 10,000 sessions", lines[:1], 1)
    upload("sixty sets, 10,000 sessions", lines, 10)

    assert len(set(counts.values())) == 1, counts


def test_an_upload_takes_few_statements_more_where_no_week_is_kept(
    caller: Caller, world: people.World, lines
):
    ana = caller.as_(world.ana)
    _answer, usual = statements(lambda: ana.post("me/sessions", a_session(lines, 1)))
    with clinic_context(world.clinic.pk):
        PatientWeek.objects.all().delete()
    _answer, first = statements(lambda: ana.post("me/sessions", a_session(lines, 1)))
    _answer, second = statements(lambda: ana.post("me/sessions", a_session(lines, 1)))

    # One more counts the run again; the other, which keeps a week, is prepared past Django's count.
    assert len(usual) == len(second) == len(first) - 1
    assert len(first) + 1 <= UPLOAD_AT_MOST


def an_alarming_session(lines: list[Line], sets: int) -> dict[str, Any]:
    """Raises what pain, effort and every line can raise, told to the care team too."""
    body = a_session(lines, sets)
    for each in body["results"]:
        each |= {"pain": 9, "difficulty": "too_hard", "checks": {"heels-high": "unsure"}}
    return body | {"pain_before": 0, "pain_after": 5, "effort": 9}


def test_an_upload_keeps_its_statement_count_while_it_raises_alerts(
    caller: Caller, world: people.World, lines
):
    ana = caller.as_(world.ana)
    counts = {}

    def upload(name: str, named: list[Line], sets: int) -> None:
        body = an_alarming_session(named, sets)
        answer, sent = statements(lambda: ana.post("me/sessions", body))
        assert answer.status_code == 201
        counts[name] = len(sent)
        assert len(sent) <= UPLOAD_AT_MOST, "\n".join(sql[:160] for sql in sent)

    upload("the first alerts", lines[:1], 1)
    upload("added to, and those of six lines", lines, 10)
    history(world, lines[0], 10_000)
    upload("one set, 10,000 sessions", lines[:1], 1)
    upload("sixty sets, 10,000 sessions", lines, 10)

    assert len(set(counts.values())) == 1, counts
    with clinic_context(world.clinic.pk):
        raised = Alert.objects.values_list("rule", flat=True)
        assert {"pain_after", "exercise_pain"} <= set(raised)


EXPLAINED = "EXPLAIN (FORMAT JSON, ANALYZE) "


def test_what_was_said_before_is_found_by_index_among_10_000_sessions(
    caller: Caller, world: people.World, lines
):
    """No part of the statement that judges reads more than some dozens of the patient's results."""
    history(world, lines[0], 10_000)
    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        # A table that was never analysed looks empty to the planner, which then gathers and sorts.
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        asked = {rule: [lines[0].pk] for rule in ASKED}
        cursor.execute(
            f"{EXPLAINED} SELECT {ALERT_FACTS}",
            {
                "clinic": world.clinic.pk, "patient": world.ana.pk, "performed_at": NOW,
                "except": None, **asked,
            },
        )  # fmt: skip
        [[found]] = cursor.fetchall()

    most = max(most_rows(node) for node in (json.loads(found) if isinstance(found, str) else found))

    assert most <= 40


def most_rows(node: dict[str, Any]) -> float:
    """The most rows that any node of an executed plan read or threw away, over all its loops."""
    plan = node.get("Plan", node)
    read = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return max([read, *(most_rows(each) for each in plan.get("Plans", []))])


def test_goals_are_told_without_a_statement_more(caller: Caller, world: people.World, lines):
    ana = caller.as_(world.ana)
    _answer, without = statements(lambda: ana.post("me/sessions", a_session(lines, 10)))
    for slug in ("heel_raise", "bridging", "sit_to_stand", "knee_twist", "leg_press", "heel_slide"):
        for amount in ("best_set", "day_total", "week_total"):
            measured.goal(world.ana, slug, amount, target="5000", from_=dt.date(2026, 1, 5))
    few, with_goals = statements(lambda: ana.post("me/sessions", a_session(lines, 10)))
    history(world, lines[0], 10_000)
    many, with_history = statements(lambda: ana.post("me/sessions", a_session(lines, 10)))

    assert (len(with_goals), len(with_history)) == (len(without), len(without))
    assert len(few.json()["feedback"]["goals"]) == 12  # the best sets are no better
    assert len(many.json()["feedback"]["goals"]) == 12


@pytest.mark.parametrize("amount", ["best_set", "day_total", "week_total"])
def test_what_a_goal_stands_at_is_found_by_index_among_10_000_sessions(world, lines, amount):
    """A best set is the first of its index; a day and a week hold some dozens of results."""
    measured.goal(world.ana, "heel_raise", amount, target="5000", from_=dt.date(2026, 1, 5))
    history(world, lines[0], 10_000)
    of_line = f"(SELECT exercise_id, measure FROM patients_line WHERE id = '{lines[0].pk}')"
    with clinic_context(world.clinic.pk), connection.cursor() as cursor:
        # As above: a table that was never analysed looks empty to the planner.
        plan_by_index()
        cursor.execute(
            f"{EXPLAINED} SELECT {GOALS_OF_LINE} FROM {of_line} w",
            {"patient": world.ana.pk, "day": dt.date(2026, 11, 20), "except": None},
        )
        [[found]] = cursor.fetchall()

    most = max(most_rows(node) for node in (json.loads(found) if isinstance(found, str) else found))

    assert most <= 7 * 32  # 32 sessions a day


def test_a_plan_keeps_its_statement_count_and_its_size(caller: Caller, world, lines):
    ana = caller.as_(world.ana)
    counts = {}

    def read(name: str) -> Any:
        answer, sent = statements(lambda: ana.get("me/plan"))
        assert answer.status_code == 200
        counts[name] = len(sent)
        assert len(sent) <= PLAN_AT_MOST, "\n".join(sql[:160] for sql in sent)
        return answer

    first = read("no history")
    ana.post("me/sessions", a_session(lines, 10))
    history(world, lines[0], 10_000)
    read("10,000 sessions")

    assert len(set(counts.values())) == 1, counts
    assert len(json.loads(first.content)["lines"]) == 6


def test_a_plan_that_did_not_change_is_not_made_again(caller: Caller, world, lines):
    ana = caller.as_(world.ana)
    tag = {"If-None-Match": ana.get("me/plan").headers["ETag"]}

    answer, sent = statements(lambda: ana.get("me/plan", headers=tag))

    assert answer.status_code == 304
    assert len(sent) <= NOT_CHANGED_AT_MOST, "\n".join(sql[:160] for sql in sent)


def test_a_plan_of_six_exercises_is_small_on_the_way(caller: Caller, world, lines):
    """Its words compress well, and a token that no browser sends by itself leaks nothing by it."""
    ana = caller.as_(world.ana)
    asked = {"Accept-Encoding": "gzip"}

    packed = ana.get("me/plan", headers=asked)
    plain = ana.get("me/plan")
    unchanged = ana.get("me/plan", headers=asked | {"If-None-Match": packed.headers["ETag"]})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) <= 10_000
    assert gzip.decompress(packed.content) == plain.content
    assert unchanged.status_code == 304
