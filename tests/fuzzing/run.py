"""One role's run: rounds over all operations, until enough cases were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import hypothesis
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given
from requests.exceptions import InvalidHeader
from schemathesis import Case, GenerationMode
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation

from tests.fuzzing.checks import faults, strict
from tests.fuzzing.fitting import PREFIX, Fitter
from tests.fuzzing.known import Known
from tests.fuzzing.sending import Send
from tests.fuzzing.stage import PASSWORD, Stage

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
MOST_ROUNDS = 100
KEPT_FAULTS = 3
# gunicorn reads no longer request line (4,094 bytes): what is longer never reaches the product.
LONGEST_PATH = 4_000
# What may take away the ground that a role stands on, or add to it, comes last in each round.
LAST = (
    "/auth/invitations/accept", "/members/{user_id}/therapist", "/members/{user_id}/admin",
    "/auth/sign-out", "/auth/devices/{device_id}", "/auth/password", "/deactivate", "/end", "/archive",
    "/discharges", "/login", "/care-team/{membership_id}", "/revoke",
)  # fmt: skip
SENDABLE = ("method", "url", "headers", "params", "json", "data", "cookies")


@dataclass(frozen=True, kw_only=True)
class Amount:
    """
    How much of everything: cases at least, and per round and operation how many of each kind.

    `others`: of the operations that a role may not call, every n-th is called once in a round.
    """

    least: int
    examples: int = 3
    right: int = 1
    wrong: int = 1
    others: int = 5


@dataclass
class Outcome:
    """What came of a role's run."""

    role: str
    cases: int = 0
    operations: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: dict[str, Counter[str]] = field(default_factory=dict)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return (
            len(self.reached & self.operations) / len(self.operations) if self.operations else 0.0
        )

    def blame(self, operation: str, fault: str, request: str) -> None:
        """Count a fault; keep the first requests that led to it."""
        self.faults[operation, fault] += 1
        kept = self.shown.setdefault((operation, fault), [])
        if len(kept) < KEPT_FAULTS:
            kept.append(request)


class SignInRefused(Exception):
    """A role cannot sign in any more: the run would be of nobody."""


@dataclass(kw_only=True)
class Fuzz:
    """Runs over one stage, one role after the other."""

    stage: Stage
    send: Send
    seed: int
    amount: Amount
    operations: list[APIOperation] = field(default_factory=lambda: [*all_operations()])

    def run(self, role: str) -> Outcome:
        return RoleRun(self, role).run()


class RoleRun:
    """The run of one role; everything that is drawn comes from the seed."""

    def __init__(self, fuzz: Fuzz, role: str) -> None:
        self.fuzz = fuzz
        self.stage, self.send, self.role = fuzz.stage, fuzz.send, role
        self.dice = Random(f"{fuzz.seed} {role}")
        kinds = kinds_of(fuzz.operations)
        self.known, foreign = Known(kinds), Known(kinds)
        foreign.rows = {
            kind: {str(key): {} for key in keys} for kind, keys in fuzz.stage.foreign.items()
        }
        self.fitter = Fitter(
            known=self.known,
            foreign=foreign,
            emails=fuzz.stage.others,
            code=partial(fuzz.stage.code, role=role),
            dice=self.dice,
            now=fuzz.stage.now,
        )
        self.outcome = Outcome(role)
        self.outcome.operations = {one.label for one in fuzz.operations if is_for(one, role)}
        self.password = PASSWORD
        self.token = self._sign_in()

    def run(self) -> Outcome:
        for turn in range(MOST_ROUNDS):
            for place, operation in enumerate(self.fuzz.operations):
                is_its_turn = (turn + place) % self.fuzz.amount.others == 0
                for case, example in self._cases(operation, is_its_turn=is_its_turn):
                    self._try(operation, case, example)
            if self.outcome.cases >= self.fuzz.amount.least:
                break
        return self.outcome

    def _cases(self, operation: APIOperation, *, is_its_turn: bool) -> Iterator[tuple[Case, Any]]:
        """Draw a round's cases of an operation: few of what the role may not do."""
        amount, example = self.fuzz.amount, example_of(operation)
        seed = self.dice.getrandbits(32)
        right, wrong = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
        if operation.label not in self.outcome.operations:
            if is_its_turn:
                for case in drawn(operation, mode=right, count=1, seed=seed):
                    yield case, example
            return
        for case in drawn(operation, mode=right, count=amount.examples, seed=seed):
            yield case, example
        for mode, count in ((right, amount.right), (wrong, amount.wrong)):
            for case in drawn(operation, mode=mode, count=count, seed=seed + 1) if count else ():
                yield case, None

    def _try(self, operation: APIOperation, case: Case, example: Any) -> None:
        is_foreign = self.fitter.fit(case, example=example)
        if operation.path.endswith(("/auth/sign-in", "/auth/password")) and example is not None:
            self._know_password(case)
        response = self._answer(case)
        if response is None:
            return
        sent = response.request.headers.get("Authorization")
        if response.status_code == 401 and sent == f"Bearer {self.token}" and self._is_signed_out():
            self.token = self._sign_in()
            response = self._answer(case) or response
        self._note(operation, case, response, is_foreign=is_foreign)

    def _note(
        self, operation: APIOperation, case: Case, response: Response, *, is_foreign: bool
    ) -> None:
        outcome = self.outcome
        outcome.cases += 1
        outcome.statuses[response.status_code] += 1
        for fault in faults(
            case,
            response,
            is_foreign=is_foreign,
            is_theirs=operation.label in outcome.operations,
            may_see_clinics=self.role == "operator",
        ):
            outcome.blame(operation.label, fault, told(response))
        if response.status_code >= 300:
            outcome.refusals.setdefault(operation.label, Counter())[refusal(response)] += 1
            return
        outcome.reached.add(operation.label)
        if operation.path.endswith("/auth/password"):
            self.password = case.body["password"]
        if operation.path.endswith(LAST):
            self.stage.restore(self.role)
        if response.content:
            path = operation.path.removeprefix(PREFIX)
            if (case.query or {}).get("kind") == "program":  # of the operators' catalogue
                path = path.replace("catalogue", "programs")
            self.known.learn(path, case.path_parameters or {}, response.json())

    # ---- who ------------------------------------------------------------------------------------------

    def _know_password(self, case: Case) -> None:
        """Sign in and change the password as this role, rightly; as somebody else, wrongly."""
        if "current_password" in case.body:
            case.body["current_password"] = self.password
            case.body["password"] = f"{self.dice.choice(WORDS)} {self.dice.getrandbits(40):x}"
        else:
            case.body |= {"email": self.stage.emails[self.role], "password": self.password}

    def _sign_in(self) -> str:
        body = {
            "email": self.stage.emails[self.role],
            "password": self.password,
            "device_name": "Fuzz",
        }
        request = requests.Request(
            "POST", f"{self.send.url}{PREFIX}/auth/sign-in", json=body, headers=self._address()
        )
        answer = self.send(request.prepare())
        if answer.status_code != 201:
            raise SignInRefused(f"{self.role}: {answer.status_code} {answer.content[:300]!r}")
        return str(answer.json()["token"])

    def _is_signed_out(self) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", **self._address()}
        request = requests.Request("GET", f"{self.send.url}{PREFIX}/auth/whoami", headers=headers)
        return self.send(request.prepare()).status_code == 401

    def _address(self) -> dict[str, str]:
        """Come from another address each time: what is counted by address counts nobody twice."""
        parts = (self.dice.randrange(256) for _each in range(3))
        return {"X-Forwarded-For": ".".join(map(str, (10, *parts)))}

    def _answer(self, case: Case) -> Response | None:
        """Send a case as this role; None where no client could send it."""
        headers = {"Authorization": f"Bearer {self.token}", **self._address()}
        made = case.as_transport_kwargs(base_url=self.send.url, headers=headers)
        try:
            request = requests.Request(
                **{name: made[name] for name in SENDABLE if name in made}
            ).prepare()
        except (InvalidHeader, UnicodeError):
            return None
        return None if len(request.path_url) > LONGEST_PATH else self.send(request)


WORDS = ("quiet harbour lantern", "seven green umbrellas", "slow river crossing")


@cache
def all_operations() -> list[APIOperation]:
    """Return the operations in the order of a round: what is read first, what ends things last."""
    document = yaml.load(DOCUMENT.read_text(), yaml.CSafeLoader)
    schema = schemathesis.openapi.from_dict(strict(document))
    return sorted((one.ok() for one in schema.get_all_operations()), key=_place)


def _place(operation: APIOperation) -> tuple[bool, int, bool, bool, str]:
    is_last = operation.method.upper() == "DELETE" or operation.path.endswith(LAST)
    is_read, is_one = operation.method.upper() == "GET", operation.path.endswith("}")
    return is_last, operation.path.count("{"), not is_read, is_one, operation.label


def kinds_of(operations: list[APIOperation]) -> frozenset[str]:
    """Return every kind of row that a path names."""
    names = {one for each in operations for one in each.path.split("/") if one.endswith("_id}")}
    return frozenset(name.strip("{}").removesuffix("_id") for name in names)


def is_for(operation: APIOperation, role: str) -> bool:
    """Tell whether the description says that a role may call it."""
    told = str(operation.definition.raw.get("description", "")).rpartition("For: ")[2]
    return bool({role, "user", "anyone"} & set(told.rstrip(".").split(", ")))


def example_of(operation: APIOperation) -> Any:
    body = operation.definition.raw.get("requestBody", {})
    return body.get("content", {}).get("application/json", {}).get("example")


def drawn(operation: APIOperation, *, mode: GenerationMode, count: int, seed: int) -> list[Case]:
    """Draw cases from the schema; fewer where it allows no more."""
    cases: list[Case] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def gather(case: Case) -> None:
        cases.append(case)

    gather()
    return cases


def refusal(response: Response) -> str:
    """Say why a request was refused: status, code and the first field at fault."""
    try:
        problem = response.json()
    except ValueError:
        return str(response.status_code)
    first = [f"{one.get('field')}: {one.get('code')}" for one in problem.get("errors", [])[:1]]
    return " ".join([str(response.status_code), str(problem.get("code")), *first])


def told(response: Response) -> str:
    """Say what was asked and answered, briefly."""
    request = response.request
    body = request.body or b""
    sent = body if isinstance(body, str) else body[:400].decode(errors="replace")
    answered = response.content[:400].decode(errors="replace")
    return f"{request.method} {request.path_url} {sent}\n        {response.status_code} {answered}"
