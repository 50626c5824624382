"""
Stopping mails by the link that each of them carries: no sign-in, nothing about anybody's health.

A mail program may do it with one click (RFC 8058): such a request comes from elsewhere by its
nature, and it alone may.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from clinics.actors import CARER, Actor
from clinics.models import Clinic
from core.errors import NotFound
from core.tenancy import clinic_context
from rehab_platform.web.pages import WithOrigin
from reminders.actions.stopping import are_stopped, holder_of, start_mails, stop_mails
from reminders.stop_links import StopLink, read_stop_token

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
WHAT: Final = {
    "reminder": _("Reminders of your plan"),
    "copy": _("Copies of reminders for the person you help"),
    "weekly_summary": _("The mail about your week"),
    "digest": _("The mail about the week of your patients"),
}


@method_decorator(csrf_exempt, name="dispatch")
class StopMails(WithOrigin, View):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return _by_hand(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        name, value = ONE_CLICK
        if request.POST.get(name) == value:
            return _answered(token, lambda link, by: _stopped(request, link, by))
        return _by_hand(request, token)


@csrf_protect
def _by_hand(request: HttpRequest, token: str) -> HttpResponse:
    """Show what can be stopped; a button of this page stops it, or starts it again."""
    is_pressed = request.method == "POST"
    return _answered(token, lambda link, by: (_pressed if is_pressed else _page)(request, link, by))


def _answered(token: str, answer: Callable[[StopLink, Actor], HttpResponse]) -> HttpResponse:
    """Answer in the context of the link's clinic, for whom it was made. Whoever left is not found."""
    link = read_stop_token(token)
    response = None
    if link is not None:
        with clinic_context(link.clinic), suppress(NotFound):
            response = answer(link, holder_of(link))
    if response is None:
        raise Http404
    return response


def _stopped(request: HttpRequest, link: StopLink, by: Actor) -> HttpResponse:
    stop_mails(link=link, by=by, now=timezone.now())
    return _page(request, link, by)


def _pressed(request: HttpRequest, link: StopLink, by: Actor) -> HttpResponse:
    change = {"stop": stop_mails, "start": start_mails}.get(request.POST.get("do", ""))
    if change is not None:
        change(link=link, by=by, now=timezone.now())
    return redirect(request.path)


def _page(request: HttpRequest, link: StopLink, by: Actor) -> HttpResponse:
    kind = "copy" if by.acting_as == CARER else link.kind
    context = {
        "clinic": Clinic.objects.get(pk=link.clinic).name,
        "what": WHAT[kind],
        "is_stopped": are_stopped(link, by),
    }
    response = render(request, "web/stop.html", context)
    add_never_cache_headers(response)
    return response
