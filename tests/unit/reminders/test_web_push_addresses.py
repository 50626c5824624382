"""Where no message for a browser goes: addresses of strangers, and names that change their mind."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from reminders.channels import open_port
from reminders.channels.port import Result
from reminders.channels.safe_https import NotAllowed, SafeHttps, Unreachable, is_public
from reminders.channels.vapid import VapidKeys
from reminders.channels.web_push import WebPushPort
from reminders.models import Contact
from tests.factories.push import (
    KEY,
    SECRET,
    vapid_keys,
    vapid_settings,
)
from tests.push_service import Sink, https_sink, trusting
from tests.unit.reminders.test_push_endpoints import HOSTILE
from tests.unit.reminders.test_web_push import (
    NOTE,
)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with https_sink() as running:
        yield running


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    for name, value in vapid_settings().items():
        setattr(settings, name, value)
    settings.PUSH_HOSTS = ["localhost"]


def test_sixty_addresses_of_strangers_lead_to_no_connection(
    sink: Sink, settings: Any, monkeypatch: Any
) -> None:
    """However a name resolves: here all of them lead to this machine, where somebody listens."""
    settings.PUSH_HOSTS = ["fcm.googleapis.com", "*.notify.windows.com", "*.push.apple.com"]
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", sink.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: here)
    port = WebPushPort(SafeHttps(port=sink.port, trust=trusting()))
    known = [
        "https://fcm.googleapis.com/x", "https://a.notify.windows.com/x", "https://web.push.apple.com/x",
    ]  # fmt: skip

    outcomes = {
        address: port.send(
            NOTE,
            [Contact(channel="web_push", address=address, push_key=KEY, push_secret=SECRET)],
        )
        for address in [*HOSTILE, *known]
    }

    assert len(outcomes) >= 60
    assert {one.result for one in outcomes.values()} == {Result.REFUSED}
    assert {outcomes[one].error for one in known} == {"push address"}
    assert (sink.connections, sink.requests) == (0, [])


def test_a_name_that_changes_its_mind_is_asked_once(
    sink: Sink, settings: Any, monkeypatch: Any
) -> None:
    """First a public address, then this machine: the connection goes where was looked."""
    asked: list[str] = []
    went: list[Any] = []

    def lookup(host: str, *_args: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, sink.port))]

    def connect(where: Any, **_more: Any) -> None:
        went.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(Unreachable):
        SafeHttps(port=sink.port).post("localhost", "/", {}, b"")

    assert (asked, went) == (["localhost"], [("93.184.215.14", sink.port)])


def test_one_address_of_ours_among_public_ones_is_one_too_many(monkeypatch: Any) -> None:
    found = [(socket.AF_INET, 1, 6, "", (one, 443)) for one in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)

    with pytest.raises(NotAllowed):
        SafeHttps().post("localhost", "/", {}, b"")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("8.8.8.8", True), ("2606:2800:21f:cb07::1", True),
        ("127.0.0.1", False), ("127.255.255.254", False), ("0.0.0.0", False), ("10.1.2.3", False),
        ("172.31.255.255", False), ("172.32.0.1", True), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False),
        ("239.255.255.255", False), ("240.0.0.1", False), ("255.255.255.255", False),
        ("192.0.2.1", False), ("198.18.0.1", False), ("::1", False), ("::", False),
        ("fe80::1", False), ("fc00::1", False), ("fd12::1", False), ("ff02::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False), ("2002:0808:0808::", True), ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", False), ("64:ff9b:1::1", False), ("2001:0:53aa:64c::1", False),
        ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


# ---- keys ---------------------------------------------------------------------------------------


def test_keys_that_do_not_belong_together_are_refused() -> None:
    other = VapidKeys(private=vapid_keys().private, public=KEY)

    with pytest.raises(ValueError, match="belongs to another"):
        other.private_pem()


def test_the_channel_opens_its_port() -> None:
    port = open_port("web_push")

    assert isinstance(port, WebPushPort)
    assert port.https == SafeHttps(trust=port.https.trust)
    port.close()
