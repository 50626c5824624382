"""The changes feed while everybody writes, and after a restore from a backup."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from core.tenancy import clinic_context
from patients.models import Line, Patient, PatientChange
from tests.conftest import as_owner
from tests.factories import people, prescribed
from tests.resilience.servers import gunicorn
from tests.resilience.test_upload_races import Phone, a_session, at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
CHANGES = 1200
BATCHES = (1, 3, 6, 8, 12) * 5  # the 150 changes of one writer


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


def get(phone: Phone, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(phone.host, timeout=60)
    try:
        headers = {"Authorization": f"Bearer {phone.token}"}
        connection.request("GET", f"/api/v1/{path}", headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def uploaded(phone: Phone, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a batch, again while the server says that it stored nothing, as phones do."""
    status, raw = phone.post("me/sessions/batch", body)
    while status == 503:
        status, raw = phone.post("me/sessions/batch", body)
    assert status == 200, raw
    answer = json.loads(raw)
    return [*answer["sessions"], *answer["safety_checks"]]


def a_check() -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:25:00+00:00",
        "answers": {"well": "yes", "floor": "yes", "shoes": "yes", "aid": "yes"},
    }


class Reader(threading.Thread):
    """Follows the feed from its beginning until the writers are done and nothing is left."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(daemon=True)
        self.phone = phone
        self.are_done = threading.Event()
        self.read: list[tuple[int, str]] = []
        self.pages = 0

    def run(self) -> None:
        cursor, is_last = "", False
        while not is_last:
            is_last = self.are_done.is_set()
            status, page = get(self.phone, f"me/changes?limit=25{cursor}")
            assert status == 200, page
            cursor = f"&cursor={page['next']}"
            self.read += [(each["seq"], each["id"]) for each in page["results"]]
            self.pages += bool(page["results"])
            is_last = is_last and not page["results"]


def test_a_reader_among_eight_writers_misses_doubles_and_reorders_nothing(server, world, line):
    phones = [Phone(server, people.device_token(world.ana.user)) for _ in range(WRITERS)]
    reader = Reader(Phone(server, people.device_token(world.ana.user)))
    reader.start()

    def write(number: int) -> list[str]:
        """Log 150 things, sessions and safety checks, one to twelve at a time."""
        sent: list[str] = []
        for size in BATCHES:
            checks = [a_check() for _ in range(size // 2)]
            sessions = [a_session(line, number) for _ in range(size - len(checks))]
            items = uploaded(phones[number], {"sessions": sessions, "safety_checks": checks})
            assert {each["status"] for each in items} == {"created"}
            sent += [each["id"] for each in items]
        return sent

    written = [each for sent in at_once(WRITERS, write) for each in sent]
    reader.are_done.set()
    reader.join(timeout=120)

    numbers = [number for number, _id in reader.read]
    assert len(written) == CHANGES
    assert reader.pages >= CHANGES // 25
    assert numbers == list(range(1, CHANGES + 1))
    assert sorted(each for _number, each in reader.read) == sorted(written)
    with clinic_context(world.clinic.pk):
        assert Patient.objects.get(pk=world.ana.pk).change_seq == CHANGES
        assert PatientChange.objects.count() == CHANGES


def test_after_a_new_epoch_each_phone_starts_over_and_finds_everything(server, world, line, capsys):
    phone = Phone(server, people.device_token(world.ana.user))
    bodies = [a_session(line, number) for number in range(3)]
    for body in bodies:
        assert phone.post("me/sessions", body)[0] == 201
    _status, before = get(phone, "me/changes")

    with as_owner():
        call_command("new_epoch")

    status, problem = get(phone, f"me/changes?cursor={before['next']}")
    assert (status, problem["code"]) == (410, "resync")
    _status, again = get(phone, "me/changes")
    assert again["results"] == before["results"]
    status, after = get(phone, f"me/changes?cursor={again['next']}")
    assert (status, after["results"]) == (200, [])
    assert capsys.readouterr().out.startswith("epoch: ")
