"""Who am I, and where may I go?"""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.bodies import WhoAmI
from clinics.http import USERS, UserView, answer
from clinics.openapi import operation
from patients.presenters.whoami import who_am_i


class WhoAmIView(UserView):
    access = {"get": USERS}

    @operation(
        summary="Who am I, and where may I go?",
        description="A record's id goes into the header X-Record, a clinic's into X-Clinic.",
        answers={200: WhoAmI},
        examples={
            200: {
                "id": "019aa9f4-0a01-7b5c-9d2e-3f4a5b6c7d8e",
                "email": "ana@example.org",
                "name": "Ana Silva",
                "memberships": [],
                "records": [
                    {
                        "id": "019aa9f4-2b7e-7a41-8c9d-0e1f2a3b4c5d",
                        "clinic": "019aa9f4-0001-7f00-8000-9a8b7c6d5e4f",
                        "clinic_name": "Harbour Clinic",
                        "name": "Ana Silva",
                        "acting_as": "patient",
                    }
                ],
            }
        },
    )
    def get(self, request: Request) -> Response:
        return answer(who_am_i(self.actor, now=self.now))


urlpatterns = [path("auth/whoami", WhoAmIView.as_view(), name="whoami")]
