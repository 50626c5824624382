"""A clinic's alert thresholds and texts: read by its staff, set by its administrators."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import ADMINS, STAFF, StaffView, answer
from clinics.openapi import operation
from sessions.actions.thresholds import newest_thresholds, set_thresholds
from sessions.alert_presenters import thresholds_out
from sessions.api import examples
from sessions.threshold_bodies import PutThresholds, ThresholdsOut
from sessions.thresholds import DEFAULTS

NUMBERS = msgspec.structs.asdict(DEFAULTS) | {"pain_after_critical": 6}


class ThresholdsView(StaffView):
    access: ClassVar = {"get": STAFF, "put": ADMINS}

    @operation(
        summary="Read the clinic's alert thresholds",
        description="Version 0: the clinic has set none, and the platform's own numbers stand.",
        answers={200: ThresholdsOut},
        examples={200: examples.THRESHOLDS},
    )
    def get(self, request: Request) -> Response:
        return answer(thresholds_out(newest_thresholds(self.actor)))

    @operation(
        summary="Set the clinic's alert thresholds",
        description=(
            "All numbers and texts, in place of the version named by `replaces`. A number that "
            "raises less often than before needs the sign-off of a therapist of the clinic."
        ),
        body=PutThresholds,
        answers={200: ThresholdsOut},
        problems=(400, 409),
        examples={
            "body": {
                "replaces": 0,
                "numbers": NUMBERS,
                "texts": {"no_contact": "Call within two days."},
            },
            200: examples.THRESHOLDS | {"version": 1, "numbers": NUMBERS},
        },
    )
    def put(self, request: Request) -> Response:
        wanted = self.body(PutThresholds)
        return answer(thresholds_out(set_thresholds(wanted=wanted, by=self.actor, now=self.now)))


urlpatterns = [path("clinic/thresholds", ThresholdsView.as_view(), name="alert-thresholds")]
