"""Phones that send at the same moment: nothing is lost, doubled or deadlocked."""

from __future__ import annotations

import http.client
import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people, prescribed
from tests.resilience.servers import gunicorn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def server(world: people.World) -> Iterator[str]:
    with gunicorn() as address:
        yield address


def a_session(line: Line, number: int = 0) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "performed_at": f"2026-11-{1 + number % 20:02}T{number // 20 % 24:02}:00:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
    }


class Phone:
    """A signed-in phone with a connection of its own."""

    def __init__(self, host: str, token: str) -> None:
        self.host = host
        self.token = token

    def post(self, path: str, body: object) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(
                "POST",
                f"/api/v1/{path}",
                json.dumps(body),
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def at_once(count: int, send: Any) -> list[Any]:
    """Call `send(number)` from so many threads that all start together."""
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait(timeout=60)
        return send(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("_round", range(2))
def test_fifty_uploads_of_one_session_are_one_row_and_fifty_equal_answers(
    server, world, line, _round
):
    phone = Phone(server, people.device_token(world.ana.user))
    body = a_session(line)

    answers = at_once(50, lambda _number: phone.post("me/sessions", body))

    assert Counter(status for status, _raw in answers) == {201: 1, 200: 49}
    assert len({raw for _status, raw in answers}) == 1
    with clinic_context(world.clinic.pk):
        assert ExerciseSession.objects.count() == 1
        assert ExerciseResult.objects.count() == 1
        assert SessionVersion.objects.count() == 1


def test_half_of_fifty_with_other_content_leave_one_row_and_the_rest_409(server, world, line):
    phone = Phone(server, people.device_token(world.ana.user))
    body = a_session(line)
    variants = [body, body | {"effort": 7}]

    answers = at_once(50, lambda number: phone.post("me/sessions", variants[number % 2]))

    assert Counter(status for status, _raw in answers) == {201: 1, 200: 24, 409: 25}
    with clinic_context(world.clinic.pk):
        stored = ExerciseSession.objects.get()
        assert ExerciseResult.objects.count() == 1
    winner = int(stored.effort == 7)
    assert {status for status, _raw in answers[winner::2]} == {200, 201}
    assert {status for status, _raw in answers[1 - winner :: 2]} == {409}


def test_eight_devices_with_overlapping_batches_in_opposite_orders(server, world, line):
    sessions = [a_session(line, number) for number in range(120)]
    devices = [Phone(server, people.device_token(world.ana.user)) for _ in range(8)]

    def upload(number: int) -> list[tuple[int, bytes]]:
        mine = random.Random(number).sample(sessions, 90)  # overlapping by design
        mine.sort(key=lambda each: each["id"], reverse=bool(number % 2))
        halves = (mine[:45], mine[45:])
        return [devices[number].post("me/sessions/batch", {"sessions": half}) for half in halves]

    answers = [each for device in at_once(8, upload) for each in device]

    assert {status for status, _raw in answers} == {200}
    outcomes: dict[str, list[str]] = {}
    for _status, raw in answers:
        for item in json.loads(raw)["sessions"]:
            outcomes.setdefault(item["id"], []).append(item["status"])
    assert {each.count("created") for each in outcomes.values()} == {1}
    assert {status for each in outcomes.values() for status in each} == {"created", "duplicate"}
    with clinic_context(world.clinic.pk):
        assert ExerciseSession.objects.count() == len(outcomes)
        assert ExerciseResult.objects.count() == len(outcomes)


def test_two_corrections_of_one_version_at_once_leave_one_winner(server, world, line):
    phone = Phone(server, people.device_token(world.ana.user))
    body = a_session(line)
    phone.post("me/sessions", body)

    def correct(number: int) -> int:
        connection = http.client.HTTPConnection(phone.host, timeout=60)
        changed = json.dumps(body | {"corrects": 1, "effort": number})
        headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
        connection.request("PUT", f"/api/v1/me/sessions/{body['id']}", changed, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    assert Counter(at_once(8, correct)) == {200: 1, 409: 7}
    with clinic_context(world.clinic.pk):
        assert ExerciseSession.objects.get().version == 2
        assert SessionVersion.objects.count() == 2
