"""
Web sessions, signing in by them and messages, for the operators' pages alone.

Elsewhere each of these steps aside: a request of the API neither reads nor sets a cookie of theirs.
"""

from __future__ import annotations

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

PREFIX = "/operator/"


class OnOperatorsPages(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)  # type: ignore[return-value]
        return super().__call__(request)  # type: ignore[return-value]


class Sessions(OnOperatorsPages, SessionMiddleware):
    pass


class SignedIn(OnOperatorsPages, AuthenticationMiddleware):
    pass


class Messages(OnOperatorsPages, MessageMiddleware):
    pass
