"""Chapters of Ana: what her phone shows, what she logs, and what it says at once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.tour.chapters_prescribing import sign_in
from tests.tour.clock import DAY, stamp
from tests.tour.figures import Done
from tests.tour.script import (
    CROSSOVER,
    EMERGENCY_NUMBER,
    PATIENT_NAME,
    PRESS,
    SIX,
    STRETCH,
    TWIST,
    WALK,
    stretched,
    walked,
)
from tests.tour.story import Story

FULL_STRETCH = (3, 20)
QUOTA_LINES = (CROSSOVER, PRESS)


def ana_signs_in_twice(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("Ana signs in, on a phone and on a tablet")
    story.phone = sign_in(story, story.logins.patient, "Ana's phone")
    story.tablet = sign_in(story, story.logins.patient, "Ana's tablet")
    devices = story.tablet.get("auth/devices").body["results"]
    shown = {one["name"]: one["is_this_one"] for one in devices}
    ledger.check("her devices", {"Ana's tablet": True, "Ana's phone": False}, shown)
    me = story.phone.get("auth/whoami").body
    records = [(one["name"], one["acting_as"]) for one in me["records"]]
    ledger.check("her record", [(PATIENT_NAME, "patient")], records)
    refused = story.phone.get("patients")
    ledger.check("other people's records", 403, refused.status)


def todays_plan(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("Ana reads today's plan")
    answer = story.phone.get("me/plan")
    plan = answer.body
    lines = plan["lines"]
    ledger.check("the day", today, plan["on"])
    ledger.check("exercises, in order", SIX, story.names([line["line"] for line in lines]))
    rows = [story.diary.row_on(name, today) for name in SIX]
    ledger.check("sets", [row and row.sets for row in rows], [one["dose"]["sets"] for one in lines])
    ledger.check("sides", [row and row.side for row in rows], [one["side"] for one in lines])
    left = story.diary.left_today()
    ledger.check("due today", [name in left for name in SIX], [one["is_due"] for one in lines])
    expected = [0 if name in QUOTA_LINES else left.get(name, 0) for name in SIX]
    ledger.check("times today", expected, [one["expected"] for one in lines])
    quotas = {
        name: story.diary.quota(name, story.clock.this_monday).expected for name in QUOTA_LINES
    }
    weekly = [quotas.get(name) for name in SIX]
    ledger.check("days this week", weekly, [one["week_expected"] for one in lines])
    first = plan["safety"]["chest_pain"]["numbers"][0]["number"]
    ledger.check("the number to call, also offline", EMERGENCY_NUMBER, first)
    _plans_of_other_days(story, answer.headers["ETag"])


def _plans_of_other_days(story: Story, etag: str) -> None:
    ledger = story.ledger
    ledger.tell("The tablet has the same plan already, and is told that nothing changed.")
    same = story.tablet.get("me/plan", if_none_match=etag)
    ledger.check("the answer", (304, None), (same.status, same.body))
    ledger.tell("Two days from now the wall stretch is as today, in three days it is the new dose.")
    sets = []
    for days in (2, 3):
        later = story.phone.get("me/plan", on=story.clock.today + days * DAY).body
        sets.append(later["lines"][0]["dose"]["sets"])
    ledger.check("sets of the wall stretch", [2, 3], sets)


def a_right_session(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("A session that goes right")
    ledger.tell("Ana does the wall stretch and the leg crossover, all of it, heel down.")
    upload = story.upload(
        story.clock.at(today, 9),
        Done(STRETCH, "left", (FULL_STRETCH, FULL_STRETCH)),
        Done(CROSSOVER, "left", ((5, 10),)),
        checks={STRETCH: {"heel-down": "yes"}},
        effort=4,
        pain_before=2,
        pain_after=2,
        help="supervised",
        sent_at=stamp(story.clock.at(today, 9, 20)),
    )
    answer = story.phone.post("me/sessions", upload.body)
    story.diary.sessions.append(upload.session)
    story.stretch, story.first_answer = upload, answer
    ledger.check("stored", (201, "counted"), (answer.status, answer.body["status"]))
    feedback = answer.body["feedback"]
    story.check_results("feedback", story.judged(upload.session), feedback)
    ledger.came_back(f"“{feedback['results'][0]['text']}”")
    bests = [one["best"] for one in feedback["results"]]
    ledger.check("a first time beats nothing", [False, False], bests)
    story.check_today(feedback)


def a_wrong_check(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("A session with two wrong checks gets one fix")
    ledger.tell(
        "In the knee twist her shoulders came up and her knees came apart. One of two sets."
    )
    upload = story.upload(
        story.clock.at(story.clock.today, 10),
        Done(TWIST, "both", ((10,),)),
        checks={TWIST: {"knees-together": "no", "shoulders-down": "no"}},
        pain={TWIST: 1},
    )
    answer = story.phone.post("me/sessions", upload.body)
    story.diary.sessions.append(upload.session)
    feedback = answer.body["feedback"]
    story.check_results("feedback", [("not_yet", Fraction(1, 2))], feedback)
    [result] = feedback["results"]
    ledger.check("the one fix", "shoulders-down", result["fix"]["check"])
    ledger.check("in words", "Drop your knees less far.", result["fix"]["text"])
    ledger.check("and then", "try_one_more", result["fix"]["next"])
    ledger.came_back(f"“{result['text']}”")
    story.check_today(feedback)


def chest_pain(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("Chest pain: stop")
    ledger.tell("Half way through her walk, Ana's chest hurts. She taps it on the tablet.")
    upload = story.upload(
        story.clock.at(today, 11),
        Done(WALK, "left", ((300,),)),
        symptoms=["chest_pain"],
        stops=True,
    )
    answer = story.tablet.post("me/sessions", upload.body)
    story.diary.sessions.append(upload.session)
    feedback = answer.body["feedback"]
    safety = feedback["safety"]
    ledger.check("what to do", ("stop", "emergency"), (safety["verdict"], safety["severity"]))
    ledger.check("whom to call first", EMERGENCY_NUMBER, safety["numbers"][0]["number"])
    ledger.came_back(f"“{safety['text']}”")
    story.check_results("feedback", story.judged(upload.session), feedback)
    story.check_today(feedback)
    story.diary.holds.append((today, None))
    ledger.tell("From now on nothing is asked of her until a therapist ends the safety hold.")
    plan = story.phone.get("me/plan").body
    ledger.check("on hold", (True, []), (plan["is_safety_hold"], _due(plan)))


def _due(plan: dict[str, Any]) -> list[str]:
    return [line["exercise"]["name"] for line in plan["lines"] if line["is_due"]]


def sent_again(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("Sent again, and an id used twice")
    ledger.tell("The phone never saw the answer to its first session and sends it again, later.")
    later = {"sent_at": stamp(story.clock.at(story.clock.today, 11, 15))}
    again = story.phone.post("me/sessions", story.stretch.body | later)
    ledger.check("the answer", 200, again.status)
    is_same = again.body == story.first_answer.body
    ledger.check("the same feedback as before", expected=True, got=is_same)
    ledger.tell("The same id with other content is refused, and changes nothing.")
    other = story.phone.post("me/sessions", story.stretch.body | {"effort": 9})
    ledger.check("the answer", (409, "id_reused"), (other.status, other.code))
    listed = story.phone.get("me/sessions").body["results"]
    ledger.check("sessions so far", len(story.diary.sessions), len(listed))
    efforts = [one["effort"] for one in listed if one["id"] == story.stretch.id]
    ledger.check("effort of the first one", [4], efforts)


def from_a_wrong_clock(story: Story) -> None:
    ledger, clock = story.ledger, story.clock
    ledger.chapter("One session is five days late, one comes from the future")
    late = story.upload(
        clock.at(clock.days_ago(5), 11), walked(300), stretched("left", FULL_STRETCH, (3, 10))
    )
    ledger.tell(f"What she did on {late.session.day} was never sent. It counts where it belongs.")
    answer = story.phone.post("me/sessions", late.body)
    story.diary.sessions.append(late.session)
    ledger.check("stored", (201, "counted"), (answer.status, answer.body["status"]))
    story.check_results("feedback", story.judged(late.session), answer.body["feedback"])
    story.check_today(answer.body["feedback"])
    ledger.tell("The tablet's clock is three days ahead: that session waits for the care team.")
    ahead = story.upload(
        clock.now + 3 * DAY,
        walked(600),
        stretched("left", FULL_STRETCH, FULL_STRETCH),
        sent_at=stamp(clock.now + 3 * DAY),
    )
    held = story.tablet.post("me/sessions", ahead.body)
    story.ahead = ahead
    ledger.check("stored", (201, "held"), (held.status, held.body["status"]))
    story.check_results("feedback", [(None, None), (None, None)], held.body["feedback"])
    told = [held.body["feedback"][name] for name in ("safety", "streak", "remaining_today")]
    ledger.check("nothing else is said", [None, None, None], told)
