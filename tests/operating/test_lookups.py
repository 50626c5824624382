"""What an address of a list may ask of its rows: what its filters name, and nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Field, Model
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from clinics.models import Clinic, User
from rehab_platform.operating.glass import keep_open
from rehab_platform.operating.pages import Page
from rehab_platform.operating.urls import site
from tests.factories import reminders
from tests.factories.people import World
from tests.operating.test_changes import break_glass

PAGES: dict[str, Page] = {
    f"{model._meta.app_label}/{model._meta.model_name}": page
    for model, page in site._registry.items()
    if isinstance(page, Page)
}
ENDINGS = ("", "__exact", "__startswith", "__regex", "__gt", "__in", "__isnull", "__isempty")
# What the filters of a page name, by hand: a filter more is a decision, and is written here.
FILTERS = {
    "clinics/clinic": {"country", "country__isnull", "archived_at__isempty"},
    "clinics/user": {
        "is_active__exact", "is_active__isnull", "is_operator__exact", "is_operator__isnull",
    },
    "clinics/membership": {"role__exact", "role__isnull", "deactivated_at__isempty"},
    "programs/exercise": {"retired_at__isempty"},
    "programs/program": {"retired_at__isempty"},
    "programs/outcomemeasure": {"is_offered__exact", "is_offered__isnull"},
    "patients/patient": {
        "status__exact", "status__isnull", "affected_side__exact", "affected_side__isnull",
    },
    "patients/careteammembership": {"is_lead__exact", "is_lead__isnull"},
    "patients/carer": {"revoked_at__isempty"},
    "patients/goal": {
        "status__exact", "status__isnull", "kind__exact", "kind__isnull",
        "due_on__gte", "due_on__lt",
    },
    "patients/assessment": {
        "status__exact", "status__isnull", "is_unable__exact", "is_unable__isnull",
        "assessed_on__gte", "assessed_on__lt",
    },
    "patients/pauserequest": {
        "status__exact", "status__isnull", "reason__exact", "reason__isnull",
        "asked_as__exact", "asked_as__isnull",
    },
    "patients/discharge": {"reason__exact", "reason__isnull", "readmitted_at__isempty"},
    "rehab_sessions/safetycheck": {
        "has_red_flag__exact", "has_red_flag__isnull", "logged_as__exact", "logged_as__isnull",
        "checked_at__gte", "checked_at__lt",
    },
    "rehab_sessions/formcheck": {"seen_on__gte", "seen_on__lt", "withdrawn_at__isempty"},
    "rehab_sessions/alertoccurrence": {
        "severity__exact", "severity__isnull", "alert__rule__exact", "alert__rule__isnull",
    },
    "rehab_sessions/alertthresholds": {"signed_off_at__isempty"},
    "rehab_sessions/thresholdproposal": {"status__exact", "status__isnull"},
    "patients/assignment": {"status__exact", "status__isnull"},
    "patients/prescribedexercise": {
        "side__exact", "side__isnull",
        "is_outside_usual_range__exact", "is_outside_usual_range__isnull",
    },
    "patients/pause": {"reason__exact", "reason__isnull"},
    "rehab_sessions/exercisesession": {
        "status__exact", "status__isnull", "has_red_flag__exact", "has_red_flag__isnull",
    },
    "rehab_sessions/exerciseresult": {
        "verdict__exact", "verdict__isnull", "is_off_plan__exact", "is_off_plan__isnull",
    },
    "rehab_sessions/alert": {
        "severity__exact", "severity__isnull", "status__exact", "status__isnull",
        "rule__exact", "rule__isnull",
    },
    "reminders/reminderpreferences": {"is_paused__exact", "is_paused__isnull"},
    "reminders/contact": {
        "channel__exact", "channel__isnull",
        "disabled_because__exact", "disabled_because__isnull", "confirmed_at__isempty",
    },
    "reminders/delivery": {
        "state__exact", "state__isnull", "kind__exact", "kind__isnull",
        "channel__exact", "channel__isnull",
    },
    "reminders/weeklysummary": set(),
    "core/auditevent": {"acting_as__exact", "acting_as__isnull", "at__gte", "at__lt"},
}  # fmt: skip


def columns(model: type[Model]) -> Iterator[str]:
    """Name every column of a table, and those of each table that it leads to."""
    for field in model._meta.get_fields():
        if isinstance(field, Field):
            yield field.name
            yield field.attname
        if field.is_relation and field.related_model:
            leads_to: Any = field.related_model
            yield from (f"{field.name}__{one.name}" for one in leads_to._meta.concrete_fields)


def an_operator_s_request() -> HttpRequest:
    """Return one with the glass of some clinic open."""
    request = RequestFactory().get("/operator/")
    request.user = User(pk=uuid.uuid4(), is_operator=True)
    request.session = SessionBase()
    some = Clinic(pk=uuid.uuid4(), name="Harbour Clinic")
    keep_open(request, some, "To see what may be asked", now=timezone.now())
    return request


@pytest.mark.parametrize("name", PAGES)
def test_an_address_asks_by_the_page_s_filters_and_by_no_other_column(name: str) -> None:
    page, request = PAGES[name], an_operator_s_request()
    asked = {column + ending for column in columns(page.model) for ending in ENDINGS}

    allowed = {one for one in asked | FILTERS[name] if page.lookup_allowed(one, "x", request)}

    assert allowed == FILTERS[name]


def test_the_table_names_secrets() -> None:
    """A table that missed these would prove nothing."""
    assert "password" in set(columns(User))
    assert "user__password" in set(columns(PAGES["clinics/membership"].model))
    assert {"push_secret", "code_hash", "address"} <= set(columns(PAGES["reminders/contact"].model))
    assert "devices__token_hash" in set(columns(User))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("clinics/user", "password__startswith=argon2$"),
        ("clinics/user", "email=ana@harbour.example&password__startswith=argon2$"),
        ("clinics/user", "password__regex=^argon2"),
        ("clinics/user", "password__isnull=0"),
        ("clinics/user", "password__isempty=0"),
        ("clinics/user", "devices__token_hash__startswith=a"),
        ("clinics/clinic", "invitation__email=eva@lake.example"),
        ("clinics/membership", "user__password__startswith=argon2$"),
        ("patients/patient", "user__password__startswith=argon2$"),
        ("reminders/contact", "address__startswith=ana@"),
        ("reminders/contact", "push_secret__startswith=a"),
        ("reminders/contact", "code_hash__regex=^a"),
        ("reminders/contact", "channel__exact=mail&address__contains=ana"),
        ("core/auditevent", "ip_address__startswith=10."),
        ("clinics/user", "nothing=1"),
        ("clinics/user", "_to_field=password"),
        ("clinics/user", "_to_field=email"),
    ],
)
def test_what_no_filter_names_is_refused_without_a_count(
    browser: Client, world: World, page: str, query: str
) -> None:
    break_glass(browser, world.clinic)

    answers = [browser.get(f"/operator/{page}/?{query}{letter}") for letter in ("", "x")]

    for answer in answers:
        assert answer.status_code == 400
        assert "result" not in answer.content.decode()
    assert answers[0].content == answers[1].content


def test_a_row_is_opened_by_its_key_alone(browser: Client, world: World, olga: User) -> None:
    answer = browser.get(f"/operator/clinics/user/{olga.email}/change/?_to_field=email")

    assert answer.status_code == 400
    assert olga.email not in answer.content.decode()


def test_paging_searching_and_ordering_go_on(browser: Client, world: World) -> None:
    for query in ("p=1", "p=x", "q=Rui", "o=1.-2", "all=", "e=1", "_facets=1"):
        assert browser.get(f"/operator/clinics/user/?{query}").status_code == 200


def test_each_filter_that_a_list_offers_answers(browser: Client, world: World) -> None:
    assert world.ana.user is not None
    reminders.contact(world.clinic, world.ana.user, address="ana.silva@example.org")
    break_glass(browser, world.clinic)
    for name, named in FILTERS.items():
        text = browser.get(f"/operator/{name}/").content.decode()

        offered = sorted(set(re.findall(r'<a href="(\?[^"]+__[^"]+)"', text)))

        assert bool(offered) == bool(named), name
        for query in offered[::3]:
            answer = browser.get(f"/operator/{name}/{query.replace('&amp;', '&')}")
            assert answer.status_code == 200, (name, query)


# Columns that a list shows whole, in words: an order tells no more than the list does.
IN_WORDS = {
    "clinics/clinic": {"country"},
    "clinics/user": {"is_active", "is_operator"},
    "clinics/membership": {"email"},
    "core/auditevent": {"action", "acting_as", "target"},
}


def test_rows_are_ordered_by_listed_columns_alone(browser: Client, world: World) -> None:
    """Those that a list shows whole, under their own name or as the name of somebody."""
    break_glass(browser, world.clinic)
    for name, page in PAGES.items():
        listed = {str(one) for one in page.list_display}
        shown = {
            getattr(getattr(page, one), "admin_order_field", "")
            for one in listed
            if hasattr(page, one)
        }
        by_columns = {one.rsplit("__", 1)[-1] for one in shown - {"", None}}
        assert by_columns - {"name", "rule", "slug"} == IN_WORDS.get(name, set())
        usual = {one.lstrip("-") for one in page.ordering or ()}
        for number in (0, 1, len(listed), "password"):
            answer = browser.get(f"/operator/{name}/?o={number}")

            assert answer.status_code == 200, (name, number)
            model: Any = page.model
            by = answer.context["cl"].get_ordering(None, model.objects.none())
            ordered = {one.lstrip("-") for one in by}
            assert ordered <= listed | shown | usual | {"pk"}, (name, number)


def test_a_masked_address_orders_nothing(browser: Client, world: World) -> None:
    """The order of what is masked would tell what is masked."""
    assert world.ana.user is not None
    made = [
        reminders.contact(world.clinic, world.ana.user, address=f"{letter}@example.org")
        for letter in ("b", "a", "c")
    ]
    break_glass(browser, world.clinic)

    listed = browser.get("/operator/reminders/contact/?o=0").context["cl"].result_list

    assert [one.pk for one in listed] == sorted((one.pk for one in made), reverse=True)
