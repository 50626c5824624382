from __future__ import annotations

import datetime as dt
import uuid

import pytest

from core.models import AuditEvent
from patients.models import Line
from sessions.models import ExerciseSession, SafetyCheck
from sessions.plan import said
from tests.api.caller import Caller
from tests.api.sessions.asking_as_ana import NOW, a_session, in_clinic
from tests.factories import people, prescribed

MISSING = "0d5c9f0e-6c1b-4a55-9d59-0a4f7b8e5a10"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def ana(caller: Caller, world: people.World, line: Line) -> Caller:
    return caller.as_(world.ana)


def test_a_phone_reads_its_plan_with_everything_it_needs_offline(ana, line):
    answer = ana.get("me/plan")

    assert answer.status_code == 200
    plan = answer.json()
    assert (plan["on"], plan["is_paused"]) == ("2026-11-23", False)
    [shown] = plan["lines"]
    assert (shown["line"], shown["is_due"], shown["expected"], shown["done"]) == (
        str(line.pk), True, 1, 0,
    )  # fmt: skip
    assert shown["dose"]["words"] == "3 sets of 10"
    assert shown["exercise"]["name"] == "Heel raises"
    assert len(shown["exercise"]["steps"]) == 4
    assert [each["id"] for each in shown["checks"]]
    assert shown["ask"] == [shown["checks"][0]["id"]]
    assert [each["id"] for each in plan["before"]] == ["well", "floor", "shoes", "aid"]
    assert plan["safety"]["chest_pain"]["numbers"] == [{"label": "Emergency", "number": "112"}]
    assert plan["rules"][0]["verdict"] == "stop"
    assert plan["review"]["words"] == "draft, not yet reviewed by a clinician"


def test_the_plan_is_sent_again_only_when_something_changed(ana, line):
    first = ana.get("me/plan")
    tag = {"If-None-Match": first.headers["ETag"]}

    unchanged = ana.get("me/plan", headers=tag)
    ana.post("me/sessions", a_session(line))
    changed = ana.get("me/plan", headers=tag)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    assert changed.json()["lines"][0]["is_due"] is False
    assert changed.json()["lines"][0]["sets_logged"] == 3


@pytest.fixture
def new_release():
    """What is said alike in every plan is made once in a process: a release is a new one."""
    yield said.cache_clear
    said.cache_clear()


def test_new_words_of_what_to_do_reach_the_phones(ana, line, monkeypatch, new_release):
    tag = {"If-None-Match": ana.get("me/plan").headers["ETag"]}
    assert ana.get("me/plan", headers=tag).status_code == 304

    monkeypatch.setattr("sessions.symptoms.known_number", lambda country: "999")
    new_release()

    changed = ana.get("me/plan", headers=tag)
    assert changed.status_code == 200
    assert changed.json()["safety"]["chest_pain"]["numbers"][0]["number"] == "999"


def test_the_plan_of_another_day(ana, line):
    early = ana.get("me/plan", {"on": "2026-01-04"})
    first = ana.get("me/plan", {"on": "2026-01-05"})

    assert early.json()["lines"] == []
    assert [each["line"] for each in first.json()["lines"]] == [str(line.pk)]


def test_a_session_is_answered_with_feedback(ana, line, world):
    body = a_session(line)

    made = ana.post("me/sessions", body)
    again = ana.post("me/sessions", body)
    other = ana.post("me/sessions", body | {"effort": 9})

    assert (made.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert made.content == again.content
    assert made.json()["id"] == body["id"]
    assert made.json()["feedback"]["results"][0]["verdict"] == "right"
    assert other.json()["code"] == "id_reused"
    with in_clinic(world):
        assert ExerciseSession.objects.count() == 1
        assert set(
            AuditEvent.objects.exclude(action__startswith="read_").values_list(
                "action", "patient_id", "actor_id"
            )
        ) == {("session_logged", world.ana.pk, world.ana.user_id)}


def test_a_batch_says_of_each_item_what_became_of_it(ana, line, world):
    good = [a_session(line, performed_at=f"2026-11-{day}T09:00:00+00:00") for day in (20, 21, 22)]
    ahead = a_session(line, performed_at="2026-11-26T09:00:00+00:00")
    bad = a_session(line) | {"effort": 11}
    worse = a_session(line)
    del worse["performed_at"]
    check = {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:00:00Z",
        "answers": {"well": "yes"},
    }
    ana.post("me/sessions", good[0])

    answer = ana.post(
        "me/sessions/batch",
        {
            "sent_at": "2026-11-23T18:00:00Z",
            "sessions": [bad, good[2], good[0], ahead, worse, good[0] | {"note": "x"}, good[1]],
            "safety_checks": [check, check, check | {"answers": {"well": "no"}}],
        },
    )

    assert answer.status_code == 200
    said = answer.json()
    assert [each["status"] for each in said["sessions"]] == [
        "refused", "created", "duplicate", "held", "refused", "conflict", "created",
    ]  # fmt: skip
    assert [each["id"] for each in said["sessions"]][1] == good[2]["id"]
    assert said["sessions"][0]["errors"][0]["field"] == "effort"
    assert said["sessions"][4]["errors"][0]["field"] == "performed_at"
    assert said["sessions"][5]["code"] == "id_reused"
    assert [each["status"] for each in said["safety_checks"]] == [
        "created", "duplicate", "conflict",
    ]  # fmt: skip
    with in_clinic(world):
        assert ExerciseSession.objects.count() == 4
        assert SafetyCheck.objects.count() == 1


def test_a_batch_of_more_than_a_hundred_is_refused_whole(ana, line, world):
    body = {
        "sessions": [a_session(line) for _ in range(60)],
        "safety_checks": [{"id": str(uuid.uuid4())} for _ in range(41)],
    }

    answer = ana.post("me/sessions/batch", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many")
    with in_clinic(world):
        assert not ExerciseSession.objects.exists()


def test_a_correction_and_a_withdrawal_by_the_phones_id(ana, line, world):
    body = a_session(line, 10)
    ana.post("me/sessions", body)
    where = f"me/sessions/{body['id']}"

    stale = ana.put(where, body | {"corrects": 2, "effort": 3})
    corrected = ana.put(where, body | {"corrects": 1, "effort": 3})
    gone = ana.post(f"{where}/withdraw", {"reason": "Tapped twice."})
    late = ana.put(where, body | {"corrects": 2, "effort": 4})
    again = ana.post("me/sessions", body)

    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")
    assert (late.status_code, late.json()["code"]) == (409, "withdrawn")
    assert (again.status_code, again.json()["status"]) == (200, "withdrawn")


def test_a_safety_check_that_says_not_well_is_told_to_stop(ana, world):
    body = {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:25:00+00:00",
        "sent_at": "2026-11-23T09:25:02+00:00",
        "answers": {"well": "no", "floor": "yes"},
        "symptoms": ["chest_pain"],
    }

    made = ana.post("me/safety-checks", body)
    again = ana.post("me/safety-checks", body)
    plan = ana.get("me/plan")

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.content == again.content
    assert made.json()["safety"]["verdict"] == "stop"
    assert plan.json()["is_safety_hold"] is True
    assert plan.json()["lines"][0]["is_due"] is False


def test_progress_is_told_in_counts(ana, line):
    for day in (16, 17, 23):
        ana.post("me/sessions", a_session(line, performed_at=f"2026-11-{day}T09:00:00+00:00"))

    progress = ana.get("me/progress", {"weeks": 2}).json()

    assert progress["weeks"] == [
        {
            "monday": "2026-11-16", "is_in_progress": False, "done": 2, "expected": 7,
            "active_days": 2, "sets_logged": 6,
        },
        {
            "monday": "2026-11-23", "is_in_progress": True, "done": 1, "expected": 1,
            "active_days": 1, "sets_logged": 3,
        },
    ]  # fmt: skip
    assert progress["streak"] == {"unit": "days", "length": 1}


def test_sessions_are_listed_newest_first_by_the_phones_ids(ana, line):
    bodies = [a_session(line, performed_at=f"2026-11-{day}T09:00:00+00:00") for day in (20, 22, 21)]
    for body in bodies:
        ana.post("me/sessions", body)

    first = ana.get("me/sessions", {"limit": 2}).json()
    second = ana.get("me/sessions", {"limit": 2, "cursor": first["next"]}).json()

    assert [each["id"] for each in first["results"] + second["results"]] == [
        bodies[1]["id"], bodies[2]["id"], bodies[0]["id"],
    ]  # fmt: skip
    assert second["next"] is None
    assert first["results"][0]["results"][0]["sets"] == [{"repetitions": 10}] * 3


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "me/plan"),
        ("get", "me/sessions"),
        ("post", "me/sessions"),
        ("post", "me/sessions/batch"),
        ("put", f"me/sessions/{MISSING}"),
        ("post", f"me/sessions/{MISSING}/withdraw"),
        ("post", "me/safety-checks"),
        ("get", "me/progress"),
    ],
)
def test_only_the_patient_and_their_carer_reach_the_record(caller, world, line, method, path):
    ana = world.ana
    others = {
        "nobody": (caller, {}, 401),
        "her therapist": (caller.as_(world.rui), {}, 404),
        "her therapist, naming the record": (caller.as_(world.rui), {"record": ana}, 404),
        "a patient elsewhere": (caller.as_(world.far_patient), {"record": ana}, 404),
        "an unknown record": (caller.as_(ana), {"record": uuid.uuid4()}, 404),
    }

    statuses = {
        name: getattr(who, method)(path, {} if method != "get" else None, **where).status_code
        for name, (who, where, _expected) in others.items()
    }

    assert statuses == {name: expected for name, (_w, _x, expected) in others.items()}


def test_a_carer_logs_for_the_patient_and_it_says_so(caller, world, line):
    joao = caller.as_(world.carer)

    made = joao.post("me/sessions", a_session(line))

    assert made.status_code == 201
    with in_clinic(world):
        assert ExerciseSession.objects.get().logged_as == "carer"


def test_revoked_consent_ends_a_carers_access_with_the_next_request(caller, world, line):
    joao = caller.as_(world.carer)
    with in_clinic(world):
        world.carer.revoked_at = NOW
        world.carer.save()

    assert joao.get("me/plan").status_code == 404


def test_one_of_several_records_must_be_chosen(caller, world, line):
    bela = people.patient(world.clinic, "Bela Dias", care_team=[world.rui])
    with in_clinic(world):
        bela.carers.create(
            clinic=world.clinic,
            user=world.ana.user,
            consented_at=NOW,
            consent_recorded_by=world.rui.user,
        )
    ana = caller.as_(world.ana)

    unclear = ana.get("me/plan")
    chosen = ana.get("me/plan", record=bela)

    assert (unclear.status_code, unclear.json()["code"]) == (400, "record_required")
    assert (chosen.status_code, chosen.json()["record"]) == (200, str(bela.pk))


def test_a_plan_is_paused_by_an_old_open_pause_behind_many_later_ones(ana, world, line):
    with in_clinic(world):
        world.ana.pauses.create(
            clinic=world.clinic, starts_on=dt.date(2026, 2, 1), reason="illness", made_at=NOW
        )
        for day in range(60):
            one = dt.date(2026, 3, 1) + dt.timedelta(days=day)
            world.ana.pauses.create(
                clinic=world.clinic, starts_on=one, ends_on=one, reason="holiday", made_at=NOW
            )

    assert ana.get("me/plan").json()["is_paused"] is True


def test_a_form_check_waits_for_the_first_session_in_which_something_was_done(ana, line):
    skipped = a_session(line)
    skipped["results"] = [{"line": str(line.pk), "side": "both", "skipped": "fatigue"}]
    ana.post("me/sessions", skipped)

    after_skipping = ana.get("me/plan").json()["lines"][0]
    ana.post("me/sessions", a_session(line))
    after_doing = ana.get("me/plan").json()["lines"][0]

    assert after_skipping["ask"] == [after_skipping["checks"][0]["id"]]
    assert after_doing["ask"] == []


def test_after_not_yet_the_same_check_is_asked_in_the_next_three_sessions(ana, line):
    [check, *_others] = ana.get("me/plan").json()["lines"][0]["checks"]
    wrong = a_session(line, performed_at="2026-11-19T09:00:00+00:00")
    wrong["results"][0]["checks"] = {check["id"]: "no"}
    ana.post("me/sessions", wrong)

    asked = []
    for day in (20, 21, 22, 23):
        asked.append(ana.get("me/plan").json()["lines"][0]["ask"])
        ana.post("me/sessions", a_session(line, performed_at=f"2026-11-{day}T09:00:00+00:00"))

    assert asked[:3] == [[check["id"]]] * 3
    assert asked[3] != [check["id"]]
