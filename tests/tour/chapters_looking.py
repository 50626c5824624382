"""The last chapters: the care team looks, decides, and looks again; then Ana does."""

from __future__ import annotations

from math import prod
from typing import Any

from tests.tour.clock import DAY, stamp
from tests.tour.figures import Session, Sums
from tests.tour.story import Story

AMOUNT_WORDS = {"repetitions": "repetitions", "hold": "seconds held", "duration": "seconds"}
NOTE = "Rang her. She is well and has seen her doctor."


def the_alert(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("The therapist sees the alert")
    alerts = story.therapist.get("alerts", patient=story.patient).body["results"]
    told = [(one["rule"], one["severity"], one["status"]) for one in alerts]
    expected = [("exercise_pain", "high", "open"), ("chest_pain", "emergency", "open")]
    ledger.check("alerts, the newest first", expected, told)
    [alert] = [one for one in alerts if one["rule"] == "chest_pain"]
    ledger.check("reported so often", 1, len(alert["occurrences"]))
    ledger.tell("She takes it on, rings Ana, and writes down how it went.")
    seen = story.therapist.post(f"alerts/{alert['id']}/acknowledge").body
    ledger.check("then it is", "acknowledged", seen["status"])
    closed = story.therapist.post(f"alerts/{alert['id']}/resolve", {"note": NOTE}).body
    ledger.check("and then", ("resolved", NOTE), (closed["status"], closed["note"]))
    still = story.therapist.get("alerts", patient=story.patient, status="open").body["results"]
    ledger.check("still open", ["exercise_pain"], [one["rule"] for one in still])


def adherence_on_hold(story: Story) -> None:
    story.ledger.chapter("Adherence and dose, while Ana is on hold")
    check_adherence(story)


def the_hold_ends(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.chapter("The therapist ends the safety hold")
    path = f"patients/{story.patient}/pauses"
    pauses = story.therapist.get(path).body["results"]
    told = [(one["reason"], one["state"]) for one in pauses]
    ledger.check("pauses", [("safety_hold", "running"), ("hospital", "over")], told)
    ended = story.therapist.post(f"{path}/{pauses[0]['id']}/end").body["pause"]
    yesterday = today - DAY
    ledger.check("begun today, it covers no date", (today, yesterday), _ends(ended))
    story.diary.holds = [(today, yesterday)]
    ledger.tell("Today stays excused: the app did tell Ana to stop.")
    plan = story.phone.get("me/plan").body
    due = [line["line"] for line in plan["lines"] if line["is_due"]]
    ledger.check("on hold", expected=False, got=plan["is_safety_hold"])
    ledger.check("due today", list(story.diary.left_today()), story.names(due))
    ledger.check("Ana is paused", expected=False, got=_patient(story)["is_paused"])


def _ends(pause: dict[str, Any]) -> tuple[str, str]:
    return pause["starts_on"], pause["ends_on"]


def _patient(story: Story) -> dict[str, Any]:
    return dict(story.therapist.get(f"patients/{story.patient}").body)


def the_held_one(story: Story) -> None:
    """Accept the session from the future at the time at which it really was performed."""
    ledger, clock = story.ledger, story.clock
    yesterday = clock.days_ago(1)
    ledger.chapter("The session from the future is put right")
    path = f"patients/{story.patient}/sessions"
    waiting = story.therapist.get(path, status="held").body["results"]
    ledger.check("sessions that wait", 1, len(waiting))
    ledger.tell("Ana says it was yesterday at five. Her therapist accepts it so.")
    at = stamp(clock.at(yesterday, 17))
    accepted = story.therapist.post(f"sessions/{waiting[0]['id']}/accept", {"performed_at": at})
    session = Session(day=yesterday, done=story.ahead.session.done)
    story.diary.sessions.append(session)
    ledger.check("accepted", (200, "counted"), (accepted.status, accepted.body["status"]))
    feedback = accepted.body["feedback"]
    story.check_results("feedback", story.judged(session), feedback)
    story.check_today(feedback)
    ledger.tell("The tablet, which tries again, gets the full feedback now.")
    again = story.tablet.post("me/sessions", story.ahead.body)
    ledger.check("the answer", 200, again.status)
    ledger.check("that feedback", expected=True, got=again.body["feedback"] == feedback)
    waiting = story.therapist.get(path, status="held").body["results"]
    ledger.check("sessions that wait", 0, len(waiting))


def adherence_at_last(story: Story) -> None:
    story.ledger.chapter("Adherence and dose, with everything counted")
    check_adherence(story)


def check_adherence(story: Story) -> None:
    """Read adherence from the first day of the earlier plan until today, and check every figure."""
    ledger, weeks, diary = story.ledger, story.weeks, story.diary
    answer = story.therapist.get(
        f"patients/{story.patient}/adherence", from_=weeks[0], until=story.clock.today
    )
    body = answer.body
    covers = {"from": weeks[0], "until": weeks[-1] + 6 * DAY}
    ledger.check("whole weeks, since some lines have a weekly quota", covers, body["covers"])
    story.check_sums("in all", diary.of_all(weeks), body["total"])
    marked = [(one["week"], one["in_progress"]) for one in body["weeks"]]
    ledger.check("weeks", [(one, one == weeks[-1]) for one in weeks], marked)
    for monday, came in zip(weeks, body["weeks"], strict=True):
        story.check_sums(f"week of {monday}", diary.of_week(monday), came)
    by_line = {line: diary.of_line(line, weeks) for line in diary.lines()}
    names = story.names([one["line"] for one in body["lines"]])
    ledger.check("lines", diary.lines(), names)
    for name, came in zip(names, body["lines"], strict=True):
        logged = diary.logged(name, weeks)
        amount = sum(prod(one) for one in logged)
        dose = {
            "sets": (len(logged), came["sets_logged"]),
            AMOUNT_WORDS[came["measure"]]: (amount, came["amount_logged"]),
        }
        story.check_sums(name, by_line[name], came, **dose)
    lowest = story.names([body["lowest_line"]["line"]])
    ledger.check("the lowest line", [_lowest(by_line)], lowest)


def _lowest(by_line: dict[str, Sums]) -> str:
    doses = {name: sums.dose for name, sums in by_line.items() if sums.dose is not None}
    return min(doses, key=lambda name: doses[name])


def ana_looks_back(story: Story) -> None:
    ledger, diary = story.ledger, story.diary
    ledger.chapter("Ana looks back")
    progress = story.phone.get("me/progress", weeks=len(story.weeks)).body
    for monday, came in zip(story.weeks, progress["weeks"], strict=True):
        sums = diary.of_week(monday)
        counts = (sums.done, sums.expected, diary.days_with_sets(monday))
        got = (came["done"], came["expected"], came["active_days"])
        ledger.check(f"week of {monday}: done, of, days", counts, got)
    streak = {"unit": "days", "length": diary.streak()}
    ledger.check("streak", streak, progress["streak"])
    ledger.tell("She signs the tablet out. The phone stays.")
    ledger.check("signed out", 204, story.tablet.post("auth/sign-out").status)
    ledger.check("the tablet", 401, story.tablet.get("me/plan").status)
    ledger.check("the phone", 200, story.phone.get("me/plan").status)
