"""Chapters of what is watched: pain that opens an alert again, and a line that has become easy."""

from __future__ import annotations

from typing import Any

from tests.tour.figures import Done
from tests.tour.script import NEXT_PRESS, OUTSIDE, PRESS
from tests.tour.story import Story

KNEE = "Her knee. Shorter walks for a week, then we look again."
STAYS = "Her knee first. We look again next week."


def pain_comes_back(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("Pain, seen to, comes back")
    ledger.tell("The leg press that hurt two weeks ago is still on the list. That is settled.")
    [old] = _open(story)
    ledger.check("open", ("exercise_pain", "high"), (old["rule"], old["severity"]))
    _resolve(story, old, "It no longer hurts.")
    ledger.tell("Now Ana walks, and her pain is 7 of 10 afterwards.")
    _hurts(story, hour=4)
    [alert] = _open(story)
    ledger.check("open", ("pain_after", "critical", 1), _told(alert))
    ledger.tell("Her therapist sees it.")
    path = f"alerts/{alert['id']}"
    seen = story.therapist.post(f"{path}/acknowledge").body
    ledger.check("then it is", "acknowledged", seen["status"])
    ledger.check("open ones", 0, len(_open(story)))
    ledger.tell("It happens again: the alert that was seen to is open again.")
    _hurts(story, hour=5)
    [again] = _open(story)
    ledger.check("the same one", alert["id"], again["id"])
    ledger.check("open", ("pain_after", "critical", 2), _told(again))
    silent = story.therapist.post(f"{path}/resolve", {"note": ""})
    ledger.check("resolved without a note", (400, "note"), (silent.status, silent.fields[0][0]))
    _resolve(story, alert, KNEE)
    ledger.check("open ones", 0, len(_open(story)))
    late = story.therapist.post(f"{path}/acknowledge")
    ledger.check("acknowledged after all", (409, "alert_resolved"), (late.status, late.code))


def too_easy_three_times(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("A line that has become easy")
    ledger.tell("Ana does the leg press three times, all of it, and says: too easy.")
    before = _press(story)
    for number, hour in enumerate((1, 2, 3), start=1):
        upload = story.upload(
            story.clock.at(today, hour), Done(PRESS, "both", ((8,), (8,))), easy=(PRESS,)
        )
        answer = story.phone.post("me/sessions", upload.body)
        story.diary.sessions.append(upload.session)
        feedback = answer.body["feedback"]
        story.check_results(f"time {number}", story.judged(upload.session), feedback)
        ledger.check("suggestions", int(number == 3), len(_open(story)))
    [alert] = _open(story)
    ledger.check("suggested", ("too_easy", "suggestion", 1), _told(alert))
    ledger.check("about", [PRESS], story.names([alert["line"]]))
    ledger.check("the next step", NEXT_PRESS, alert["next_step"])
    ledger.came_back(f"“{alert['advice']}”")
    ledger.tell("Nothing changes by itself. Her therapist decides that it stays as it is.")
    ledger.check("her leg press is as before", before, _press(story))
    _resolve(story, alert, STAYS)


def _hurts(story: Story, *, hour: int) -> None:
    at = story.clock.at(story.clock.today, hour)
    upload = story.upload(at, Done(OUTSIDE, "left", ((80,),)), pain_before=2, pain_after=7)
    answer = story.phone.post("me/sessions", upload.body)
    story.diary.sessions.append(upload.session)
    story.ledger.check("stored", (201, "counted"), (answer.status, answer.body["status"]))


def _open(story: Story) -> list[dict[str, Any]]:
    listed = story.therapist.get("alerts", patient=story.patient, status="open")
    return list(listed.body["results"])


def _told(alert: dict[str, Any]) -> tuple[str, str, int]:
    return alert["rule"], alert["severity"], len(alert["occurrences"])


def _resolve(story: Story, alert: dict[str, Any], note: str) -> None:
    closed = story.therapist.post(f"alerts/{alert['id']}/resolve", {"note": note}).body
    story.ledger.check("resolved", ("resolved", note), (closed["status"], closed["note"]))


def _press(story: Story) -> dict[str, Any]:
    """Return the line of the leg press as her phone has it, without what was done of it."""
    lines = story.phone.get("me/plan").body["lines"]
    [press] = [one for one in lines if one["line"] == story.lines[PRESS]]
    return {name: press[name] for name in ("dose", "side")}
