"""What a therapist's digest says of a patient: why they need somebody, done of due, the trend. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, get_args

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reminders.week_words import WeekFacts
from sessions.needs import Need

Reason = Literal["safety", "waiting", "slipping", "ready"]
Trend = Literal["up", "same", "down"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
# Alerts that tell of doing less; every other one is about safety.
OF_ENGAGEMENT: Final = frozenset({"no_contact", "low_adherence"})
SUGGESTIONS: Final = frozenset({"too_easy", "too_hard", "unsure"})
READY: Final = frozenset({"too_easy"})
_OF_NEED: Final[dict[Need, Reason]] = {
    "held_waiting": "waiting",
    "pause_request": "waiting",
    "safety_hold": "safety",
    "off_track": "slipping",
    "slipping": "slipping",
    "no_contact": "slipping",
    "never_started": "slipping",
    "nothing_prescribed": "waiting",
    "draft": "waiting",
}


def reasons_of(needs: Iterable[Need], open_rules: Collection[str]) -> list[Reason]:
    """
    Return why a patient needs somebody, the most pressing reason first, each once.

    `open_rules` are the rules of the open alerts, suggestions included: a need names severity alone.
    """
    found = dict.fromkeys(reason for need in needs for reason in _reasons_of_need(need, open_rules))
    return list(found)


def _reasons_of_need(need: Need, open_rules: Collection[str]) -> list[Reason]:
    if need in _OF_NEED:
        return [_OF_NEED[need]]
    if need == "suggestion":
        suggestions = SUGGESTIONS & set(open_rules)
        others: list[Reason] = ["waiting"] if suggestions - READY else []
        return ["ready", *others] if suggestions & READY else others
    alerts = set(open_rules) - SUGGESTIONS
    found: list[Reason] = ["safety"] if alerts - OF_ENGAGEMENT else []
    return [*found, "slipping"] if alerts & OF_ENGAGEMENT else found


def done_of_due(week: WeekFacts) -> tuple[Literal["days", "times"], int, int]:
    """Return the days done of those due; of a patient without fixed days, the times."""
    if week.days_due or not week.times_expected:
        return "days", week.days_done, week.days_due
    return "times", week.times_done, week.times_expected


def trend(week: WeekFacts, before: WeekFacts) -> Trend | None:
    """Compare the days with something done; None where either week had nothing to do."""
    if not (week.has_something_due and before.has_something_due):
        return None
    now, then = week.days_with_something_done, before.days_with_something_done
    if now == then:
        return "same"
    return "up" if now > then else "down"


def reason_word(reason: Reason) -> str:
    return {
        "safety": pgettext("why a patient needs somebody", "safety"),
        "waiting": pgettext("why a patient needs somebody", "waiting"),
        "slipping": pgettext("why a patient needs somebody", "slipping"),
        "ready": pgettext("why a patient needs somebody", "ready"),
    }[reason]


def done_words(done: int, due: int) -> str:
    """Say "3 of 5"; a dash where nothing was due."""
    return _("%(done)s of %(due)s") % {"done": done, "due": due} if due else "–"


def trend_word(found: Trend | None) -> str:
    if found is None:
        return ""
    return {
        "up": pgettext("against the week before", "up"),
        "same": pgettext("against the week before", "same"),
        "down": pgettext("against the week before", "down"),
    }[found]


def headline(attention: int, patients: int) -> str:
    """Say "3 of 23 patients may need you"."""
    return ngettext(
        "%(attention)s of %(patients)s patients may need you",
        "%(attention)s of %(patients)s patients may need you",
        attention,
    ) % {"attention": attention, "patients": patients}


def rest_words(on_track: int, paused: int) -> str:
    """Say "17 on track. 3 paused."."""
    return _("%(on_track)s on track. %(paused)s paused.") % {
        "on_track": on_track, "paused": paused,
    }  # fmt: skip
