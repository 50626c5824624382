"""The chapter of the batch: ten sessions of the past weeks at once, two of them bad."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.tour.clock import DAY, stamp
from tests.tour.figures import Done
from tests.tour.script import OLD_PRESS, OLD_STRETCH, pressed, stretched, walked
from tests.tour.story import Story, Upload

FULL = (3, 20)


def a_batch_of_ten(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("Ten sessions at once, two of them bad")
    ledger.tell(
        "The tablet was offline for two weeks. It sends what it has, in no order. One session"
    )
    ledger.tell("says −1 repetitions, one names a line that is not Ana's. The other eight count.")
    good = good_sessions(story)
    negative, foreign = bad_sessions(story)
    sent = [*(one.body for one in good[:3]), negative, *(one.body for one in good[3:]), foreign]
    answer = story.tablet.post(
        "me/sessions/batch",
        {"sent_at": stamp(story.clock.at(story.clock.today, 11, 20)), "sessions": sent},
    )
    story.diary.sessions += [one.session for one in good]
    came = answer.body["sessions"]
    ledger.check("the batch as a whole", 200, answer.status)
    is_in_order = [one["id"] for one in sent] == [one["id"] for one in came]
    ledger.check("answered in the order sent", expected=True, got=is_in_order)
    expected = ["refused" if one in (negative, foreign) else "created" for one in sent]
    ledger.check("what became of each", expected, [one["status"] for one in came])
    _check_refused(story, came[3], "results.0.sets.0.repetitions", "out_of_range")
    _check_refused(story, came[9], "results.0.line", "unknown_line")
    for upload, place in zip(good, (0, 1, 2, 4, 5, 6, 7, 8), strict=True):
        story.check_results(
            f"{upload.session.day}", story.judged(upload.session), came[place]["feedback"]
        )


def _check_refused(story: Story, item: dict[str, Any], field: str, code: str) -> None:
    [error] = item["errors"]
    story.ledger.check("refused for", (field, code), (error["field"], error["code"]))


def good_sessions(story: Story) -> list[Upload]:
    """What Ana did on the earlier plan: some of it whole, some short, some not asked for."""
    at, yesterday = story.clock.at, story.clock.days_ago(1)
    before_last, last, _this = story.weeks
    full = (FULL, FULL)
    short = (3, 10)
    return [
        story.upload(
            at(last + 4 * DAY, 10),
            walked(600),
            stretched("left", *full),
            stretched("right", *full),
            pressed(10, 10, 9),
        ),
        story.upload(
            at(before_last, 10),
            walked(600),
            stretched("left", *full),
            stretched("right", FULL),
            pressed(10, 10),
        ),
        story.upload(at(yesterday, 8), walked(600), pressed(10, 10, 10)),
        story.upload(
            at(before_last + 2 * DAY, 10),
            walked(450),
            stretched("left", short, short),
            stretched("right", *full),
            pressed(10, 5),
        ),
        # The press hurts: 6 of 10. It is stopped for the day, which is held against nobody.
        story.upload(at(before_last + 4 * DAY, 10), walked(600), pressed(10), pain={OLD_PRESS: 6}),
        # In hospital: nothing was asked of her.
        story.upload(at(last, 10), walked(600)),
        story.upload(at(last + 2 * DAY, 10), walked(600, 60), pressed(10, 10)),
        # Both legs at once is not what was prescribed.
        story.upload(at(last + 5 * DAY, 10), walked(600), Done(OLD_STRETCH, "both", (FULL,))),
    ]


def bad_sessions(story: Story) -> tuple[dict[str, Any], dict[str, Any]]:
    """One session that cannot be, and one with a line that is somebody else's."""
    at = stamp(story.clock.at(story.clock.days_ago(2), 9))
    press = {"line": story.lines[OLD_PRESS], "side": "both", "sets": [{"repetitions": -1}]}
    walk = {"line": str(uuid4()), "side": "left", "sets": [{"duration_seconds": 600}]}
    return (
        {"id": str(uuid4()), "performed_at": at, "results": [press]},
        {"id": str(uuid4()), "performed_at": at, "results": [walk]},
    )
