"""A request about reminders costs the same, however much was chosen, added or sent before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

from clinics.models import User
from tests.api.caller import Caller
from tests.api.reminders.choosing import again, choice
from tests.factories import reminders
from tests.factories.people import World

Budget = Callable[[str], AbstractContextManager[None]]
NINE = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SIX = [f"{hour:02}:00" for hour in range(9, 15)]


def much(world: World, user: User) -> None:
    """Nine addresses and thirty deliveries."""
    for number in range(9):
        reminders.contact(world.clinic, user, address=f"ana{number}@example.org")
    for day in range(30):
        reminders.delivery(world.ana, NINE + dt.timedelta(days=day))


def test_choosing_costs_the_same_for_one_time_and_for_six(
    caller: Caller, world: World, query_budget: Budget
) -> None:
    ana = caller.as_(world.ana)
    with query_budget("PUT me/reminders, the first time"):
        first = ana.put("me/reminders", choice("08:00"))
    with query_budget("PUT me/reminders, six times in place of one"):
        six = ana.put("me/reminders", choice(*SIX, version=1))
    with query_budget("PUT me/reminders, nothing new"):
        ana.put("me/reminders", again(six.json()))
    with query_budget("GET me/reminders"):
        shown = ana.get("me/reminders")

    assert (first.status_code, six.json(), len(six.json()["times"])) == (200, shown.json(), 6)


def test_the_care_team_s_look_costs_the_same_always(
    caller: Caller, world: World, query_budget: Budget
) -> None:
    assert world.ana.user is not None
    rui, path = caller.as_(world.rui), f"patients/{world.ana.pk}/reminders"
    with query_budget("GET patients/{id}/reminders"):
        rui.get(path)
    reminders.preferences(world.ana, *SIX)
    much(world, world.ana.user)

    with query_budget("GET patients/{id}/reminders"):
        shown = rui.get(path).json()

    assert (len(shown["contacts"]), len(shown["deliveries"])) == (9, 20)


def test_a_contact_costs_the_same_however_many_there_are(
    caller: Caller, world: World, query_budget: Budget
) -> None:
    assert world.ana.user is not None
    ana = caller.as_(world.ana)
    much(world, world.ana.user)
    with query_budget("POST me/contacts"):
        made = ana.post("me/contacts", {"channel": "email", "address": "new@example.org"})
    with query_budget("POST me/contacts/{id}/confirm, wrong"):
        wrong = ana.post(f"me/contacts/{made.json()['id']}/confirm", {"code": "000000"})
    with query_budget("DELETE me/contacts/{id}"):
        gone = ana.delete(f"me/contacts/{made.json()['id']}")

    assert [one.status_code for one in (made, wrong, gone)] == [201, 400, 204]
