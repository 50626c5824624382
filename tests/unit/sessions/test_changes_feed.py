"""The changes feed: what a phone reads of it, and that a phone that applies it holds what is."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from django.core import signing

from core.bodies import decode
from core.errors import NotFound
from core.pagination import BadCursor
from core.tenancy import clinic_context
from patients.actions.change import Kind, lock_patient, raise_change
from patients.actions.pauses import create_pause
from patients.bodies.pauses import NewPause
from patients.models import Line, Patient, PatientChange
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.safety_checks import log_safety_check
from sessions.actions.store import log_session
from sessions.bodies import LogSafetyCheck
from sessions.change_bodies import ChangeOut, ChangesPage
from sessions.changes import Head, Resync, changes, head_of
from sessions.models import ExerciseSession, SessionVersion
from sessions.plan import plan, plan_head
from sessions.presenters import logged_session
from sessions.reading import results_of
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.sessions.bodies import NOW, correction, log, result, session

MON = dt.date(2026, 11, 23)
OLD = "2026-10-01T09:30:00+00:00"


@pytest.fixture
def world(db: None) -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World) -> Line:
    return rx.prescribe(world.ana, "knee_twist", measure="repetitions", sets=3, from_=MON)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def send(world: people.World, body: dict, *, by=None, now: dt.datetime = NOW):
    who = by or people.acting_for(world.ana)
    return log_session(patient_id=world.ana.pk, content=log(body), by=who, now=now)


def check(world: people.World, *symptoms: str, now: dt.datetime = NOW):
    content = LogSafetyCheck(
        id=uuid.uuid4(),
        checked_at=log(session()).performed_at,
        answers={"well": "no" if symptoms else "yes", "floor": "yes", "shoes": "yes", "aid": "yes"},
        symptoms=list(symptoms),  # type: ignore[arg-type]
    )
    log_safety_check(
        patient_id=world.ana.pk, content=content, by=people.acting_for(world.ana), now=now
    )
    return content


def pause(world: people.World, first: dt.date) -> None:
    asked = decode({"starts_on": str(first), "ends_on": str(first), "reason": "holiday"}, NewPause)
    create_pause(patient_id=world.ana.pk, asked=asked, by=people.acting(world.rui), now=NOW)


def read(world: people.World, cursor: str | None = None, limit: int = 100) -> ChangesPage:
    return changes(who=people.acting_for(world.ana), cursor=cursor, limit=limit)


def caught_up(world: people.World) -> str:
    return read(world).next


def told(page: ChangesPage) -> list[tuple[int, str]]:
    return [(each.seq, each.kind) for each in page.results]


def row_of(body: dict) -> uuid.UUID:
    return ExerciseSession.objects.get(phone_id=body["id"]).pk


def test_what_was_prescribed_and_logged_comes_in_order_with_its_feedback(world, line):
    body = session(result(line, 10, 10, 10))
    answer = send(world, body).answer

    page = read(world)

    kinds = [each.kind for each in page.results]
    assert kinds == ["plan", "session"]
    shown = page.results[1]
    assert (page.results[0].id, shown.id) == (world.ana.pk, uuid.UUID(body["id"]))
    assert (shown.session.status, shown.session.version, shown.gone) == ("counted", 1, None)
    assert shown.session.results[0].sets[0].repetitions == 10
    assert msgspec.to_builtins(shown.feedback) == msgspec.to_builtins(answer.feedback)
    assert page.has_more is False


def test_with_nothing_new_the_cursor_comes_all_the_same(world, line):
    empty = read(world, caught_up(world))
    send(world, session(result(line, 10)))

    assert (empty.results, empty.has_more) == ([], False)
    assert [each.kind for each in read(world, empty.next).results] == ["session"]


def test_a_record_that_nothing_happened_to_answers_an_empty_page_and_a_cursor(world):
    page = read(world)

    assert (page.results, page.has_more) == ([], False)
    assert read(world, page.next).results == []


def test_a_thing_that_changed_thrice_comes_once_as_it_is_now_at_its_last_place(world, line):
    start = caught_up(world)
    first, second = session(result(line, 10)), session(result(line, 8), performed_at=OLD[:-6] + "Z")
    send(world, first)
    send(world, second)
    for corrects, effort in ((1, 4), (2, 5)):
        correct_session(
            session_id=row_of(first),
            content=correction(first, corrects=corrects, effort=effort),
            by=people.acting_for(world.ana),
            now=NOW,
        )

    page = read(world, start)

    assert [str(each.id) for each in page.results] == [second["id"], first["id"]]
    assert (page.results[1].session.version, page.results[1].session.effort) == (3, 5)


def test_pages_follow_each_other_and_hold_each_change_once(world, line):
    for minute in range(5):
        send(world, session(result(line, 10), performed_at=f"2026-11-23T0{minute}:00:00+00:00"))

    pages, cursor = [], None
    while not pages or pages[-1].has_more:
        pages.append(read(world, cursor, limit=2))
        cursor = pages[-1].next

    everything = [each for page in pages for each in told(page)]
    assert [len(page.results) for page in pages] == [2, 2, 2]
    assert everything == told(read(world))
    assert [seq for seq, _kind in everything] == sorted({seq for seq, _kind in everything})


def test_a_page_that_is_full_to_the_last_row_has_no_more(world, line):
    send(world, session(result(line, 10)))

    assert (len(read(world, limit=2).results), read(world, limit=2).has_more) == (2, False)
    assert read(world, limit=1).has_more is True


def test_a_held_session_has_its_safety_alone_and_its_feedback_once_it_is_accepted(world, line):
    body = session(result(line, 10, 10, 10), performed_at=OLD, symptoms=["dizziness"])
    send(world, body)
    page = read(world)
    held = page.results[-1]

    accept_held(session_id=row_of(body), performed_at=None, by=people.acting(world.rui), now=NOW)
    [accepted] = read(world, page.next).results

    assert (held.session.status, held.session.version) == ("held", 1)
    assert (held.feedback.safety.verdict, held.feedback.streak) == ("stop", None)
    assert (accepted.session.status, accepted.session.version) == ("counted", 2)
    newest = SessionVersion.objects.get(session=row_of(body), number=2)
    assert msgspec.to_builtins(accepted.feedback) == newest.answer["feedback"]
    assert accepted.feedback.remaining_today is not None


def test_what_was_withdrawn_or_refused_leaves_a_mark_without_what_it_said(world, line):
    mistake, refused = session(result(line, 10), note="Not me"), session(performed_at=OLD)
    refused["results"] = [result(line, 10)]
    send(world, mistake)
    send(world, refused)
    start = caught_up(world)
    withdraw_session(
        session_id=row_of(mistake), reason="Twice", by=people.acting_for(world.ana), now=NOW
    )
    refuse_held(session_id=row_of(refused), reason="Clock", by=people.acting(world.rui), now=NOW)

    gone = read(world, start).results

    assert [(str(each.id), each.gone) for each in gone] == [
        (mistake["id"], "withdrawn"), (refused["id"], "refused"),
    ]  # fmt: skip
    assert {(each.session, each.feedback) for each in gone} == {(None, None)}
    assert b"Not me" not in msgspec.json.encode(gone)


def test_a_safety_check_comes_with_what_it_was_answered_and_a_hold_with_the_plan(world):
    sent = check(world, "fall")

    page = read(world)

    by_kind = {each.kind: each for each in page.results}
    shown = by_kind["safety_check"].safety_check
    assert (by_kind["safety_check"].id, shown.id) == (sent.id, sent.id)
    assert (shown.answers["well"], shown.symptoms, shown.safety.verdict) == (
        "no", ["fall"], "stop",
    )  # fmt: skip
    assert [each.kind for each in page.results] == ["safety_check", "plan"]


def test_a_session_that_another_may_be_the_double_of_is_told_again(world, line):
    mine, carers = session(result(line, 10)), session(result(line, 10))
    send(world, mine)
    start = caught_up(world)
    send(world, carers, by=people.acting_for(world.ana, world.carer.user))

    flagged = read(world, start).results

    assert {str(each.id) for each in flagged} == {mine["id"], carers["id"]}
    assert all(each.session.is_possible_duplicate for each in flagged)


def test_a_session_whose_double_is_withdrawn_is_told_again(world, line):
    mine, carers = session(result(line, 10)), session(result(line, 10))
    send(world, mine)
    send(world, carers, by=people.acting_for(world.ana, world.carer.user))
    start = caught_up(world)
    withdraw_session(
        session_id=row_of(carers), reason="Twice", by=people.acting(world.rui), now=NOW
    )

    told_again = {str(each.id): each for each in read(world, start).results}

    assert told_again.keys() == {mine["id"], carers["id"]}
    assert told_again[carers["id"]].gone == "withdrawn"
    assert told_again[mine["id"]].session.is_possible_duplicate is False


def test_the_same_upload_again_is_no_change(world, line):
    body = session(result(line, 10))
    send(world, body)
    start = caught_up(world)
    send(world, body)

    assert read(world, start).results == []


def test_a_kind_without_a_body_of_its_own_says_what_to_fetch(world):
    goal = uuid.uuid4()
    raise_change(lock_patient(world.ana.pk, people.acting(world.rui)), Kind.GOAL, goal)

    [shown] = read(world).results

    assert (shown.kind, shown.id, shown.session, shown.safety_check) == ("goal", goal, None, None)


def other_epoch(head: Head) -> str:
    return Head(patient_id=head.patient_id, seq=head.seq, epoch=str(uuid.uuid4())).cursor(1)


def ahead(head: Head) -> str:
    return head.cursor(head.seq + 1)


@pytest.mark.parametrize("cursor", [other_epoch, ahead])
def test_after_a_restore_a_phone_is_told_to_start_over(world, line, cursor: Callable[[Head], str]):
    head = head_of(people.acting_for(world.ana))

    with pytest.raises(Resync) as refused:
        read(world, cursor(head))

    assert (refused.value.code, refused.value.status) == ("resync", 410)


def test_a_cursor_at_the_newest_change_is_not_ahead(world, line):
    head = head_of(people.acting_for(world.ana))

    assert read(world, head.cursor(head.seq)).results == []


def of_another_record(world: people.World) -> str:
    bruno = people.patient(world.clinic, "Bruno", care_team=[world.rui])
    return changes(who=people.acting_for(bruno), cursor=None, limit=1).next


def unsigned(world: people.World) -> str:
    return "WyJhIiwxXQ"


def altered(world: people.World) -> str:
    return "x" + read(world).next


def of_another_list(world: people.World) -> str:
    return signing.Signer(salt="core.pagination").sign_object(["2026-11-23", "1"])


@pytest.mark.parametrize("cursor", [of_another_record, unsigned, altered, of_another_list])
def test_a_cursor_that_is_not_this_record_s_is_refused(world, cursor: Callable[..., str]):
    with pytest.raises(BadCursor) as refused:
        read(world, cursor(world))

    assert [(each.field, each.code) for each in refused.value.errors] == [("cursor", "bad_cursor")]


def test_nobody_reads_the_changes_of_a_record_that_is_not_theirs(world, line):
    for who in (people.acting(world.marta), people.acting_for(world.far_patient)):
        with pytest.raises(NotFound):
            changes(who=who, cursor=None, limit=100)


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
