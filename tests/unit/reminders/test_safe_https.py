"""One request to a stranger's server: what is sent, what is read, and what ends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from reminders.channels import safe_https
from reminders.channels.safe_https import SafeHttps, Unreachable
from tests.push_service import Sink, https_sink, serving, trusting

HEADERS = {"TTL": "60"}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with https_sink() as running:
        yield running


def https(port: int, **fields: Any) -> SafeHttps:
    said = {"port": port, "trust": trusting(), "may_be_reached": lambda _address: True}
    return SafeHttps(**(said | fields))


def resolving(monkeypatch: Any, port: int, *addresses: str) -> None:
    """Let every name lead to these addresses, and an address to itself."""
    really = socket.getaddrinfo

    def lookup(host: str, *args: Any, **more: Any) -> Any:
        if host in addresses:
            return really(host, *args, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_what_is_sent_is_whole_however_large(sink: Sink) -> None:
    body = bytes(range(256)) * 2000

    assert https(sink.port).post("localhost", "/a?b=c", HEADERS, body) == 201

    [(path, headers, received)] = sink.requests
    assert (path, received) == ("/a?b=c", body)
    assert headers == {
        "Host": "localhost", "Content-Length": str(len(body)), "Connection": "close", "TTL": "60",
    }  # fmt: skip


def test_each_request_has_a_connection_of_its_own(sink: Sink) -> None:
    for number in range(3):
        https(sink.port).post("localhost", f"/{number}", HEADERS, b"")

    assert sink.connections == 3


def test_where_the_first_address_does_not_answer_the_next_one_is_tried(
    sink: Sink, monkeypatch: Any
) -> None:
    resolving(monkeypatch, sink.port, "::1", "127.0.0.1")

    assert https(sink.port).post("localhost", "/", HEADERS, b"") == 201


def test_all_addresses_together_have_the_seconds_of_a_connection(monkeypatch: Any) -> None:
    resolving(monkeypatch, 443, *(f"127.0.0.{number}" for number in range(2, 12)))
    clock, given = [100.0], []

    def hang(_where: Any, timeout: float) -> None:
        given.append(timeout)
        clock[0] += min(timeout, 1.25)
        raise TimeoutError

    monkeypatch.setattr(safe_https, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(socket, "create_connection", hang)

    with pytest.raises(Unreachable, match="TimeoutError"):
        https(443, connect_seconds=3.0).post("localhost", "/", HEADERS, b"")

    assert given == [3.0, 1.75, 0.5]
    assert clock == [103.0]


def test_a_name_that_there_is_not(monkeypatch: Any) -> None:
    def unknown(*_args: Any, **_more: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known: ana@example.org")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Unreachable) as refused:
        https(443).post("nowhere.example", "/", HEADERS, b"")

    assert str(refused.value) == "gaierror"
    resolving(monkeypatch, 443)
    with pytest.raises(Unreachable):
        https(443).post("nowhere.example", "/", HEADERS, b"")


@contextmanager
def saying(answer: bytes) -> Iterator[int]:
    """A server that speaks TLS and then says whatever it likes, without reading."""
    context = serving()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            taken, _address = server.accept()
            with context.wrap_socket(taken, server_side=True) as secure:
                secure.sendall(answer)
                secure.settimeout(2)
                while secure.recv(4096):
                    pass

        thread = threading.Thread(target=_quietly, args=(speak,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=3)


def _quietly(call: Any) -> None:
    try:
        call()
    except OSError:
        return


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 201 Created\r\n\r\n", 201),
        (b"HTTP/1.0 410 Gone\r\n\r\n", 410),
        (b"HTTP/1.1 204\r\n\r\n", 204),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000, 200),
    ],
)
def test_the_first_line_is_enough(answer: bytes, status: int) -> None:
    with saying(answer) as port:
        assert https(port).post("localhost", "/", HEADERS, b"") == status


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 abc\r\n", b"HTTP/2 200\r\n", b"SSH-2.0-x\r\n",
        b"220 mail.example.org ESMTP\r\n", b"x" * 5000, b"HTTP/1.1 \xd9\xa2\xd9\xa0\xd9\xa0 OK\r\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_web_server(answer: bytes) -> None:
    with saying(answer) as port, pytest.raises(Unreachable):
        https(port, total_seconds=1.0).post("localhost", "/", HEADERS, b"")


def test_a_certificate_for_another_name_is_none(sink: Sink, monkeypatch: Any) -> None:
    resolving(monkeypatch, sink.port, "127.0.0.1")

    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        https(sink.port).post("fcm.googleapis.com", "/", HEADERS, b"")

    assert sink.requests == []
