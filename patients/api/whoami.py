"""Who am I, and where may I go?"""

from __future__ import annotations

from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import USERS, UserView, answer
from core.errors import NotSignedIn
from patients.presenters.whoami import who_am_i


class WhoAmIView(UserView):
    access: ClassVar = {"get": USERS}
    audited_as = "who_am_i"

    def get(self, request: Request) -> Response:
        if self.actor.user_id is None:
            raise NotSignedIn
        shown = who_am_i(self.actor.user_id)
        self.reads(one.id for one in shown.records)
        return answer(shown)


urlpatterns = [path("auth/whoami", WhoAmIView.as_view(), name="whoami")]
