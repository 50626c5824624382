"""Weeks as they were told: a patient's, also for their carers, and a therapist's digests."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import CARER, Actor
from clinics.models import Clinic
from core import audit
from core.calendar import DAY
from core.tenancy import set_clinic
from patients.models import Patient
from patients.presenters.whoami import who_am_i
from rehab_platform.web.pages import WebPage
from rehab_platform.web.places import clinic_named, practices_of, record_named, records_of
from reminders.bodies.weeks import CaseNamed, DigestOut, SummaryOut, WeeksQuery
from reminders.digest_words import Trend, done_words, headline, reason_word, rest_words
from reminders.models import WeeklySummary
from reminders.presenters.weeks import digest_of, digests_page, summaries_page, summary_of
from reminders.weekly_mails import SIGNS, sessions_logged

AGAINST_BEFORE: Final[dict[Trend, Promise]] = {
    "up": gettext_lazy("more than the week before"),
    "same": gettext_lazy("as the week before"),
    "down": gettext_lazy("less than the week before"),
}


class RecordPage(WebPage, ABC):
    """A page about one record, in its clinic's context. Its reading is kept as `audited_as`."""

    audited_as: ClassVar[str]

    def get(self, request: HttpRequest, **named: str) -> HttpResponse:
        by = record_named(records_of(self.user.pk), request.GET.get("record", ""))
        if by is None:
            found = who_am_i(self.actor, now=self.now).records
            choices = [
                (f"{request.path}?{urlencode({'record': one.id})}", one.name, one.clinic_name)
                for one in found
            ]
            return render(request, "web/choose.html", {"choices": choices})
        set_clinic(by.clinic_id)
        shown = self.shown(by, **named) | {"record": by.patient_id} | _whose(by)
        audit.record(
            action=f"read_{self.audited_as}", by=by, now=self.now, patient_id=by.patient_id
        )
        return render(request, f"web/{self.audited_as}.html", shown)

    @abstractmethod
    def shown(self, by: Actor, **named: str) -> dict[str, Any]:
        """Return what the page's template shows."""


class Summaries(RecordPage):
    audited_as = "summaries"

    def shown(self, by: Actor, **named: str) -> dict[str, Any]:
        asked = WeeksQuery(cursor=self.request.GET.get("cursor"))
        found = WeeklySummary.objects.visible_to(by)
        page = summaries_page(found, asked, bound_to=f"web/summaries:{by.patient_id}")
        return {
            "weeks": [
                (one.week.isoformat(), span_of(one.week), one.contents.sentence, one.language)
                for one in page.results
            ],
            "next": page.next,
        }


class Summary(RecordPage):
    audited_as = "summary"

    def shown(self, by: Actor, **named: str) -> dict[str, Any]:
        found = summary_of(WeeklySummary.objects.visible_to(by), named["week"])
        return _summary_shown(found)


class PracticePage(WebPage, ABC):
    """A page for a therapist about their whole caseload in one clinic, in its context."""

    audited_as: ClassVar[str]

    def get(self, request: HttpRequest, **named: str) -> HttpResponse:
        practices = practices_of(self.user.pk)
        by = clinic_named(practices, request.GET.get("clinic", ""))
        if by is None:
            clinics = Clinic.objects.in_bulk([one.clinic_id for one in practices])
            choices = [
                (f"{request.path}?{urlencode({'clinic': key})}", one.name, "")
                for key, one in clinics.items()
            ]
            return render(request, "web/choose.html", {"choices": choices})
        set_clinic(by.clinic_id)
        shown, patients = self.shown(by, **named)
        audit.record(
            action=f"read_{self.audited_as}", by=by, now=self.now,
            patient_id=patients[0] if len(patients) == 1 else None,
            details={"patients": [str(one) for one in patients]} if len(patients) > 1 else {},
        )  # fmt: skip
        shown |= {"clinic": by.clinic_id}
        return render(request, f"web/{self.audited_as}.html", shown)

    @abstractmethod
    def shown(self, by: Actor, **named: str) -> tuple[dict[str, Any], list[UUID]]:
        """Return what is shown, and which patients are named in it."""


class Digests(PracticePage):
    audited_as = "digests"

    def shown(self, by: Actor, **named: str) -> tuple[dict[str, Any], list[UUID]]:
        page = digests_page(by, WeeksQuery(cursor=self.request.GET.get("cursor")))
        weeks = [
            (one.week.isoformat(), span_of(one.week), headline(one.attention, one.patients))
            for one in page.results
        ]
        return {"weeks": weeks, "next": page.next}, []


class Digest(PracticePage):
    audited_as = "digest"

    def shown(self, by: Actor, **named: str) -> tuple[dict[str, Any], list[UUID]]:
        found = digest_of(by, named["week"])
        named_ones = [case.patient for case in found.cases if case.name is not None]
        return _digest_shown(found), named_ones


def span_of(monday: dt.date) -> str:
    """Say "16 to 22 November 2026", or "30 November to 6 December 2026"."""
    sunday = monday + 6 * DAY
    first = "j" if monday.month == sunday.month else "j F"
    if monday.year != sunday.year:
        first = "j F Y"
    return _("%(first)s to %(last)s") % {
        "first": date_format(monday, first),
        "last": date_format(sunday, "j F Y"),
    }


def _whose(by: Actor) -> dict[str, str]:
    """Return whose record it is, for a carer; the patient knows."""
    if by.acting_as != CARER:
        return {}
    return {"name": Patient.objects.visible_to(by).values_list("name", flat=True).get()}


def _summary_shown(found: SummaryOut) -> dict[str, Any]:
    told = found.contents
    return {
        "span": span_of(found.week),
        "language": found.language,
        "told": told,
        "days": [(day.on, day.state, SIGNS[day.state], day.words) for day in told.days],
        "sessions": sessions_logged(told),
    }


def _digest_shown(found: DigestOut) -> dict[str, Any]:
    return {
        "span": span_of(found.week),
        "headline": headline(found.attention, found.patients),
        "waiting": _cases([one for one in found.cases if one.reasons]),
        "others": _cases([one for one in found.cases if not one.reasons]),
        "rest": rest_words(found.on_track, found.paused),
    }


def _cases(cases: Sequence[CaseNamed]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name or _("No longer yours"),
            "reference": one.reference,
            "why": [(reason, reason_word(reason)) for reason in one.reasons],
            "is_paused": one.is_paused,
            "done": done_words(one.done, one.due),
            "trend": str(AGAINST_BEFORE[one.trend]) if one.trend else "",
        }
        for one in cases
    ]
