"""Where a person is reached: added, proved by a code, taken away; and who may."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail as outgoing

from core.delivery import deliver
from core.models import Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from reminders.models import Contact
from tests.api.caller import Caller
from tests.api.patients.stored import events
from tests.factories import reminders
from tests.factories.people import World
from tests.factories.push import KEY, SECRET, vapid_settings
from tests.push_service import Sink, http_sink

NOW = "2026-11-26T10:00:00Z"
AT = dt.datetime.fromisoformat(NOW)
MINUTE = dt.timedelta(minutes=1)
MAIL = {"channel": "email", "address": "ana.silva@example.org"}
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA-secret"
BROWSER = {"channel": "web_push", "address": ENDPOINT, "push_key": KEY, "push_secret": SECRET}


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


@pytest.fixture
def with_push(settings: Any) -> None:
    for name, value in vapid_settings().items():
        setattr(settings, name, value)


def stored(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(Contact.objects.order_by("pk").values())


def messages(world: World) -> list[Message]:
    with clinic_context(world.clinic.pk):
        return list(Message.objects.filter(kind="confirm_contact").order_by("pk"))


def mailed_code(*, now: dt.datetime = AT) -> str:
    """Deliver what waits, and read the six digits of the last mail."""
    deliver(writers=WRITERS, now=now)
    [code] = re.findall(r"^\d{6}$", str(outgoing.outbox[-1].body), re.MULTILINE)
    return code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def added(caller: Caller, who: Any, body: dict[str, Any] = MAIL) -> dict[str, Any]:
    response = caller.as_(who).post("me/contacts", body)
    assert response.status_code in (200, 201), response.content
    return response.json()


def confirmed(caller: Caller, who: Any, contact: dict[str, Any], code: str) -> Any:
    return caller.as_(who).post(f"me/contacts/{contact['id']}/confirm", {"code": code})


# ---- an address, by a code ----------------------------------------------------------------------


def test_an_address_waits_for_the_code_that_went_there(caller: Caller, world: World) -> None:
    response = caller.as_(world.ana).post(
        "me/contacts", MAIL | {"address": "Ana.Silva@Example.org"}
    )

    shown = response.json()
    assert response.status_code == 201
    assert shown == MAIL | {
        "id": shown["id"],
        "added_at": NOW,
        "confirmed_at": None,
        "code_ends_at": "2026-11-26T10:30:00Z",
        "disabled_at": None,
        "disabled_because": "",
    }
    assert caller.as_(world.ana).get("me/contacts").json() == {"results": [shown]}
    code = mailed_code()
    [sent] = outgoing.outbox
    assert sent.to == ["ana.silva@example.org"]
    assert sent.subject == f"{code} is your code"
    assert "Ana" not in str(sent.body)

    right = confirmed(caller, world.ana, shown, code)

    assert (right.status_code, right.json()) == (
        200, shown | {"confirmed_at": NOW, "code_ends_at": None},
    )  # fmt: skip
    assert confirmed(caller, world.ana, shown, wrong(code)).json() == right.json()
    [row] = stored(world)
    assert (row["user_id"], row["code_hash"]) == (world.ana.user_id, None)
    assert [len(events(world, f"contact_{one}")) for one in ("added", "confirmed")] == [1, 1]
    assert events(world, "contact_added")[0].details == {"channel": "email"}


def test_neither_the_row_nor_the_message_holds_the_code(caller: Caller, world: World) -> None:
    added(caller, world.ana)
    [row], [message] = stored(world), messages(world)

    code = mailed_code()

    assert len(bytes(row["code_hash"])) == 32
    assert code.encode() not in bytes(row["code_hash"])
    assert message.about == {"contact": str(row["id"])}
    assert code not in f"{message.key} {message.address}"


def test_five_tries_and_a_sixth_is_no_use_even_if_it_is_right(caller: Caller, world: World) -> None:
    contact = added(caller, world.ana)
    code = mailed_code()

    answers = [confirmed(caller, world.ana, contact, wrong(code)) for _try in range(5)]
    late = confirmed(caller, world.ana, contact, code)

    assert {(one.status_code, one.json()["errors"][0]["code"]) for one in [*answers, late]} == {
        (400, "contact_code_invalid")
    }
    assert {one.json()["errors"][0]["field"] for one in answers} == {"code"}
    assert (stored(world)[0]["code_attempts"], stored(world)[0]["confirmed_at"]) == (5, None)
    added(caller, world.ana)
    assert confirmed(caller, world.ana, contact, mailed_code()).status_code == 200


def test_the_fifth_try_may_be_the_right_one(caller: Caller, world: World) -> None:
    contact = added(caller, world.ana)
    code = mailed_code()

    for _try in range(4):
        assert confirmed(caller, world.ana, contact, wrong(code)).status_code == 400

    assert confirmed(caller, world.ana, contact, code).status_code == 200


def test_a_code_is_good_for_half_an_hour(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    contact = added(caller, world.ana)
    code = mailed_code()

    stop_clock("2026-11-26T10:30:00Z")
    assert confirmed(caller, world.ana, contact, code).status_code == 400
    stop_clock("2026-11-26T10:29:59Z")
    assert confirmed(caller, world.ana, contact, code).status_code == 200


def test_a_new_code_ends_the_one_before_and_its_mail(caller: Caller, world: World) -> None:
    contact = added(caller, world.ana)
    first = mailed_code()
    added(caller, world.ana)
    added(caller, world.ana)
    last = mailed_code()

    assert [str(one.subject)[:6] for one in outgoing.outbox] == [first, last]
    assert [one.state for one in messages(world)] == ["sent", "dropped", "sent"]
    assert confirmed(caller, world.ana, contact, first).status_code == 400
    assert confirmed(caller, world.ana, contact, last).status_code == 200


def test_a_code_that_could_not_be_sent_in_time_is_not_sent(caller: Caller, world: World) -> None:
    added(caller, world.ana)

    deliver(writers=WRITERS, now=AT + 30 * MINUTE)

    assert outgoing.outbox == []
    assert [one.state for one in messages(world)] == ["dropped"]


def test_three_codes_an_hour_for_one_person(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    addresses = [MAIL | {"address": f"ana{number}@example.org"} for number in range(4)]
    for one in addresses[:3]:
        added(caller, world.ana, one)
    before = stored(world)

    refused = caller.as_(world.ana).post("me/contacts", addresses[3])

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert len(messages(world)) == 3
    assert stored(world) == before
    added(caller, world.carer, addresses[3])
    stop_clock("2026-11-26T11:00:00Z")
    added(caller, world.ana, addresses[3])


# ---- a number, by a text message -----------------------------------------------------------------


@pytest.fixture
def gateway(settings: Any) -> Iterator[Sink]:
    with http_sink() as running:
        running.status = 200
        settings.SMS_URL = f"json://127.0.0.1:{running.port}/send?:to={{to}}"
        yield running


def test_a_number_waits_for_the_code_that_came_to_it(
    caller: Caller, world: World, gateway: Sink
) -> None:
    contact = added(caller, world.ana, {"channel": "sms", "address": "+351 (912) 345-678"})

    deliver(writers=WRITERS, now=AT)

    [(_path, _headers, body)] = gateway.requests
    said = json.loads(body)
    found = re.fullmatch(r"(\d{6}) is your code for Harbour Clinic\.", said["message"])
    assert found is not None
    assert (said["to"], said["title"], contact["address"]) == ("+351912345678", "", said["to"])
    assert outgoing.outbox == []
    assert confirmed(caller, world.ana, contact, found[1]).json()["confirmed_at"] == NOW


def test_a_gateway_that_does_not_take_it_is_asked_again_and_holds_up_no_mail(
    caller: Caller, world: World, gateway: Sink
) -> None:
    added(caller, world.ana, {"channel": "sms", "address": "+351912345678"})
    added(caller, world.ana)
    gateway.status = 500

    mailed_code()

    waiting, sent = messages(world)
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("waiting", 1, "sms not taken")
    assert sent.state == "sent"
    gateway.status = 200
    deliver(writers=WRITERS, now=AT + MINUTE + dt.timedelta(seconds=5))
    assert messages(world)[0].state == "sent"
    texts = {json.loads(body)["message"] for _path, _headers, body in gateway.requests}
    assert len(texts) == 1


def test_a_number_that_was_taken_away_gets_no_code(
    caller: Caller, world: World, gateway: Sink
) -> None:
    contact = added(caller, world.ana, {"channel": "sms", "address": "+351912345678"})
    caller.as_(world.ana).delete(f"me/contacts/{contact['id']}")

    deliver(writers=WRITERS, now=AT)

    assert (gateway.requests, [one.state for one in messages(world)]) == ([], ["dropped"])


# ---- what is no address -------------------------------------------------------------------------


def test_what_is_no_address_is_refused_by_name(caller: Caller, world: World, settings: Any) -> None:
    settings.SMS_URL = "json://127.0.0.1/?:to={to}"
    for name, value in vapid_settings().items():
        setattr(settings, name, value)
    sms = {"channel": "sms"}
    cases: list[tuple[dict[str, Any], str, str]] = [
        (MAIL | {"address": "ana"}, "address", "malformed"),
        (MAIL | {"address": "ana@"}, "address", "malformed"),
        (MAIL | {"address": "a b@example.org"}, "address", "malformed"),
        (MAIL | {"address": "a@example.org,b@example.org"}, "address", "malformed"),
        (MAIL | {"address": "<a@example.org>"}, "address", "malformed"),
        (MAIL | {"address": "a@example.org\nBcc: b@example.org"}, "address", "malformed"),
        (MAIL | {"address": "x" * 250 + "@example.org"}, "address", "malformed"),
        (MAIL | {"push_key": KEY}, "push_key", "not_a_browser"),
        (MAIL | {"push_secret": SECRET}, "push_secret", "not_a_browser"),
        (sms | {"address": "912345678"}, "address", "malformed"),
        (sms | {"address": "00351912345678"}, "address", "malformed"),
        (sms | {"address": "+0351912345678"}, "address", "malformed"),
        (sms | {"address": "+351912"}, "address", "malformed"),
        (sms | {"address": "+1234567890123456"}, "address", "malformed"),
        (sms | {"address": "+351 912 345 67٨"}, "address", "malformed"),
        (sms | {"address": "+351912345678/../x"}, "address", "malformed"),
        (BROWSER | {"address": "https://example.org/push"}, "address", "unknown_push_service"),
        (BROWSER | {"address": ENDPOINT.replace("https", "http")}, "address", "unknown_push_service"),
        (BROWSER | {"push_key": None}, "push_key", "malformed"),
        (BROWSER | {"push_key": SECRET}, "push_key", "malformed"),
        (BROWSER | {"push_secret": KEY[:40]}, "push_secret", "malformed"),
        (BROWSER | {"push_secret": "not base64"}, "push_secret", "malformed"),
    ]  # fmt: skip

    for body, field, code in cases:
        response = caller.as_(world.ana).post("me/contacts", body)

        assert response.status_code == 400, body
        [error] = response.json()["errors"]
        assert (error["field"], error["code"]) == (field, code), body
    assert stored(world) == []
    assert messages(world) == []


def test_what_is_not_offered_here_cannot_be_added(caller: Caller, world: World) -> None:
    for body in (BROWSER, {"channel": "sms", "address": "+351912345678"}):
        response = caller.as_(world.ana).post("me/contacts", body)

        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert (error["field"], error["code"]) == ("channel", "channel_not_offered")
    assert stored(world) == []


def test_ten_of_a_channel_and_no_eleventh(caller: Caller, world: World) -> None:
    for number in range(9):
        reminders.contact(world.clinic, world.ana.user, address=f"ana{number}@example.org")
    tenth = added(caller, world.ana)

    refused = caller.as_(world.ana).post("me/contacts", MAIL | {"address": "eleven@example.org"})

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_contacts")
    assert len(stored(world)) == 10
    assert added(caller, world.ana)["id"] == tenth["id"]
    assert caller.as_(world.ana).delete(f"me/contacts/{tenth['id']}").status_code == 204
    added(caller, world.ana, MAIL | {"address": "eleven@example.org"})


# ---- a browser ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_push")
def test_a_browser_is_confirmed_by_its_subscription(caller: Caller, world: World) -> None:
    first = caller.as_(world.ana).post("me/contacts", BROWSER)

    assert first.status_code == 201
    assert (first.json()["address"], first.json()["confirmed_at"], first.json()["code_ends_at"]) == (
        "updates.push.services.mozilla.com", NOW, None,
    )  # fmt: skip
    assert "secret" not in first.content.decode()
    assert messages(world) == []
    again = caller.as_(world.ana).post("me/contacts", BROWSER)
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(events(world, "contact_added")) == 1
    other_keys = BROWSER | {"push_secret": SECRET[::-1].replace("=", "")}
    assert added(caller, world.ana, other_keys)["id"] == first.json()["id"]
    assert stored(world)[0]["push_secret"] == other_keys["push_secret"]


@pytest.mark.usefixtures("with_push")
def test_web_push_can_be_chosen_and_its_key_is_told_where_it_is_offered(
    caller: Caller, world: World, settings: Any
) -> None:
    settings.SMS_URL = "json://127.0.0.1/?:to={to}"

    shown = caller.as_(world.ana).get("me/reminders").json()

    assert shown["channels_offered"] == ["email", "web_push", "sms"]
    assert shown["push_public_key"] == settings.VAPID_PUBLIC_KEY
