"""Therapists who change one line at the same moment: its rows stay a chain."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.factories import people, prescribed
from tests.resilience.servers import gunicorn

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_revisions_of_one_line_at_once_leave_one_row_a_day(transactional_db):
    world = people.world()
    line = prescribed.line(world.ana)
    token = people.device_token(world.rui.user)
    first = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3)
    barrier = threading.Barrier(8)

    def revise(number: int) -> int:
        body = {
            "from": (first + dt.timedelta(days=number % 4)).isoformat(),
            "dose": {"measure": "repetitions", "sets": 1 + number % 3, "repetitions": 10},
            "confirm": ["outside_usual_range"],
        }
        connection = http.client.HTTPConnection(address, timeout=60)
        barrier.wait(timeout=60)
        connection.request(
            "POST",
            f"/api/v1/lines/{line.pk}/revise",
            json.dumps(body),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        status = connection.getresponse().status
        connection.close()
        return status

    with gunicorn() as address, ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(revise, range(8)))

    assert set(statuses) == {200}
    with clinic_context(world.clinic.pk):
        rows = list(line.rows.order_by("in_force_from"))
        written = AuditEvent.objects.filter(target_id=line.pk, action__contains="revis").count()
    assert [row.in_force_until for row in rows] == [
        *(row.in_force_from for row in rows[1:]),
        None,
    ]
    assert 2 <= len(rows) <= 5
    assert written == 8
