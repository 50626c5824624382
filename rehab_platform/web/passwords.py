"""A forgotten password: ask for a code by mail, then set a new one with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from clinics.actions.passwords import ask_for_reset, reset_password
from clinics.http import client_address
from core.errors import DomainError, Invalid
from rehab_platform.web.pages import WithOrigin


class AddressField(forms.CharField):
    """An address as logins may have it: Django's own field refuses joão@example.org."""

    widget = forms.EmailInput({"autocomplete": "username"})
    default_validators = [
        RegexValidator(r"\A[^\s@]+@[^\s@]+\Z", _("Type your email address, like ana@example.org."))
    ]
    default_error_messages = {"required": _("Type your email address.")}

    def __init__(self) -> None:
        super().__init__(label=_("Your email address"), max_length=254)


class AskForm(forms.Form):
    email = AddressField()


class NewPasswordForm(forms.Form):
    code = forms.CharField(
        label=_("The code from the mail"),
        error_messages={"required": _("Type the code from the mail.")},
        max_length=128,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Your new password"),
        error_messages={"required": _("Type a new password.")},
        help_text=_("At least 12 characters. Four words are plenty."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class ByAction(WithOrigin, View, ABC):
    """A form whose action may refuse: each fault is shown at its field."""

    http_method_names = ["get", "head", "post"]
    form_class: ClassVar[type[forms.Form]]
    template_name: ClassVar[str]

    @abstractmethod
    def act(self, said: dict[str, Any], *, address: str) -> str:
        """Do it, and return the address of the page that follows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown(self.form_class(label_suffix=""))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST, label_suffix="")
        if not form.is_valid():
            return self._shown(form)
        try:
            return redirect(self.act(form.cleaned_data, address=client_address(request)))
        except DomainError as refused:
            for field, words in faults_of(refused):
                form.add_error(field if field in form.fields else None, words)
            return self._shown(form)

    def _shown(self, form: forms.Form) -> HttpResponse:
        is_sent = self.request.GET.get("done") == "sent"
        return render(self.request, self.template_name, {"form": form, "is_sent": is_sent})


class ForgottenPassword(ByAction):
    """The same answer for everybody: nobody learns who has a login."""

    form_class = AskForm
    template_name = "web/forgotten_password.html"

    def act(self, said: dict[str, Any], *, address: str) -> str:
        ask_for_reset(email=said["email"], address=address, now=timezone.now())
        return f"{reverse('web:new_password')}?done=sent"


class NewPassword(ByAction):
    form_class = NewPasswordForm
    template_name = "web/new_password.html"

    def act(self, said: dict[str, Any], *, address: str) -> str:
        now = timezone.now()
        reset_password(code=said["code"], password=said["password"], address=address, now=now)
        return f"{reverse('account_login')}?done=password"


def faults_of(refused: DomainError) -> list[tuple[str, str]]:
    """Return what is wrong, each with its field; the empty field is the whole form."""
    if isinstance(refused, Invalid) and refused.errors:
        return [(one.field, one.detail) for one in refused.errors]
    return [("", str(refused))]
