"""The instruments, for those who assess with them."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import STAFF, StaffView, answer
from clinics.openapi import operation
from programs import examples
from programs.bodies import OutcomeMeasureList
from programs.presenters import outcome_measure_out
from programs.reading import measures_offered


class OutcomeMeasuresView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="List the outcome measures that are offered",
        description="Instruments with a valid range and a published change whose source is named.",
        answers={200: OutcomeMeasureList},
        examples={200: examples.MEASURES},
    )
    def get(self, request: Request) -> Response:
        shown = [outcome_measure_out(measure) for measure in measures_offered()]
        return answer(OutcomeMeasureList(results=shown))
