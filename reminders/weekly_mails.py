"""
The two weekly mails: a patient's, which by itself says only that the week is ready, and a digest.

Day words and counts are in a patient's mail once they agreed to that; no name of a patient is in
either, and never pain, a symptom, an exercise, a measure or a percentage. Subjects say nothing of
health.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reminders.bodies.weeks import Caseload, CaseOfWeek, Week
from reminders.channels.port import Note
from reminders.claimed import Claimed
from reminders.digest_words import done_words, headline, reason_word, rest_words, trend_word
from reminders.models import Digest, WeeklySummary
from reminders.stop_links import StopLink, stop_url

MOST_CASES: Final = 10
SIGNS: Final = {"done": "✓", "part": "½", "not_done": "–", "rest": "", "paused": ""}


def weekly_summary_note(it: Claimed, now: dt.datetime) -> Note:
    stored = WeeklySummary.objects.get(patient=it.patient_id, week=it.local_date)
    return week_note(it, msgspec.convert(stored.contents, Week), now)


def week_note(it: Claimed, week: Week, now: dt.datetime) -> Note:
    """Say that the week is ready; to whoever agreed, what it was in words and counts."""
    title = _("Your week at %(clinic)s") % {"clinic": on_one_line(it.clinic_name)}
    shown = _week_shown(week) if it.are_counts_wanted else {}
    return _note(it, now, title=title, text=_("Your week is ready."), path="summaries", shown=shown)


def digest_note(it: Claimed, now: dt.datetime) -> Note:
    # Whoever left and came back within the week has a membership of their own for each time.
    stored = Digest.objects.filter(
        membership__user=it.recipient_id, membership__role="therapist", week=it.local_date
    ).latest("made_at")
    return caseload_note(it, msgspec.convert(stored.contents, Caseload), now)


def caseload_note(it: Claimed, caseload: Caseload, now: dt.datetime) -> Note:
    """Say who needs the therapist first and why, by reference."""
    title = _("Your week at %(clinic)s") % {"clinic": on_one_line(it.clinic_name)}
    text = headline(caseload.attention, caseload.patients)
    return _note(it, now, title=title, text=text, path="digests", shown=_caseload_shown(caseload))


def sessions_logged(week: Week) -> str:
    """Say how many sessions were logged; empty where a week was paused all through and none was."""
    if not week.sessions and all(day.state == "paused" for day in week.days):
        return ""
    logged = ngettext("%(number)s session logged.", "%(number)s sessions logged.", week.sessions)
    return logged % {"number": week.sessions}


def on_one_line(said: str) -> str:
    """Take out what breaks a line or turns its direction: names are typed by people."""
    plain = "".join(
        " " if unicodedata.category(letter) == "Cc" else letter
        for letter in said
        if unicodedata.category(letter) not in {"Cf", "Zl", "Zp"}
    )
    return " ".join(plain.split())


def _note(
    it: Claimed, now: dt.datetime, *, title: str, text: str, path: str, shown: dict[str, Any]
) -> Note:
    address = f"/{path}/{it.local_date.isoformat()}"
    return Note(
        key=it.id,
        title=title,
        text=text,
        template=it.kind,
        context={
            "title": title,
            "text": text,
            "path": address,
            "clinic": on_one_line(it.clinic_name),
            "clinic_phone": it.clinic_phone,
            **shown,
        },
        path=address,
        stop_url=stop_url(
            StopLink(clinic=it.clinic_id, user=it.recipient_id, patient=it.patient_id, kind=it.kind)
        ),
        tag=f"{it.kind}:{it.local_date.isoformat()}",
        seconds_of_use=max(60, int((it.expires_at - now).total_seconds())),
    )


def _week_shown(week: Week) -> dict[str, Any]:
    """Return what may be in a mail: no goal, since its words name an exercise or a measure."""
    return {
        "sentence": week.sentence,
        "counts": week.counts,
        "days": [{"on": day.on, "words": day.words, "sign": SIGNS[day.state]} for day in week.days],
        "sessions": sessions_logged(week),
        "in_a_row": week.in_a_row,
        "next_week": week.next_week,
        "corrections": [day.words for day in week.corrections],
    }


def _caseload_shown(caseload: Caseload) -> dict[str, Any]:
    waiting = [one for one in caseload.cases if one.reasons]
    return {
        "cases": [_case_shown(one) for one in waiting[:MOST_CASES]],
        "more": len(waiting) - MOST_CASES if len(waiting) > MOST_CASES else 0,
        "rest": rest_words(caseload.on_track, caseload.paused),
    }


def _case_shown(case: CaseOfWeek) -> dict[str, str]:
    done = done_words(case.done, case.due)
    against = trend_word(case.trend)
    return {
        "reference": _("Ref %(number)s") % {"number": on_one_line(case.reference)},
        "why": ", ".join(reason_word(each) for each in case.reasons),
        "done": f"{done}, {against}" if against else done,
    }
