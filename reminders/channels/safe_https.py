"""
One request to a server that a stranger named, within a deadline for all of it.

The name is looked up once, every address that it has must be a public one, and the connection goes
to an address that was looked at: a name that changes its mind between the two leads nowhere. No
redirect is followed, and nothing is read but the first line of the answer.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from reminders.channels.deadline import within

CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 10.0
LONGEST_FIRST_LINE: Final = 1024
# IPv6 that carries IPv4 inside: it is looked at as what it leads to, or not at all.
_TRANSLATED: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(OSError):
    """No connection, or no answer within the deadline."""


class NotAllowed(OSError):
    """The name leads to an address to which nothing is sent."""


def is_public(address: Address) -> bool:
    """Tell whether an address is a server's on the internet: not ours, not this machine's."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is not None:
            return is_public(inside)
        if address.teredo is not None or any(address in one for one in _TRANSLATED):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


@dataclass(frozen=True, kw_only=True)
class SafeHttps:
    """How requests are made; tests alone give another port, other trust and other addresses."""

    port: int = 443
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    may_be_reached: Callable[[Address], bool] = is_public
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def post(
        self,
        host: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        most_seconds: float = TOTAL_SECONDS,
    ) -> int:
        """
        Send, and return the status of the answer. `most_seconds`: what the caller has left for it.

        :raises NotAllowed, Unreachable: nothing was sent, or nothing came back in time
        """
        ends_at = time.monotonic() + min(self.total_seconds, most_seconds)
        try:
            addresses = self._addresses(host, ends_at)
            with self._connected(addresses, ends_at) as plain:
                plain.settimeout(0)
                with self.trust.wrap_socket(
                    plain, server_hostname=host, do_handshake_on_connect=False
                ) as secure:
                    return _ask(secure, _request(host, path, headers, body), ends_at)
        except NotAllowed:
            raise
        except (OSError, UnicodeError) as error:
            raise Unreachable(type(error).__name__) from None

    def _addresses(self, host: str, ends_at: float) -> Sequence[str]:
        found = within(
            min(self.connect_seconds, _left(ends_at)),
            lambda: socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM),
        )
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not all(self.may_be_reached(ipaddress.ip_address(one)) for one in addresses):
            raise NotAllowed("address")
        return addresses

    def _connected(self, addresses: Sequence[str], ends_at: float) -> socket.socket:
        """Try each address, all of them within the seconds for a connection."""
        ends_at = min(ends_at, time.monotonic() + self.connect_seconds)
        failed: OSError = Unreachable("no address")
        for address in addresses:
            try:
                return socket.create_connection((address, self.port), timeout=_left(ends_at))
            except OSError as error:
                failed = error
        raise failed


def _request(host: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    said = {"Host": host, "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _ask(secure: ssl.SSLSocket, request: bytes, ends_at: float) -> int:
    _step(secure, secure.do_handshake, ends_at)
    rest = request
    while rest:
        rest = rest[_step(secure, partial(secure.send, rest), ends_at) :]
    first = b""
    while b"\n" not in first and len(first) < LONGEST_FIRST_LINE:
        more = _step(secure, partial(secure.recv, LONGEST_FIRST_LINE), ends_at)
        if not more:
            break
        first += more
    return _status(first)


def _step(secure: ssl.SSLSocket, step: Callable[[], T], ends_at: float) -> T:
    """Do one step of a connection that never blocks, waiting no longer than the deadline."""
    waiting: list[ssl.SSLSocket] = [secure]
    while True:
        left = _left(ends_at)
        try:
            return step()
        except ssl.SSLWantReadError:
            ready, _writable, _failed = select.select(waiting, [], [], left)
        except ssl.SSLWantWriteError:
            _readable, ready, _failed = select.select([], waiting, [], left)
        if not ready:
            raise TimeoutError


def _status(first: bytes) -> int:
    parts = first.partition(b"\r\n")[0].split()
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise Unreachable("no HTTP")
    return int(parts[1][:3])


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
