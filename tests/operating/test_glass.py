"""Breaking the glass: one clinic, a reason, one hour, read-only, and each look kept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.actions.operating import break_glass as open_for
from clinics.actions.operating import look_at
from clinics.actors import Actor
from clinics.models import User
from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Patient
from tests.api.caller import Caller
from tests.architecture.test_list_queries import (
    a_form_check,
    a_goal,
    a_member_of_the_team,
    a_pause,
    a_pause_request,
    a_score,
    a_session,
    an_alert,
)
from tests.factories import alerts, people, prescribed, prescriptions, reminders
from tests.factories.people import World
from tests.factories.programs import own_exercise
from tests.operating.rows import a_proposal, a_safety_check
from tests.operating.test_changes import REASON, break_glass

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
BEHIND = [
    "clinics/membership", "patients/patient", "patients/assignment",
    "patients/prescribedexercise", "patients/pause", "rehab_sessions/exercisesession",
    "rehab_sessions/exerciseresult", "rehab_sessions/alert", "core/auditevent",
    "reminders/reminderpreferences", "reminders/contact", "reminders/delivery",
    "reminders/weeklysummary",
    "patients/careteammembership", "patients/carer", "patients/goal", "patients/assessment",
    "patients/pauserequest", "patients/discharge", "rehab_sessions/safetycheck",
    "rehab_sessions/formcheck", "rehab_sessions/alertoccurrence",
    "rehab_sessions/alertthresholds", "rehab_sessions/thresholdproposal",
]  # fmt: skip


def looks(world: World) -> list[tuple[str, str, str, uuid.UUID | None]]:
    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.filter(action__in=["glass_broken", "operator_looked"])
        return list(kept.order_by("pk").values_list("action", "target", "reason", "patient_id"))


@pytest.mark.parametrize("page", BEHIND)
def test_without_it_a_page_asks_for_the_clinic_and_the_reason(
    browser: Client, world: World, page: str
) -> None:
    answer = browser.get(f"/operator/{page}/", follow=True)

    assert answer.redirect_chain == [
        (f"/operator/glass/?next=%2Foperator%2F{page.replace('/', '%2F')}%2F", 302)
    ]
    text = answer.content.decode()
    assert "Choose a clinic and say why" in text
    assert "Ana Silva" not in text
    assert looks(world) == []


@pytest.mark.parametrize("page", BEHIND)
def test_behind_it_the_clinic_s_rows_are_seen_and_no_other_s(
    browser: Client, world: World, page: str
) -> None:
    break_glass(browser, world.clinic)

    answer = browser.get(f"/operator/{page}/")

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Per Berg" not in text
    assert "Ingrid Holm" not in text
    assert looks(world)[0][:3] == ("glass_broken", "clinics.Clinic", REASON)
    assert [one[2] for one in looks(world)[1:]] == [REASON]


def test_a_patient_s_page_is_kept_with_the_patient_and_another_clinic_s_is_not_there(
    browser: Client, world: World
) -> None:
    break_glass(browser, world.clinic)

    shown = browser.get(f"/operator/patients/patient/{world.ana.pk}/change/")
    far = browser.get(f"/operator/patients/patient/{world.far_patient.pk}/change/")
    none = browser.get(f"/operator/patients/patient/{uuid.uuid4()}/change/")

    assert "Ana Silva" in shown.content.decode()
    assert far.status_code == none.status_code == 302
    assert far["Location"] == none["Location"] == "/operator/"
    assert looks(world)[1] == ("operator_looked", "patients.Patient", REASON, world.ana.pk)
    assert [one[3] for one in looks(world)[2:]] == [None, None]


def test_preferences_are_listed_with_their_times(browser: Client, world: World) -> None:
    reminders.preferences(world.ana, "18:30", "09:00", weekdays=(1, 3))
    break_glass(browser, world.clinic)

    listed = browser.get("/operator/reminders/reminderpreferences/").content.decode()

    assert "09:00 on Monday and Wednesday, 18:30 on Monday and Wednesday" in listed
    assert "<h1>Reminder preferences</h1>" in listed


def test_a_contact_s_page_shows_its_address_in_part_and_no_key(
    browser: Client, world: World
) -> None:
    assert world.ana.user is not None
    mail = reminders.contact(world.clinic, world.ana.user, address="ana.silva@example.org")
    phone = reminders.browser(world.clinic, world.ana.user, "https://fcm.googleapis.com/secret")
    far = reminders.contact(world.far_clinic, world.far_therapist.user)
    break_glass(browser, world.clinic)

    listed = browser.get("/operator/reminders/contact/").content.decode()
    pages = [
        browser.get(f"/operator/reminders/contact/{one.pk}/change/").content.decode()
        for one in (mail, phone)
    ]

    for text in (listed, *pages):
        assert not [word for word in ("ana.silva", "secret", "p256dh") if word in text]
    assert "a…@example.org" in listed
    assert "Ana Silva" in listed
    assert "<h2>a…@example.org</h2>" in pages[0]
    assert "<h2>fcm.googleapis.com</h2>" in pages[1]
    assert browser.get(f"/operator/reminders/contact/{far.pk}/change/").status_code == 302


@pytest.mark.parametrize("page", BEHIND)
@pytest.mark.parametrize("path", ["add/", "{}/change/", "{}/delete/", "{}/history/"])
def test_without_it_no_page_of_a_row_answers(
    browser: Client, world: World, page: str, path: str
) -> None:
    answer = browser.get(f"/operator/{page}/{path.format(world.ana.pk)}")

    assert answer.status_code in {302, 403}
    assert "Ana Silva" not in answer.content.decode()


def test_nothing_is_written_there(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)

    answer = browser.post(f"/operator/patients/patient/{world.ana.pk}/change/", {"name": "Anna"})

    assert answer.status_code == 403
    with clinic_context(world.clinic.pk):
        assert Patient.objects.get().name == "Ana Silva"


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("", 200),
        ("x" * 9, 200),
        ("x" * 10, 302),
        ("x" * 500, 302),
        ("x" * 501, 200),
        (" " * 20, 200),
    ],
)
def test_a_reason_has_10_to_500_characters(
    browser: Client, world: World, reason: str, status: int
) -> None:
    assert break_glass(browser, world.clinic, reason).status_code == status
    assert len(looks(world)) == (1 if status == 302 else 0)


@pytest.mark.parametrize(("minutes", "open_still"), [(59, True), (60, False), (61, False)])
def test_it_closes_after_an_hour(
    browser: Client, world: World, time_machine: Any, minutes: int, open_still: bool
) -> None:
    time_machine.move_to(NOW, tick=False)
    break_glass(browser, world.clinic)

    time_machine.move_to(NOW + dt.timedelta(minutes=minutes), tick=False)

    answer = browser.get("/operator/patients/patient/")
    assert answer.status_code == (200 if open_still else 302)


def test_it_is_closed_by_hand_and_moves_to_another_clinic(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    break_glass(browser, world.far_clinic)

    seen = browser.get("/operator/patients/patient/").content.decode()
    browser.post("/operator/glass/", {"close": "1"})

    assert ("Per Berg" in seen, "Ana Silva" in seen) == (True, False)
    assert browser.get("/operator/patients/patient/").status_code == 302


def test_another_operator_s_session_is_not_open(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    other = Client()
    other.force_login(people.operator("Nils Berg"))

    assert other.get("/operator/patients/patient/").status_code == 302


@pytest.mark.parametrize(
    ("address", "led_to"),
    [
        ("/operator/patients/patient/", "/operator/patients/patient/"),
        ("https://elsewhere.example/", "/operator/"),
        ("//elsewhere.example/", "/operator/"),
        ("", "/operator/"),
    ],
)
def test_it_leads_nowhere_else(browser: Client, world: World, address: str, led_to: str) -> None:
    said = {"clinic": str(world.clinic.pk), "reason": REASON, "next": address}

    assert browser.post("/operator/glass/", said)["Location"] == led_to


def test_the_actions_ask_who_acts(world: World, olga: User) -> None:
    by = people.operating(olga)
    given: dict[str, Any] = {"clinic_id": world.clinic.pk, "reason": REASON, "now": NOW}
    for who in (people.acting(world.admin), people.operating(olga, world.clinic)):
        with pytest.raises(Forbidden):
            open_for(**given, by=who)
    with pytest.raises(Invalid):
        open_for(**given | {"reason": "x" * 9}, by=by)
    with pytest.raises(NotFound):
        open_for(**given | {"clinic_id": uuid.uuid4()}, by=by)
    for other in (by, people.acting(world.rui), Actor(user_id=None, acting_as="system")):
        with pytest.raises(Forbidden):
            look_at(
                target="x", target_id=None, patient_id=None, reason=REASON, by=other, now=NOW
            )  # fmt: skip
    assert looks(world) == []


# ---- no page asks once for each row -------------------------------------------------------------

Grow = Callable[[World, int], Any]
LISTS: dict[str, Grow] = {
    "clinics/clinic": lambda w, n: people.clinic(f"Clinic {n}"),
    "clinics/user": lambda w, n: people.user(f"Person {n}"),
    "clinics/membership": lambda w, n: people.therapist(w.clinic, f"Therapist {n}"),
    "patients/patient": lambda w, n: people.patient(w.clinic, f"Patient {n}"),
    "patients/assignment": lambda w, n: prescriptions.assign(
        w.ana, prescriptions.order("wall_stretch")
    ),
    "patients/prescribedexercise": lambda w, n: prescribed.line(
        people.patient(w.clinic, f"Patient {n}", care_team=[w.rui])
    ),
    "patients/pause": a_pause,
    "rehab_sessions/exercisesession": a_session,
    "rehab_sessions/exerciseresult": a_session,
    "rehab_sessions/alert": an_alert,
    "reminders/reminderpreferences": lambda w, n: reminders.preferences(
        people.patient(w.clinic, f"Patient {n}"), "09:00", "12:00"
    ),
    "reminders/contact": lambda w, n: reminders.contact(w.clinic, people.user(f"Person {n}")),
    "reminders/delivery": lambda w, n: reminders.delivery(w.ana, NOW + n * dt.timedelta(days=1)),
    "reminders/weeklysummary": lambda w, n: reminders.weekly_summary(
        w.ana, dt.date(2026, 1, 5) + n * dt.timedelta(days=7)
    ),
    "patients/careteammembership": a_member_of_the_team,
    "patients/carer": lambda w, n: people.carer(w.ana, f"Carer {n}"),
    "patients/goal": a_goal,
    "patients/assessment": a_score,
    "patients/pauserequest": a_pause_request,
    "patients/discharge": lambda w, n: people.discharge(w.ana, by=people.user(f"Therapist {n}")),
    "rehab_sessions/safetycheck": lambda w, n: a_safety_check(w.ana, NOW),
    "rehab_sessions/formcheck": a_form_check,
    "rehab_sessions/alertoccurrence": an_alert,
    "rehab_sessions/alertthresholds": lambda w, n: alerts.thresholds(w.clinic, w.rui.user, n),
    "rehab_sessions/thresholdproposal": a_proposal,
    "core/auditevent": lambda w, n: Caller().as_(w.rui).get(f"patients/{w.ana.pk}"),
    "programs/exercise": lambda w, n: own_exercise(w.clinic, f"pool_{n}", name=f"Pool {n}"),
    "programs/program": lambda w, n: None,
    "programs/outcomemeasure": lambda w, n: None,
}


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_as_often_for_thirty_rows_as_for_one(
    browser: Client, world: World, time_machine: Any, page: str
) -> None:
    time_machine.move_to(NOW, tick=False)
    break_glass(browser, world.clinic)
    LISTS[page](world, 1)
    browser.get(f"/operator/{page}/")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"/operator/{page}/").status_code == 200
        return len(captured)

    few = asked()
    for number in range(2, 31):
        LISTS[page](world, number)

    assert asked() == few
    assert few <= 12
