"""The chapter of reminders: one that is sent, and one that is not needed any longer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from tests.tour.chapters_prescribing import sign_in
from tests.tour.client import Device
from tests.tour.clock import DAY, stamp
from tests.tour.script import EVERY_DAY, OTHER_NAME
from tests.tour.story import Story

FIRST, SECOND = 14, 18
TIMES = {1: f"{FIRST}:00", 2: f"{SECOND}:00"}
DAYS_AHEAD = 2
SUBJECT = "Your plan for today is waiting"
SAYS = "You have something planned for today. Open your plan when you are ready."
# Neither who it is nor what is to be done, in a subject or a text that others may read.
NEVER = (OTHER_NAME.split()[0], "walk", "stroke", "exercise", "minutes", "10")
CHOICE: dict[str, Any] = {
    "version": 0,
    "times": [{"at": at, "weekdays": list(EVERY_DAY)} for at in TIMES.values()],
    "channels": ["email"],
    "quiet_from": None,
    "quiet_until": None,
    "is_paused": False,
    "paused_until": None,
    "copies_carers": False,
    "counts_by_mail": False,
    "follows_phone": False,
    "wants_reminders": True,
    "wants_summaries": True,
}


def a_reminder(story: Story) -> None:
    """Bruno, of whom nothing else is told, since Ana is on hold for today: her chest hurt."""
    patient, line = _bruno_walks(story)
    story.ledger.chapter("A reminder, and one that was not needed")
    story.ledger.tell(f"{OTHER_NAME} is to walk ten minutes every day.")
    phone = sign_in(story, story.logins.other, "Bruno's phone")
    _he_chooses(story, phone)
    _one_is_sent(story, patient)
    _he_walks(story, phone, line)
    _one_is_not_needed(story, patient)
    _what_his_therapist_sees(story, patient)


def _bruno_walks(story: Story) -> tuple[str, str]:
    """Register him, and prescribe; return his record and the line."""
    therapist = story.therapist
    person = {
        "name": OTHER_NAME,
        "date_of_birth": "1949-11-02",
        "medical_record_number": "M-0002",
        "affected_side": "right",
    }
    patient = therapist.post("patients", person).body["id"]
    therapist.put(f"patients/{patient}/login", {"email": story.logins.other})
    walk = {
        "exercise": story.walking,
        "dose": {"measure": "duration", "sets": 1, "duration_seconds": 600},
        "side": "affected",
        "schedule": {"kind": "weekdays", "weekdays": list(EVERY_DAY), "times_per_day": 1},
    }
    wanted = {"title": "A walk a day", "items": [walk]}
    draft = therapist.post(f"patients/{patient}/assignments", wanted).body
    asked = draft["screening"]["asked"]
    answers = {
        "items": [item["id"] for item in asked["items"]],
        "exercises": [one["exercise"] for one in asked["exercises"]],
    }
    therapist.post(f"assignments/{draft['id']}/activate", {"screening": answers})
    return str(patient), str(draft["lines"][0]["id"])


def _he_chooses(story: Story, phone: Device) -> None:
    ledger = story.ledger
    ledger.tell(
        f"He wants to be reminded at {TIMES[1]} and, in case, at {TIMES[2]}. At night, too?"
    )
    ledger.check("chosen before", (0, []), _chosen(phone.get("me/reminders").body))
    at_night = {"at": "23:00", "weekdays": list(EVERY_DAY)}
    refused = phone.put("me/reminders", CHOICE | {"times": [*CHOICE["times"], at_night]})
    told = (refused.status, refused.fields)
    ledger.check("the answer", (400, [("times.2.at", "in_quiet_hours")]), told)
    chosen = phone.put("me/reminders", CHOICE)
    ledger.check("then", 200, chosen.status)
    ledger.check("chosen", (1, list(TIMES.items())), _chosen(chosen.body))
    again = phone.put("me/reminders", CHOICE)
    ledger.check("from what is old by now", (409, "stale"), (again.status, again.code))


def _one_is_sent(story: Story, patient: str) -> None:
    ledger = story.ledger
    ledger.tell(f"It is as if it were {TIMES[1]}. He has not walked yet.")
    [mail] = _at(story, patient, FIRST)
    ledger.check("the mail's subject", SUBJECT, mail["Subject"])
    ledger.check("it says", expected=True, got=SAYS in mail["text"])
    said = f"{mail['Subject']} {SAYS}".lower()
    ledger.check("and never", [], [word for word in NEVER if word.lower() in said])
    is_a_link = mail["List-Unsubscribe"].startswith("<") and "/stop/" in mail["List-Unsubscribe"]
    ledger.check("one click stops them", (True, "List-Unsubscribe=One-Click"),
                 (is_a_link, mail["List-Unsubscribe-Post"]))  # fmt: skip
    ledger.check("once: the same minute again", [], _at(story, patient, FIRST))


def _he_walks(story: Story, phone: Device, line: str) -> None:
    story.ledger.tell("He takes his walk, and logs it.")
    body = {
        "id": str(uuid4()),
        "performed_at": stamp(story.clock.at(story.clock.today, 9)),
        "symptoms": [],
        "results": [{"line": line, "side": "right", "sets": [{"duration_seconds": 600}]}],
    }
    answer = phone.post("me/sessions", body)
    story.ledger.check("stored", (201, "counted"), (answer.status, answer.body["status"]))


def _one_is_not_needed(story: Story, patient: str) -> None:
    story.ledger.tell(f"It is as if it were {TIMES[2]}. Nothing is left to remind him of.")
    story.ledger.check("mails", [], _at(story, patient, SECOND))


def _what_his_therapist_sees(story: Story, patient: str) -> None:
    ledger, today = story.ledger, story.clock.today
    ledger.tell("His therapist sees what became of each, and why; and what is to come.")
    seen = story.therapist.get(f"patients/{patient}/reminders").body
    ledger.check("chosen", (1, list(TIMES.items())), _chosen(seen["choice"]))
    ahead = [today + number * DAY for number in range(DAYS_AHEAD, 0, -1)]
    expected = [(str(day), slot, "waiting", "") for day in ahead for slot in (2, 1)]
    expected += [(str(today), 2, "suppressed", "all_done"), (str(today), 1, "sent", "")]
    got = [
        (one["local_date"], one["slot"], one["state"], one["reason"]) for one in seen["deliveries"]
    ]
    ledger.check("each, the latest first", expected, got)
    [contact] = seen["contacts"]
    shown = "b…@meridian.example"
    ledger.check("where to, in part", shown, contact["address"])


def _at(story: Story, patient: str, hour: int) -> list[dict[str, str]]:
    at: dt.datetime = story.clock.at(story.clock.today, hour)
    return story.remind(
        therapist_email=story.logins.therapist, patient_id=UUID(patient), now=story.clock.now, at=at
    )


def _chosen(choice: dict[str, Any]) -> tuple[int, list[tuple[int, str]]]:
    return choice["version"], [(one["slot"], one["at"]) for one in choice["times"]]
