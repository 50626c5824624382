"""Alerts as the care team reads them: the reason, the next step, the notes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import CareTeamMembership, Line, PrescribedExercise
from sessions.alert_rules import RULES, SEVERITIES, Severity
from sessions.care_bodies import RuleName
from sessions.models import Alert
from tests.api.caller import Caller
from tests.factories import people, prescribed
from tests.factories.alerts import thresholds

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


@pytest.fixture
def ana(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.ana)


def say(ana: Caller, line: Line, day: int, result: dict | None = None, **more) -> None:
    body = {
        "id": str(uuid.uuid4()),
        "performed_at": f"2026-11-{day}T09:30:00+00:00",
        "results": [
            {"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}] * 3}
            | (result or {})
        ],
        **more,
    }
    assert ana.post("me/sessions", body).status_code == 201


def listed(rui: Caller) -> list[dict]:
    return rui.get("alerts").json()["results"]


@pytest.mark.parametrize(
    ("pain", "raised"),
    [(6, []), (7, [("pain_after", "critical")]), (8, [("pain_after", "critical")])],
)
def test_pain_without_an_exercise_reaches_the_therapist(ana, rui, line, pain, raised):
    body = {"id": str(uuid.uuid4()), "performed_at": "2026-11-23T09:30:00+00:00", "results": []}

    nothing = ana.post("me/sessions", body)
    told = ana.post("me/sessions", body | {"pain_after": pain})

    assert (nothing.status_code, told.status_code) == (400, 201)
    assert [each["field"] for each in nothing.json()["errors"]] == ["results"]
    assert told.json()["feedback"]["results"] == []
    assert [(each["rule"], each["severity"]) for each in listed(rui)] == raised


@pytest.mark.parametrize(
    ("result", "rule", "kind", "dose"),
    [
        ({"difficulty": "too_easy"}, "too_easy", "progress",
         {"quantity": "repetitions", "now": 10, "then": 12}),
        ({"difficulty": "too_hard"}, "too_hard", "regress",
         {"quantity": "repetitions", "now": 10, "then": 8}),
        ({"checks": {"heels-lift": "unsure"}}, "unsure", "show_again", None),
    ],
)  # fmt: skip
def test_a_suggestion_says_why_and_what_next_and_changes_nothing(
    ana, rui, world, line, result, rule, kind, dose
):
    for day in (19, 20, 21):
        say(ana, line, day, result)

    [alert] = listed(rui)

    assert (alert["rule"], alert["severity"], alert["line"], alert["exercise"]) == (
        rule, "suggestion", str(line.pk), "Heel raises",
    )  # fmt: skip
    assert (alert["next_step"]["kind"], alert["next_step"]["dose"]) == (kind, dose)
    assert alert["next_step"]["variants"]
    assert len(alert["occurrences"][0]["because"]["sessions"]) == 3
    assert alert["advice"].startswith("Consider")
    with clinic_context(world.clinic.pk):
        assert PrescribedExercise.objects.get().repetitions == 10


def test_an_alert_of_the_whole_session_says_what_was_compared(ana, rui, line):
    say(ana, line, 21, pain_before=2, pain_after=8)

    [alert] = listed(rui)

    assert (alert["rule"], alert["line"], alert["exercise"], alert["next_step"]) == (
        "pain_after", None, None, None,
    )  # fmt: skip
    assert alert["occurrences"][0]["because"] == {"amount": 8, "before": 2}


def test_the_clinics_own_words_are_shown(ana, rui, world, line):
    thresholds(world.clinic, world.admin.user, texts={"pain_after": "Ring her today."})
    say(ana, line, 21, pain_after=8)

    assert listed(rui)[0]["advice"] == "Ring her today."


def test_the_list_costs_the_same_with_one_alert_and_with_many(ana, rui, world, line):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert listed(rui)
        return len(captured)

    for day in (19, 20, 21):
        say(ana, line, day, {"difficulty": "too_hard"})
    one = statements()
    others = [prescribed.line(world.ana, slug) for slug in ("bridging", "leg_press", "toe_taps")]
    for day in (19, 20, 21):
        for each in others:
            say(ana, each, day, {"difficulty": "too_easy", "pain": 7}, pain_after=9)

    assert len(listed(rui)) > 4
    assert statements() == one


# ---- Acknowledging -------------------------------------------------------------------------------


@pytest.fixture
def alert(ana: Caller, rui: Caller, line: Line) -> str:
    say(ana, line, 21, pain_after=8)
    return listed(rui)[0]["id"]


def audited(world: people.World) -> list[uuid.UUID]:
    with clinic_context(world.clinic.pk):
        told = AuditEvent.objects.filter(action="alert_acknowledged").order_by("id")
        return list(told.values_list("actor_id", flat=True))


def test_it_is_acknowledged_with_a_note_or_without(rui, world, alert):
    seen = rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})

    assert (seen.status_code, seen.json()["status"]) == (200, "acknowledged")
    assert seen.json()["acknowledged_note"] == "I am calling her."
    assert listed(rui)[0]["acknowledged_note"] == "I am calling her."


def test_the_same_again_is_as_once(rui, world, alert):
    first = rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})
    again = rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})
    without = rui.post(f"alerts/{alert}/acknowledge")

    assert first.json() == again.json() == without.json()
    assert audited(world) == [world.rui.user_id]


def test_a_colleague_who_sees_it_too_is_audited_and_changes_nothing(caller, rui, world, alert):
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.create(
            clinic=world.clinic, patient=world.ana, membership=world.marta
        )
    first = rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})

    too = caller.as_(world.marta).post(f"alerts/{alert}/acknowledge")

    assert too.json() == first.json()
    assert audited(world) == [world.rui.user_id, world.marta.user_id]
    with clinic_context(world.clinic.pk):
        assert Alert.objects.get().acknowledged_by_id == world.rui.user_id


def test_other_words_do_not_replace_the_first_ones(rui, world, alert):
    rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})

    other = rui.post(f"alerts/{alert}/acknowledge", {"note": "Never mind."})

    assert (other.status_code, other.json()["code"]) == (409, "alert_acknowledged")
    assert listed(rui)[0]["acknowledged_note"] == "I am calling her."


@pytest.mark.parametrize("note", ["x" * 2001, 5, None])
def test_a_note_that_is_none_is_refused(rui, alert, note):
    refused = rui.post(f"alerts/{alert}/acknowledge", {"note": note})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "note")
    assert listed(rui)[0]["status"] == "open"


BLANK = ["", " ", "  ", "\n", "\u00a0", "\u200b", " \u200b\ufeff"]


@pytest.mark.parametrize("note", BLANK)
def test_a_note_without_anything_to_see_resolves_nothing(rui, world, alert, note):
    refused = rui.post(f"alerts/{alert}/resolve", {"note": note})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "note")
    assert refused.json()["errors"][0]["code"] == ("blank" if note else "too_short")
    assert (listed(rui)[0]["status"], listed(rui)[0]["note"]) == ("open", "")
    with clinic_context(world.clinic.pk):
        assert not AuditEvent.objects.filter(action="alert_resolved").exists()


@pytest.mark.parametrize("note", BLANK[1:])
def test_neither_is_it_acknowledged_with_one(rui, world, alert, note):
    refused = rui.post(f"alerts/{alert}/acknowledge", {"note": note})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "blank")
    assert (listed(rui)[0]["status"], audited(world)) == ("open", [])


def test_it_waits_again_after_a_new_occurrence_and_takes_a_new_note(ana, rui, line, alert):
    rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})
    say(ana, line, 22, pain_after=9)
    assert listed(rui)[0]["status"] == "open"

    again = rui.post(f"alerts/{alert}/acknowledge", {"note": "Calling again."})

    assert (again.json()["status"], again.json()["acknowledged_note"]) == (
        "acknowledged", "Calling again.",
    )  # fmt: skip


def test_the_patient_s_phone_hears_nothing_of_who_has_answered(ana, rui, alert):
    before = ana.get("me/changes").json()

    rui.post(f"alerts/{alert}/acknowledge", {"note": "I am calling her."})
    rui.post(f"alerts/{alert}/resolve", {"note": "She is well."})

    after = ana.get("me/changes", {"cursor": before["next"]}).json()
    assert listed(rui)[0]["status"] == "resolved"
    assert after["results"] == []


# ---- Filters -------------------------------------------------------------------------------------


@pytest.fixture
def several(world: people.World) -> None:
    """Alerts of Ana's, told apart by rule, severity and status; one of a patient of Marta's."""
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.marta])
    made = [
        (world.ana, "fall", "critical", {}),
        (world.ana, "dizziness", "high", {}),
        (world.ana, "pain_after", "high", RESOLVED | {"resolved_by": world.rui.user}),
        (world.ana, "effort", "medium", SEEN | {"acknowledged_by": world.rui.user}),
        (bo, "fall", "critical", {}),
    ]
    with clinic_context(world.clinic.pk):
        for patient, rule, severity, fields in made:
            Alert.objects.create(
                clinic=world.clinic, patient=patient, rule=rule, severity=severity,
                raised_at=NOW, opened_at=NOW, last_occurred_at=NOW, **fields,
            )  # fmt: skip


RESOLVED = {"status": "resolved", "resolved_at": NOW, "note": "She is well."}
SEEN = {"status": "acknowledged", "acknowledged_at": NOW}


def test_each_filter_finds_what_it_names_and_several_narrow_each_other(rui, world, several):
    cases = [
        ({}, {"fall", "dizziness", "pain_after", "effort"}),
        ({"severity": "high"}, {"dizziness", "pain_after"}),
        ({"severity": "emergency"}, set()),
        ({"rule": "fall"}, {"fall"}),
        ({"rule": "unsure"}, set()),
        ({"status": "open"}, {"fall", "dizziness"}),
        ({"severity": "high", "status": "open"}, {"dizziness"}),
        ({"severity": "critical", "rule": "dizziness"}, set()),
        ({"patient": world.ana.pk, "severity": "medium", "rule": "effort"}, {"effort"}),
        ({"patient": world.far_patient.pk, "rule": "fall"}, set()),
    ]
    for query, rules in cases:
        answer = rui.get("alerts", query)
        assert answer.status_code == 200, answer.content
        assert {one["rule"] for one in answer.json()["results"]} == rules, query
        assert {one["patient"] for one in answer.json()["results"]} <= {str(world.ana.pk)}


def test_a_filter_that_names_nothing_we_know_is_refused_by_its_name(rui, several):
    for name, value in [
        ("severity", "grave"), ("severity", ""), ("severity", "High"), ("rule", "falls"),
        ("rule", ""), ("status", "closed"), ("patient", "ana"), ("state", "open"),
    ]:  # fmt: skip
        refused = rui.get("alerts", {name: value})

        assert refused.status_code == 400, (name, value)
        assert [one["field"] for one in refused.json()["errors"]] == [name]


def test_a_page_s_cursor_is_its_filters_own(rui, several):
    first = rui.get("alerts", {"severity": "high", "limit": 1}).json()

    second = rui.get("alerts", {"severity": "high", "limit": 1, "cursor": first["next"]}).json()
    assert {one["rule"] for one in first["results"] + second["results"]} == {
        "dizziness", "pain_after",
    }  # fmt: skip
    for other in ({"rule": "fall"}, {}, {"severity": "high", "status": "open"}):
        refused = rui.get("alerts", other | {"cursor": first["next"]})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")


def test_the_rules_that_can_be_asked_for_are_all_that_there_are():
    assert get_args(RuleName) == RULES
    assert get_args(Severity) == SEVERITIES
