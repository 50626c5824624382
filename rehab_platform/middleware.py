"""
What every request passes.

A view may add `user_id` and `clinic_id` to `request.log_fields` for the access log, and read
`request.request_id`, which the answer repeats in `X-Request-ID`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import cast
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger("rehab.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_LOGGED_BY_VIEWS = ("user_id", "clinic_id")
_NOT_NEEDED = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)


class LoggedRequest(HttpRequest):
    """What `request_log` makes of a request."""

    request_id: str
    log_fields: dict[str, object]


def request_log(get_response: Answer) -> Answer:
    """Give the request its id, and write one line about it when it is answered."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        logged = cast(LoggedRequest, request)
        logged.request_id = _request_id(request)
        logged.log_fields = {}
        response = get_response(logged)
        response["X-Request-ID"] = logged.request_id
        logger.log(
            logging.ERROR if response.status_code >= 500 else logging.INFO,
            "request",
            extra=_line(logged, response, perf_counter() - started),
        )
        return response

    return answer


def plain_http_refused(get_response: Answer) -> Answer:
    """Answer 403 to the API over plain HTTP: a redirect would teach clients to send tokens so."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if (
            settings.SECURE_SSL_REDIRECT
            and request.path.startswith("/api/")
            and not request.is_secure()
        ):
            return _https_required(cast(LoggedRequest, request))
        return get_response(request)

    return answer


def permissions_policy(get_response: Answer) -> Answer:
    """Tell browsers which of a device's powers no page of ours uses."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.setdefault("Permissions-Policy", _NOT_NEEDED)
        return response

    return answer


def _request_id(request: HttpRequest) -> str:
    sent = request.headers.get("X-Request-ID", "")
    return sent if _REQUEST_ID.fullmatch(sent) else str(uuid4())


def _line(request: LoggedRequest, response: HttpResponseBase, seconds: float) -> dict[str, object]:
    match = request.resolver_match
    line: dict[str, object] = {
        "request_id": request.request_id,
        "route": match.route if match else "",
        "method": request.method,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    return line | {
        name: str(request.log_fields[name])
        for name in _LOGGED_BY_VIEWS
        if name in request.log_fields
    }


def _https_required(request: LoggedRequest) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": _("HTTPS is required"),
        "status": 403,
        "code": "https_required",
        "request_id": request.request_id,
    }
    return JsonResponse(body, status=403, content_type="application/problem+json")
