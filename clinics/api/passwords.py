"""A forgotten password, and a changed one."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions.passwords import ask_for_reset, change_password, reset_password
from clinics.bodies import PasswordChange, Reset, ResetRequest
from clinics.http import ANYONE, USERS, PublicView, UserView, answer, client_address
from clinics.openapi import operation


class PasswordResetView(PublicView):
    access = {"post": ANYONE}

    @operation(
        summary="Ask for a code to set a new password",
        description="Answered the same whether anybody signs in with that address or not. If so, a "
        "mail with a code arrives, which is good once and for 30 minutes.",
        body=ResetRequest,
        answers={202: None},
        problems=(400, 429),
        examples={"body": {"email": "ana@example.org"}},
    )
    def post(self, request: Request) -> Response:
        email = self.body(ResetRequest).email
        ask_for_reset(email=email, address=client_address(request), now=self.now)
        return answer(None, 202)


class PasswordResetConfirmView(PublicView):
    access = {"post": ANYONE}

    @operation(
        summary="Set a new password with a mailed code",
        description="Every device is signed out. A password that is refused leaves the code good.",
        body=Reset,
        answers={204: None},
        problems=(400, 429),
        examples={"body": {"code": "h1Yk…", "password": "four words are plenty"}},
    )
    def post(self, request: Request) -> Response:
        asked = self.body(Reset)
        reset_password(
            code=asked.code,
            password=asked.password,
            address=client_address(request),
            now=self.now,
        )
        return answer(None, 204)


class PasswordView(UserView):
    access = {"post": USERS}

    @operation(
        summary="Change your password",
        description="This device stays signed in, every other one is signed out.",
        body=PasswordChange,
        answers={204: None},
        problems=(429,),
        examples={
            "body": {
                "current_password": "correct horse battery",
                "password": "four words are plenty",
            }
        },
    )
    def post(self, request: Request) -> Response:
        asked = self.body(PasswordChange)
        change_password(
            current_password=asked.current_password,
            password=asked.password,
            by=self.actor,
            now=self.now,
        )
        return answer(None, 204)


urlpatterns = [
    path("auth/password-reset", PasswordResetView.as_view(), name="password-reset"),
    path(
        "auth/password-reset/confirm",
        PasswordResetConfirmView.as_view(),
        name="password-reset-confirm",
    ),
    path("auth/password", PasswordView.as_view(), name="password"),
]
