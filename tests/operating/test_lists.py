"""Lists on a narrow screen and a wide one: named cells, plain words, what is empty, their order."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rehab_platform.operating.shown import plainly
from tests.factories import people, reminders
from tests.factories.people import World
from tests.operating.rows import a_proposal
from tests.operating.test_changes import REGISTERED, break_glass


def rows_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode().partition('<table id="result_list"')[2].partition("</table>")[0]


def test_each_cell_of_a_list_is_named_for_where_a_row_is_a_card(
    browser: Client, world: World
) -> None:
    """The roles keep it a table to a screen reader, however it is laid out."""
    text = rows_of(browser, "/operator/clinics/clinic/")

    body = text.partition("<tbody")[2]
    named = re.findall(r'<(t[hd]) role="(\w+)" data-name="([^"]*)" class="([\w -]+)"', body)
    assert named[:6] == [
        ("td", "cell", "", "action-checkbox"),
        ("th", "rowheader", "Name", "field-name"),
        ("td", "cell", "Country", "field-country_name"),
        ("td", "cell", "Time zone", "field-time_zone"),
        ("td", "cell", "Phone number", "field-phone_number"),
        ("td", "cell", "Archived at", "field-archived_at nowrap"),
    ]
    assert len(named) == body.count("<td") + body.count("<th") == 12
    assert text.count('role="row"') == 3
    assert text.count('role="rowgroup"') == 2
    assert text.count('role="columnheader"') == 6
    assert text.count('aria-sort="ascending"') == 1
    assert 'data-name="Sort by"' in text


def test_columns_and_filters_are_called_as_people_call_them(browser: Client, world: World) -> None:
    text = browser.get("/operator/clinics/user/").content.decode()
    rows = rows_of(browser, "/operator/clinics/user/")

    assert ">Active</a>" in rows
    assert "Is active" not in text
    assert "By active" in " ".join(text.split())
    assert ' data-name="Operator" class="field-operator">no</td>' in rows
    assert ' data-name="Operator" class="field-operator">yes</td>' in rows
    assert "icon-no" not in rows


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("is active", "active"),
        ("has red flag", "red flag"),
        ("is lead", "leads the care team"),
        ("in force until", "in force before"),
        ("hold seconds", "hold (seconds)"),
        ("load kg", "load (kg)"),
        ("distance m", "distance (metres)"),
        ("low adherence percent", "low adherence (%)"),
        ("at", "when"),
        ("history", "history"),
        ("raised at", "raised at"),
    ],
)
def test_a_column_is_called_plainly(column: str, words: str) -> None:
    assert plainly(column) == words


def test_countries_are_shown_and_filtered_by_name(browser: Client, world: World) -> None:
    text = browser.get("/operator/clinics/clinic/").content.decode()
    its_own = browser.get(f"/operator/clinics/clinic/{world.clinic.pk}/change/").content.decode()

    assert 'class="field-country_name">Portugal</td>' in text
    assert '<a href="?country=PT">Portugal</a>' in text
    assert '<div class="readonly">Portugal</div>' in its_own
    assert '<div class="readonly">English</div>' in its_own
    assert '<div class="readonly">on Monday</div>' in its_own
    assert '<div class="readonly">21:00</div>' in its_own
    assert "ISO 3166-1" not in its_own


def test_an_empty_list_says_so_and_a_search_without_a_hit_leads_back(
    browser: Client, world: World
) -> None:
    break_glass(browser, world.clinic)
    nothing = '<p class="nothing">'
    for address, words in [
        ("/operator/patients/pause/", "There is nothing here yet."),
        ("/operator/clinics/clinic/?q=zzzz", "Nothing fits what you look for."),
        ("/operator/patients/pause/?reason__exact=holiday", "Nothing fits what you look for."),
    ]:
        text = browser.get(address).content.decode()
        assert f"{nothing}{words}" in text
        assert ('<a href="?">Show all</a>' in text) is ("Nothing fits" in words)
    full = browser.get("/operator/clinics/clinic/").content.decode()
    assert nothing not in full
    assert "Show all" not in full


def test_a_list_says_its_order_where_no_column_does(browser: Client, world: World) -> None:
    people.pause(world.ana)
    break_glass(browser, world.clinic)
    order = "The newest first, as they came in."

    assert order in browser.get("/operator/patients/pause/").content.decode()
    assert order not in browser.get("/operator/patients/pause/?o=3").content.decode()
    for page in ("clinics/clinic", "clinics/user", "clinics/membership", "patients/patient"):
        assert order not in browser.get(f"/operator/{page}/").content.decode(), page


def test_each_list_has_one_link_on_the_start(browser: Client) -> None:
    """Two to the same place are twice the keys for whoever has no mouse."""
    text = browser.get("/operator/").content.decode()

    for list_ in ("clinics/clinic", "patients/patient", "core/auditevent", "programs/program"):
        assert text.count(f'href="/operator/{list_}/"') == 1
    assert text.count('href="/operator/clinics/clinic/add/"') == 1
    assert "application" not in text


def test_yes_and_no_are_words_in_a_list(browser: Client, world: World) -> None:
    """Signs are read as "True" and "False", and a red one beside each row as a fault."""
    break_glass(browser, world.clinic)

    rows = rows_of(browser, "/operator/patients/careteammembership/")
    measures = rows_of(browser, "/operator/programs/outcomemeasure/")

    assert ' data-name="Leads the care team" class="field-is_lead">yes</td>' in rows
    assert ' data-name="Offered" class="field-is_offered">no</td>' in measures
    assert "<img" not in rows + measures


def test_each_search_says_what_it_looks_for(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    for name in REGISTERED:
        text = browser.get(f"/operator/{name}/").content.decode()

        label = text.partition('<label for="searchbar">')[2].partition("</label>")[0]
        assert len(label.split()) > 1, name


def test_what_is_stored_as_keys_is_listed_in_words(browser: Client, world: World) -> None:
    a_proposal(world, 1)
    reminders.preferences(world.ana, channels=["email", "web_push"])
    break_glass(browser, world.clinic)

    proposals = rows_of(browser, "/operator/rehab_sessions/thresholdproposal/")
    chosen = rows_of(browser, "/operator/reminders/reminderpreferences/")

    assert 'class="field-loosened">no contact expected days</td>' in proposals
    assert 'class="field-channels">email, a message on the phone</td>' in chosen
