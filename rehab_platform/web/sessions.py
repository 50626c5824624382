"""
Web sessions of patients, carers and staff: a store, a cookie and addresses of their own.

The operators' pages and the API never look at them, and these pages never at an operator's. They end
with the login, with its password or token epoch (`User._get_session_auth_hash`), and when idle.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.cache import SessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

PATH: Final = "/"
PAGES: Final = frozenset({"", "account", "digests", "summaries"})
"""The first part of each address that knows who is signed in."""


class WebSession(SessionStore):
    """Ends when nothing was asked for the length of `WEB_SESSION_IDLE_SECONDS`."""

    # A key of this store opens nothing in the operators' one, nor the other way round.
    cache_key_prefix = "rehab.web.session"

    def get_session_cookie_age(self) -> int:
        return int(settings.WEB_SESSION_IDLE_SECONDS)


class OnWebPages(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.split("/", 2)[1] not in PAGES:
            return self.get_response(request)  # type: ignore[return-value]
        return super().__call__(request)  # type: ignore[return-value]


class Sessions(OnWebPages):
    def process_request(self, request: HttpRequest) -> None:
        request.session = WebSession(request.COOKIES.get(settings.WEB_COOKIE_NAME))

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Each page that was looked at begins the idle time anew; none of them is kept anywhere."""
        add_never_cache_headers(response)
        patch_vary_headers(response, ["Cookie"])
        session = request.session
        if not session.accessed:
            return response
        if session.is_empty():
            if settings.WEB_COOKIE_NAME in request.COOKIES:
                response.delete_cookie(settings.WEB_COOKIE_NAME, path=PATH, samesite="Lax")
        elif response.status_code < 500:
            _keep(request, response)
        return response


class SignedIn(OnWebPages, AuthenticationMiddleware):
    pass


def _keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Store the session, and give its key in a cookie that ends with the browser's window."""
    try:
        request.session.save()
    except UpdateError:
        raise SessionInterrupted(_("This sign-in has ended. Sign in again.")) from None
    response.set_cookie(
        settings.WEB_COOKIE_NAME,
        str(request.session.session_key),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
