"""Every mail of the platform, of made-up people: worded by the product, without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from reminders.bodies.weeks import Caseload, CaseOfWeek, Week
from reminders.channels.port import Note
from reminders.claimed import Claimed
from reminders.digest_words import Reason, Trend
from reminders.week_contents import Told, week_contents
from reminders.week_words import WeekFacts
from reminders.weekly_mails import caseload_note, week_note
from reminders.writers import reminder_note

IDS: Final = UUID("6f9b3c52-0f5e-4c0e-9a52-3d1f4f0f7a12")
MONDAY: Final = dt.date(2026, 11, 16)
NOW: Final = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
CLINIC: Final = "Harbour Clinic"
CODE: Final = "K7QX-2MBD-93TF"
EVERY_DAY, TO_FRIDAY, TO_THURSDAY = 0b1111111, 0b0011111, 0b0001111


@dataclass(frozen=True)
class Sample:
    """`name` is the file's, `template` that of `templates/emails`."""

    name: str
    template: str
    context: Mapping[str, object]

    def html(self) -> str:
        return self._rendered("html")

    def text(self) -> str:
        return self._rendered("txt")

    def _rendered(self, ending: str) -> str:
        context = {"app_url": settings.APP_URL, **self.context}
        with translation.override("en"):
            return render_to_string(f"emails/{self.template}.{ending}", context)


def samples() -> list[Sample]:
    """Return each kind of mail once, and the weekly ones as they differ."""
    with translation.override("en"):
        return [
            *_of_reminders(),
            *_of_weeks(),
            *_of_caseloads(),
            Sample("alert", "alert", {"clinic": CLINIC}),
            Sample("sign-off", "sign_off", {"clinic": CLINIC}),
            Sample("invitation", "invitation", {"clinic": CLINIC, "code": CODE}),
            Sample("password-reset", "password_reset", {"code": CODE}),
            Sample("password-changed", "password_changed", {}),
            Sample("confirm-contact", "confirm_contact", {"clinic": CLINIC, "code": "402 715"}),
        ]


def _of_reminders() -> Iterator[Sample]:
    yield _of("reminder", reminder_note(_claimed("reminder"), NOW))
    yield _of("reminder-to-a-carer", reminder_note(_claimed("reminder", is_own=False), NOW))


def _of_weeks() -> Iterator[Sample]:
    without = _claimed("weekly_summary")
    agreed = _claimed("weekly_summary", are_counts_wanted=True)
    yield _of("weekly-summary", week_note(without, four_of_five(), NOW))
    yield _of("weekly-summary-with-counts", week_note(agreed, four_of_five(), NOW))
    yield _of("weekly-summary-paused", week_note(agreed, paused(), NOW))


def _of_caseloads() -> Iterator[Sample]:
    claimed = _claimed("digest", is_own=False)
    yield _of("digest", caseload_note(claimed, caseload(23, waiting=4), NOW))
    yield _of("digest-of-200", caseload_note(claimed, caseload(200, waiting=37), NOW))


def four_of_five() -> Week:
    """Four days of five, one of them in part, and a day of the week before that came late."""
    planned = WeekFacts(
        asked=TO_FRIDAY, due=TO_FRIDAY, planned=TO_FRIDAY, rows=7, last_planned=TO_FRIDAY,
        last_rows=7, missed=0b0001000, some_done=TO_FRIDAY, sessions=6,
    )  # fmt: skip
    before = planned._replace(missed=0b0010000, some_done=TO_THURSDAY, sessions=4)
    told_before = ["done", "not_done", "done", "done", "not_done", "rest", "rest"]
    return week_contents(
        Told(monday=MONDAY, week=planned, before=before, after=planned, run_unit="days",
             run_length=3, told_before=told_before)
    )  # fmt: skip


def paused() -> Week:
    """A week in hospital, paused from Monday to Sunday, and the next one too."""
    away = WeekFacts(
        planned=TO_FRIDAY, rows=7, last_planned=TO_FRIDAY, last_rows=7, paused=EVERY_DAY
    )
    return week_contents(Told(monday=MONDAY, week=away, before=away, after=away))


REASONS: Final[Sequence[list[Reason]]] = (
    ["safety"], ["safety", "slipping"], ["waiting"], ["slipping"], ["slipping", "waiting"], ["ready"],
)  # fmt: skip
TRENDS: Final[Sequence[Trend | None]] = ("down", "same", "up", None)


def caseload(patients: int, *, waiting: int) -> Caseload:
    resting = patients // 12
    return Caseload(
        monday=MONDAY, patients=patients, attention=waiting, paused=resting,
        on_track=patients - waiting - resting,
        cases=[_case(number, needs_somebody=number < waiting) for number in range(patients)],
    )  # fmt: skip


def _case(number: int, *, needs_somebody: bool) -> CaseOfWeek:
    return CaseOfWeek(
        patient=uuid5(IDS, f"patient {number}"), reference=f"H-{1027 + 3 * number}",
        reasons=REASONS[number % len(REASONS)] if needs_somebody else [], unit="days",
        done=number % 4, due=5, trend=TRENDS[number % len(TRENDS)], is_paused=False,
    )  # fmt: skip


def _of(name: str, note: Note) -> Sample:
    return Sample(name, note.template, {**note.context, "stop_url": note.stop_url})


def _claimed(kind: str, **differs: Any) -> Claimed:
    of_a_week = kind != "reminder"
    facts: dict[str, Any] = {
        "id": uuid5(IDS, kind), "clinic_id": uuid5(IDS, "clinic"), "kind": kind,
        "patient_id": None if kind == "digest" else uuid5(IDS, "patient"),
        "recipient_id": uuid5(IDS, "login"), "channel": "email",
        "local_date": MONDAY if of_a_week else NOW.date(), "slot": 0 if of_a_week else 1,
        "due_at": NOW, "expires_at": NOW + dt.timedelta(hours=1), "attempts": 0,
        "received_at": None, "clinic_name": CLINIC, "clinic_phone": "+351 210 000 000",
        "time_zone": "Europe/Lisbon", "language": "en", "channels": ("email",),
        "slot_at": None, "slot_weekdays": 0, "paused_until": None, "contact_ids": None,
        "addresses": None, "push_keys": None, "push_secrets": None,
        "is_own": True, "is_login_active": True, "has_preferences": True,
    }  # fmt: skip
    facts |= dict.fromkeys(("quiet_from", "clinic_quiet_from"), dt.time(21))
    facts |= dict.fromkeys(("quiet_until", "clinic_quiet_until"), dt.time(8))
    no = dict.fromkeys(Claimed.__dataclass_fields__, False)
    return Claimed(**no | facts | differs)
