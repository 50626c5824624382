"""Rows behind the glass in words: who, what, on which days, when and by which clock."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from clinics.models import User
from core import audit
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Assignment, Patient, PrescribedExercise
from rehab_platform.operating.shown import columns_of, in_words
from rehab_platform.operating.urls import site
from sessions.alert_rules import RULES
from sessions.alert_wording import NAMES, rule_name
from sessions.models import Alert, AlertOccurrence, ExerciseSession
from tests.api.caller import Caller
from tests.architecture.test_list_queries import a_form_check, a_session
from tests.factories import alerts, measured, people, prescribed
from tests.factories.people import World
from tests.operating.rows import a_proposal, a_safety_check
from tests.operating.test_changes import REASON, break_glass

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture
def looking(browser: Client, world: World, time_machine: Any) -> Client:
    """Olga's browser, with the glass of Ana's clinic open."""
    time_machine.move_to(NOW, tick=False)
    break_glass(browser, world.clinic)
    return browser


def page_of(browser: Client, row: Any) -> str:
    address = f"/operator/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def read(text: str) -> str:
    """Return what is read of a page: the addresses of its links are not."""
    return re.sub(r"<[^>]+>", " ", text)


def cells(browser: Client, page: str, query: str = "") -> list[str]:
    """Return what each row of a list says, its cells side by side."""
    answer = browser.get(f"/operator/{page}/{query}")
    assert answer.status_code == 200, page
    text = re.split("</?tbody[^>]*>", answer.content.decode() + "<tbody>")[1]
    found = [re.sub(r"<[^>]+>", "|", one) for one in text.split("</tr>")]
    return [
        " | ".join(part for part in one.split("|") if part.strip()) for one in found if one.strip()
    ]


def an_alert(world: World, rule: str = "fall", **fields: Any) -> Alert:
    with clinic_context(world.clinic.pk):
        made = Alert.objects.create(
            clinic=world.clinic, patient=world.ana, rule=rule,
            **{"severity": "critical", "raised_at": NOW, "opened_at": NOW, "last_occurred_at": NOW}
            | fields,
        )  # fmt: skip
        AlertOccurrence.objects.create(
            clinic=world.clinic, patient=world.ana, alert=made, severity=made.severity,
            claimed_at=NOW, received_at=NOW,
        )  # fmt: skip
    return made


# ---- what lists say -----------------------------------------------------------------------------


def test_who_cares_and_how_care_rests_and_ends(looking: Client, world: World) -> None:
    people.carer(world.ana, "Tiago Silva")
    people.pause_request(world.ana)
    people.discharge(world.ana, by=world.rui.user)
    people.pause(world.ana)

    assert "Rui Costa | Ana Silva" in cells(looking, "patients/careteammembership")[0]
    carers = cells(looking, "patients/carer")
    assert "Tiago Silva | Ana Silva | Jan. 5, 2026, 09:00 UTC | -" in carers
    assert cells(looking, "patients/pauserequest") == [
        "away | Ana Silva | waiting | Dec. 24, 2026 | Dec. 26, 2026 | the patient"
    ]
    assert cells(looking, "patients/discharge") == [
        "goals reached or treatment completed | Ana Silva | March 1, 2026 | May 1, 2026"
    ]
    assert cells(looking, "patients/pause") == ["away | Ana Silva | Nov. 20, 2026 | Nov. 30, 2026"]


def test_what_is_aimed_at_and_measured(looking: Client, world: World) -> None:
    measured.goal(world.ana)
    measured.assessment(world.ana, "gait_speed", "0.85")
    measured.assessment(world.ana, "six_minute_walk", None)
    measured.assessment(world.ana, "modified_ashworth", None, code="1+", side="left")

    assert cells(looking, "patients/goal") == [
        "Up on your toes. | Ana Silva | active | an amount of an exercise | 20 times | Jan. 1, 2027"
    ]
    results = [one.split(" | ")[-2:] for one in cells(looking, "patients/assessment")]
    assert results == [["1+", "current"], ["unable", "current"], ["0.85", "current"]]


def test_what_is_watched(looking: Client, world: World) -> None:
    line = prescribed.line(world.ana)
    an_alert(world, "too_easy", severity="suggestion", line=line)
    a_safety_check(world.ana, NOW, has_red_flag=True, symptoms=["chest_pain"])
    a_form_check(world, 1)
    alerts.thresholds(world.clinic, world.rui.user)

    assert cells(looking, "rehab_sessions/alert") == [
        "Too easy | Ana Silva | suggestion | open | Heel raises | Nov. 23, 2026, 18:02 UTC"
    ]
    instant = "Nov. 23, 2026, 18:02 UTC"
    assert cells(looking, "rehab_sessions/alertoccurrence") == [
        f"Too easy | Ana Silva | suggestion | {instant} | {instant}"
    ]
    assert cells(looking, "rehab_sessions/safetycheck") == [
        "Nov. 23, 2026, 18:02 UTC | Ana Silva | the patient | yes | Nov. 23, 2026, 18:02 UTC"
    ]
    assert cells(looking, "rehab_sessions/formcheck") == [
        "Heel raises | Ana Silva | Nov. 2, 2026 | Rui Costa | -"
    ]
    a_proposal(world, 1)
    a_proposal(world, 2, status="waiting")
    assert [one.split(" | ")[:4] for one in cells(looking, "rehab_sessions/thresholdproposal")] == [
        ["Jan. 5, 2026, 09:02 UTC", "Helena Prata", "Rui Costa", "waiting"],
        ["Jan. 5, 2026, 09:01 UTC", "Helena Prata", "Rui Costa", "superseded"],
    ]
    [numbers] = cells(looking, "rehab_sessions/alertthresholds")
    assert numbers.startswith("1 | Jan. 5, 2026, 09:00 UTC | Rui Costa")


def test_each_rule_of_the_alerts_has_words(looking: Client, world: World) -> None:
    assert set(NAMES) == set(RULES)
    assert rule_name("too_easy") == "Too easy"
    assert rule_name("a_rule_of_tomorrow") == "a_rule_of_tomorrow"
    text = looking.get("/operator/rehab_sessions/alert/").content.decode()
    for rule in RULES:
        assert f'<a href="?rule__exact={rule}">{rule_name(rule)}</a>' in text
        assert rule_name(rule) != rule


# ---- what is found ------------------------------------------------------------------------------


def test_lists_are_filtered(looking: Client, world: World) -> None:
    bento = people.patient(world.clinic, "Bento Reis", care_team=[world.rui])
    with clinic_context(world.clinic.pk):
        gone = {"status": "discharged", "discharged_on": dt.date(2026, 3, 1)}
        Patient.objects.filter(pk=bento.pk).update(**gone)
    an_alert(world, "fall")
    an_alert(world, "too_hard", severity="suggestion", status="acknowledged")

    def found(page: str, query: str) -> list[str]:
        return [one.split(" | ")[0] for one in cells(looking, page, query)]

    assert found("patients/patient", "?status__exact=discharged") == ["Bento Reis"]
    assert found("patients/patient", "?status__exact=active") == ["Ana Silva"]
    assert found("rehab_sessions/alert", "?rule__exact=fall") == ["I fell"]
    assert found("rehab_sessions/alert", "?rule__exact=dizziness") == []
    assert found("rehab_sessions/alert", "?status__exact=acknowledged") == ["Too hard"]
    occurrences = "rehab_sessions/alertoccurrence"
    assert found(occurrences, "?alert__rule__exact=too_hard") == ["Too hard"]


FOUND_BY_RECORD = [
    "patients/patient", "patients/assignment", "patients/prescribedexercise", "patients/pause",
    "patients/careteammembership", "patients/carer", "patients/goal", "patients/assessment",
    "patients/pauserequest", "patients/discharge", "rehab_sessions/exercisesession",
    "rehab_sessions/exerciseresult", "rehab_sessions/alert", "rehab_sessions/alertoccurrence",
    "rehab_sessions/safetycheck", "rehab_sessions/formcheck",
]  # fmt: skip


def test_lists_are_searched_by_record_number_and_name(looking: Client, world: World) -> None:
    people.carer(world.ana, "Tiago Silva")
    people.pause(world.ana)
    people.pause_request(world.ana)
    people.discharge(world.ana, by=world.rui.user)
    measured.goal(world.ana)
    measured.assessment(world.ana)
    an_alert(world)
    a_safety_check(world.ana, NOW)
    a_session(world, 1)
    a_form_check(world, 1)
    number = world.ana.medical_record_number
    for page in FOUND_BY_RECORD:
        for asked, there in ((number, True), ("Ana", True), (f"{number}-0", False)):
            assert bool(cells(looking, page, f"?q={asked}")) is there, (page, asked)


def test_the_audit_is_searched_by_patient_and_by_who_acted(looking: Client, world: World) -> None:
    Caller().as_(world.rui).get(f"patients/{world.ana.pk}")
    Caller().as_(world.admin).get("clinic")
    about = f"patients/{world.ana.pk}"
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.filter(actor_id=world.rui.user_id).latest("pk")

    for asked in (
        "Ana Silva", "ana si", world.ana.medical_record_number, str(world.ana.pk), "Rui Costa",
        str(world.rui.user_id), event.action,
    ):  # fmt: skip
        found = cells(looking, "core/auditevent", f"?q={asked}")
        assert any("Rui Costa | Ana Silva" in one for one in found), (asked, about)
    for asked in ("Per Berg", "Nobody At All", str(uuid.uuid4()), event.action[:-1]):
        assert cells(looking, "core/auditevent", f"?q={asked}") == [], asked


def test_the_audit_is_filtered_by_who_acts_without_reading_it_all(
    looking: Client, world: World
) -> None:
    Caller().as_(world.rui).get(f"patients/{world.ana.pk}")

    text = looking.get("/operator/core/auditevent/").content.decode()
    staff = cells(looking, "core/auditevent", "?acting_as__exact=staff")

    for key, words in (("staff", "staff"), ("system", "the platform"), ("carer", "carer")):
        assert f'<a href="?acting_as__exact={key}">{words}</a>' in text
    assert staff
    assert all("Rui Costa" in one for one in staff)


# ---- what a row's own page says -----------------------------------------------------------------


def test_a_row_s_page_names_people_and_says_days_in_words(looking: Client, world: World) -> None:
    line = prescribed.line(world.ana, weekdays=85)
    with clinic_context(world.clinic.pk):
        row = PrescribedExercise.objects.get(line=line)
        assignment = Assignment.objects.get()
    text = page_of(looking, row)

    assert "on Monday, Wednesday, Friday and Sunday" in text
    assert ">85<" not in text
    assert "Heel raise" in text
    patient_s = f"/operator/patients/patient/{world.ana.pk}/change/"
    assert f'<a href="{patient_s}">Ana Silva</a>' in text
    assert "Rui Costa" in page_of(looking, assignment)
    for one in (world.rui.pk, world.rui.user_id, line.pk, world.clinic.pk):
        assert str(one) not in read(text)
        assert str(one) not in read(page_of(looking, assignment))


def test_an_instant_is_told_with_its_zone(looking: Client, world: World) -> None:
    a_session(world, 1)
    with clinic_context(world.clinic.pk):
        session = ExerciseSession.objects.get()

    text = page_of(looking, session)

    assert "Nov. 2, 2026, 09:30 UTC" in text
    assert not re.search(
        r"\d\d:\d\d(?! UTC|:)", re.sub(r"<header.*?</header>", "", text, flags=re.DOTALL)
    )
    assert "Ana Silva" in text


def test_symptoms_yes_and_no_and_what_is_empty_are_words(looking: Client, world: World) -> None:
    check = a_safety_check(
        world.ana, NOW, symptoms=["chest_pain", "from_tomorrow"], has_red_flag=True
    )

    text = page_of(looking, check)

    assert "Chest pain, from_tomorrow" in text
    assert '<div class="readonly">Yes</div>' in text
    assert "content_hash" not in text
    assert "Content hash" not in text


def test_an_audit_event_s_page_names_who_and_of_whom(looking: Client, world: World) -> None:
    Caller().as_(world.rui).get(f"patients/{world.ana.pk}")
    with clinic_context(world.clinic.pk):
        event = AuditEvent.objects.filter(actor_id=world.rui.user_id).latest("pk")
        unknown = audit.record(
            action="patient_read", by=people.acting(world.rui), now=NOW, patient_id=uuid.uuid4()
        )

    text = page_of(looking, event)

    assert "Rui Costa" in text
    assert "Ana Silva" in text
    assert str(unknown.patient_id) in page_of(looking, unknown)


def test_each_look_at_a_row_is_kept_with_its_patient(looking: Client, world: World) -> None:
    made = [
        people.carer(world.ana, "Tiago Silva"), people.pause_request(world.ana),
        people.discharge(world.ana, by=world.rui.user), measured.goal(world.ana),
        measured.assessment(world.ana), a_safety_check(world.ana, NOW), an_alert(world),
    ]  # fmt: skip

    for row in made:
        text = page_of(looking, row)
        assert "Ana Silva" in text
        assert str(world.rui.user_id) not in read(text)

    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.filter(action="operator_looked").order_by("pk")
        looks = list(kept.values_list("target", "target_id", "patient_id", "reason"))
    assert looks == [(one._meta.label, one.pk, world.ana.pk, REASON) for one in made]


def test_another_clinic_s_rows_are_not_there(looking: Client, world: World) -> None:
    far = [
        people.carer(world.far_patient, "Nora Berg"), people.pause_request(world.far_patient),
        people.discharge(world.far_patient, by=world.far_therapist.user),
        measured.goal(world.far_patient), measured.assessment(world.far_patient),
        a_safety_check(world.far_patient, NOW),
        alerts.thresholds(world.far_clinic, world.far_therapist.user),
    ]  # fmt: skip

    for row in far:
        page = f"/operator/{row._meta.app_label}/{row._meta.model_name}/"
        assert looking.get(f"{page}{row.pk}/change/")["Location"] == "/operator/"
        listed = cells(looking, page.removeprefix("/operator/").rstrip("/"))
        assert not [one for one in listed if "Per Berg" in one or "Ingrid" in one]


def test_no_secret_is_a_column_of_a_row_s_page() -> None:
    for model, page in site._registry.items():
        if not page.fields:
            shown = {one.__name__ for one in columns_of(model)}
            assert not shown & {"id", "clinic", "content_hash", "created_at"}
    assert {"password", "token_epoch"} <= {one.__name__ for one in columns_of(User)}
    assert site._registry[User].fields, "a login's page names its columns by hand"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("communication_needs", ["aphasia", "low_vision"], "aphasia, low vision"),
        ("language", "en", "English"),
        ("language", "xx", "xx"),
        ("communication_needs", [], "-"),
        ("affected_side", "left", "left"),
        ("discharged_on", None, "-"),
        ("discharged_on", dt.date(2026, 3, 1), "March 1, 2026"),
        ("precautions", "", "-"),
        ("change_seq", 0, "0"),
    ],
)
def test_a_value_is_told_in_words(column: str, value: Any, words: str) -> None:
    assert in_words(Patient._meta.get_field(column), value) == words
