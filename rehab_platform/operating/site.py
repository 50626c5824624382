"""The operators' pages: who gets in, and the frame of every page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actions.operating import break_glass
from clinics.actors import OPERATOR, Actor
from clinics.attempts import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    TooManyAttempts,
    forget_attempts,
    refuse_many,
)
from clinics.http import client_address
from clinics.models import User, UserManager
from core import audit
from rehab_platform.operating.deliveries import deliveries
from rehab_platform.operating.glass import GlassForm, close, glass_of, keep_open, operator_of
from rehab_platform.operating.middleware import PREFIX

# Addresses of Django's own site that go around our actions, or look up what nobody asked for.
LEFT_OUT = {"password_change", "password_change_done", "view_on_site", "autocomplete"}


class OperatorLogin(AuthenticationForm):
    """The same limits and words as signing in elsewhere; whoever is no operator is nobody."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy("The email address or the password is not right."),
    }

    def clean(self) -> dict[str, Any]:
        account = UserManager.normalize(self.cleaned_data.get("username") or "")
        now = timezone.now()
        try:
            refuse_many(
                now=now,
                sign_in_account=(account, ACCOUNT_LIMIT),
                sign_in_address=(_address(self.request), ADDRESS_LIMIT),
            )
        except TooManyAttempts as refused:
            raise ValidationError(str(refused), code=refused.code) from None
        cleaned = super().clean()
        user = self.get_user()
        if isinstance(user, User):
            forget_attempts(kind="sign in account", name=account)
            who = Actor(user_id=user.pk, acting_as=OPERATOR)
            audit.record(
                action="operator_sign_in", by=who, now=now, target="clinics.User", target_id=user.pk
            )
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.is_operator:
            raise self.get_invalid_login_error()


class OperatorSite(admin.AdminSite):
    site_header = gettext_lazy("Operating the platform")
    site_title = gettext_lazy("Operators")
    index_title = gettext_lazy("Clinics, people and what ships")
    index_template = "operating/index.html"
    logout_template = "operating/signed_out.html"
    site_url = None
    login_form = OperatorLogin

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.is_operator

    def get_urls(self) -> list[Any]:
        kept = [one for one in super().get_urls() if getattr(one, "name", None) not in LEFT_OUT]
        own = [
            path("glass/", self.admin_view(self.glass), name="glass"),
            path("deliveries/", self.admin_view(self.deliveries), name="deliveries"),
        ]
        return [*own, *kept]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"glass": glass_of(request)}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        return _with_origin(super().admin_view(view, cacheable))

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> TemplateResponse:
        names = [one["name"] for one in self.get_app_list(request, app_label)]
        titled = {"title": names[0]} if names else {}
        return super().app_index(request, app_label, titled | (extra_context or {}))

    def deliveries(self, request: HttpRequest) -> HttpResponseBase:
        return deliveries(request, self.each_context(request))

    def glass(self, request: HttpRequest) -> HttpResponseBase:
        """Choose a clinic and say why, or look no longer."""
        if request.method == "POST" and "close" in request.POST:
            close(request)
            return redirect("operator:index")
        by = operator_of(request)
        form = GlassForm(request.POST or None, by=by, initial={"clinic": request.GET.get("clinic")})
        if form.is_valid():
            return self._broken(request, form, by)
        context = self.each_context(request) | {
            "title": _("Choose a clinic and say why"),
            "form": form,
            "next": _inside(request.GET.get("next", "")),
        }
        return TemplateResponse(request, "operating/glass.html", context)

    def _broken(self, request: HttpRequest, form: GlassForm, by: Actor) -> HttpResponse:
        now = timezone.now()
        reason = form.cleaned_data["reason"]
        clinic = break_glass(
            clinic_id=form.cleaned_data["clinic"].pk, reason=reason, by=by, now=now
        )
        keep_open(request, clinic, reason, now=now)
        messages.success(request, _("For an hour you see this clinic's rows. Each look is kept."))
        return redirect(_inside(request.POST.get("next", "")) or reverse("operator:index"))


def _inside(address: str) -> str:
    """Return an address of these pages, or nothing: nobody is led elsewhere."""
    return address if address.startswith(PREFIX) else ""


def _address(request: HttpRequest | None) -> str:
    return client_address(request) if request is not None else ""


def _with_origin(view: Any) -> Any:
    """Let audit events say which request they come from."""

    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = audit.set_origin(
            request_id=getattr(request, "request_id", ""), address=client_address(request)
        )
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        finally:
            audit.reset_origin(token)
        return response

    return seen


site = OperatorSite(name="operator")
