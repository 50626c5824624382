"""Messages for a browser: over real TLS, read as the browser would, and never sent anywhere else."""

from __future__ import annotations

import base64
import json
import socket
import struct
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reminders.channels import safe_https, web_push
from reminders.channels.port import Note, Outcome, Result
from reminders.channels.safe_https import SafeHttps, Unreachable
from reminders.channels.web_push import WebPushPort, topic_of
from reminders.models import Contact
from tests.factories.push import (
    BROWSERS_KEY,
    BROWSERS_SECRET,
    KEY,
    SECRET,
    vapid_keys,
    vapid_settings,
)
from tests.push_service import Sink, https_sink, trusting

NOTE = Note(
    key=uuid.UUID(int=7),
    title="Your plan for today is waiting",
    text="You have something planned for today.",
    template="reminder",
    path="/",
    tag="reminder:2026-11-26:1",
    seconds_of_use=1800,
)
TAKEN = Outcome(result=Result.TAKEN)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with https_sink() as running:
        yield running


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    for name, value in vapid_settings().items():
        setattr(settings, name, value)
    settings.PUSH_HOSTS = ["localhost"]


def https(sink: Sink, **fields: Any) -> SafeHttps:
    """As a server connects, but to that port, trusting that certificate, on this machine."""
    said = {"port": sink.port, "trust": trusting(), "may_be_reached": lambda _address: True}
    return SafeHttps(**(said | fields))


def browser(path: str = "/push/1", host: str = "localhost", **fields: Any) -> Contact:
    said = {"push_key": KEY, "push_secret": SECRET} | fields
    return Contact(channel="web_push", address=f"https://{host}{path}", **said)


def sent(sink: Sink, *contacts: Contact, **fields: Any) -> Outcome:
    return WebPushPort(https(sink, **fields)).send(NOTE, contacts or [browser()])


def read_by_browser(body: bytes, secret: bytes = BROWSERS_SECRET) -> dict[str, Any]:
    """Decrypt a message by RFC 8188 and 8291, written from the papers and not from the library."""
    salt, (size, length) = body[:16], struct.unpack("!LB", body[16:21])
    assert size == 4096
    theirs, encrypted = body[21 : 21 + length], body[21 + length :]
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    shared = BROWSERS_KEY.exchange(ec.ECDH(), point)
    ours = base64.urlsafe_b64decode(KEY + "=")
    common = _derived(shared, secret, b"WebPush: info\0" + ours + theirs, 32)
    key = _derived(common, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(common, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(key).decrypt(nonce, encrypted, None)
    assert plain[-1:] == b"\x02"
    return json.loads(plain[:-1])


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


# ---- what arrives -------------------------------------------------------------------------------


def test_a_browser_reads_what_was_sent_and_nobody_else_can(sink: Sink) -> None:
    assert sent(sink, browser("/push/1?token=a%2Fb")) == TAKEN

    [(path, headers, body)] = sink.requests
    assert path == "/push/1?token=a%2Fb"
    assert read_by_browser(body) == {
        "title": NOTE.title, "body": NOTE.text, "tag": NOTE.tag, "path": "/",
    }  # fmt: skip
    assert NOTE.text.encode() not in body
    with pytest.raises(InvalidTag):
        read_by_browser(body, secret=bytes(16))
    assert {name: headers[name] for name in ("Host", "TTL", "Urgency", "Content-Encoding")} == {
        "Host": "localhost", "TTL": "1800", "Urgency": "normal", "Content-Encoding": "aes128gcm",
    }  # fmt: skip


def test_a_push_service_knows_who_sends(sink: Sink) -> None:
    sent(sink)

    said = sink.requests[0][1]["Authorization"]
    token, key = said.removeprefix("vapid t=").split(", k=")
    point = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64.urlsafe_b64decode(key + "=")
    )
    claims = jwt.decode(token, point, algorithms=["ES256"], audience="https://localhost")
    assert key == vapid_keys().public
    assert claims["sub"] == "mailto:rehab@example.org"
    assert 0 < claims["exp"] - time.time() <= 24 * 3600


def test_a_second_copy_takes_the_place_of_the_first(sink: Sink) -> None:
    sent(sink)
    sent(sink)

    topics = {headers["Topic"] for _path, headers, _body in sink.requests}
    assert topics == {topic_of(NOTE.tag)}
    assert topic_of(NOTE.tag) != topic_of("reminder:2026-11-26:2")
    assert len(topic_of(NOTE.tag)) == 24
    assert NOTE.tag not in topic_of(NOTE.tag)
    assert len({body for _path, _headers, body in sink.requests}) == 2


# ---- what is answered ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "result", "is_gone"),
    [
        (200, Result.TAKEN, False),
        (201, Result.TAKEN, False),
        (204, Result.TAKEN, False),
        (301, Result.REFUSED, False),
        (302, Result.REFUSED, False),
        (307, Result.REFUSED, False),
        (400, Result.REFUSED, False),
        (401, Result.REFUSED, False),
        (403, Result.REFUSED, False),
        (404, Result.REFUSED, True),
        (410, Result.REFUSED, True),
        (413, Result.REFUSED, False),
        (429, Result.LATER, False),
        (500, Result.LATER, False),
        (503, Result.LATER, False),
    ],
)
def test_what_an_answer_means(sink: Sink, status: int, result: Result, is_gone: bool) -> None:
    sink.status = status
    contact = browser()

    outcome = sent(sink, contact)

    assert outcome == Outcome(
        result=result,
        error="" if result is Result.TAKEN else f"push {status}",
        dead=((contact, Contact.Disabled.GONE),) if is_gone else (),
    )
    assert len(sink.requests) == 1


def test_one_browser_of_several_is_enough_and_those_that_are_gone_are_named(sink: Sink) -> None:
    here, other = browser("/here"), browser("/other", push_key="AAAA")
    gone = browser("/gone", host="elsewhere")

    assert sent(sink, other, here) == TAKEN
    assert sent(sink, other, gone).error == "push keys"
    sink.status = 410
    both = sent(sink, here, browser("/there"))
    assert (both.result, both.error, len(both.dead)) == (Result.REFUSED, "push 410", 2)


@pytest.mark.parametrize("location", ["http://127.0.0.1:{port}/inside", "/inside"])
def test_a_redirect_is_not_followed(sink: Sink, location: str) -> None:
    for status in (302, 307):
        sink.status = status
        sink.headers = {"Location": location.format(port=sink.port)}
        sent(sink)

    assert [path for path, _headers, _body in sink.requests] == ["/push/1"] * 2
    assert sink.connections == 2


def test_what_is_answered_is_dropped(sink: Sink) -> None:
    sink.status, sink.body = 500, b"ana.silva@example.org" * 100_000

    assert sent(sink).error == "push 500"


# ---- deadlines ----------------------------------------------------------------------------------


def test_a_service_that_hangs_or_drips_is_left_after_the_deadline(sink: Sink) -> None:
    for fields in ({"seconds": 1.0}, {"seconds": 0.0, "drips": True}):
        for name, value in fields.items():
            setattr(sink, name, value)
        began = time.monotonic()

        outcome = sent(sink, total_seconds=0.3)

        assert outcome == Outcome(result=Result.LATER, error="push TimeoutError")
        assert time.monotonic() - began < 0.9


def test_one_that_never_speaks_tls_is_left_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sink = Sink(port=silent.getsockname()[1])

        assert sent(sink, total_seconds=0.2).error == "push TimeoutError"


def test_one_that_is_not_there_or_not_trusted_is_tried_later(sink: Sink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert sent(Sink(port=port)).error == "push ConnectionRefusedError"
    assert sent(sink, trust=safe_https.ssl.create_default_context()).error == (
        "push SSLCertVerificationError"
    )
    assert sink.requests == []


def test_a_name_that_is_looked_up_for_ever_is_left(sink: Sink, monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: time.sleep(1))

    outcome = sent(sink, connect_seconds=0.1)

    assert outcome.error == "push TimeoutError"


class Hosts:
    """Connections to several push services: some answer, some never do, all by hand."""

    def __init__(self, monkeypatch: Any, *, away: Sequence[str], seconds: float = 0.0) -> None:
        self.away, self.seconds, self.clock = away, seconds, 0.0
        self.asked: list[tuple[str, float]] = []
        monkeypatch.setattr(SafeHttps, "post", self.post)
        monkeypatch.setattr(web_push, "monotonic", lambda: self.clock)

    def post(self, host: str, *_said: Any, most_seconds: float) -> int:
        self.asked.append((host, most_seconds))
        if host in self.away:
            self.clock += min(self.seconds, most_seconds)
            raise Unreachable("TimeoutError")
        return 201


AWAY = Outcome(result=Result.LATER, error="push TimeoutError")


def test_a_service_that_is_away_holds_up_no_other(settings: Any, monkeypatch: Any) -> None:
    """The first is left alone for the rest of the run; a name that nobody has is as good as away."""
    settings.PUSH_HOSTS = ["one.example", "*.example"]
    hosts = Hosts(monkeypatch, away=["one.example", "invented.example"])
    port = WebPushPort()

    for host, outcome in (
        ("one.example", AWAY), ("two.example", TAKEN), ("one.example", AWAY),
        ("invented.example", AWAY), ("two.example", TAKEN),
    ):  # fmt: skip
        said = port.send(NOTE, [browser(host=host)])

        assert (said, said.is_provider_down) == (outcome, False), host
    assert [host for host, _seconds in hosts.asked] == [
        "one.example", "two.example", "invented.example", "two.example",
    ]  # fmt: skip
    assert WebPushPort().send(NOTE, [browser(host="one.example")]) == AWAY
    assert len(hosts.asked) == 5


def test_one_browser_whose_service_is_away_keeps_nothing_from_the_others(
    settings: Any, monkeypatch: Any
) -> None:
    settings.PUSH_HOSTS = ["*.example"]
    hosts = Hosts(monkeypatch, away=["one.example"])

    assert (
        WebPushPort().send(NOTE, [browser(host="one.example"), browser(host="b.example")]) == TAKEN
    )
    assert len(hosts.asked) == 2


def test_all_browsers_of_a_person_have_five_seconds_together(
    settings: Any, monkeypatch: Any
) -> None:
    """Whose time was cut short by others before it is not taken for away."""
    settings.PUSH_HOSTS = ["*.example"]
    names = [f"h{number}.example" for number in range(10)]
    hosts = Hosts(monkeypatch, away=names, seconds=2.0)
    port = WebPushPort()

    assert port.send(NOTE, [browser(host=name) for name in names]) == AWAY

    assert hosts.asked == [("h0.example", 5.0), ("h1.example", 3.0), ("h2.example", 1.0)]
    assert hosts.clock == 5.0
    assert port.send(NOTE, [browser(host=name) for name in names[:3]]) == AWAY
    assert hosts.asked[3:] == [("h2.example", 5.0)]


def test_a_request_takes_no_longer_than_what_is_left(sink: Sink) -> None:
    sink.seconds = 1.0
    began = time.monotonic()

    with pytest.raises(Unreachable, match="TimeoutError"):
        https(sink).post("localhost", "/", {}, b"", most_seconds=0.2)

    assert time.monotonic() - began < 0.9
