"""The demo's mailbox. Local settings alone lead here (`rehab_platform.demo.urls`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

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
