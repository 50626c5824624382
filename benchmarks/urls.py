"""The product, and two views that do nothing: one asks who is calling, the other does not."""

from __future__ import annotations

from typing import ClassVar

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import ANYONE, RECORD_HOLDERS, PublicView, RecordView, answer


class OpenView(PublicView):
    access: ClassVar = {"get": ANYONE}

    def get(self, request: Request) -> Response:
        return answer({})


class IdentifiedView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}

    def get(self, request: Request) -> Response:
        return answer({})


urlpatterns = [
    path("", include("rehab_platform.urls")),
    path("benchmark/open", OpenView.as_view()),
    path("benchmark/identified", IdentifiedView.as_view()),
]
