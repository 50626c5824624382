from __future__ import annotations

import json
import logging
import uuid

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.http import Http404
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient
from rest_framework.views import APIView

from clinics.http import PublicView
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, NotSignedIn
from core.models import JobRun
from rehab_platform import problems

ANA = "Ana Silva, born 1958-03-04"


class StaleVersion(Conflict):
    code = "stale_version"
    message = "This version is stale."


class TooManyAttempts(Conflict):
    code = "too_many_attempts"
    status = 429


def _raise(raised):
    if isinstance(raised, type) or callable(raised):
        raised = raised()
    raise raised


class Raising(APIView):
    """Raises what the test put there."""

    permission_classes = [AllowAny]
    raised: object = None

    def get(self, request):
        _raise(type(self).raised)


class WritesThenRaises(Raising):
    def dispatch(self, request, *args, **kwargs):
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        JobRun.objects.create(
            name="written", last_started_at="2026-11-23T12:00:00Z", last_outcome="done"
        )
        _raise(type(self).raised)


class PublicWritesThenRaises(PublicView):
    access = {"get": frozenset({"anyone"})}

    def get(self, request):
        JobRun.objects.create(
            name="counted", last_started_at="2026-11-23T12:00:00Z", last_outcome="done"
        )
        raise NotSignedIn


def begin_fails(request):
    raise OperationalError("connection refused: password for " + ANA)


def breaks(request):
    raise RuntimeError(ANA)


def suspicious(request):
    raise SuspiciousOperation(ANA)


def denied(request):
    raise PermissionDenied(ANA)


urlpatterns = [
    path("api/v1/raising", Raising.as_view()),
    path("api/v1/written", WritesThenRaises.as_view()),
    path("api/v1/public", PublicWritesThenRaises.as_view()),
    path("api/v1/begin-fails", begin_fails),
    path("api/v1/breaks", breaks),
    path("api/v1/suspicious", suspicious),
    path("api/v1/denied", denied),
    path("breaks", breaks),
]
handler400 = problems.handler400
handler403 = problems.handler403
handler404 = problems.handler404
handler500 = problems.handler500

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def api():
    return APIClient(raise_request_exception=False)


def answer_to(raised, api, monkeypatch, view=Raising, address="/api/v1/raising", **headers):
    monkeypatch.setattr(view, "raised", raised)
    response = api.get(address, **headers)
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return response, body


def test_an_error_of_the_domain_is_a_whole_problem(api, monkeypatch):
    response, body = answer_to(
        StaleVersion(field="corrects", extra={"version": 3, "status": 200, "detail": "x"}),
        api,
        monkeypatch,
        headers={"X-Request-ID": "request-of-ana-1"},
    )

    assert response.status_code == 409
    assert body == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "stale_version",
        "detail": "This version is stale.",
        "errors": [
            {"field": "corrects", "code": "stale_version", "detail": "This version is stale."}
        ],
        "request_id": "request-of-ana-1",
        "version": 3,
    }


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Invalid(), 400, "invalid"),
        (NotSignedIn, 401, "not_signed_in"),
        (Forbidden, 403, "forbidden"),
        (NotFound, 404, "not_found"),
        (StaleVersion, 409, "stale_version"),
        (lambda: Http404(ANA), 404, "not_found"),
        (lambda: PermissionDenied(ANA), 403, "forbidden"),
        (lambda: SuspiciousOperation(ANA), 400, "invalid"),
        (lambda: DataError(ANA), 400, "invalid"),
        (lambda: OperationalError(ANA), 503, "try_again"),
        (lambda: InterfaceError(ANA), 503, "try_again"),
        (lambda: IntegrityError(ANA), 500, "internal_error"),
        (lambda: ValueError(ANA), 500, "internal_error"),
        (lambda: KeyError(ANA), 500, "internal_error"),
        (exceptions.NotFound, 404, "not_found"),
        (exceptions.PermissionDenied, 403, "forbidden"),
        (lambda: exceptions.MethodNotAllowed("GET"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable, 406, "not_acceptable"),
        (lambda: exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (exceptions.ParseError, 400, "invalid"),
        (exceptions.APIException, 500, "error"),
    ],
)
def test_every_exception_has_its_status_and_code(raised, status, code, api, monkeypatch):
    response, body = answer_to(raised, api, monkeypatch)

    assert (response.status_code, body["code"]) == (status, code)
    assert body["detail"]
    assert "Ana" not in response.content.decode()


def test_every_field_that_is_wrong_is_named(api, monkeypatch):
    effort = FieldError(field="effort", code="out_of_range", detail="The most is 10.")
    sets = FieldError(field="results.0.sets", code="too_many", detail="At most 50 of these.")

    _response, body = answer_to(Invalid([effort, sets]), api, monkeypatch)

    assert body["detail"] == "What was sent is not valid."
    assert body["errors"] == [
        {"field": "effort", "code": "out_of_range", "detail": "The most is 10."},
        {"field": "results.0.sets", "code": "too_many", "detail": "At most 50 of these."},
    ]


def test_errors_of_the_frameworks_own_forms_are_named_too(api, monkeypatch):
    raised = exceptions.ValidationError({"sets": [{}, {"repetitions": ["Too many."]}]})

    response, body = answer_to(raised, api, monkeypatch)

    assert (response.status_code, body["code"]) == (400, "invalid")
    assert body["errors"] == [
        {"field": "sets.1.repetitions", "code": "invalid", "detail": "Too many."}
    ]


def test_who_is_not_signed_in_is_told_how(api, monkeypatch):
    response, _body = answer_to(NotSignedIn, api, monkeypatch)

    assert response["WWW-Authenticate"] == 'Bearer realm="rehab"'


def test_a_lost_database_says_when_to_come_back(api, monkeypatch):
    response, _body = answer_to(OperationalError, api, monkeypatch)

    assert response["Retry-After"] == "5"


def test_a_limit_says_when_to_come_back(api, monkeypatch):
    response, body = answer_to(TooManyAttempts(extra={"retry_after": 900}), api, monkeypatch)

    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert body["retry_after"] == 900


def test_a_throttle_says_when_to_come_back(api, monkeypatch):
    response, body = answer_to(exceptions.Throttled(wait=30), api, monkeypatch)

    assert (response.status_code, response["Retry-After"]) == (429, "30")
    assert body["code"] == "throttled"


def test_what_we_caused_is_logged_without_its_message(api, monkeypatch, caplog):
    with caplog.at_level(logging.ERROR, logger="rehab.problems"):
        _response, body = answer_to(lambda: RuntimeError(ANA), api, monkeypatch)

    (record,) = [one for one in caplog.records if one.name == "rehab.problems"]
    assert record.getMessage() == "unexpected error"
    assert record.exc_info[0] is RuntimeError
    assert uuid.UUID(body["request_id"]).version == 4


@pytest.mark.parametrize(
    ("raised", "reports"), [(RuntimeError, 1), (OperationalError, 0), (StaleVersion, 0)]
)
def test_error_monitors_hear_of_what_nobody_expected(raised, reports, api, monkeypatch):
    heard = []

    def hear(**signal):
        heard.append(signal["request"].path)

    got_request_exception.connect(hear)
    try:
        answer_to(raised, api, monkeypatch)
    finally:
        got_request_exception.disconnect(hear)

    assert heard == ["/api/v1/raising"] * reports


def test_what_a_person_caused_is_not_logged_as_ours(api, monkeypatch, caplog):
    with caplog.at_level(logging.INFO, logger="rehab.problems"):
        answer_to(StaleVersion, api, monkeypatch)

    assert [one for one in caplog.records if one.name == "rehab.problems"] == []


@override_settings(DEBUG=True)
def test_debugging_changes_no_answer(api, monkeypatch):
    response, _body = answer_to(lambda: RuntimeError(ANA), api, monkeypatch)

    assert response.status_code == 500
    assert "Ana" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("raised", [StaleVersion, Http404, lambda: RuntimeError(ANA)])
def test_every_refusal_undoes_what_was_written_before_it(raised, api, monkeypatch):
    answer_to(raised, api, monkeypatch, view=WritesThenRaises, address="/api/v1/written")

    assert JobRun.objects.filter(name="written").count() == 0


@pytest.mark.django_db
def test_a_public_view_keeps_what_it_wrote_and_leaves_others_transactions_alone(api):
    response = api.get("/api/v1/public")

    assert response.status_code == 401
    assert connection.needs_rollback is False
    assert JobRun.objects.filter(name="counted").count() == 1


def test_an_unknown_address_of_the_api_is_a_problem(api):
    response = api.get("/api/v1/nowhere?token=secret")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["code"], body["detail"]) == ("not_found", "There is nothing at this address.")
    assert body["request_id"] == response["X-Request-ID"]
    assert "secret" not in response.content.decode()


def test_an_unknown_address_elsewhere_is_a_page(api):
    response = api.get("/nowhere")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/begin-fails", 503, "try_again"),
        ("/api/v1/breaks", 500, "internal_error"),
        ("/api/v1/suspicious", 400, "invalid"),
        ("/api/v1/denied", 403, "forbidden"),
    ],
)
def test_what_is_raised_outside_a_view_is_a_problem_too(address, status, code, caplog):
    client = Client(raise_request_exception=False)

    response = client.get(address)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert response.get("Retry-After") == ("5" if status == 503 else None)
    assert "Ana" not in response.content.decode()


def test_a_broken_page_is_a_page():
    response = Client(raise_request_exception=False).get("/breaks")

    assert response.status_code == 500
    assert response["Content-Type"].startswith("text/html")


def test_a_client_that_wants_something_else_is_told_in_json(api):
    response = api.get("/api/v1/raising", headers={"Accept": "text/html"})

    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_acceptable"


def test_problems_outside_any_request_have_no_id():
    body = problems.problem(status=404, code="not_found", detail="x", request=None)

    assert body["request_id"] == ""
    assert problems.problem(
        status=404, code="not_found", detail="x", request=RequestFactory().get("/")
    )["request_id"] == ""  # fmt: skip
