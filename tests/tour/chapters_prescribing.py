"""Chapters of the therapist: who Ana is, what she is to do, and from when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from tests.tour.client import Device
from tests.tour.clock import DAY, WEEK
from tests.tour.script import (
    CLINIC_NAME,
    OLD_PRESS,
    OLD_STRETCH,
    OLD_WALK,
    PATIENT_NAME,
    SIX,
    SIX_IN_THE_CATALOGUE,
    STRETCH,
    THERAPIST_NAME,
    EarlierPlan,
    earlier_rows,
    program_changes,
    stretch_of_three_sets,
    todays_rows,
)
from tests.tour.story import Story

DATE_OF_BIRTH = "1958-04-17"


def sign_in(story: Story, email: str, device_name: str) -> Device:
    """Sign a device in and check that it got a token of its own."""
    answer = story.visitor.post(
        "auth/sign-in",
        {"email": email, "password": story.logins.password, "device_name": device_name},
    )
    story.ledger.check(f"{device_name} is signed in", 201, answer.status)
    return story.visitor.signed_in(answer.body["token"])


def therapist_signs_in(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("The therapist signs in")
    ledger.tell(f"{THERAPIST_NAME} first mistypes her password.")
    refused = story.visitor.post(
        "auth/sign-in",
        {"email": story.logins.therapist, "password": "mistyped", "device_name": "desk"},
    )
    ledger.check("the answer", (401, "sign_in_refused"), (refused.status, refused.code))
    ledger.tell("Then she gets it right.")
    story.therapist = sign_in(story, story.logins.therapist, "Marta's desk")
    me = story.therapist.get("auth/whoami").body
    places = [(place["role"], place["clinic_name"]) for place in me["memberships"]]
    ledger.check("who she is", THERAPIST_NAME, me["name"])
    ledger.check("where she works", [("therapist", CLINIC_NAME)], places)


def ana_is_registered(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("Ana is registered")
    ledger.tell(f"{THERAPIST_NAME} registers {PATIENT_NAME}, whose left side is affected.")
    person = {
        "name": PATIENT_NAME,
        "date_of_birth": DATE_OF_BIRTH,
        "medical_record_number": "M-0001",
        "affected_side": "left",
    }
    made = story.therapist.post("patients", person)
    ledger.check("registered", 201, made.status)
    ledger.check("affected side", "left", made.body["affected_side"])
    ledger.check("her time zone is the clinic's", story.clock.zone_name, made.body["time_zone"])
    team = [(one["name"], one["is_lead"]) for one in made.body["care_team"]]
    ledger.check("care team, and who leads it", [(THERAPIST_NAME, True)], team)
    story.patient = made.body["id"]
    again = story.therapist.post("patients", person)
    ledger.tell("The same record number again is noticed.")
    ledger.check("the answer", (409, "medical_record_number_taken"), (again.status, again.code))
    ledger.tell("Ana gets the record on her own login.")
    linked = story.therapist.put(f"patients/{story.patient}/login", {"email": story.logins.patient})
    ledger.check("has a login", (200, True), (linked.status, linked.body["has_login"]))


def what_she_did_before(story: Story) -> None:
    """Have the past prescribed on the stage, and read it back over HTTP."""
    ledger, plan = story.ledger, EarlierPlan.of(story.clock)
    ledger.chapter("What Ana had until now")
    ledger.tell("She has exercised for more than two weeks already. No request can write the past,")
    ledger.tell("so this plan is prescribed by the product's own actions, their clock set back:")
    ledger.tell(
        f"from {plan.first} to {plan.last}: walk 10 minutes twice a day; stretch both calves"
    )
    ledger.tell("three days a week; leg press on Mondays, Wednesdays and Fridays, 2 sets and, from")
    ledger.tell(f"{plan.press_grows_on}, 3.")
    story.stage(therapist_email=story.logins.therapist, patient_id=UUID(story.patient), plan=plan)
    story.diary.rows += earlier_rows(plan)
    [summary] = story.therapist.get(f"patients/{story.patient}/assignments").body["results"]
    ledger.check("its last date", plan.last, summary["ends_on"])
    ledger.check("it is over", "ended", summary["status"])
    lines = story.therapist.get(f"assignments/{summary['id']}").body["lines"]
    names = (OLD_WALK, OLD_STRETCH, OLD_PRESS)
    story.lines |= {name: line["id"] for name, line in zip(names, lines, strict=True)}
    spans = [(row["from"], row["until"], row["dose"]["sets"]) for row in lines[2]["rows"]]
    grows = plan.press_grows_on
    ledger.check("leg press, row by row", [(plan.first, grows, 2), (grows, None, 3)], spans)


def the_six_exercises(story: Story) -> None:
    ledger = story.ledger
    ledger.chapter("The six exercises are prescribed")
    found = story.therapist.get("programs", search="six leg").body["results"]
    [program] = found
    ledger.check("programs found for “six leg”", 1, len(found))
    items = story.therapist.get(f"programs/{program['id']}").body["items"]
    ledger.check("its exercises", SIX_IN_THE_CATALOGUE, [item["name"] for item in items])
    ledger.tell("Marta changes the doses for Ana. Three sets of the knee hug are more than usual:")
    wanted = {"program": program["id"], "changes": program_changes()}
    path = f"patients/{story.patient}/assignments"
    asked = story.therapist.post(path, wanted)
    ledger.check("the answer", (409, "outside_usual_range"), (asked.status, asked.code))
    ledger.check("the amount", {"changes.2.dose.sets": [1, 2]}, asked.body["usual_range"])
    ledger.tell("She means it, and says so.")
    draft = story.therapist.post(path, wanted | {"confirm": asked.body["confirm"]})
    ledger.check("drafted", (201, "draft"), (draft.status, draft.body["status"]))
    _check_draft(story, draft.body)
    _activate(story, draft.body)


def _check_draft(story: Story, draft: dict[str, Any]) -> None:
    rows = [line["rows"][0] for line in draft["lines"]]
    story.lines |= {name: line["id"] for name, line in zip(SIX, draft["lines"], strict=True)}
    expected = todays_rows(story.clock.today, story.clock.today + 3 * DAY)
    firsts = {row.line: row for row in reversed(expected)}
    sides = [firsts[name].side for name in SIX]
    sets = [firsts[name].sets for name in SIX]
    story.ledger.check("sides, `affected` being left", sides, [row["side"] for row in rows])
    story.ledger.check("what was asked for", "affected", rows[0]["side_asked"])
    story.ledger.check("sets", sets, [row["dose"]["sets"] for row in rows])
    marked = [row["is_outside_usual_range"] for row in rows]
    story.ledger.check("marked as unusual", [name == SIX[3] for name in SIX], marked)


def _activate(story: Story, draft: dict[str, Any]) -> None:
    ledger = story.ledger
    ledger.tell("Nothing is in force before every point of the screening is confirmed.")
    path = f"assignments/{draft['id']}/activate"
    asked = draft["screening"]["asked"]
    nothing = story.therapist.post(path, {"screening": {"items": [], "exercises": []}})
    ledger.check("the answer", (400, "screening_incomplete"), (nothing.status, nothing.code))
    ledger.check("points left open", 6 + len(SIX), len(nothing.fields))
    answers = {
        "items": [item["id"] for item in asked["items"]],
        "exercises": [one["exercise"] for one in asked["exercises"]],
    }
    active = story.therapist.post(path, {"screening": answers})
    ledger.check("in force", (200, "active"), (active.status, active.body["status"]))
    ledger.check("from", story.clock.today, active.body["starts_on"])
    ledger.check("screened by", THERAPIST_NAME, active.body["screening"]["confirmed_by"])


def one_line_is_revised(story: Story) -> None:
    ledger, today = story.ledger, story.clock.today
    later = today + 3 * DAY
    ledger.chapter("One line is revised from a later date")
    path = f"lines/{story.lines[STRETCH]}/revise"
    ledger.tell("Three sets of the wall stretch from yesterday? What has been is never changed.")
    past = story.therapist.post(path, stretch_of_three_sets(today - DAY))
    ledger.check("the answer", (400, [("from", "from_in_past")]), (past.status, past.fields))
    ledger.tell(f"From {later}, then.")
    revised = story.therapist.post(path, stretch_of_three_sets(later))
    ledger.check("revised", 200, revised.status)
    spans = [(row["from"], row["until"], row["dose"]["sets"]) for row in revised.body["rows"]]
    ledger.check("the line, row by row", [(today, later, 2), (later, None, 3)], spans)
    story.diary.rows += todays_rows(today, later)


def two_days_are_paused(story: Story) -> None:
    ledger = story.ledger
    monday = story.clock.this_monday - WEEK
    first, last = monday, monday + DAY
    ledger.chapter("Two days are paused")
    ledger.tell(f"Ana was in hospital on {first} and {last}. That changes a week that is over,")
    ledger.tell("so the platform first says which.")
    path = f"patients/{story.patient}/pauses"
    pause = {"starts_on": str(first), "ends_on": str(last), "reason": "hospital"}
    asked = story.therapist.post(path, pause)
    week = [_dates(monday, monday + 6 * DAY)]
    ledger.check("the answer", (409, "changes_past_dates"), (asked.status, asked.code))
    ledger.check("weeks that change", week, asked.body["past_weeks"])
    made = story.therapist.post(path, pause | {"confirm": asked.body["confirm"]})
    ledger.check("paused", 201, made.status)
    ledger.check("dates", [_dates(first, last)], made.body["effect"]["newly_paused"])
    story.diary.pauses.append((first, last))


def _dates(first: dt.date, last: dt.date) -> dict[str, str]:
    return {"first": first.isoformat(), "last": last.isoformat()}
