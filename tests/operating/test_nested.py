"""What is stored as JSON is told in words: nothing in brackets, no keys of rows, no code's names."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clinics.models import Clinic
from core import audit
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Assessment, Assignment
from programs.models import SafetyBlock
from programs.reading import safety_question_texts
from rehab_platform.operating.nested import humane, told, told_answers, told_week
from rehab_platform.operating.shown import in_words, target_name
from sessions.models import Alert, AlertOccurrence, FormCheck
from tests.architecture.test_list_queries import a_form_check
from tests.factories import measured, people, prescribed
from tests.factories.people import World
from tests.operating.rows import a_safety_check
from tests.operating.test_changes import break_glass
from tests.operating.test_rows import an_alert, page_of, read

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
KEY = "01a217a2-0ccb-7000-87c5-497932fed377"


@pytest.fixture
def looking(browser: Client, world: World, time_machine: Any) -> Client:
    time_machine.move_to(NOW, tick=False)
    break_glass(browser, world.clinic)
    return browser


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        ({}, ""),
        ([], ""),
        ("", ""),
        (True, "Yes"),
        (False, "No"),
        (0, "0"),
        ("on_call_contact", "on call contact"),
        ("Well-being comes first", "Well-being comes first"),
        ("x-ray", "x-ray"),
        ("2026-11-16", "Mon, Nov 16, 2026"),
        (KEY, ""),
        ("2026-02-30", "2026-02-30"),
        ([KEY, KEY], "2"),
        (["times", "channels"], "<ul><li>times</li><li>channels</li></ul>"),
        ({"fields": ["times"]}, "<dl><dt>Fields</dt><dd><ul><li>times</li></ul></dd></dl>"),
        ({"sessions": [KEY]}, "<dl><dt>Sessions</dt><dd>1</dd></dl>"),
        ({"user": KEY, "kind": "member"}, "<dl><dt>Kind</dt><dd>member</dd></dl>"),
        ({"id": "weak-shoulder", "text": "Shoulder protected"}, "Shoulder protected"),
        ({"too_easy": "Ask."}, "<dl><dt>Too easy</dt><dd>Ask.</dd></dl>"),
        ({"amount": 7, "before": None, "line": KEY}, "<dl><dt>Amount</dt><dd>7</dd></dl>"),
        (
            [{"week": "2026-10-26", "percent": 0}],
            "<ul><li><dl><dt>Week</dt><dd>Mon, Oct 26, 2026</dd><dt>Percent</dt><dd>0</dd></dl></li></ul>",
        ),
    ],
)
def test_a_stored_value_is_told(value: Any, words: str) -> None:
    assert told(value) == words


def test_what_somebody_typed_is_no_markup() -> None:
    evil = "<script>alert(1)</script>"
    for value in ({"note": evil}, [evil], {evil: "x"}, {"a": [{"b": evil}]}):
        assert "<script>" not in told(value)
        assert "&lt;script&gt;" in told(value)
    assert "<script>" not in told_answers({"q": evil}, {"q": evil})
    assert "<script>" not in told_week({"sentence": evil})


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("safety_check_logged", "safety check logged"),
        ("low-vision", "low vision"),
        ("stick", "stick"),
        ("A sentence_of mine", "A sentence_of mine"),
        ("-", "-"),
    ],
)
def test_a_key_is_written_as_words(key: str, words: str) -> None:
    assert humane(key) == words


def test_answers_stand_below_their_questions() -> None:
    said = told_answers({"well": "yes", "from-tomorrow": "no"}, {"well": "Do you feel well?"})

    assert said == (
        "<dl><dt>Do you feel well?</dt><dd>yes</dd><dt>From tomorrow</dt><dd>no</dd></dl>"
    )
    assert told_answers({}, {}) == ""


def test_two_questions_that_ask_the_same_keep_both_answers() -> None:
    said = told_answers({"left": True, "right": False}, dict.fromkeys(("left", "right"), "Steady?"))

    assert said == "<dl><dt>Steady?</dt><dd>Yes</dd><dt>Steady?</dt><dd>No</dd></dl>"


def test_keys_are_told_to_whoever_asks_for_them() -> None:
    assert told({"user": KEY, "rows": [KEY, KEY]}, keys=True) == (
        f"<dl><dt>User</dt><dd>{KEY}</dd>"
        f"<dt>Rows</dt><dd><ul><li>{KEY}</li><li>{KEY}</li></ul></dd></dl>"
    )


def test_a_week_is_told_as_its_reader_was_told_it() -> None:
    said = told_week(
        {
            "rule": "logged",
            "sentence": "You logged 3 sessions.",
            "counts": "",
            "days": [{"on": "2026-10-12", "state": "not_done", "words": "Not done"}],
            "goals": [{"text": "Ten heel raises", "words": "5 of 10 times", "is_met": False}],
            "corrections": [{"words": "Tuesday is done now."}],
            "next_week": "The plan is the same.",
            "days_due": 4,
        }
    )

    assert said == (
        "<ul><li>You logged 3 sessions.</li><li>The plan is the same.</li>"
        "<li>Mon, Oct 12, 2026: Not done</li><li>Ten heel raises 5 of 10 times</li>"
        "<li>Tuesday is done now.</li></ul>"
    )


# ---- on the pages -------------------------------------------------------------------------------


def test_a_row_s_page_has_no_brackets_and_no_key(looking: Client, world: World) -> None:
    line = prescribed.line(world.ana)
    alert = an_alert(world, "too_easy", severity="suggestion", line=line)
    with clinic_context(world.clinic.pk):
        AlertOccurrence.objects.update(because={"sessions": [KEY, KEY, KEY]})
        screening = {
            "safety_block": 1,
            "items": [{"id": "a-b", "text": "Stable."}],
            "exercises": [],
        }
        Assignment.objects.update(screening=screening)
        rows = [Assignment.objects.get(), AlertOccurrence.objects.get(), alert]
    for row in rows:
        shown = read(page_of(looking, row).partition('id="content"')[2])
        assert not re.search(r"[{}\[\]]", shown), row
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", shown), row
        assert not re.search(r"\b[a-z]+_[a-z]+\b", shown), row


def test_the_answers_of_a_check_are_asked_on_its_page(looking: Client, world: World) -> None:
    asked = safety_question_texts()
    key, question = next(iter(asked.items()))
    check = a_safety_check(world.ana, NOW, answers={key: "no", "from-tomorrow": "yes"})
    a_form_check(world, 1)
    with clinic_context(world.clinic.pk):
        form = FormCheck.objects.get()

    text = page_of(looking, check)

    assert f"<dt>{question}</dt><dd>no</dd>" in text
    assert "<dt>From tomorrow</dt><dd>yes</dd>" in text
    assert "Phone id" not in text
    assert "Question id" not in text
    for one in form.exercise_version.content["checks"]:
        if one["id"] in form.answers:
            assert f"<dt>{one['ask']}</dt><dd>{form.answers[one['id']]}</dd>" in page_of(
                looking, form
            )


def test_each_question_is_read_as_the_newest_version_asks_it(db: None) -> None:
    newest = SafetyBlock.objects.latest("number").content["before"]

    asked = safety_question_texts()

    assert {one["id"]: asked[one["id"]] for one in newest} == {
        one["id"]: one["ask"] for one in newest
    }


def test_an_event_of_the_audit_is_in_words_and_leads_to_its_row(
    looking: Client, world: World
) -> None:
    alert = an_alert(world)
    with clinic_context(world.clinic.pk):
        event = audit.record(
            action="alert_acknowledged", by=people.acting(world.rui), now=NOW,
            patient_id=world.ana.pk, target="rehab_sessions.Alert", target_id=alert.pk,
            details={"fields": ["on_call_contact"]},
        )  # fmt: skip

    text = page_of(looking, event)
    listed = looking.get("/operator/core/auditevent/?q=Alert acknowledged").content.decode()

    assert '<div class="readonly">alert acknowledged</div>' in text
    assert '<div class="readonly">alert</div>' in text
    assert f'<a href="/operator/rehab_sessions/alert/{alert.pk}/change/">Alert</a>' in text
    assert "<li>on call contact</li>" in text
    assert 'data-name="What" class="field-what">alert acknowledged</td>' in listed
    assert 'data-name="About" class="field-about">alert</td>' in listed
    assert "rehab_sessions.Alert" not in listed


def test_a_read_of_several_says_of_whom(looking: Client, world: World) -> None:
    bruno, gone = people.patient(world.clinic, "Bruno Lopes"), uuid.uuid4()
    with clinic_context(world.clinic.pk):
        event = audit.record(
            action="read_caseload", by=people.acting(world.rui), now=NOW,
            details={"patients": [str(one) for one in (world.ana.pk, bruno.pk, gone)], "user": KEY},
        )  # fmt: skip

    text = page_of(looking, event)

    for key, words in ((world.ana.pk, "Ana Silva"), (bruno.pk, "Bruno Lopes"), (gone, gone)):
        link = f'<li><a href="/operator/patients/patient/{key}/change/">{words}</a></li>'
        assert link in text
    assert f"<dt>User</dt><dd>{KEY}</dd>" in text
    assert "<dt>Patients</dt>" not in text
    for asked in ("Bruno", str(bruno.pk), world.ana.medical_record_number, str(gone)):
        listed = looking.get(f"/operator/core/auditevent/?q={asked}").content.decode()
        assert f"auditevent/{event.pk}/change" in listed, asked
    nobody = people.patient(world.clinic, "Carla Reis")
    for asked in ("Carla", str(nobody.pk)):
        listed = looking.get(f"/operator/core/auditevent/?q={asked}").content.decode()
        assert f"auditevent/{event.pk}/change" not in listed, asked


def test_an_occurrence_names_the_exercise_and_the_question(looking: Client, world: World) -> None:
    line = prescribed.line(world.ana)
    an_alert(world, "safety_check_no")
    [check, *_others] = line.exercise.current.content["checks"]
    with clinic_context(world.clinic.pk):
        AlertOccurrence.objects.update(because={"line": str(line.pk), "check": check["id"]})
        [occurrence] = AlertOccurrence.objects.all()

    text = page_of(looking, occurrence)

    assert f'<div class="readonly">{line.exercise.current.name}</div>' in text
    assert f'<div class="readonly">{check["ask"]}</div>' in text


def test_what_a_goal_aims_at_stands_on_its_page(looking: Client, world: World) -> None:
    goal = measured.goal(world.ana)

    assert f'<div class="readonly">{goal.target:.0f}</div>' in page_of(looking, goal)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("rehab_sessions.SafetyCheck", "safety check"),
        ("clinics.Clinic", "clinic"),
        ("of.Tomorrow", "of.Tomorrow"),
        ("", ""),
        ("one", "one"),
    ],
)
def test_the_table_of_an_event_is_named(label: str, words: str) -> None:
    assert target_name(label) == words


@pytest.mark.parametrize(
    ("model", "column", "value", "words"),
    [
        (Clinic, "country", "GB", "United Kingdom"),
        (Clinic, "summary_weekday", 7, "on Sunday"),
        (Clinic, "summary_hour", 8, "08:00"),
        (Clinic, "quiet_from", dt.time(21, 0), "21:00"),
        (Assessment, "score", Decimal("19.500"), "19.5"),
        (Assessment, "slug", "timed_up_and_go", "timed up and go"),
        (Alert, "note", "a follow-up, well_meant", "a follow-up, well_meant"),
        (Alert, "note", "follow-up", "follow-up"),
        (AuditEvent, "acting_as", "system", "the platform"),
        (AuditEvent, "acting_as", "of_tomorrow", "of_tomorrow"),
        (AuditEvent, "request_id", KEY, KEY),
    ],
)
def test_a_column_is_told_in_words(model: Any, column: str, value: Any, words: str) -> None:
    assert in_words(model._meta.get_field(column), value) == words


def test_an_event_of_a_row_without_a_page_gives_its_key(looking: Client, world: World) -> None:
    gone = uuid.uuid4()
    with clinic_context(world.clinic.pk):
        event = audit.record(
            action="of_tomorrow", by=people.acting(world.rui), now=NOW,
            target="of.Tomorrow", target_id=gone,
        )  # fmt: skip

    text = page_of(looking, event)

    assert f'<div class="readonly">{gone}</div>' in text
    assert '<div class="readonly">of.Tomorrow</div>' in text
