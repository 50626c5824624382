"""Alerts of the patients whose care team the caller is on."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import paginate
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.alert_presenters import alerts_out
from sessions.alert_reading import read_behind
from sessions.api import alert_examples as examples
from sessions.care_bodies import AcknowledgeAlert, AlertOut, AlertPage, AlertsQuery, ResolveAlert
from sessions.models import Alert

FILTERS = ("patient", "status", "severity", "rule")


class AlertsView(StaffView):
    access: ClassVar = {"get": THERAPISTS}
    audited_as = "alerts"

    @operation(
        summary="List alerts, newest occurrence first",
        description="Of one patient, status, severity or rule, or of several of these at once.",
        query=AlertsQuery,
        answers={200: AlertPage},
        problems=(400,),
        examples={200: examples.ALERT_PAGE},
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(AlertsQuery)
        asked = {name: getattr(wanted, name) for name in FILTERS}
        given = {name: value for name, value in asked.items() if value is not None}
        page = paginate(
            Alert.objects.visible_to(self.actor)
            .filter(**given)
            .select_related("acknowledged_by", "resolved_by"),
            order=("-last_occurred_at", "-id"),
            cursor=wanted.cursor,
            limit=wanted.limit,
            bound_to=f"{self.actor.user_id}:{self.actor.clinic_id}:alerts:"
            + ":".join(str(asked[name] or "") for name in FILTERS),
        )
        self.reads(dict.fromkeys(each.patient_id for each in page.items))
        read = read_behind(page.items, by=self.actor, now=self.now)
        return answer(AlertPage(results=alerts_out(read), next=page.next_cursor))


class AcknowledgeView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Acknowledge an alert, with a note if there is one",
        description="The body may be left out.",
        body=AcknowledgeAlert,
        answers={200: AlertOut},
        problems=(400, 404, 409),
        examples={
            "body": {"note": "I am calling her now."},
            200: examples.ALERT
            | {
                "status": "acknowledged",
                "acknowledged_by": "Rui Costa",
                "acknowledged_at": "2026-11-23T17:10:40Z",
                "acknowledged_note": "I am calling her now.",
            },
        },
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        note = self.body(AcknowledgeAlert).note if has_body else ""
        alert = acknowledge_alert(alert_id=alert_id, note=note, by=self.actor, now=self.now)
        return answer(_one(alert, by=self.actor, now=self.now))


class ResolveView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Resolve an alert with a note",
        body=ResolveAlert,
        answers={200: AlertOut},
        problems=(400, 404, 409),
        examples={
            "body": {"note": "Called her. She saw her doctor and is well."},
            200: examples.ALERT
            | {
                "status": "resolved",
                "resolved_by": "Rui Costa",
                "resolved_at": "2026-11-23T17:40:02Z",
                "note": "Called her. She saw her doctor and is well.",
            },
        },
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        note = self.body(ResolveAlert).note
        alert = resolve_alert(alert_id=alert_id, note=note, by=self.actor, now=self.now)
        return answer(_one(alert, by=self.actor, now=self.now))


def _one(alert: Alert, *, by: Actor, now: dt.datetime) -> AlertOut:
    return alerts_out(read_behind([alert], by=by, now=now))[0]


urlpatterns = [
    path("alerts", AlertsView.as_view(), name="alerts"),
    path("alerts/<uuid:alert_id>/acknowledge", AcknowledgeView.as_view(), name="alert-acknowledge"),
    path("alerts/<uuid:alert_id>/resolve", ResolveView.as_view(), name="alert-resolve"),
]
