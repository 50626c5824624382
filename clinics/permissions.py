"""
What the framework asks before a view runs.

A module of its own: the framework loads it while it loads the base classes of `clinics.http`.
"""

from __future__ import annotations

from collections.abc import Mapping

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import Forbidden, NotSignedIn


class DenyByDefault(BasePermission):
    """
    Allow only what the view's `access` names for the method.

    A method that the view does not have is let through: the framework answers it with 405. HEAD is
    asked for as GET.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        method = (request.method or "").lower().replace("head", "get")
        access: Mapping[str, frozenset[str]] = getattr(view, "access", {})
        allowed = access.get(method, frozenset())
        if "anyone" in allowed:
            return True
        who = getattr(request, "actor", None)
        if who is None:
            raise NotSignedIn
        if not hasattr(view, method) or allowed & ({who.acting_as, "user"} | who.roles):
            return True
        raise Forbidden
