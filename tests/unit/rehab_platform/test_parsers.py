from __future__ import annotations

import json

import pytest
from django.http import UnreadablePostError
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from core.errors import Invalid
from rehab_platform.parsers import StrictJSONParser

KIB = 1024


class Echo(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        return Response({"got": request.data})


class EchoBatch(Echo):
    max_body_bytes = 2 * KIB * KIB


urlpatterns = [
    path("api/v1/echo", Echo.as_view()),
    path("api/v1/batch", EchoBatch.as_view()),
]

pytestmark = pytest.mark.urls(__name__)


def post(raw, address="/api/v1/echo", content_type="application/json", **extra):
    response = APIClient().generic("POST", address, raw, content_type=content_type, **extra)
    return response.status_code, response.json()


def padded(size):
    return b'{"note":"' + b"a" * (size - 11) + b'"}'


def test_a_body_is_read():
    assert post(b'{"effort": 4}') == (200, {"got": {"effort": 4}})


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_naming_the_charset_is_fine(charset):
    status, body = post(
        '{"note":"café"}'.encode(), content_type=f"application/json; charset={charset}"
    )

    assert (status, body) == (200, {"got": {"note": "café"}})


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/xml", "application/problem+json", "text/json", "", "json", "a" * 300],
)  # fmt: skip
def test_every_other_kind_of_body_is_refused(content_type):
    status, body = post(b'{"effort": 4}', content_type=content_type)

    assert (status, body["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("address", "most"), [("/api/v1/echo", 256 * KIB), ("/api/v1/batch", 2 * KIB * KIB)]
)
def test_a_body_may_be_as_large_as_its_view_allows(address, most):
    assert post(padded(most), address)[0] == 200

    status, body = post(padded(most + 1), address)

    assert (status, body["code"], body["max_bytes"]) == (413, "body_too_large", most)


class Stream:
    """A body that counts what was read of it, and may be longer than announced."""

    def __init__(self, raw=b"", error=None):
        self.raw, self.error, self.taken = raw, error, 0

    def read(self, size):
        if self.error:
            raise self.error
        self.taken += len(self.raw[:size])
        return self.raw[:size]


def parse(stream, announced):
    request = APIRequestFactory().post("/", b"", content_type="application/json")
    request.META["CONTENT_LENGTH"] = announced
    return StrictJSONParser().parse(
        stream, "application/json", {"view": Echo(), "request": request}
    )


def test_a_body_announced_as_too_large_is_not_read_at_all():
    stream = Stream(b"{}")

    with pytest.raises(Exception, match="larger") as raised:
        parse(stream, str(256 * KIB + 1))

    assert raised.value.code == "body_too_large"
    assert stream.taken == 0


@pytest.mark.parametrize("announced", ["", "2", "-1", "many", "²"])
def test_a_body_larger_than_announced_is_read_no_further_than_the_bound(announced):
    stream = Stream(b" " * 1_000_000)

    with pytest.raises(Exception, match="larger") as raised:
        parse(stream, announced)

    assert raised.value.code == "body_too_large"
    assert stream.taken == 256 * KIB + 1


def test_a_body_that_breaks_off_is_the_clients_matter():
    with pytest.raises(Invalid) as raised:
        parse(Stream(error=UnreadablePostError("gone")), "10")

    assert raised.value.errors[0].code == "body_cut_off"


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        (b"[" * 100_000, "", "too_deep"),
        (b'{"effort":' + b"9" * 5_000 + b"}", "effort", "number_too_large"),
        (b'{"effort":NaN}', "effort", "not_a_number"),
        (b'{"note":"\\ud800"}', "note", "lone_surrogate"),
        (b'{"note":"\\u0000"}', "note", "control_character"),
        (b'{"a":1,"a":2}', "a", "duplicate_key"),
        (b"\xff", "", "not_utf8"),
        (b"not json", "", "malformed_json"),
    ],
)
def test_what_is_not_strict_json_is_a_problem_with_status_400(raw, field, code):
    status, body = post(raw)

    assert (status, body["code"]) == (400, "invalid")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [(field, code)]
    assert json.dumps(body).isascii()
