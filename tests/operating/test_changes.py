"""What operators change from their pages goes through the actions, and nothing is ever deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from clinics.actions.invitations import AlreadyInvited
from clinics.actions.operating import ClinicArchived
from clinics.models import Clinic, Device, Invitation, Membership, User
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.api.caller import Caller
from tests.factories import people

LAKE = {
    "name": "Lake Clinic",
    "time_zone": "Europe/Zurich",
    "country": "CH",
    "phone_number": "+41 44 000 00 00",
    "admin_email": "eva@lake.example",
}
REASON = "Asked to by the clinic: ticket 4711"
REGISTERED = [
    "clinics/clinic", "clinics/user", "clinics/membership", "programs/exercise",
    "programs/program", "programs/outcomemeasure", "patients/patient", "patients/assignment",
    "patients/prescribedexercise", "patients/pause", "rehab_sessions/exercisesession",
    "rehab_sessions/exerciseresult", "rehab_sessions/alert", "core/auditevent",
    "patients/careteammembership", "patients/carer", "patients/goal", "patients/assessment",
    "patients/pauserequest", "patients/discharge", "rehab_sessions/safetycheck",
    "rehab_sessions/formcheck", "rehab_sessions/alertoccurrence",
    "rehab_sessions/alertthresholds", "rehab_sessions/thresholdproposal",
]  # fmt: skip


def act(browser: Client, page: str, action: str, *rows: Any) -> str:
    """Choose rows of a list and do something with them; return what the next page says."""
    said = {
        "action": action,
        "_selected_action": [str(one.pk) for one in rows],
        "confirmed": "1",
    }
    answer = browser.post(f"/operator/{page}/", said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def break_glass(browser: Client, clinic: Clinic, reason: str = REASON) -> Any:
    return browser.post("/operator/glass/", {"clinic": str(clinic.pk), "reason": reason})


def kept(clinic: Clinic) -> list[tuple[str, str]]:
    with clinic_context(clinic.pk):
        return list(AuditEvent.objects.order_by("pk").values_list("action", "acting_as"))


def test_a_clinic_is_founded_and_its_administrator_asked(browser: Client) -> None:
    answer = browser.post("/operator/clinics/clinic/add/", LAKE)

    clinic = Clinic.objects.get()
    assert answer.status_code == 302
    assert (clinic.name, clinic.time_zone) == ("Lake Clinic", "Europe/Zurich")
    with clinic_context(clinic.pk):
        assert Invitation.objects.get().email == "eva@lake.example"
    assert kept(clinic) == [("clinic_founded", "operator"), ("invitation_made", "operator")]


def test_whoever_founds_a_clinic_is_told_who_was_asked(browser: Client) -> None:
    answer = browser.post("/operator/clinics/clinic/add/", LAKE, follow=True)

    said = [str(one) for one in answer.context["messages"]]
    assert said[0] == "Asked by mail to manage Lake Clinic: eva@lake.example"
    assert len(said) == 2
    assert "Lake Clinic" in said[1]


def test_a_country_is_chosen_by_name_and_a_zone_is_suggested(browser: Client) -> None:
    text = browser.get("/operator/clinics/clinic/add/").content.decode()

    select = text.partition('<select name="country"')[2].partition("</select>")[0]
    offered = re.findall(r'<option value="(\w*)"( selected)?>([^<]+)</option>', select)
    assert offered[0] == ("", " selected", "Choose a country")
    assert ("PT", "", "Portugal (PT)") in offered
    assert len(offered) == 250
    assert " required" in select.partition(">")[0]
    assert "maxlength" not in select.partition(">")[0]
    assert "ISO 3166-1" not in text
    zone = text.partition('<input type="text" name="time_zone"')[2]
    assert 'list="time_zone_offered"' in zone.partition(">")[0]
    zones = zone.partition('<datalist id="time_zone_offered">')[2].partition("</datalist>")[0]
    assert '<option value="Europe/Lisbon">' in zones
    assert "Etc/" not in zones
    assert zones.count("<option") > 400


def test_what_was_chosen_stays_chosen_where_something_else_is_refused(browser: Client) -> None:
    answer = browser.post("/operator/clinics/clinic/add/", LAKE | {"phone_number": "hello"})

    text = answer.content.decode()
    assert '<option value="CH" selected>Switzerland (CH)</option>' in text
    assert text.count(" selected") == 1
    assert "<title>Error: Add clinic | Operators</title>" in text


CODE = "Give the country's code of two capital letters (ISO 3166-1), such as PT."
ZONE = "Give a zone by area and city, such as Europe/Lisbon."
NUMBER = "Give a number that can be dialled, such as +351 21 000 0000."
WRONG = [
    ("name", "", "This field is required."),
    ("name", "   ", "This field is required."),
    ("name", "Lake\tClinic", "Give the name in one line, without space around it."),
    ("name", "x" * 121, "Ensure this value has at most 120 characters (it has 121)."),
    ("time_zone", "Lisbon", ZONE),
    ("time_zone", "CET", ZONE),
    ("time_zone", "", "This field is required."),
    ("country", "ch", CODE),
    ("country", "C1", CODE),
    ("country", "ZZ", CODE),
    ("country", "UK", "Give GB for the United Kingdom."),
    ("country", "uk", "Give GB for the United Kingdom."),
    (
        "country", "EN",
        "EN is a language. Give GB for the United Kingdom, or another country's code.",
    ),
    ("country", "EL", "Give GR for Greece."),
    ("country", "CHE", "Ensure this value has at most 2 characters (it has 3)."),
    ("phone_number", "hello", NUMBER),
    ("phone_number", "1", NUMBER),
    ("phone_number", "1" * 33, "Ensure this value has at most 32 characters (it has 33)."),
    ("admin_email", "eva", "Enter a valid email address."),
]  # fmt: skip


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    said = answer.context["adminform"].form.errors
    return {field: [str(one) for one in words] for field, words in said.items()}


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
def test_a_clinic_that_cannot_be_is_refused_at_its_field(
    browser: Client, field: str, value: str, words: str
) -> None:
    answer = browser.post("/operator/clinics/clinic/add/", LAKE | {field: value})

    assert faults(answer) == {field: [words]}
    assert "Constraint" not in answer.content.decode()
    assert not Clinic.objects.exists()


def test_every_fault_is_said_at_once(browser: Client) -> None:
    answer = browser.post(
        "/operator/clinics/clinic/add/",
        LAKE | {"country": "UK", "phone_number": "hello", "time_zone": "London", "admin_email": ""},
    )

    assert set(faults(answer)) == {"country", "phone_number", "time_zone", "admin_email"}


def test_a_name_that_is_taken_is_said_at_it_and_nothing_typed_is_lost(browser: Client) -> None:
    people.clinic("Lake Clinic")

    answer = browser.post("/operator/clinics/clinic/add/", LAKE)

    assert faults(answer) == {"name": ["There is a clinic of that name."]}
    text = answer.content.decode()
    assert all(f'value="{typed}"' in text for typed in LAKE.values())
    assert Clinic.objects.count() == 1
    assert not AuditEvent.objects.filter(action="clinic_founded").exists()


def test_what_the_action_alone_refuses_is_said_at_the_form_s_own_field(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address is `email` to the invitation, and `admin_email` on the form."""

    def refused(**_given: Any) -> None:
        raise AlreadyInvited(field="email")

    monkeypatch.setattr("rehab_platform.operating.people.create_clinic", refused)

    answer = browser.post("/operator/clinics/clinic/add/", LAKE)

    assert faults(answer) == {"admin_email": [str(AlreadyInvited.message)]}


def test_what_is_about_no_field_is_said_of_the_form(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_given: Any) -> None:
        raise ClinicArchived

    monkeypatch.setattr("rehab_platform.operating.people.create_clinic", refused)

    answer = browser.post("/operator/clinics/clinic/add/", LAKE)

    assert faults(answer) == {"__all__": [str(ClinicArchived.message)]}


def test_clinics_are_archived_and_taken_back(browser: Client, world: people.World) -> None:
    rui = Caller().as_(world.rui)

    said = act(browser, "clinics/clinic", "archive", world.clinic)
    assert "Done: 1" in said
    assert rui.get("patients").status_code == 403

    act(browser, "clinics/clinic", "restore", world.clinic)
    assert rui.get("patients").status_code == 200
    assert kept(world.clinic)[:2] == [
        ("clinic_archived", "operator"), ("clinic_restored", "operator"),
    ]  # fmt: skip


def test_logins_are_deactivated_but_not_one_s_own(
    browser: Client, world: people.World, olga: User
) -> None:
    people.device_token(world.rui.user)

    said = act(browser, "clinics/user", "deactivate", world.rui.user, olga)

    assert "Done: 1" in said
    assert "This is your own login" in said
    assert not User.objects.get(pk=world.rui.user_id).is_active
    assert not Device.objects.filter(user=world.rui.user, ended_at=None).exists()
    act(browser, "clinics/user", "reactivate", world.rui.user)
    assert User.objects.get(pk=world.rui.user_id).is_active


def test_work_in_a_clinic_is_ended_but_the_last_administrator_s(
    browser: Client, world: people.World
) -> None:
    break_glass(browser, world.clinic)

    said = act(browser, "clinics/membership", "end", world.rui, world.admin)

    assert "Done: 1" in said
    assert "Somebody must manage the clinic" in said
    with clinic_context(world.clinic.pk):
        ended = Membership.objects.exclude(deactivated_at=None)
        assert [one.user_id for one in ended] == [world.rui.user_id]
    assert ("membership_ended", "operator") in kept(world.clinic)
    assert Caller().as_(world.rui).get("patients").status_code == 403


def test_another_clinic_s_work_is_not_ended(browser: Client, world: people.World) -> None:
    break_glass(browser, world.clinic)

    act(browser, "clinics/membership", "end", world.far_therapist)

    with clinic_context(world.far_clinic.pk):
        assert Membership.objects.get().deactivated_at is None


@pytest.mark.parametrize("page", REGISTERED)
def test_nothing_is_deleted_and_only_clinics_are_added(
    browser: Client, world: people.World, page: str
) -> None:
    break_glass(browser, world.clinic)

    added = browser.get(f"/operator/{page}/add/").status_code
    removed = browser.post(f"/operator/{page}/{world.ana.pk}/delete/", {"post": "yes"}).status_code
    said = {"action": "delete_selected", "_selected_action": [str(world.ana.pk)], "post": "yes"}
    browser.post(f"/operator/{page}/", said)

    assert added == (200 if page == "clinics/clinic" else 403)
    assert removed == 403
    with clinic_context(world.clinic.pk):
        assert Membership.objects.count() == 3
    assert Clinic.objects.count() == 2


@pytest.mark.parametrize("page", ["clinics/clinic", "clinics/user"])
def test_a_row_s_page_takes_no_change(browser: Client, world: people.World, page: str) -> None:
    row = world.clinic if page == "clinics/clinic" else world.rui.user

    shown = browser.get(f"/operator/{page}/{row.pk}/change/")
    answer = browser.post(f"/operator/{page}/{row.pk}/change/", {"name": "Renamed"})

    assert (shown.status_code, answer.status_code) == (200, 403)
    assert "argon2" not in shown.content.decode()
    assert not Clinic.objects.filter(name="Renamed").exists()
    assert not User.objects.filter(name="Renamed").exists()
