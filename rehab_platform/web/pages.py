"""The frame of every page of the web side, and the page that everybody starts from."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from clinics.actors import THERAPIST, Actor
from clinics.http import client_address
from clinics.models import Membership, User
from core import audit
from core.errors import Invalid, NotFound
from core.tenancy import set_clinic
from patients.presenters.whoami import who_am_i

NOTES: Final = {
    "signed-out": _("You are signed out."),
    "password": _("Your new password is set. Sign in with it."),
}
"""What has just happened, by the word that an address carries in `done`."""


class WithOrigin:
    """Lets audit events say which request they come from."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = audit.set_origin(
            request_id=getattr(request, "request_id", ""), address=client_address(request)
        )
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
        finally:
            audit.reset_origin(token)


class WebPage(WithOrigin, View):
    """
    A page for whoever is signed in. From the first query to the last, it is one transaction.

    Whoever is not is asked to sign in, and then led back.
    """

    http_method_names = ["get", "head", "post"]
    user: User
    now: dt.datetime

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = signed_in(request)
        if user is None:
            asked = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_login')}?{asked}")
        self.user, self.now = user, timezone.now()
        try:
            with transaction.atomic():
                return super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None
        except Invalid:
            raise BadRequest from None
        finally:
            if connection.in_atomic_block and not connection.needs_rollback:
                set_clinic(None)  # a transaction around this one must not inherit its clinic

    @property
    def actor(self) -> Actor:
        """The login itself, in no clinic and about no record yet."""
        return Actor(user_id=self.user.pk, acting_as="user")


class Start(WebPage):
    """Where this login belongs, in plain words."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = who_am_i(self.actor, now=self.now)
        roles = dict(Membership.Role.choices)
        context = {
            "own": [one for one in found.records if one.acting_as == "patient"],
            "cared_for": [one for one in found.records if one.acting_as == "carer"],
            "work": [
                (one.clinic, one.clinic_name, roles[one.role], one.role == THERAPIST)
                for one in found.memberships
            ],
        }
        return render(request, "web/start.html", context)


def signed_in(request: HttpRequest) -> User | None:
    """Return who is signed in to the web side. Operators never are: they have pages of their own."""
    user: User | AnonymousUser = request.user
    return user if isinstance(user, User) and user.is_active and not user.is_operator else None
