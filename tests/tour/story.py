"""What every chapter of the story shares: the people's devices, the lines, the diary, the checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol
from uuid import UUID, uuid4

from tests.tour.client import Answer, Device
from tests.tour.clock import WEEK, StoryClock, stamp
from tests.tour.figures import Diary, Done, Session, Sums, completion
from tests.tour.ledger import Ledger
from tests.tour.script import AMOUNTS, EarlierPlan, Logins

Judged = tuple[str | None, Fraction | None]


class Stage(Protocol):
    """What no request can do: see `tests.tour.stage`."""

    def __call__(self, *, therapist_email: str, patient_id: UUID, plan: EarlierPlan) -> None:
        """Prescribe the plan of the past."""


class Jobs(Protocol):
    """What the clock does when a week is over: see `tests.tour.stage`."""

    def __call__(self, *, therapist_email: str, patient_id: UUID, now: dt.datetime) -> list[str]:
        """Make the week and mail it; return each mail's kind and what became of it."""


class Reminding(Protocol):
    """What the clock does for a reminder: see `tests.tour.stage`."""

    def __call__(
        self, *, therapist_email: str, patient_id: UUID, now: dt.datetime, at: dt.datetime
    ) -> list[dict[str, str]]:
        """Plan now and deliver at another instant; return the mails that the patient got by it."""


@dataclass(slots=True, kw_only=True)
class Upload:
    """A session on its way: the body that is sent, and what the diary will hold of it."""

    body: dict[str, Any]
    session: Session

    @property
    def id(self) -> str:
        return str(self.body["id"])


@dataclass(slots=True, kw_only=True)
class Story:
    """
    The state of the story. `lines` maps the script's names to the platform's ids.

    `sent` holds the id of every session that was written to be sent, `walks` those outside.
    """

    clock: StoryClock
    ledger: Ledger
    logins: Logins
    stage: Stage
    jobs: Jobs
    remind: Reminding
    visitor: Device
    diary: Diary
    therapist: Device = field(init=False)
    phone: Device = field(init=False)
    tablet: Device = field(init=False)
    patient: str = ""
    lines: dict[str, str] = field(default_factory=dict)
    stretch: Upload = field(init=False)
    first_answer: Answer = field(init=False)
    ahead: Upload = field(init=False)
    sent: list[str] = field(default_factory=list)
    walking: str = ""
    walks: list[Upload] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.therapist = self.phone = self.tablet = self.visitor

    @property
    def weeks(self) -> list[dt.date]:
        """The Mondays that the figures are about: two whole weeks and the one in progress."""
        return [self.clock.this_monday + number * WEEK for number in (-2, -1, 0)]

    def names(self, line_ids: Sequence[str]) -> list[str]:
        """Turn ids back into the script's names; an unknown id stays as it is."""
        known = {line_id: name for name, line_id in self.lines.items()}
        return [known.get(one, one) for one in line_ids]

    def upload(
        self,
        at: dt.datetime,
        *done: Done,
        symptoms: Sequence[str] = (),
        stops: bool = False,
        pain: dict[str, int] | None = None,
        checks: dict[str, dict[str, str]] | None = None,
        easy: Sequence[str] = (),
        **more: Any,
    ) -> Upload:
        """Write a session as a phone does. A pain of 6 or more stops its line for the day."""
        pains = pain or {}
        said: dict[str, dict[str, Any]] = {one.line: {} for one in done}
        for name, degree in pains.items():
            said[name]["pain"] = degree
        for name, answers in (checks or {}).items():
            said[name]["checks"] = answers
        for name in easy:
            said[name]["difficulty"] = "too_easy"
        body = {
            "id": str(uuid4()),
            "performed_at": stamp(at),
            "symptoms": list(symptoms),
            "results": [self._result(one) | said[one.line] for one in done],
            **more,
        }
        stopped = tuple(name for name, degree in pains.items() if degree >= 6)
        session = Session(day=at.date(), done=done, stops=stops, stopped=stopped)
        self.sent.append(str(body["id"]))
        return Upload(body=body, session=session)

    def _result(self, done: Done) -> dict[str, Any]:
        names = AMOUNTS[done.line]
        return {
            "line": self.lines[done.line],
            "side": done.side,
            "sets": [dict(zip(names, amounts, strict=True)) for amounts in done.sets],
        }

    def judged(self, session: Session) -> list[Judged]:
        """Say what each result must be told: the verdict and how much of the dose it is."""
        return [self._judged_one(session, one) for one in session.done]

    def _judged_one(self, session: Session, done: Done) -> Judged:
        row = self.diary.row_on(done.line, session.day)
        share = completion(done, row) if row is not None and done.side in row.sides else None
        if session.stops:
            return "stop", share
        if done.line in session.stopped:
            return "stop_exercise", share
        return ("right" if share in (None, 1) else "part"), share

    def check_results(self, what: str, expected: list[Judged], feedback: dict[str, Any]) -> None:
        """Check verdict and completion of every result of an answer."""
        got = feedback["results"]
        self.ledger.check(
            f"{what}: verdicts", [v for v, _c in expected], [r["verdict"] for r in got]
        )
        self.ledger.check(
            f"{what}: share of the dose", [c for _v, c in expected], [r["completion"] for r in got]
        )

    def check_today(self, feedback: dict[str, Any]) -> None:
        """Check what is left today and the streak, as an answer tells them."""
        left = {
            self.names([one["line"]])[0]: one["sessions_left"]
            for one in feedback["remaining_today"]
        }
        self.ledger.check("still to do today", self.diary.left_today(), left)
        self.ledger.check(
            "streak", {"unit": "days", "length": self.diary.streak()}, feedback["streak"]
        )

    def check_sums(
        self, what: str, expected: Sums, got: dict[str, Any], **more: tuple[object, object]
    ) -> None:
        """Check a figure of adherence with all the sums behind it."""
        session = expected.session
        figures: dict[str, tuple[object, object]] = {
            "credited": (str(expected.credited), got["credited_sets"]["exact"]),
            "of prescribed": (str(expected.prescribed), got["prescribed_sets"]["exact"]),
            "done": (expected.done, got["done"]),
            "of expected": (expected.expected, got["expected"]),
            "dose %": (expected.percent, got["dose_percent"]),
            "sessions %": (
                None if session is None else int(session * 100),
                got["session_percent"],
            ),
            "band": (expected.band, got["band"]),
            **more,
        }
        self.ledger.check_all(what, figures)
