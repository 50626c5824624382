from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Line
from sessions.models import FormCheck
from tests.api.caller import Caller
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
ANSWERS = {"heels-lift": "yes", "body-tall": "no"}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture
def rui(caller: Caller, world: people.World) -> Caller:
    return caller.as_(world.rui)


def new(of: Line, **more: Any) -> dict[str, Any]:
    return {"line": str(of.pk), "seen_on": "2026-11-23", "answers": ANSWERS} | more


def kept(world: people.World) -> list[Any]:
    with clinic_context(world.clinic.pk):
        return list(FormCheck.objects.order_by("pk").values())


def test_a_therapist_scores_sees_and_withdraws(rui, world, line):
    path = f"patients/{world.ana.pk}/form-checks"
    scored = rui.post(path, new(line, note="Tired today."))
    again = rui.post(path, new(line, note="Tired today."))
    other = rui.post(path, new(line, note="Fresh."))

    assert (scored.status_code, again.status_code, other.status_code) == (201, 200, 409)
    shown = scored.json()
    assert again.json() == shown
    assert other.json()["code"] == "form_check_exists"
    assert other.json()["form_check"] == shown["id"]
    assert {name: shown[name] for name in shown if name not in ("id", "patient")} == {
        "line": str(line.pk),
        "exercise": "Heel raises",
        "seen_on": "2026-11-23",
        "answers": ANSWERS,
        "note": "Tired today.",
        "scored_by": "Rui Costa",
        "scored_at": "2026-11-23T18:02:00Z",
        "withdrawn_at": None,
        "withdrawn_reason": "",
    }
    assert rui.get(path).json() == {"results": [shown], "next": None}
    withdrawn = rui.post(f"form-checks/{shown['id']}/withdraw", {"reason": "Other leg."})
    assert withdrawn.json() == shown | {
        "withdrawn_at": "2026-11-23T18:02:00Z", "withdrawn_reason": "Other leg.",
    }  # fmt: skip
    assert rui.post(f"form-checks/{shown['id']}/withdraw", {"reason": "x"}).status_code == 409


def test_agreement_is_counted_with_what_the_patient_said(caller, rui, world, line):
    body = {
        "id": str(uuid.uuid4()),
        "performed_at": "2026-11-20T09:30:00+00:00",
        "results": [
            {
                "line": str(line.pk),
                "side": "both",
                "sets": [{"repetitions": 10}],
                "checks": {"heels-lift": "yes", "body-tall": "yes"},
            }
        ],
    }
    assert caller.as_(world.ana).post("me/sessions", body).status_code == 201
    rui.post(f"patients/{world.ana.pk}/form-checks", new(line))

    answer = rui.get(f"patients/{world.ana.pk}/form-agreement")

    found = answer.json()
    assert (found["patient"], found["window_days"]) == (str(world.ana.pk), 14)
    [shown] = found["lines"]
    assert {name: shown[name] for name in shown if name not in ("line", "exercise", "checks")} == {
        "scored": 2,
        "both_answered": 2,
        "agree": 1,
        "more_favourable": 1,
        "less_favourable": 0,
        "agreement_percent": None,
    }
    assert [(each["check"], each["agree"]) for each in shown["checks"]] == [
        ("body-tall", 0), ("heels-lift", 1),
    ]  # fmt: skip
    assert shown["checks"][0]["ask"].endswith("?")


WRONG = [
    ({"answers": {}}, "answers", None),
    ({"answers": {"heels-lift": "unsure"}}, "answers", None),
    ({"answers": {"knee-bent": "yes"}}, "answers.knee-bent", "unknown_check"),
    ({"answers": {f"c-{number}": "yes" for number in range(21)}}, "answers", None),
    ({"answers": None}, "answers", "wrong_type"),
    ({"seen_on": "2026-11-24"}, "seen_on", "in_the_future"),
    ({"seen_on": "2026-01-04"}, "seen_on", "not_in_force"),
    ({"seen_on": "23.11.2026"}, "seen_on", "not_a_date"),
    ({"line": str(uuid.UUID(int=7))}, "line", "unknown_line"),
    ({"line": "heel raise"}, "line", "not_a_uuid"),
    ({"note": "x" * 501}, "note", None),
    ({"scored_by": "me"}, "scored_by", "unknown_field"),
]


@pytest.mark.parametrize(("change", "field", "code"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_kept(rui, world, line, change, field, code):
    refused = rui.post(f"patients/{world.ana.pk}/form-checks", new(line, **change))

    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["field"] == field
    assert code in (None, error["code"])
    assert kept(world) == []


PERMISSIONS = [
    # who, what they get for: list, score, withdraw, agreement
    (None, (401, 401, 401, 401)),
    ("ana", (403, 403, 403, 403)),
    ("carer", (403, 403, 403, 403)),
    ("admin", (403, 403, 403, 403)),
    ("marta", (404, 404, 404, 404)),
    ("far_therapist", (404, 404, 404, 404)),
    ("rui", (200, 201, 200, 200)),
]


@pytest.mark.parametrize(("who", "expected"), PERMISSIONS)
def test_who_may_do_what_with_form_checks(caller, rui, world, line, who, expected):
    ana = f"patients/{world.ana.pk}"
    scored = rui.post(f"{ana}/form-checks", new(line, seen_on="2026-11-20")).json()["id"]
    before = kept(world)
    me = caller.as_(getattr(world, who)) if who else caller

    statuses = (
        me.get(f"{ana}/form-checks").status_code,
        me.post(f"{ana}/form-checks", new(line)).status_code,
        me.post(f"form-checks/{scored}/withdraw", {"reason": "Other leg."}).status_code,
        me.get(f"{ana}/form-agreement").status_code,
    )

    assert statuses == expected
    assert (kept(world) == before) is (who != "rui")


def test_an_unknown_form_check_is_not_found(rui, world):
    assert rui.post(f"form-checks/{uuid.uuid4()}/withdraw", {"reason": "x"}).status_code == 404
    assert rui.get(f"patients/{world.far_patient.pk}/form-agreement").status_code == 404


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, None])
def test_a_withdrawal_says_why(rui, world, line, reason):
    scored = rui.post(f"patients/{world.ana.pk}/form-checks", new(line)).json()["id"]

    refused = rui.post(f"form-checks/{scored}/withdraw", {"reason": reason})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    assert kept(world)[0]["withdrawn_at"] is None


def test_reading_is_kept_in_the_audit(rui, world, line):
    rui.get(f"patients/{world.ana.pk}/form-checks")
    rui.get(f"patients/{world.ana.pk}/form-agreement")

    with clinic_context(world.clinic.pk):
        events = AuditEvent.objects.filter(action__startswith="read_form").order_by("at", "pk")
        assert list(events.values_list("action", "patient_id")) == [
            ("read_form_checks", world.ana.pk), ("read_form_agreement", world.ana.pk),
        ]  # fmt: skip


def test_form_checks_are_listed_the_latest_first_a_page_at_a_time(rui, world, line):
    path = f"patients/{world.ana.pk}/form-checks"
    for day in (20, 22, 21):
        assert rui.post(path, new(line, seen_on=f"2026-11-{day}")).status_code == 201

    first = rui.get(path, {"limit": 2}).json()
    rest = rui.get(path, {"limit": 2, "cursor": first["next"]}).json()

    assert [each["seen_on"] for each in first["results"]] == ["2026-11-22", "2026-11-21"]
    assert [each["seen_on"] for each in rest["results"]] == ["2026-11-20"]
    assert rest["next"] is None
