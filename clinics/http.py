"""
The base of every API view: who is this, may they, in which clinic, in one transaction.

A view names its `scope` and, for each method, who may call it. What is not named is denied.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics.actors import ADMIN, CARER, OPERATOR, PATIENT, THERAPIST, Actor
from clinics.models import User
from clinics.tokens import hash_token
from core import audit
from core.bodies import decode, decode_query
from core.errors import DomainError, Forbidden, Invalid, NotFound, NotSignedIn
from core.tenancy import set_clinic

Body = TypeVar("Body")

ANYONE = frozenset({"anyone"})
USERS = frozenset({"user"})
RECORD_HOLDERS = frozenset({PATIENT, CARER})
THERAPISTS = frozenset({THERAPIST})
STAFF = frozenset({THERAPIST, ADMIN})
ADMINS = frozenset({ADMIN})
OPERATORS = frozenset({OPERATOR})


class Scope(Enum):
    """What a request is about: nothing, its user, one record, one clinic, or the platform."""

    PUBLIC = "public"
    USER = "user"
    RECORD = "record"
    CLINIC = "clinic"
    OPERATOR = "operator"


CHOICE_HEADER = {Scope.RECORD: "X-Record", Scope.CLINIC: "X-Clinic"}


class TokenInvalid(NotSignedIn):
    code = "token_invalid"
    message = _("This sign-in has ended. Sign in again.")


class RecordRequired(Invalid):
    code = "record_required"


class ClinicRequired(Invalid):
    code = "clinic_required"


class ApiView(APIView):
    """
    One resource. Everything between the first and the last query is one transaction.

    `access` maps lower-case methods to those who may call them. A successful GET about a patient
    leaves its audit event in the same transaction.
    """

    scope: ClassVar[Scope]
    access: ClassVar[Mapping[str, frozenset[str]]] = {}
    max_body_bytes: ClassVar[int] = 256 * 1024
    audited_as: ClassVar[str] = ""

    now: dt.datetime
    read_patients: tuple[UUID, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.now = timezone.now()
        token = audit.set_origin(
            request_id=getattr(request, "request_id", ""),
            address=client_address(request),
        )
        try:
            if self.scope is Scope.PUBLIC:
                return super().dispatch(request, *args, **kwargs)
            with transaction.atomic():
                return super().dispatch(request, *args, **kwargs)
        finally:
            audit.reset_origin(token)
            if connection.in_atomic_block and not connection.needs_rollback:
                set_clinic(None)  # a transaction around this one must not inherit its clinic

    def perform_authentication(self, request: Request) -> None:
        request.actor = None  # type: ignore[attr-defined]
        if self.scope is not Scope.PUBLIC:
            request.actor = who = identify(request, self.scope, now=self.now)  # type: ignore[attr-defined]
            _log_as(request, who)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code < 400 and request.method in ("GET", "HEAD"):
            self._audit_read(request)
        if "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "no-store"
        return response

    def _audit_read(self, request: Request) -> None:
        who: Actor | None = getattr(request, "actor", None)
        if who is None or not self.audited_as:
            return
        patients = self.read_patients or self._patient_named(who)
        audit.record(
            action=f"read_{self.audited_as}",
            by=who,
            now=self.now,
            patient_id=patients[0] if len(patients) == 1 else None,
            details={"patients": [str(one) for one in patients]} if len(patients) > 1 else {},
        )

    def _patient_named(self, who: Actor) -> tuple[UUID, ...]:
        named = who.patient_id or self.kwargs.get("patient_id")
        return (named,) if named else ()

    @property
    def actor(self) -> Actor:
        """The one who acts; the permission check has run."""
        who: Actor | None = getattr(self.request, "actor", None)
        if who is None:
            raise NotSignedIn
        return who

    def body(self, kind: type[Body]) -> Body:
        """Return the request's body as that struct, or refuse it with the field's name."""
        if self.request.META.get("CONTENT_LENGTH") in (None, "", "0"):
            raise Invalid.at("", "empty_body", _("The body is empty."))
        return decode(self.request.data, kind)

    def query(self, kind: type[Body]) -> Body:
        """Return the query string as that struct, or refuse it with the parameter's name."""
        return decode_query(self.request.GET, kind)

    def reads(self, patients: Iterable[UUID]) -> None:
        """Say which patients' records this answer shows, for the audit."""
        self.read_patients = tuple(patients)


class PublicView(ApiView):
    scope = Scope.PUBLIC


class UserView(ApiView):
    scope = Scope.USER


class RecordView(ApiView):
    """Under `me/`: the patient's own record, or one that a carer may act for (header X-Record)."""

    scope = Scope.RECORD

    @property
    def patient_id(self) -> UUID:
        patient_id = self.actor.patient_id
        if patient_id is None:
            raise NotFound(_("There is no such record."))
        return patient_id


class StaffView(ApiView):
    """A clinic's therapists and administrators (header X-Clinic)."""

    scope = Scope.CLINIC


class OperatorView(ApiView):
    """The platform itself, for its operators: outside every clinic."""

    scope = Scope.OPERATOR


def identify(request: Request | HttpRequest, scope: Scope, *, now: dt.datetime) -> Actor:
    """
    Return who sends this request, in one statement that also sets the clinic context.

    :raises NotSignedIn: no token, or one that is unknown, ended, expired or of an ended login
    :raises RecordRequired, ClinicRequired: several places fit and none was chosen
    :raises NotFound: the chosen place is not this user's, or does not exist
    """
    if scope is Scope.OPERATOR:
        return _as_operator(identify(request, Scope.USER, now=now))
    chosen = _chosen(request, scope)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM identify(%s, %s, %s, %s)",
            [hash_token(_bearer(request)), scope.value, chosen, now],
        )
        row = cursor.fetchone()
    if row is None:
        raise TokenInvalid
    (
        user_id,
        device_id,
        choices,
        clinic_id,
        patient_id,
        acting_as,
        membership_id,
        roles,
    ) = row
    if scope is not Scope.USER and choices != 1:
        raise _not_one_place(scope, chosen, choices)
    return Actor(
        user_id=user_id,
        acting_as=acting_as,
        device_id=device_id,
        clinic_id=clinic_id,
        membership_id=membership_id,
        patient_id=patient_id,
        roles=frozenset(roles),
    )


def _as_operator(who: Actor) -> Actor:
    """
    Return an operator as such. Whoever is none acts as a user, whom no such view names.

    One statement more, which the addresses of everybody else do without.
    """
    operators = User.objects.filter(is_operator=True, is_active=True)
    is_one = who.user_id is not None and operators.filter(pk=who.user_id).exists()
    return replace(who, acting_as=OPERATOR) if is_one else who


def client_address(request: Request | HttpRequest) -> str:
    """
    Return where a request came from, as far as it can be believed.

    Each of our proxies (settings.TRUSTED_PROXIES) adds the address it saw to X-Forwarded-For;
    what stands before those was said by the caller and is not looked at.
    """
    count: int = settings.TRUSTED_PROXIES
    seen = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if count and len(seen) >= count and seen[-count]:
        return str(seen[-count])
    return str(request.META.get("REMOTE_ADDR", ""))


def _log_as(request: Request, who: Actor) -> None:
    """Let the access log say who asked, in which clinic: ids alone."""
    fields: dict[str, object] | None = getattr(request, "log_fields", None)
    if fields is not None:
        fields["user_id"] = who.user_id
        fields["clinic_id"] = who.clinic_id


def _not_one_place(scope: Scope, chosen: UUID | None, choices: int) -> DomainError:
    if scope is Scope.RECORD:
        if choices > 1:
            return RecordRequired.at("X-Record", RecordRequired.code, _("Say which record."))
        return NotFound(_("There is no such record."))
    if choices > 1:
        return ClinicRequired.at("X-Clinic", ClinicRequired.code, _("Say which clinic."))
    if chosen is None:
        return Forbidden(_("You do not work in a clinic."))
    return NotFound(_("There is no such clinic."))


def _chosen(request: Request | HttpRequest, scope: Scope) -> UUID | None:
    header = CHOICE_HEADER.get(scope)
    value = request.headers.get(header, "") if header else ""
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise Invalid.at(header or "", "wrong_type", _("This must be a UUID.")) from None


TOKEN = re.compile(r"^Bearer ([A-Za-z0-9_-]{20,200})$")


def _bearer(request: Request | HttpRequest) -> str:
    match = TOKEN.match(request.headers.get("Authorization", ""))
    if match is None:
        raise NotSignedIn
    return match[1]


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a struct."""
    return Response(body, status=status, headers=headers)
