"""A discharge that meets uploads: each session lies on one side of it, whole."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.calendar import local_date
from core.tenancy import clinic_context
from patients.models import Assignment, Line, Patient
from sessions.models import ExerciseSession
from tests.factories import people, prescribed
from tests.resilience.servers import gunicorn

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = 12


def test_a_discharge_and_uploads_at_once_never_contradict_each_other(transactional_db):
    world = people.world()
    line = prescribed.line(world.ana)
    now = dt.datetime.now(dt.UTC)
    last = local_date(now, world.ana.time_zone) - dt.timedelta(days=1)
    barrier = threading.Barrier(UPLOADS + 1)
    ana, rui = (people.device_token(one.user) for one in (world.ana, world.rui))
    wanted = {"reason": "moved", "on": last.isoformat(), "confirm": ["discharged_in_past"]}

    def upload(_number: int) -> tuple[int, dict]:
        barrier.wait(timeout=60)
        return post(address, ana, "me/sessions", a_session(line, now))

    def discharge() -> tuple[int, dict]:
        barrier.wait(timeout=60)
        return post(address, rui, f"patients/{world.ana.pk}/discharges", wanted)

    with gunicorn() as address, ThreadPoolExecutor(UPLOADS + 1) as pool:
        ending = pool.submit(discharge)
        answers = list(pool.map(upload, range(UPLOADS)))
        status, answer = ending.result()

    codes = {body.get("code", code) for code, body in answers}
    with clinic_context(world.clinic.pk):
        record = Patient.objects.get(pk=world.ana.pk)
        found = (record.status, Assignment.objects.get().ends_on, ExerciseSession.objects.count())
    if status == 201:
        assert codes == {"patient_discharged"}
        assert found == ("discharged", last, 0)
    else:
        assert (status, answer["errors"][0]["code"]) == (400, "before_last_session")
        assert codes == {201}
        assert found == ("active", None, UPLOADS)


def post(address: str, token: str, path: str, body: dict) -> tuple[int, dict]:
    connection = http.client.HTTPConnection(address, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def a_session(line: Line, now: dt.datetime) -> dict:
    result = {"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}
    return {"id": str(uuid.uuid4()), "performed_at": now.isoformat(), "results": [result]}
