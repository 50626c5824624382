from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from rehab_platform import middleware


def answering(view, request=None):
    """Pass one request through the request log."""
    return middleware.request_log(view)(request or RequestFactory().get("/healthz"))


def test_every_answer_names_its_request(client):
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))

    assert len(first) == 36
    assert first != second


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0f0e0d0c-1111-4222-8333-444455556666", True),
        ("trace-12345678", True),
        ("short", False),
        ("a" * 65, False),
        ("spaced out id", False),
        ("line\nbreak-line", False),
    ],
)
def test_a_well_formed_request_id_is_kept(sent, kept):
    request = RequestFactory().get("/healthz", headers={"X-Request-ID": sent})

    answer = answering(lambda request: HttpResponse(), request)

    assert (answer["X-Request-ID"] == sent) is kept


def test_the_access_log_has_route_status_and_who_but_no_address(client, caplog):
    def view(request):
        request.log_fields |= {"user_id": "u-1", "clinic_id": "c-1", "name": "Ana Silva"}
        return HttpResponse(status=204)

    with caplog.at_level(logging.INFO, logger="rehab.access"):
        answering(view, RequestFactory().get("/api/v1/patients?name=Ana"))

    [record] = caplog.records
    assert (record.getMessage(), record.status, record.method) == ("request", 204, "GET")
    assert (record.user_id, record.clinic_id) == ("u-1", "c-1")
    assert record.ms >= 0
    assert "Ana" not in str(vars(record))


def test_the_route_is_a_pattern_and_not_what_was_asked(client, caplog):
    with caplog.at_level(logging.INFO, logger="rehab.access"):
        client.get("/healthz?name=Ana")
        client.get("/nowhere/Ana")

    assert [(record.route, record.status) for record in caplog.records] == [
        ("healthz", 200),
        ("", 404),
    ]


def test_a_failure_is_logged_as_an_error(caplog):
    with caplog.at_level(logging.INFO, logger="rehab.access"):
        answering(lambda request: HttpResponse(status=503))

    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_plain_http_is_refused_and_not_redirected_where_tls_is_required(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^api/"]

    answer = client.get("/api/v1/me")

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "https_required"
    assert answer.json()["request_id"] == answer["X-Request-ID"]


def test_tls_passes(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz", secure=True).status_code == 200
    assert client.get("/api/v1/nowhere", secure=True).status_code == 404


def test_browsers_are_told_what_no_page_needs(client):
    answer = client.get("/healthz")

    assert "camera=()" in answer["Permissions-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
