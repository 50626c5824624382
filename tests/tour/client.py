"""A client of the API with nothing but the standard library: one person on one device."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the body (None where there is none) and the headers."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The stable code of a problem; empty in any other answer."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Each error that a problem names, as (field, code)."""
        return [(one["field"], one["code"]) for one in self.body.get("errors", [])]


@dataclass(frozen=True, slots=True)
class Device:
    """Speaks to the platform at `url`; signed in where it has a token."""

    url: str
    token: str = ""

    def signed_in(self, token: str) -> Device:
        return replace(self, token=token)

    def get(self, path: str, *, if_none_match: str = "", **query: object) -> Answer:
        text = urlencode({name.rstrip("_"): str(one) for name, one in query.items()})
        return self._send(
            "GET",
            f"{path}?{text}" if text else path,
            headers={"If-None-Match": if_none_match} if if_none_match else {},
        )

    def post(self, path: str, body: object = None) -> Answer:
        return self._send("POST", path, body)

    def put(self, path: str, body: object) -> Answer:
        return self._send("PUT", path, body)

    def _send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        where = urlsplit(self.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_SECONDS)
        sent = {"Accept": "application/json", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(
                method,
                f"/api/v1/{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers=sent,
            )
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        return Answer(response.status, _parsed(raw), dict(response.headers.items()))


def _parsed(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
