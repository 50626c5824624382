from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework.response import Response

from clinics.http import PATIENT, STAFF, PublicView, RecordView, StaffView
from clinics.openapi import operation, operation_of
from core.bodies import Body, Instant, LocalDate, Query, line, whole
from core.pagination import Listing, PageQuery
from rehab_platform.schema import ambiguous_names, dangling_references, example_faults

LINE = "0192f0c1-0000-7000-8000-0000000011e0"
LOGGED = {"line": LINE, "performed_at": "2026-11-23T09:30:00+01:00", "sets": [{"repetitions": 8}]}


class SetIn(Body):
    repetitions: Annotated[int, whole(0, 1000)]


class Log(Body):
    """One exercise, done."""

    line: UUID
    performed_at: Instant
    sets: list[SetIn]


class Answer(msgspec.Struct):
    id: UUID
    status: Literal["counted", "held"]
    on: dt.date | None


class Filters(Query):
    on: LocalDate
    search: Annotated[str, line(20)] | None = None
    limit: Annotated[int, whole(1, 100)] = 25


class LogView(RecordView):
    access = {"post": frozenset({PATIENT})}

    @operation(
        summary="Log a session",
        description="Once and for all.",
        body=Log,
        answers={201: Answer, 200: Answer},
        problems=(409,),
        examples={
            "body": LOGGED,
            201: Answer(UUID(LINE), "counted", dt.date(2026, 11, 23)),
            200: {"id": LINE, "status": "held", "on": None},
        },
    )
    def post(self, request):
        return Response({})


class PatientView(StaffView):
    access = {"get": STAFF, "delete": STAFF}

    @operation(
        summary="Read a patient's sessions",
        query=Filters,
        answers={200: Listing[Answer], 304: None},
        examples={200: {"results": [], "next": None}},
        headers={"If-None-Match": "The ETag of what you have."},
        tag="sessions",
    )
    def get(self, request, patient_id):
        return Response({})

    @operation(summary="Forget", answers={204: None}, operation_id="forget_patient")
    def delete(self, request, patient_id):
        return Response(status=204)


class OpenView(PublicView):
    access = {"get": frozenset({"anyone"})}

    @operation(summary="Words", answers={200: dict[str, str]}, query=PageQuery,
               examples={200: {"hello": "hallo"}})  # fmt: skip
    def get(self, request, language):
        return Response({})


class Silent(PublicView):
    def get(self, request):
        return Response({})


class WithoutExample(PublicView):
    @operation(summary="Log", body=Log, answers={201: Answer})
    def post(self, request):
        return Response({})


class WithBadExample(PublicView):
    @operation(
        summary="Log",
        body=Log,
        answers={204: None},
        examples={"body": {**LOGGED, "performed_at": "2026-11-23T09:30:00"}},
    )
    def post(self, request):
        return Response({})


GOOD = [
    path("me/sessions", LogView.as_view()),
    path("patients/<uuid:patient_id>/sessions", PatientView.as_view()),
    path("words/<language>", OpenView.as_view()),
]


def document(*views):
    """Make the description, and return it with the warnings and errors of making it."""
    GENERATOR_STATS.reset()
    patterns = [path("api/v1/", include(([*views], "v1")))]
    with GENERATOR_STATS.silence():
        made = SchemaGenerator(patterns=patterns).get_schema(public=True)
    complaints = [*GENERATOR_STATS._error_cache, *GENERATOR_STATS._warn_cache]
    GENERATOR_STATS.reset()
    return made, complaints


@pytest.fixture(scope="module")
def good():
    made, complaints = document(*GOOD)
    assert complaints == []
    return made


def test_the_description_is_valid_openapi_3_1(good):
    validate_schema(good)
    OpenAPIV31SpecValidator(good).validate()

    assert good["openapi"] == "3.1.1"


def test_an_operation_says_who_it_is_for_and_what_it_takes(good):
    said = good["paths"]["/api/v1/me/sessions"]["post"]

    assert said["operationId"] == "post_me_sessions"
    assert said["summary"] == "Log a session"
    assert said["description"] == "Once and for all.\n\nFor: patient."
    assert said["tags"] == ["me"]
    assert said["security"] == [{"deviceToken": []}]
    assert [(one["name"], one["in"]) for one in said["parameters"]] == [("X-Record", "header")]
    assert said["requestBody"] == {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Log"}, "example": LOGGED}
        },
    }


def test_answers_and_problems_are_all_there(good):
    responses = good["paths"]["/api/v1/me/sessions"]["post"]["responses"]

    assert list(responses) == [
        "201", "200", "400", "401", "403", "404", "409", "413", "415", "default",
    ]  # fmt: skip
    assert responses["201"]["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/Answer"},
        "example": {"id": LINE, "status": "counted", "on": "2026-11-23"},
    }
    refused = responses["400"]["content"]["application/problem+json"]
    assert refused["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert refused["example"]["code"] == "invalid"
    assert refused["example"]["errors"][0]["field"] == "pain_after"


def test_parameters_come_from_the_address_the_scope_and_the_query(good):
    said = good["paths"]["/api/v1/patients/{patient_id}/sessions"]["get"]

    assert {(one["name"], one["in"], one.get("required")) for one in said["parameters"]} == {
        ("patient_id", "path", True),
        ("If-None-Match", "header", None),
        ("X-Clinic", "header", None),
        ("on", "query", True),
        ("search", "query", False),
        ("limit", "query", False),
    }
    schemas = {one["name"]: one["schema"] for one in said["parameters"]}
    assert schemas["patient_id"] == {"type": "string", "format": "uuid"}
    assert schemas["on"] == {"type": "string", "format": "date"}
    assert schemas["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
    assert (schemas["search"]["type"], schemas["search"]["maxLength"]) == ("string", 20)
    assert said["tags"] == ["sessions"]
    assert said["responses"]["304"] == {"description": "Not Modified"}


def test_a_page_of_answers_has_a_name_that_reads(good):
    said = good["paths"]["/api/v1/patients/{patient_id}/sessions"]["get"]

    assert said["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/AnswerList"
    }
    items = good["components"]["schemas"]["AnswerList"]["properties"]["results"]["items"]
    assert items == {"$ref": "#/components/schemas/Answer"}


def test_structs_become_components_with_the_words_of_their_own(good):
    schemas = good["components"]["schemas"]

    assert set(schemas) == {"Answer", "AnswerList", "FieldError", "Log", "Problem", "SetIn"}
    assert schemas["Log"]["description"] == "One exercise, done."
    assert "description" not in schemas["SetIn"]
    assert schemas["Log"]["additionalProperties"] is False
    assert schemas["Log"]["properties"]["performed_at"] == {
        "type": "string",
        "format": "date-time",
    }
    assert dangling_references(good) == []


def test_a_public_operation_needs_no_sign_in(good):
    said = good["paths"]["/api/v1/words/{language}"]["get"]

    assert said["security"] == []
    assert list(said["responses"]) == ["200", "400", "404", "default"]
    assert good["components"]["securitySchemes"]["deviceToken"]["scheme"] == "bearer"


def test_an_operation_may_name_itself(good):
    said = good["paths"]["/api/v1/patients/{patient_id}/sessions"]["delete"]

    assert said["operationId"] == "forget_patient"
    assert list(said["responses"]) == ["204", "400", "401", "403", "404", "default"]


def test_a_method_without_a_word_about_itself_is_an_error():
    made, complaints = document(path("silent", Silent.as_view()))

    assert made["paths"] == {}
    assert any("Silent.get has no @operation" in one for one in complaints)


def test_missing_examples_are_errors():
    _made, complaints = document(path("log", WithoutExample.as_view()))

    assert any("WithoutExample.post: no example for body" in one for one in complaints)
    assert any("WithoutExample.post: no example for 201" in one for one in complaints)


def test_an_example_that_would_be_refused_is_an_error():
    _made, complaints = document(path("log", WithBadExample.as_view()))

    assert any("example for body: performed_at offset_missing" in one for one in complaints)


def test_two_structs_of_one_name_are_an_error():
    other = msgspec.defstruct("Answer", [("text", str)], module="elsewhere")

    class Other(PublicView):
        @operation(summary="Other", answers={200: other}, examples={200: {"text": "x"}})
        def get(self, request):
            return Response({})

    made, complaints = document(*GOOD, path("other", Other.as_view()))

    assert dangling_references(made) == ["#/components/schemas/Answer"]
    assert any("two structs of that name" in one for one in complaints)
    assert sum("There are two structs of the name" in one for one in complaints) == 2


@pytest.mark.parametrize(
    ("names", "ambiguous"),
    [
        (["Answer"], []),
        (["Answer", "Listing_Answer_"], []),
        (["b.Answer", "Log", "a.Answer"], ["a.Answer", "b.Answer"]),
    ],
)
def test_a_name_that_only_its_module_tells_apart_is_ambiguous(names, ambiguous):
    assert ambiguous_names({name: {} for name in names}) == ambiguous


def test_faults_are_none_where_every_example_fits():
    assert example_faults(operation_of(LogView.post)) == []


def test_what_says_nothing_about_itself_has_no_operation():
    assert operation_of(Silent.get) is None
    assert operation_of(None) is None
