"""A small seeded run of what `dev.py fuzz` does in full; and what it says of a product that errs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from core.tenancy import clinic_context
from patients.api import whoami
from patients.models import Patient
from tests.fuzzing.report import report
from tests.fuzzing.run import Amount, Fuzz, SignInRefused, all_operations
from tests.fuzzing.sending import InProcess
from tests.fuzzing.stage import MARK, ROLES, set_the_stage

pytestmark = pytest.mark.django_db

SMALL = Amount(least=1, examples=1, right=1, wrong=0, others=4)


@pytest.fixture
def fuzz(settings):
    """A run over some of the operations (all of them, without any) on a fresh stage."""
    settings.TRUSTED_PROXIES = 1

    def make(*labels, amount=SMALL):
        chosen = [one for one in all_operations() if not labels or one.label in labels]
        assert len(chosen) == len(labels) or not labels
        stage = set_the_stage(now=dt.datetime.now(dt.UTC))
        return Fuzz(stage=stage, send=InProcess(), seed=1, amount=amount, operations=chosen)

    return make


def told(*outcomes, **words):
    """Return the report's code and text."""
    lines = []
    code = report(outcomes, say=lines.append, **{"least_cases": 1, "least_share": 0} | words)
    return code, "\n".join(lines)


def test_every_operation_answers_as_described_to_each_role(fuzz):
    run = fuzz()

    outcomes = [run.run(role) for role in ROLES]

    code, text = told(*outcomes, least_share=0.5)
    assert code == 0, text
    assert len(set().union(*(one.operations for one in outcomes))) == len(all_operations()) > 120
    assert all(one.cases > len(one.operations) for one in outcomes)


WHOAMI = "GET /api/v1/auth/whoami"
PATIENTS = "GET /api/v1/patients"


def test_a_crash_is_found_with_the_request_that_led_to_it(fuzz, monkeypatch):
    def crash(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(whoami.WhoAmIView, "get", crash)

    code, text = told(fuzz(WHOAMI).run("patient"))

    assert code == 1
    assert f"✗ {WHOAMI}: Server error" in text
    assert "GET /api/v1/auth/whoami" in text
    assert "patient: 4 answers are wrong." in text


def test_a_sign_out_is_followed_by_another_sign_in(fuzz):
    outcome = fuzz(WHOAMI, "POST /api/v1/auth/sign-out", amount=replace(SMALL, least=9)).run(
        "admin"
    )

    assert told(outcome)[0] == 0
    assert outcome.statuses[200] == outcome.statuses[204] > 3
    assert outcome.statuses[401] == 0


def test_a_role_that_can_sign_in_no_more_ends_the_run(fuzz, monkeypatch):
    run = fuzz(WHOAMI)
    monkeypatch.setitem(run.stage.emails, "patient", "nobody@fuzz.example")

    with pytest.raises(SignInRefused, match="patient: 401"):
        run.run("patient")


def test_codes_that_mails_carry_are_good_and_roles_stay_as_they_were(fuzz):
    labels = {
        "POST /api/v1/auth/invitations/show",
        "POST /api/v1/auth/invitations/join",
        "POST /api/v1/auth/invitations/accept",
        "POST /api/v1/auth/password-reset/confirm",
    }

    outcome = fuzz(*labels, PATIENTS, amount=replace(SMALL, examples=6)).run("patient")

    code, text = told(outcome)
    assert (code, outcome.reached) == (0, labels), text


def test_another_clinics_row_that_is_shown_is_found(fuzz):
    run = fuzz(PATIENTS)
    with clinic_context(run.stage.clinic_id):
        Patient.objects.filter(name="Bento Luz").update(name=f"Per {MARK}")

    code, text = told(run.run("therapist"))

    assert code == 1
    assert f"✗ {PATIENTS}: another clinic's row is shown" in text


def test_the_same_seed_asks_the_same(fuzz):
    asked = []
    run = fuzz(PATIENTS, amount=replace(SMALL, least=10, right=5))
    for _each in range(2):
        run.send = Heard(InProcess())
        run.run("therapist")
        asked.append([path for path in run.send.paths if "auth" not in path])

    assert asked[0] == asked[1]
    assert len(asked[0]) >= 10


class Heard:
    """Sends, and remembers the paths."""

    def __init__(self, send):
        self.send, self.url, self.paths = send, send.url, []

    def __call__(self, request):
        self.paths.append(request.path_url)
        return self.send(request)
