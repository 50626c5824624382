from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random
from uuid import UUID, uuid4

import pytest

from tests.fuzzing.fitting import PARAMETER, Fitter
from tests.fuzzing.known import Known
from tests.fuzzing.run import all_operations, drawn, example_of, kinds_of

NOW = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
ANA, PER, GOAL, LINE, LOGGED = (str(uuid4()) for _each in range(5))
ENDED = {"repetitions": 10, "hold_seconds": None, "sets": 3, "measure": "repetitions"}


def operation(label):
    return next(one for one in all_operations() if one.label == label)


@pytest.fixture
def fitter():
    known, foreign = Known(kinds_of(all_operations())), Known(kinds_of(all_operations()))
    known.learn("/patients/{patient_id}/goals", {"patient_id": ANA}, {"id": GOAL, "version": 7})
    foreign.rows = {"patient": {PER: {}}, "goal": {PER: {}}}
    return Fitter(
        known=known,
        foreign=foreign,
        emails=["ana@fuzz.example"],
        code=lambda path: f"code of {path}",
        dice=Random(3),
        now=NOW,
    )


def fitted(fitter, label, *, times=200, example=None):
    """Fit the schema's own example again and again; return the cases and whether foreign."""
    one = operation(label)
    body = example_of(one) if example is None else example
    made = []
    for number in range(times):
        case = one.Case(
            path_parameters={part: str(uuid4()) for part in PARAMETER.findall(one.path)},
            headers={"X-Clinic": "x"} if number % 2 else {},
            query={},
            body={},
        )
        made.append((case, fitter.fit(case, example=body)))
    return made


def test_most_paths_lead_to_a_row_that_exists_and_some_to_another_clinics(fitter):
    paths = Counter(
        (
            case.path_parameters["patient_id"] == ANA,
            case.path_parameters["goal_id"] == GOAL,
            foreign,
        )
        for case, foreign in fitted(fitter, "PATCH /api/v1/patients/{patient_id}/goals/{goal_id}")
    )

    assert paths[True, True, False] > 140
    assert 4 < paths[False, False, True] < 40
    assert 4 < paths[False, False, False] + paths[True, False, False] < 40


def test_dates_lie_near_today_and_instants_lie_behind(fitter):
    cases = fitted(fitter, "POST /api/v1/patients/{patient_id}/goals")
    days = {(dt.date.fromisoformat(case.body["due_on"]) - NOW.date()).days for case, _f in cases}

    assert (min(days), max(days)) == (30, 60)
    cases = fitted(fitter, "POST /api/v1/me/safety-checks")
    assert {case.body["sent_at"] for case, _foreign in cases} == {NOW.isoformat()}
    assert all(case.body["checked_at"] < NOW.isoformat() for case, _foreign in cases)


def test_an_upload_has_an_id_of_its_own_and_the_plans_lines(fitter):
    plan = {"lines": [{"line": LINE, "side": "each", "dose": ENDED, "checks": []}]}
    fitter.known.learn("/me/plan", {}, plan)

    cases = fitted(fitter, "POST /api/v1/me/sessions", times=60)

    assert len({UUID(case.body["id"]) for case, _foreign in cases}) == 60
    whole = [case.body["results"] for case, _foreign in cases if len(case.body["results"]) == 1]
    assert len(whole) > 40
    assert all(one["line"] == LINE and one["side"] in ("left", "right") for [one] in whole)
    assert all(one["sets"] == [{"repetitions": 10}] for [one] in whole)


def test_a_correction_names_what_it_corrects_in_its_present_version(fitter):
    fitter.known.learn("/me/sessions", {}, {"results": [{"id": LOGGED, "version": 4}]})
    one = operation("PUT /api/v1/me/sessions/{phone_id}")
    seen = Counter()
    for _each in range(100):
        case = one.Case(path_parameters={"phone_id": str(uuid4())}, headers={}, query={}, body={})
        fitter.fit(case, example=example_of(one))
        seen[case.body["id"] == case.path_parameters["phone_id"], case.body["corrects"]] += 1

    assert seen[True, 4] > 25
    assert {version for _same, version in seen} == {1, 2, 4}


def test_a_code_that_a_mail_would_carry_is_asked_for_where_one_is_sent(fitter):
    codes = Counter(
        case.body["code"] for case, _foreign in fitted(fitter, "POST /api/v1/auth/invitations/show")
    )

    assert codes["code of /api/v1/auth/invitations/show"] > 110
    assert len(codes) == 2


def test_what_is_wrong_in_its_shape_stays_wrong(fitter):
    one = operation("POST /api/v1/patients/{patient_id}/goals")
    wrong = {"aim": 3, "target": "many", "due_on": "soon", "text": ["x"], "odd": {"id": 1}}
    case = one.Case(path_parameters={"patient_id": ANA}, headers={}, query={}, body=wrong)

    fitter.fit(case)

    assert case.body == wrong


def test_a_seed_draws_the_same_cases_and_another_one_others():
    def bodies(seed):
        one = operation("POST /api/v1/me/pause-requests")
        from schemathesis import GenerationMode

        cases = drawn(one, mode=GenerationMode.POSITIVE, count=5, seed=seed)
        return [case.body for case in cases]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)
