"""What changed since a phone last asked."""

from __future__ import annotations

from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, RecordView, answer
from clinics.openapi import operation
from sessions.api import examples
from sessions.change_bodies import ChangesPage, ChangesQuery
from sessions.changes import changes


class ChangesView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS}
    audited_as = "changes"

    @operation(
        summary="Read what changed since the last time",
        description="Ask without a cursor once; from then on with the `next` of the page before. "
        "A thing that changed several times comes once, as it is now. 410 `resync`: the server was "
        "restored from a backup. Ask again without a cursor, and send again what the phone kept.",
        query=ChangesQuery,
        answers={200: ChangesPage},
        problems=(400, 410),
        examples={200: examples.CHANGES},
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(ChangesQuery)
        return answer(changes(who=self.actor, cursor=wanted.cursor, limit=wanted.limit))


urlpatterns = [path("me/changes", ChangesView.as_view(), name="me-changes")]
