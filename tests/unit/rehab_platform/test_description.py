from __future__ import annotations

import json

import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from rehab_platform.description import document
from rehab_platform.schema import dangling_references

BAD_QUERIES = ["version=%0a", "version=%00", "version=%22%3Cscript%3E", "lang=xx", "format=yaml"]


@pytest.fixture(scope="module")
def described():
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200
    return response


def test_the_document_is_valid_and_every_reference_in_it_resolves(described):
    made = described.json()

    OpenAPIV31SpecValidator(made).validate()
    assert made["openapi"] == "3.1.1"
    assert made["paths"]["/api/v1/me/sessions"]["post"]["requestBody"]["required"] is True
    assert dangling_references(made) == []


def test_every_operation_has_a_summary_examples_and_says_what_can_go_wrong(described):
    for address, methods in described.json()["paths"].items():
        for method, said in methods.items():
            where = f"{method} {address}"
            assert said["summary"], where
            assert "default" in said["responses"], where
            bodies = [said.get("requestBody", {}), *said["responses"].values()]
            contents = [one for body in bodies for one in body.get("content", {}).values()]
            assert all("example" in one for one in contents), where


def test_operations_have_names_of_their_own(described):
    names = [
        said["operationId"]
        for methods in described.json()["paths"].values()
        for said in methods.values()
    ]

    assert len(names) == len(set(names))


def test_the_document_may_be_kept_and_is_made_once(described):
    assert described["Cache-Control"] == "public, max-age=300"
    assert document() is document()


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_no_query_changes_the_document(query, described):
    assert json.loads(Client().get(f"/api/v1/schema/?{query}").content) == described.json()


def test_the_pages_load_everything_from_here_and_nothing_inline():
    response = Client().get("/api/v1/docs/")

    page = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="en">' in page
    assert "<style" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<script src=") == page.count("<script") == 3
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css" in page


def test_the_pages_script_reads_the_document():
    response = Client().get("/api/v1/docs/?script=")

    assert response["Content-Type"] == "application/javascript"
    assert "/api/v1/schema/" in response.content.decode()


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_nothing_a_query_says_gets_into_the_pages(query):
    for address in ("/api/v1/docs/?", "/api/v1/docs/?script=&"):
        response = Client().get(address + query)

        assert response.status_code == 200
        assert "<script>" not in response.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/docs/", "/api/v1/schema/"])
def test_what_they_refuse_they_refuse_as_problems(address):
    response = Client().get(address, headers={"Accept": "application/xml"})

    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_acceptable"
