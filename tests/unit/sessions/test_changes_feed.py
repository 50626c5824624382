"""The changes feed: what a phone reads of it, and that a phone that applies it holds what is."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import msgspec
import pytest
from django.core import signing

from core.errors import NotFound
from core.pagination import BadCursor
from core.tenancy import clinic_context
from patients.actions.change import Kind, lock_patient, raise_change
from patients.models import Line
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.change_bodies import ChangesPage
from sessions.changes import Head, Resync, changes, head_of
from sessions.models import SessionVersion
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.sessions.bodies import NOW, correction, result, session
from tests.unit.sessions.feeding import MON, check, read, row_of, send

OLD = "2026-10-01T09:30:00+00:00"


@pytest.fixture
def line(world: people.World) -> Line:
    return rx.prescribe(world.ana, "knee_twist", measure="repetitions", sets=3, from_=MON)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def caught_up(world: people.World) -> str:
    return read(world).next


def told(page: ChangesPage) -> list[tuple[int, str]]:
    return [(each.seq, each.kind) for each in page.results]


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
