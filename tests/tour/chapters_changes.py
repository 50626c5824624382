"""The chapter of the changes feed: what one device did reaches the other, once each, in order."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.tour.chapters_goals import corrected_walk
from tests.tour.figures import Done
from tests.tour.script import TWIST
from tests.tour.story import Story

PAGE = 5


def the_tablet_follows(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("The tablet follows what the phone did")
    twice = story.upload(story.clock.at(story.clock.today, 8, 30), Done(TWIST, "both", ((10,),)))
    story.phone.post("me/sessions", twice.body)
    ledger.tell(f"It asks for everything from the beginning, {PAGE} changes at a time.")
    changes, cursor = _follow(story, None)
    _check_order(story, changes)
    sessions = _sessions(changes)
    _check_each_once(story, sessions)
    statuses = {one["session"]["status"] for one in sessions}
    ledger.check("what they are", ["counted"], sorted(statuses))
    others = {one["kind"] for one in changes} - {"session"}
    ledger.check("and what else changed", {"plan", "goal"} <= others, got=True)
    _check_put_right(story, sessions)
    _check_what_follows(story, twice.id, cursor)


def _check_put_right(story: Story, sessions: list[dict[str, Any]]) -> None:
    """The session that came from the future has its full feedback, in the place of its acceptance."""
    [ahead] = [one for one in sessions if one["id"] == story.ahead.id]
    yesterday = story.clock.days_ago(1)
    story.ledger.tell(
        "The session that was put right comes with the feedback that it had to wait for."
    )
    story.ledger.check("performed on", yesterday, ahead["session"]["performed_on"])
    [accepted] = [one for one in story.diary.sessions if one.done == story.ahead.session.done]
    story.check_results("feedback", story.judged(accepted), ahead["feedback"])


def _check_what_follows(story: Story, twice: str, cursor: str) -> None:
    ledger = story.ledger
    ledger.tell("On the phone Ana corrects a walk (140 metres, not 130) and takes back a session")
    ledger.tell("that she had told twice.")
    walk, correction = corrected_walk(story)
    corrected = story.phone.put(f"me/sessions/{walk.id}", correction)
    ledger.check("corrected", (200, 2), (corrected.status, corrected.body["version"]))
    gone = story.phone.post(f"me/sessions/{twice}/withdraw", {"reason": "Told twice."})
    ledger.check("taken back", (200, "withdrawn"), (gone.status, gone.body["status"]))
    ledger.tell("The tablet goes on from where it was.")
    changes, cursor = _follow(story, cursor)
    marks = [(one["id"], one["gone"]) for one in _sessions(changes)]
    ledger.check("what changed", [(walk.id, None), (twice, "withdrawn")], marks)
    first, last = _sessions(changes)
    ledger.check("the walk now", [{"distance_m": 140}], first["session"]["results"][0]["sets"])
    ledger.check("of the other one", (None, None), (last["session"], last["feedback"]))
    changes, _cursor = _follow(story, cursor)
    ledger.check("and then", [], changes)
    ledger.tell(
        "A device that begins now sees the same: each session once, one of them taken back."
    )
    changes, _cursor = _follow(story, None)
    every = _sessions(changes)
    _check_each_once(story, every)
    ledger.check("taken back", [twice], [one["id"] for one in every if one["gone"]])


def _follow(story: Story, cursor: str | None) -> tuple[list[dict[str, Any]], str]:
    """Return every change after a cursor, page by page, and the cursor to go on with."""
    came: list[dict[str, Any]] = []
    while True:
        where = {"cursor": cursor} if cursor else {}
        page = story.tablet.get("me/changes", limit=PAGE, **where).body
        came += page["results"]
        cursor = str(page["next"])
        if not page["has_more"]:
            return came, cursor


def _check_order(story: Story, changes: list[dict[str, Any]]) -> None:
    numbers = [one["seq"] for one in changes]
    story.ledger.check("in order", sorted(set(numbers)) == numbers, got=True)


def _check_each_once(story: Story, sessions: list[dict[str, Any]]) -> None:
    seen = Counter(one["id"] for one in sessions)
    story.ledger.check("each session once", len(story.sent), len(sessions))
    story.ledger.check("every one of them", dict(seen) == dict.fromkeys(story.sent, 1), got=True)


def _sessions(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in changes if one["kind"] == "session"]
