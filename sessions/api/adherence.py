"""Adherence and dose of one patient, by line and by week, with the sums behind each figure."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from uuid import UUID

import msgspec
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.bodies import LocalDate, Query
from core.calendar import DAY, WEEK, local_date, week_start
from core.errors import Invalid
from sessions.adherence_answers import AdherenceAnswer, adherence_answer
from sessions.api import examples
from sessions.api.staff import visible_patient

LONGEST = dt.timedelta(days=366)


class AdherenceQuery(Query):
    """Both dates are inclusive. Without them: the last four weeks and the one in progress."""

    first: LocalDate | None = msgspec.field(default=None, name="from")
    last: LocalDate | None = msgspec.field(default=None, name="until")


class AdherenceView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "adherence"

    @operation(
        summary="Read a patient's adherence and dose",
        description="`from` and `until` are inclusive and widened to whole ISO weeks where a line "
        "has a weekly quota; `covers` says which dates the figures are of.",
        query=AdherenceQuery,
        answers={200: AdherenceAnswer},
        problems=(400, 404),
        examples={200: examples.ADHERENCE},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        wanted = self.query(AdherenceQuery)
        patient = visible_patient(self, patient_id)
        today = local_date(self.now, patient.time_zone)
        first, last = period(wanted, today)
        return answer(adherence_answer(patient_id=patient.pk, first=first, last=last, today=today))


def period(wanted: AdherenceQuery, today: dt.date) -> tuple[dt.date, dt.date]:
    """
    Return the dates asked for, or the last four weeks and the one in progress.

    :raises Invalid: they end before they start, or span more than 366 days
    """
    last = wanted.last or week_start(today) + WEEK - DAY
    first = wanted.first or week_start(last) - 4 * WEEK
    if first > last:
        raise Invalid.at("until", "ends_before_it_starts", _("This lies before `from`."))
    if last - first > LONGEST:
        raise Invalid.at("from", "too_long", _("Ask for at most 366 days at a time."))
    return first, last


urlpatterns = [
    path("patients/<uuid:patient_id>/adherence", AdherenceView.as_view(), name="patient-adherence"),
]
