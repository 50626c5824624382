"""Chapters of what is measured, and of what Ana wants to reach: scores, goals, and what moves them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.tour.clock import DAY
from tests.tour.figures import Done
from tests.tour.script import (
    FAR_ENOUGH,
    FAST_ENOUGH,
    FIRST_SPEED,
    OUTSIDE,
    REAL_CHANGE_IN_SPEED,
    SPEED_TODAY,
    TO_THE_BAKERY,
    TO_THE_CLUB,
    WALK_AT_FIRST,
    WEEK_AGO_SPEED,
    speed_of,
    walk_outside,
)
from tests.tour.story import Story, Upload


def two_scores(story: Story) -> None:
    ledger, clock = story.ledger, story.clock
    ledger.chapter("Her walking speed is measured")
    ledger.tell("Four weeks ago Ana walked 0.5 m/s with her stick, a week ago 0.62 m/s. Between")
    ledger.tell("0.4 and 0.8 m/s a change of 0.11 m/s is more than the measurement's error.")
    first = _assess(story, speed_of(FIRST_SPEED), clock.days_ago(28))
    ledger.check("recorded", 201, first.status)
    ledger.check("compared with", (None, None), _compared(first.body))
    later = _assess(story, speed_of(WEEK_AGO_SPEED), clock.days_ago(7)).body
    gained = WEEK_AGO_SPEED - FIRST_SPEED
    _check_change(story, later["since_previous"], gained, "real_change")
    ledger.tell("Without her stick she was slower. That is compared with nothing.")
    bare = _assess(story, speed_of(FIRST_SPEED) | {"aid": "none"}, clock.days_ago(7))
    ledger.check("compared with", (None, None), _compared(bare.body))
    ledger.tell("6.2 m/s is faster than anybody walks, and is refused.")
    refused = _assess(story, speed_of(6200), clock.today)
    ledger.check("the answer", (400, ["score"]), (refused.status, [f for f, _c in refused.fields]))


def two_goals(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("Two goals are set")
    _prescribe_outside(story)
    ledger.tell("Ana wants to walk to the bakery: 200 metres in one go. She starts from 100.")
    path = f"patients/{story.patient}/goals"
    aim = {"kind": "exercise", "exercise": story.walking, "measure": "distance"}
    bakery = {
        "aim": aim | {"amount": "best_set"},
        "baseline": WALK_AT_FIRST,
        "target": FAR_ENOUGH,
        "due_on": str(today + 60 * DAY),
        "text": TO_THE_BAKERY,
    }
    backwards = story.therapist.post(path, bakery | {"target": WALK_AT_FIRST - 50})
    ledger.check("50 m, the answer", [("target", "wrong_direction")], backwards.fields)
    made = story.therapist.post(path, bakery)
    ledger.check("set", (201, "active"), (made.status, made.body["status"]))
    ledger.check("stands at", (WALK_AT_FIRST, 0), (made.body["now"], made.body["progress"]))
    again = story.therapist.post(path, bakery)
    ledger.check("set twice", (409, "goal_exists"), (again.status, again.code))
    ledger.tell("And she wants to be faster: 0.7 m/s. That starts at her latest score.")
    speed = {
        "aim": {"kind": "measure", **speed_of(None)},
        "target": FAST_ENOUGH / 1000,
        "due_on": str(today + 60 * DAY),
        "text": TO_THE_CLUB,
    }
    made = story.therapist.post(path, speed)
    ledger.check("set", 201, made.status)
    ledger.check("starts from", WEEK_AGO_SPEED / 1000, made.body["baseline"])


def walks_move_a_goal(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("What is logged moves a goal")
    ledger.tell("Ana walks outside: 120 and 150 metres, then 130, then 210.")
    best = 0
    for hour, metres in ((6, (120, 150)), (7, (130,)), (8, (210,))):
        upload = story.upload(
            story.clock.at(today, hour), Done(OUTSIDE, "left", tuple((one,) for one in metres))
        )
        answer = story.phone.post("me/sessions", upload.body)
        story.diary.sessions.append(upload.session)
        story.walks.append(upload)
        after = max(best, *metres)
        _check_moved(story, answer.body["feedback"], best, after)
        best = after
    [goal, _speed] = _goals(story)
    ledger.tell("Her therapist sees the same.")
    ledger.check("stands at", (best, 1), (goal["now"], goal["progress"]))
    ledger.check("reached on", today, goal["reached_on"])


def a_score_moves_a_goal(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("What is measured moves the other")
    ledger.tell("Today she walks 0.66 m/s. That is on the way, and it may be chance.")
    made = _assess(story, speed_of(SPEED_TODAY), today).body
    change = SPEED_TODAY - WEEK_AGO_SPEED
    _check_change(story, made["since_previous"], change, "within_measurement_error")
    _check_change(story, made["since_first"], SPEED_TODAY - FIRST_SPEED, "real_change")
    [_walk, goal] = _goals(story)
    way = (SPEED_TODAY - WEEK_AGO_SPEED) / (FAST_ENOUGH - WEEK_AGO_SPEED)
    ledger.check("the goal stands at", (SPEED_TODAY / 1000, way), (goal["now"], goal["progress"]))
    ledger.check("reached", None, goal["reached_on"])
    ledger.tell("Ana reads her goals, the latest first.")
    mine = story.phone.get("me/goals").body["results"]
    told = [(one["text"], one["words"], one["when"], one["reached_on"]) for one in mine]
    expected = [
        (TO_THE_CLUB, "0.66 m/s now, the goal is 0.7 m/s", "", None),
        (TO_THE_BAKERY, "You met your goal: 210 m", "in one go", today),
    ]
    ledger.check("her goals", expected, told)


def _assess(story: Story, score: dict[str, Any], on: dt.date) -> Any:
    body = score | {"assessed_on": str(on)}
    return story.therapist.post(f"patients/{story.patient}/assessments", body)


def _compared(assessment: dict[str, Any]) -> tuple[object, object]:
    return assessment["since_previous"], assessment["since_first"]


def _check_change(story: Story, change: dict[str, Any], thousandths: int, reading: str) -> None:
    """Check a change of speed, in thousandths of a metre per second, and what it is called."""
    is_real = thousandths >= REAL_CHANGE_IN_SPEED
    assert is_real == (reading == "real_change"), "the story contradicts itself"
    got = (round(change["difference"] * 1000), change["reading"], change["figure"]["amount"])
    expected = (thousandths, reading, REAL_CHANGE_IN_SPEED / 1000)
    story.ledger.check(f"since {change['since']}", expected, got)
    story.ledger.came_back(f"“{change['words']}”, {change['figure']['source']}")


def _prescribe_outside(story: Story) -> None:
    """Prescribe walks that are counted in metres, as she likes: nothing is expected of them."""
    ledger = story.ledger
    found = story.therapist.get("exercises", search="walking with a stick").body["results"]
    [story.walking] = [one["id"] for one in found if one["name"] == "Walking with a stick"]
    ledger.tell("She may walk outside whenever she likes, counted in metres. She walks already:")
    path = f"patients/{story.patient}/assignments"
    wanted = walk_outside(story.walking)
    asked = story.therapist.post(path, wanted)
    ledger.check("the answer", (409, "already_prescribed"), (asked.status, asked.code))
    draft = story.therapist.post(path, wanted | {"confirm": asked.body["confirm"]}).body
    to_confirm = draft["screening"]["asked"]
    answers = {
        "items": [item["id"] for item in to_confirm["items"]],
        "exercises": [one["exercise"] for one in to_confirm["exercises"]],
    }
    sent = {"screening": answers, "confirm": asked.body["confirm"]}
    active = story.therapist.post(f"assignments/{draft['id']}/activate", sent)
    ledger.check("in force", (200, "active"), (active.status, active.body["status"]))
    story.lines[OUTSIDE] = draft["lines"][0]["id"]


def _check_moved(story: Story, feedback: dict[str, Any], before: int, after: int) -> None:
    moved = [
        (one["text"], one["before"], one["after"], one["reached"]) for one in feedback["goals"]
    ]
    is_moved = after != before
    expected = [(TO_THE_BAKERY, before, after, after >= FAR_ENOUGH)] if is_moved else []
    story.ledger.check("goals moved", expected, moved)
    for one in feedback["goals"]:
        story.ledger.came_back(f"“{one['words']}, {one['when']}”")


def _goals(story: Story) -> list[dict[str, Any]]:
    """Return the walk and the speed: the care team's list has the latest first."""
    listed = story.therapist.get(f"patients/{story.patient}/goals").body["results"]
    return sorted(listed, key=lambda goal: goal["text"] == TO_THE_CLUB)


def corrected_walk(story: Story) -> tuple[Upload, dict[str, Any]]:
    """Return the walk of 130 metres, and its correction: it was 140."""
    walk = story.walks[1]
    [result] = walk.body["results"]
    return walk, walk.body | {"results": [result | {"sets": [{"distance_m": 140}]}], "corrects": 1}
