"""A real HTTPS server in the tests' own process, with a certificate of its own, and a plain one."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "localhost"


@dataclass
class Sink:
    """
    What was asked, and what is answered: a status, after some seconds, a byte at a time if `drips`.

    `connections` counts those that were accepted, whatever came over them.
    """

    port: int = 0
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    drips: bool = False
    connections: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@cache
def certificate() -> tuple[bytes, bytes]:
    """Return a certificate for `localhost` that trusts itself, and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=3650))
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), plain_key


def trusting() -> ssl.SSLContext:
    """Return what a client trusts: that certificate and no other."""
    return ssl.create_default_context(cadata=certificate()[0].decode())


def serving() -> ssl.SSLContext:
    """Return what a server with that certificate speaks TLS by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("certificate.pem", "key.pem")]
        for path, said in zip(files, certificate(), strict=True):
            path.write_bytes(said)
        context.load_cert_chain(*files)
    return context


@contextmanager
def https_sink() -> Iterator[Sink]:
    """Run a server behind TLS."""
    with _running(serving()) as sink:
        yield sink


@contextmanager
def http_sink() -> Iterator[Sink]:
    """Run a server without TLS."""
    with _running(None) as sink:
        yield sink


@contextmanager
def _running(context: ssl.SSLContext | None) -> Iterator[Sink]:
    sink = Sink()
    server = _Server(("127.0.0.1", 0), _handler(sink), context, sink)
    sink.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, where: Any, handler: Any, context: Any, sink: Sink) -> None:
        super().__init__(where, handler)
        self.context, self.sink = context, sink

    def get_request(self) -> tuple[socket.socket, Any]:
        taken, address = super().get_request()
        self.sink.connections += 1
        return taken, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        """TLS is spoken in the connection's own thread: one that hangs holds up no other."""
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with self.context.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sink.requests.append((self.path, dict(self.headers), body))
            time.sleep(sink.seconds)
            said = f"HTTP/1.1 {sink.status} Said\r\n"
            said += "".join(f"{name}: {value}\r\n" for name, value in sink.headers.items())
            said += f"Content-Length: {len(sink.body)}\r\n\r\n"
            self._write(said.encode() + sink.body)

        def _write(self, said: bytes) -> None:
            parts = [bytes([one]) for one in said] if sink.drips else [said]
            for part in parts:
                self.wfile.write(part)
                time.sleep(0.1 if sink.drips else 0)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return Handler
