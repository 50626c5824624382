"""
What could not be done, each with a stable `code` that clients may rely on.

Errors are named beside the action that raises them and derive from the bases here; one handler at
the edge turns them into problem details (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from msgspec import Struct


class FieldError(Struct, frozen=True, kw_only=True):
    """
    One thing that is wrong with what was sent.

    `field` is a dotted path ("results.0.sets.1.repetitions"); empty means the whole of it.
    """

    field: str
    code: str
    detail: str


class DomainError(Exception):
    """
    Something could not be done for a reason that the caller can understand.

    `field` names what in the request is the cause; `extra` adds members to the problem body, and
    must hold nothing but technical facts (ids, versions, limits). `keeps_writes`: what was written
    before it stays, such as a counted attempt.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    keeps_writes: ClassVar[bool] = False
    message: ClassVar[str | Promise] = _("This could not be done.")

    def __init__(
        self,
        message: str | Promise | None = None,
        *,
        field: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.detail = self.message if message is None else message
        self.field = field
        self.extra = dict(extra or {})

    def __str__(self) -> str:
        return str(self.detail)

    @property
    def errors(self) -> list[FieldError]:
        """The field named, if there is one, as the list that a problem body carries."""
        if not self.field:
            return []
        return [FieldError(field=self.field, code=self.code, detail=str(self))]


class Invalid(DomainError):
    """What was sent does not hold together. Raise it with every FieldError that is known."""

    code = "invalid"
    status = 400
    message = _("What was sent is not valid.")

    def __init__(
        self,
        errors: Sequence[FieldError] = (),
        *,
        message: str | Promise | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, extra=extra)
        self._errors = list(errors)

    @classmethod
    def at(cls, field: str, code: str, detail: str | Promise) -> Invalid:
        """Make the error for a single field."""
        return cls([FieldError(field=field, code=code, detail=str(detail))])

    @property
    def errors(self) -> list[FieldError]:
        return self._errors

    def __str__(self) -> str:
        return " ".join([str(self.detail), *(error.detail for error in self._errors)])


class BodyTooLarge(DomainError):
    code = "body_too_large"
    status = 413
    message = _("The body is larger than this address accepts.")


class NotSignedIn(DomainError):
    code = "not_signed_in"
    status = 401
    message = _("Sign in first.")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    message = _("You may not do this.")


class NotFound(DomainError):
    """What is not there and what the caller may not see answer alike."""

    code = "not_found"
    status = 404
    message = _("There is nothing here.")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    message = _("This contradicts what is already stored.")
