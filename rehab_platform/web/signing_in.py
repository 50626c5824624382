"""
Signing in and out of the web side: allauth's forms and redirects, by the rules of the API's sign-in.

Signing up, changing an address and social logins have no address here: nothing of allauth is
reachable but what `rehab_platform.web.urls` names.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView, LogoutView
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from clinics.actions.devices import (
    SignInRefused,
    check_sign_in,
    note_web_sign_in,
    note_web_sign_out,
)
from clinics.attempts import TooManyAttempts
from clinics.http import client_address
from clinics.models import User
from rehab_platform.web.pages import NOTES, WithOrigin
from rehab_platform.web.passwords import AddressField

ELSEWHERE = ("/operator/", "/api/")


class Adapter(DefaultAccountAdapter):
    """What allauth asks of us. `credentials` holds `email` and `password`."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The email address or the password is not right."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose they are. Operators have pages of their own, and are nobody here."""
        try:
            user = check_sign_in(
                email=credentials["email"],
                password=credentials["password"],
                address=client_address(request),
                now=timezone.now(),
            )
        except TooManyAttempts as refused:
            raise ValidationError(str(refused), code=refused.code) from None
        except SignInRefused:
            return None
        return None if user.is_operator else user

    def get_login_stages(self) -> list[str]:
        return []

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        if isinstance(user, User):
            note_web_sign_in(user=user, now=timezone.now())

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note_web_sign_out(user=request.user, now=timezone.now())
        super().logout(request)

    def is_safe_url(self, url: str) -> bool:
        """Lead to a page of the web side alone."""
        is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        return is_ours and not url.startswith(ELSEWHERE)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say themselves what has happened."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["login"] = AddressField()
        self.fields["password"] = forms.CharField(
            label=_("Your password"),
            error_messages={"required": _("Type your password.")},
            max_length=128,
            strip=False,
            widget=forms.PasswordInput({"autocomplete": "current-password"}),
        )


class SignIn(WithOrigin, LoginView):
    form_class = SignInForm
    template_name = "web/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = NOTES.get(self.request.GET.get("done", ""), "")
        return {**super().get_context_data(**kwargs), "note": note}


class SignOut(WithOrigin, LogoutView):
    template_name = "web/sign_out.html"
    http_method_names = ["get", "head", "post"]

    def get_redirect_url(self) -> str:
        return f"{reverse('account_login')}?done=signed-out"
