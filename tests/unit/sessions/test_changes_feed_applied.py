"""A phone that applies the changes feed at random moments holds what is."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from core.bodies import decode
from core.tenancy import clinic_context
from patients.actions.pauses import create_pause
from patients.bodies.pauses import NewPause
from patients.models import Line, Patient, PatientChange
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.change_bodies import ChangeOut
from sessions.models import ExerciseSession, SessionVersion
from sessions.plan import plan, plan_head
from sessions.presenters import logged_session
from sessions.reading import results_of
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.sessions.bodies import NOW, correction, result, session
from tests.unit.sessions.feeding import MON, check, read, row_of, send


@pytest.fixture
def line(world: people.World) -> Line:
    return rx.prescribe(world.ana, "knee_twist", measure="repetitions", sets=3, from_=MON)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def pause(world: people.World, first: dt.date) -> None:
    asked = decode({"starts_on": str(first), "ends_on": str(first), "reason": "holiday"}, NewPause)
    create_pause(patient_id=world.ana.pk, asked=asked, by=people.acting(world.rui), now=NOW)


class Phone:
    """Holds what the feed said, applied in order; it fetches the plan whenever it hears of it."""

    def __init__(self, world: people.World) -> None:
        self.world = world
        self.cursor: str | None = None
        self.last = 0
        self.sessions: dict[uuid.UUID, Any] = {}
        self.checks: set[uuid.UUID] = set()
        self.plan: Any = None

    def poll(self, limit: int) -> bool:
        page = read(self.world, self.cursor, limit)
        for change in page.results:
            assert change.seq > self.last, "doubled or out of order"
            self.last = change.seq
            self.apply(change)
        self.cursor = page.next
        return page.has_more

    def apply(self, change: ChangeOut) -> None:
        if change.kind == "plan":
            self.plan = plan_of(self.world)
        elif change.kind == "safety_check":
            self.checks.add(change.id)
        elif change.gone:
            self.sessions.pop(change.id, None)
        else:
            self.sessions[change.id] = msgspec.to_builtins([change.session, change.feedback])


def plan_of(world: people.World) -> Any:
    """What a therapist changes in a plan: the lines with their doses, and whether it pauses."""
    found = plan(plan_head(who=people.acting_for(world.ana), on=MON, now=NOW))
    lines = [(each.line, each.dose.words, each.side) for each in found.lines]
    return lines, found.is_paused, found.is_safety_hold


def kept(world: people.World) -> dict[uuid.UUID, Any]:
    """Each session that still counts or waits, with the answer of its newest version."""
    rows = list(
        ExerciseSession.objects.filter(patient=world.ana).exclude(
            status__in=["withdrawn", "refused"]
        )
    )
    results = results_of(rows)
    newest = {
        (each.session_id, each.number): each.answer["feedback"]
        for each in SessionVersion.objects.filter(patient=world.ana)
    }
    return {
        row.phone_id: [
            msgspec.to_builtins(logged_session(row, results[row.pk], for_staff=False)),
            newest[row.pk, row.version],
        ]
        for row in rows
    }


class History:
    """Random writes about Ana, by her, her carer and her therapist."""

    def __init__(self, world: people.World, line: Line, chance: random.Random) -> None:
        self.world, self.line, self.chance = world, line, chance
        self.bodies: list[dict] = []
        self.sent_checks: set[uuid.UUID] = set()
        self.by = [people.acting_for(world.ana), people.acting_for(world.ana, world.carer.user)]

    def step(self) -> None:
        steps = (self.log, self.log, self.hold, self.check, self.revise, self.pause)
        later = (self.correct, self.withdraw, self.accept, self.refuse)
        self.chance.choice(steps + later if self.bodies else steps)()

    def log(self, day: str = "2026-11-23") -> None:
        at = f"{day}T{self.chance.randrange(18):02}:00:00+00:00"
        body = session(result(self.line, self.chance.randrange(13)), performed_at=at)
        send(self.world, body, by=self.chance.choice(self.by))
        self.bodies.append(body)

    def hold(self) -> None:
        self.log("2026-10-01")

    def check(self) -> None:
        symptoms = ["fall"] if self.chance.random() < 0.3 else []
        self.sent_checks.add(check(self.world, *symptoms).id)

    def revise(self) -> None:
        rx.revise(self.line, sets=self.chance.randrange(1, 6), from_=MON)

    def pause(self) -> None:
        pause(self.world, MON + dt.timedelta(days=self.chance.randrange(2)))

    def correct(self) -> None:
        body = self.chance.choice(self.bodies)
        row = ExerciseSession.objects.get(phone_id=body["id"])
        if row.status in ("counted", "held"):
            content = correction(body, corrects=row.version, effort=self.chance.randrange(11))
            correct_session(
                session_id=row.pk, content=content, by=people.acting(self.world.rui), now=NOW
            )

    def withdraw(self) -> None:
        row = row_of(self.chance.choice(self.bodies))
        withdraw_session(session_id=row, reason="Twice", by=people.acting(self.world.rui), now=NOW)

    def accept(self) -> None:
        for row in self.held()[:1]:
            accept_held(
                session_id=row, performed_at=None, by=people.acting(self.world.rui), now=NOW
            )

    def refuse(self) -> None:
        for row in self.held()[:1]:
            refuse_held(session_id=row, reason="Clock", by=people.acting(self.world.rui), now=NOW)

    def held(self) -> list[uuid.UUID]:
        rows = ExerciseSession.objects.filter(status="held").order_by("pk")
        return list(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("seed", range(6))
def test_a_phone_that_applies_the_feed_at_random_moments_holds_what_is(world, line, seed: int):
    chance = random.Random(seed)
    history, phone = History(world, line, chance), Phone(world)

    for _step in range(40):
        history.step()
        if chance.random() < 0.3:
            phone.poll(limit=chance.choice([1, 2, 5, 100]))
    while phone.poll(limit=7):
        pass

    assert phone.sessions == kept(world)
    assert phone.checks == history.sent_checks
    assert phone.plan == plan_of(world)
    assert phone.last == Patient.objects.get(pk=world.ana.pk).change_seq
    assert PatientChange.objects.filter(patient=world.ana, seq__gt=phone.last).count() == 0
