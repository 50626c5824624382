"""How a request gets to the platform: over HTTP, or straight into it within a test."""

from __future__ import annotations

import gzip
from typing import Protocol

import requests
from django.test import Client
from requests import PreparedRequest
from schemathesis.core.transport import Response

TIMEOUT_SECONDS = 30


class Send(Protocol):
    """Sends requests; `url` is what their paths are appended to."""

    url: str

    def __call__(self, request: PreparedRequest) -> Response: ...


class OverHttp:
    """A platform that runs elsewhere, on connections that are kept."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, request: PreparedRequest) -> Response:
        answer = self.session.send(request, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        return Response.from_requests(answer, verify=False)


class InProcess:
    """The platform of this process, in whatever transaction is open."""

    url = "http://testserver"

    def __call__(self, request: PreparedRequest) -> Response:
        body = request.body or b""
        answer = Client(raise_request_exception=False).generic(
            request.method or "",
            request.path_url,
            body if isinstance(body, bytes) else body.encode(),
            content_type=request.headers.get("Content-Type", ""),
            headers=dict(request.headers),
        )
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
        return Response(
            status_code=answer.status_code,
            headers={name: [value] for name, value in answer.headers.items()},
            content=gzip.decompress(answer.content) if is_packed else answer.content,
            request=request,
            elapsed=0.0,
            verify=False,
        )
