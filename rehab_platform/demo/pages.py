"""The demo's mailbox, and its buttons that fill it. Local settings alone lead here (`rehab_platform.demo.urls`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from csp.decorators import csp, csp_update
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from rehab_platform.demo import now as buttons
from rehab_platform.demo.mailbox import Letter, letter, newest

# A mail brings its own looks, and may do nothing.
AS_MAIL: Final = {
    "sandbox": [""],
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
}


@require_http_methods(["GET", "HEAD", "POST"])
def now(request: HttpRequest) -> HttpResponse:
    """Show the buttons; press one, and say what that did."""
    context: dict[str, Any] = {"reminded": buttons.reminded(), "chosen": "", "done": ""}
    if request.method == "POST":
        context["chosen"] = request.POST.get("patient", "")
        context["done"] = _press(request.POST.get("do", ""), context["chosen"])
    return _fresh(render(request, "demo/now.html", context))


def _press(button: str, number: str) -> str:
    if button == "week":
        return buttons.tell_last_week(now=timezone.now())
    if button != "remind" or number not in {one.number for one in buttons.reminded()}:
        raise BadRequest
    try:
        return buttons.remind(number, now=timezone.now())
    except LookupError:
        raise Http404 from None


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    return _fresh(render(request, "demo/mails.html", {"letters": newest(_folder())}))


@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: its text, and its HTML in a frame of its own."""
    return _fresh(render(request, "demo/mail.html", {"letter": _named(name)}))


@csp(AS_MAIL)  # type: ignore[arg-type]
@xframe_options_sameorigin
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    html = _named(name).html
    if not html:
        raise Http404
    return _fresh(HttpResponse(html))


def _named(name: str) -> Letter:
    found = letter(_folder(), name)
    if found is None:
        raise Http404
    return found


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _fresh(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response
