"""
Every error of the API as problem details (RFC 9457) with a stable `code`.

What a person caused says what and where. What we caused says only that it was us, with the
request's id; the log gets the class and the SQLSTATE, never a message, which may quote a record.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.core import signals
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from clinics.http import PublicView
from core.bodies import encode
from core.errors import DomainError, FieldError, Forbidden, Invalid, NotFound, NotSignedIn
from rehab_platform.renderers import BodyRenderer

PROBLEM_JSON: Final = "application/problem+json"
API_PREFIX: Final = "/api/"
OPERATORS_PREFIX: Final = "/operator/"
RETRY_AFTER_SECONDS: Final = 5

logger = logging.getLogger("rehab.problems")

# The framework's own names for what we call something else.
_OUR_CODES = {
    "permission_denied": Forbidden.code,
    "not_authenticated": NotSignedIn.code,
    "authentication_failed": NotSignedIn.code,
    "parse_error": Invalid.code,
}


class Problem(msgspec.Struct, kw_only=True):
    """What went wrong (RFC 9457). `code` is stable; `title` and `detail` are for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] = []
    request_id: str = ""


class TryAgain(DomainError):
    """The database is away, or gave up on a lock or a slow statement. Nothing was stored."""

    code = "try_again"
    status = 503
    message = gettext_lazy("This cannot be answered right now. Try again in a moment.")


class Unexpected(DomainError):
    code = "internal_error"
    status = 500
    message = gettext_lazy("Something went wrong on our side. Nothing was stored.")


class _Carrier(APIException):
    """Takes a DomainError through a handler that knows only the framework's exceptions."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(detail=str(error), code=error.code)
        self.status_code = error.status
        self.error = error


class ProblemFormatter(ExceptionFormatter):
    """Builds the body. `exc` is a `_Carrier` or an exception of the framework."""

    def run(self) -> dict[str, Any]:
        request = self.context.get("request")
        if isinstance(self.exc, _Carrier):
            return problem_of(self.exc.error, request)
        return problem(
            status=self.exc.status_code,
            code=self._code(),
            detail=self._detail(),
            errors=self._field_errors(),
            request=request,
        )

    def _code(self) -> str:
        codes = self.exc.get_codes()
        return _OUR_CODES.get(codes, codes) if isinstance(codes, str) else Invalid.code

    def _detail(self) -> str:
        detail = self.exc.detail
        return str(detail) if isinstance(detail, str) else str(Invalid.message)

    def _field_errors(self) -> list[FieldError]:
        return [
            FieldError(field=error.attr, code=error.code, detail=error.detail)
            for error in self.get_errors()
            if error.attr
        ]


class ProblemHandler(ExceptionHandler):
    """Handles everything that a view raises, in every mode, and undoes its writes unless the error keeps them."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        return _carried(exc) or super().convert_known_exceptions(exc)

    def should_not_handle(self, exc: Exception) -> bool:
        return False

    def convert_unhandled_exceptions(self, exc: Exception) -> APIException:
        return exc if isinstance(exc, APIException) else _Carrier(Unexpected())

    def format_exception(self, exc: APIException) -> dict[str, Any]:
        return dict(ProblemFormatter(exc, self.context, self.exc).run())

    def set_rollback(self) -> None:
        # A public view has no transaction; one that is open around it is not its own.
        if getattr(self.exc, "keeps_writes", False):
            return
        if connection.in_atomic_block and not isinstance(self.context.get("view"), PublicView):
            transaction.set_rollback(True)

    def get_response(self, exc: APIException, data: dict[str, Any]) -> Response:
        request = self.context.get("request")
        if request is not None:
            # Whatever the view's own answers are (pages, YAML), its problems are JSON.
            request.accepted_renderer = BodyRenderer()
            request.accepted_media_type = PROBLEM_JSON
        return Response(
            data, status=exc.status_code, headers=self.get_headers(exc), content_type=PROBLEM_JSON
        )

    def get_headers(self, exc: APIException) -> dict[str, str]:
        headers = {name: str(value) for name, value in super().get_headers(exc).items()}
        if isinstance(exc, _Carrier):
            headers |= headers_of(exc.error)
        return headers

    def report_exception(self, exc: APIException, response: Response) -> None:
        if response.status_code < 500:
            return
        _log(self.exc)
        if response.status_code == 500:
            request = getattr(self.context.get("request"), "_request", None)
            signals.got_request_exception.send(sender=None, request=request)


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """Answer any exception of a view: the framework's EXCEPTION_HANDLER."""
    return ProblemHandler(exc, context).run()


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    request: Any,
    errors: list[FieldError] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a problem. `extra` adds members and replaces none."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        errors=errors or [],
        request_id=str(getattr(request, "request_id", "")),
    )
    return {**(extra or {}), **msgspec.structs.asdict(body)}


def problem_of(error: DomainError, request: Any) -> dict[str, Any]:
    """Return the body for an error of the domain."""
    return problem(
        status=error.status,
        code=error.code,
        detail=str(error.detail),
        errors=error.errors,
        extra=error.extra,
        request=request,
    )


def headers_of(error: DomainError) -> dict[str, str]:
    """Return what HTTP wants said: how to sign in, and when to come back."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="rehab"'
    if isinstance(error, TryAgain):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return headers


def handler400(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django refused before any view saw it."""
    return _outside_views(request, Invalid(), "400.html")


def handler403(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _outside_views(request, Forbidden(), "403.html")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form that was not made by a page of ours, or too long ago."""
    return _outside_views(request, Forbidden(), "403_csrf.html")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    error = NotFound(_("There is nothing at this address."))
    return _outside_views(request, error, "404.html")


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Answer what was raised outside a view: a database that is away at BEGIN or COMMIT."""
    raised = sys.exc_info()[1]
    _log(raised)
    carried = _carried(raised) if isinstance(raised, Exception) else None
    return _outside_views(request, carried.error if carried else Unexpected(), "500.html")


def _carried(exc: Exception) -> _Carrier | None:
    if isinstance(exc, DomainError):
        return _Carrier(exc)
    if isinstance(exc, (OperationalError, InterfaceError)):
        return _Carrier(TryAgain())
    if isinstance(exc, (DataError, SuspiciousOperation, BadRequest)):
        return _Carrier(Invalid())
    return None


def _outside_views(request: HttpRequest, error: DomainError, page: str) -> HttpResponseBase:
    """Answer the API in problem details, and a person with a page that asks nothing of the database."""
    if not request.path.startswith(API_PREFIX):
        frame = "operating" if request.path.startswith(OPERATORS_PREFIX) else "web"
        words = render_to_string(page, {"frame": f"{frame}/error.html"})
        return HttpResponse(words, status=error.status)
    return HttpResponse(
        encode(problem_of(error, request)),
        status=error.status,
        content_type=PROBLEM_JSON,
        headers={**headers_of(error), "Cache-Control": "no-store"},
    )


def _log(raised: BaseException | None) -> None:
    logger.error("unexpected error", exc_info=raised)
