from __future__ import annotations

import datetime as dt
import uuid

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from programs.dose import weekday_bits
from sessions.models import Alert, ExerciseSession
from tests.api.caller import Caller
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)  # a Monday
MISSING = uuid.UUID("0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana, from_=dt.date(2026, 11, 16), weekdays=weekday_bits([1, 3, 5]))


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


@pytest.fixture
def ana(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.ana)


def a_session(line: Line, day: str = "2026-11-23", *repetitions: int, **more) -> dict:
    sets = [{"repetitions": each} for each in repetitions or (10, 10, 10)]
    return {
        "id": str(uuid.uuid4()),
        "performed_at": f"{day}T09:30:00+00:00",
        "results": [{"line": str(line.pk), "side": "both", "sets": sets}],
        **more,
    }


def in_clinic(world: people.World):
    return clinic_context(world.clinic.pk)


def row_of(world: people.World, body: dict) -> ExerciseSession:
    with in_clinic(world):
        return ExerciseSession.objects.get(phone_id=body["id"])


def test_the_first_worked_example_through_the_api(ana, rui, world, line):
    """3 × 10 on Mon Wed Fri: Mon 10, 10, 10; Wed 10, 5; Fri nothing: 4.5 of 9, 2 of 3."""
    ana.post("me/sessions", a_session(line, "2026-11-16"))
    ana.post("me/sessions", a_session(line, "2026-11-18", 10, 5))

    told = rui.get(
        f"patients/{world.ana.pk}/adherence", {"from": "2026-11-16", "until": "2026-11-22"}
    ).json()

    assert told["covers"] == {"from": "2026-11-16", "until": "2026-11-22"}
    total = told["total"]
    assert (total["credited_sets"]["exact"], total["prescribed_sets"]["exact"]) == ("9/2", "9")
    assert (total["done"], total["expected"]) == (2, 3)
    assert (total["dose_percent"], total["session_percent"]) == (50, 66)
    assert total["band"] == "slipping"
    assert [each["exercise"] for each in told["lines"]] == ["Heel raises"]
    assert told["weeks"][0]["in_progress"] is False


def test_nothing_prescribed_is_null(rui, world):
    told = rui.get(f"patients/{world.ana.pk}/adherence").json()

    assert (told["total"]["dose_percent"], told["total"]["band"]) == (None, None)
    assert told["lowest_line"] is None


def test_a_quota_line_widens_the_period_and_the_answer_says_so(rui, world):
    prescribed.line(
        world.ana,
        from_=dt.date(2026, 11, 2),
        schedule="times_per_week",
        weekdays=0,
        times_per_day=None,
        times_per_week=3,
    )

    told = rui.get(
        f"patients/{world.ana.pk}/adherence", {"from": "2026-11-11", "until": "2026-11-12"}
    ).json()

    assert told["covers"] == {"from": "2026-11-09", "until": "2026-11-15"}
    assert told["total"]["expected"] == 3


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"from": "2026-11-12", "until": "2026-11-11"}, "until", "ends_before_it_starts"),
        ({"from": "2025-11-11", "until": "2026-11-22"}, "from", "too_long"),
        ({"from": "2026-02-30"}, "from", "not_a_date"),
        ({"since": "2026-02-01"}, "since", "unknown_field"),
    ],
)
def test_a_wrong_period_is_named(rui, world, query, field, code):
    answer = rui.get(f"patients/{world.ana.pk}/adherence", query)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_the_care_team_logs_in_the_clinic(rui, world, line):
    made = rui.post(f"patients/{world.ana.pk}/sessions", a_session(line))

    assert made.status_code == 201
    with in_clinic(world):
        stored = ExerciseSession.objects.get()
    assert (stored.logged_as, stored.logged_by_id) == ("therapist", world.rui.user_id)


def test_held_sessions_wait_in_a_list_and_are_accepted_with_their_right_time(ana, rui, world, line):
    ahead = a_session(line, "2026-11-26")
    ana.post("me/sessions", ahead)
    ana.post("me/sessions", a_session(line, "2026-11-20"))

    [waiting] = rui.get(f"patients/{world.ana.pk}/sessions", {"status": "held"}).json()["results"]
    early = rui.post(f"sessions/{waiting['id']}/accept", {})
    accepted = rui.post(
        f"sessions/{waiting['id']}/accept", {"performed_at": "2026-11-23T09:30:00+00:00"}
    )

    assert waiting["id"] == str(row_of(world, ahead).pk)
    assert (early.status_code, early.json()["errors"][0]["code"]) == (400, "in_the_future")
    assert accepted.status_code == 200
    assert accepted.json()["status"] == "counted"
    assert rui.get(f"patients/{world.ana.pk}/sessions", {"status": "held"}).json()["results"] == []


def test_refusing_a_held_session(ana, rui, world, line):
    ahead = a_session(line, "2026-11-26")
    ana.post("me/sessions", ahead)
    row = row_of(world, ahead)

    first = rui.post(f"sessions/{row.pk}/refuse", {"reason": "Her clock was wrong."})
    second = rui.post(f"sessions/{row.pk}/refuse", {"reason": "Her clock was wrong."})
    too_late = rui.post(f"sessions/{row.pk}/accept", {})

    assert (first.status_code, first.json()["status"]) == (200, "refused")
    assert second.json() == first.json()
    assert (too_late.status_code, too_late.json()["code"]) == (409, "not_held")


def test_possible_duplicates_are_listed(caller, ana, rui, world, line):
    ana.post("me/sessions", a_session(line))
    caller.as_(world.carer).post("me/sessions", a_session(line))
    ana.post("me/sessions", a_session(line, "2026-11-20"))

    listed = rui.get(f"patients/{world.ana.pk}/sessions", {"possible_duplicates": "true"}).json()

    assert [each["performed_on"] for each in listed["results"]] == ["2026-11-23"] * 2


def test_the_care_team_corrects_and_withdraws_by_the_rows_id(ana, rui, world, line):
    body = a_session(line)
    ana.post("me/sessions", body)
    row = row_of(world, body)

    corrected = rui.put(f"sessions/{row.pk}", body | {"corrects": 1, "effort": 6})
    by_phone_id = rui.put(f"sessions/{body['id']}", body | {"corrects": 2, "effort": 7})
    gone = rui.post(f"sessions/{row.pk}/withdraw", {"reason": "Logged twice."})

    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    assert by_phone_id.status_code == 404
    assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")


def test_an_alert_is_seen_acknowledged_and_resolved(ana, rui, world, line):
    ana.post("me/sessions", a_session(line, symptoms=["chest_pain"]))

    [alert] = rui.get("alerts", {"patient": str(world.ana.pk)}).json()["results"]
    seen = rui.post(f"alerts/{alert['id']}/acknowledge")
    closed = rui.post(f"alerts/{alert['id']}/resolve", {"note": "Called her; she is well."})
    again = rui.post(f"alerts/{alert['id']}/resolve", {"note": "Called her; she is well."})
    other = rui.post(f"alerts/{alert['id']}/resolve", {"note": "Something else."})

    assert (alert["rule"], alert["severity"], alert["status"]) == (
        "chest_pain", "emergency", "open",
    )  # fmt: skip
    assert len(alert["occurrences"]) == 1
    assert (seen.status_code, seen.json()["status"]) == (200, "acknowledged")
    assert (closed.status_code, closed.json()["status"]) == (200, "resolved")
    assert again.status_code == 200
    assert (other.status_code, other.json()["code"]) == (409, "alert_resolved")
    with in_clinic(world):
        assert Alert.objects.get().note == "Called her; she is well."
        kept = AuditEvent.objects.filter(action__startswith="alert_").order_by("at", "id")
        assert [each.action for each in kept] == ["alert_acknowledged", "alert_resolved"]


def test_a_new_occurrence_after_resolving_is_a_new_alert(ana, rui, world, line):
    ana.post("me/sessions", a_session(line, symptoms=["dizziness"]))
    [alert] = rui.get("alerts").json()["results"]
    rui.post(f"alerts/{alert['id']}/resolve", {"note": "Stood up too fast."})

    ana.post("me/sessions", a_session(line, symptoms=["dizziness"]))

    listed = rui.get("alerts").json()["results"]
    assert sorted(each["status"] for each in listed) == ["open", "resolved"]


STAFF_ROUTES = [
    ("get", "patients/{patient}/sessions"),
    ("post", "patients/{patient}/sessions"),
    ("get", "patients/{patient}/adherence"),
    ("put", "sessions/{session}"),
    ("post", "sessions/{session}/withdraw"),
    ("post", "sessions/{session}/accept"),
    ("post", "sessions/{session}/refuse"),
    ("post", "alerts/{alert}/acknowledge"),
    ("post", "alerts/{alert}/resolve"),
]
BODIES = {
    "withdraw": {"reason": "x"},
    "refuse": {"reason": "x"},
    "accept": {},
    "acknowledge": {},
    "resolve": {"note": "x"},
}


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_who_reaches_a_patients_sessions(caller, ana, world, line, method, path):
    body = a_session(line, symptoms=["dizziness"])
    ana.post("me/sessions", body)
    with in_clinic(world):
        alert = Alert.objects.get()
    row = row_of(world, body)
    ids = {"patient": world.ana.pk, "session": row.pk, "alert": alert.pk}
    unknown = dict.fromkeys(ids, MISSING)
    sent = (
        None
        if method == "get"
        else BODIES.get(path.rsplit("/", 1)[-1], body | {"id": str(uuid.uuid4())})
    )
    if method == "put":
        sent = body | {"corrects": 1, "effort": 9}

    def ask(who, named):
        return getattr(caller.as_(who) if who else caller, method)(path.format(**named), sent)

    assert ask(None, ids).status_code == 401
    assert ask(world.ana, ids).status_code == 403
    assert ask(world.admin, ids).status_code == 403
    for outsider in (world.marta, world.far_therapist):
        refused, missing = ask(outsider, ids), ask(outsider, unknown)
        assert refused.status_code == missing.status_code == 404
        assert {**refused.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    after = row_of(world, body)
    assert (after.version, after.status) == (1, "counted")
    with in_clinic(world):
        assert ExerciseSession.objects.count() == 1
        assert Alert.objects.get().status == "open"


def test_an_outsiders_alert_list_is_empty(caller, ana, world, line):
    ana.post("me/sessions", a_session(line, symptoms=["dizziness"]))

    for outsider in (world.marta, world.far_therapist):
        assert caller.as_(outsider).get("alerts").json()["results"] == []


def test_staff_answers_carry_the_rows_own_id(ana, rui, world, line):
    body = a_session(line)

    made = rui.post(f"patients/{world.ana.pk}/sessions", body)
    corrected = rui.put(f"sessions/{made.json()['id']}", body | {"corrects": 1, "effort": 2})
    gone = rui.post(f"sessions/{made.json()['id']}/withdraw", {"reason": "Logged twice."})

    row = str(row_of(world, body).pk)
    assert [each.json()["id"] for each in (made, corrected, gone)] == [row] * 3


def test_a_withdrawn_session_is_no_duplicate_any_more(caller, ana, rui, world, line):
    hers, his = a_session(line), a_session(line)
    ana.post("me/sessions", hers)
    caller.as_(world.carer).post("me/sessions", his)
    rui.post(f"sessions/{row_of(world, his).pk}/withdraw", {"reason": "Hers is the same."})

    listed = rui.get(f"patients/{world.ana.pk}/sessions", {"possible_duplicates": "true"}).json()

    assert listed["results"] == []
    assert row_of(world, hers).status == "counted"


def test_a_safety_hold_to_come_is_refused_so_that_a_real_one_opens(ana, rui, world, line):
    ahead = rui.post(
        f"patients/{world.ana.pk}/pauses", {"starts_on": "2026-12-07", "reason": "safety_hold"}
    )
    ana.post("me/sessions", a_session(line, symptoms=["chest_pain"]))

    assert (ahead.status_code, ahead.json()["errors"][0]["code"]) == (400, "safety_hold_ahead")
    assert ana.get("me/plan").json()["is_safety_hold"] is True


def test_an_open_hold_that_lies_ahead_holds_from_today(ana, world, line):
    with in_clinic(world):
        world.ana.pauses.create(
            clinic=world.clinic,
            starts_on=dt.date(2026, 11, 24),
            reason="safety_hold",
            made_at=NOW,
        )

    ana.post("me/sessions", a_session(line, symptoms=["fall"]))

    assert ana.get("me/plan").json()["is_safety_hold"] is True
