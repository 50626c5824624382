from __future__ import annotations

import json
import logging
import sys

import psycopg

from rehab_platform.logs import JSONFormatter


def line(message, *args, error=None, name="rehab.access", **fields):
    """Format one record and read the line back."""
    record = logging.getLogger(name).makeRecord(
        name, logging.WARNING, __file__, 1, message, args, error, extra=fields
    )
    written = JSONFormatter().format(record)
    assert "\n" not in written
    return json.loads(written)


def raised(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_a_line_holds_the_allowed_fields():
    found = line("request", request_id="r-1", route="me/plan", status=200, ms=3.5, user_id="u-1")

    assert found.pop("at").endswith("+00:00")
    assert found == {
        "level": "WARNING",
        "logger": "rehab.access",
        "event": "request",
        "request_id": "r-1",
        "route": "me/plan",
        "status": 200,
        "ms": 3.5,
        "user_id": "u-1",
    }


def test_a_field_that_is_not_allowed_is_left_out():
    found = line("request", body={"note": "Ana has pain"}, path="/api/v1/me?name=Ana")

    assert "Ana" not in json.dumps(found)


def test_the_arguments_of_a_message_are_left_out():
    assert line("Not Found: %s", "/patients/Ana Silva")["event"] == "Not Found: %s"


def test_an_object_instead_of_a_message_shows_its_class_only():
    assert line(ValueError("Ana Silva"))["event"] == "ValueError"


def test_an_error_keeps_class_code_and_place_but_not_its_message():
    cause = psycopg.errors.UniqueViolation("Key (email)=(ana@example.org) already exists")
    wrapped = RuntimeError("Ana Silva")
    wrapped.__cause__ = cause

    direct, indirect = (line("failed", error=raised(error)) for error in (cause, wrapped))

    assert direct["error"]["class"] == "psycopg.errors.UniqueViolation"
    assert (direct["error"]["sqlstate"], indirect["error"]["sqlstate"]) == ("23505", "23505")
    assert direct["error"]["where"][-1].endswith(" raised")
    assert "ana" not in json.dumps([direct["error"], indirect["error"]]).lower()


def test_a_forged_line_break_stays_inside_its_value():
    assert line("request", request_id="a\n{}")["request_id"] == "a\n{}"


def test_a_task_is_named_without_its_arguments():
    data = {"name": "clinics.tasks.tidy", "id": "t-1", "args": "['Ana']", "return_value": "Ana"}

    found = line("Task succeeded", name="celery.app.trace", data=data)

    assert (found["task_name"], found["task_id"]) == ("clinics.tasks.tidy", "t-1")
    assert "Ana" not in json.dumps(found)


def test_the_data_of_another_logger_are_no_task():
    assert "task_name" not in line("hello", name="library", data={"name": "Ana"})
