"""
Breaking the glass: for an hour an operator sees one clinic's rows, having said why.

What was opened lies in the operator's web session, and so ends with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.actions.operating import LEAST_REASON, MOST_REASON
from clinics.actors import ADMIN, OPERATOR, Actor
from clinics.models import Clinic, User

KEY = "glass"
LASTS = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Glass:
    """Which clinic an operator looks into, why, and until when."""

    user_id: UUID
    clinic_id: UUID
    clinic_name: str
    reason: str
    until: dt.datetime

    @property
    def reader(self) -> Actor:
        return Actor(user_id=self.user_id, acting_as=OPERATOR, clinic_id=self.clinic_id)

    @property
    def manager(self) -> Actor:
        """The same, with an administrator's rights to people: never to what ails them."""
        return Actor(
            user_id=self.user_id,
            acting_as=OPERATOR,
            clinic_id=self.clinic_id,
            roles=frozenset({ADMIN}),
        )


class GlassForm(forms.Form):
    clinic = forms.ModelChoiceField(Clinic.objects.none(), label=_("Clinic"))
    reason = forms.CharField(
        label=_("Why do you look?"),
        min_length=LEAST_REASON,
        max_length=MOST_REASON,
        help_text=_("The clinic's audit keeps it, with every page that you see."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = cast("forms.ModelChoiceField[Clinic]", self.fields["clinic"])
        chosen.queryset = Clinic.objects.visible_to(by).order_by("name", "pk")


def operator_of(request: HttpRequest) -> Actor:
    """Return who asks, outside every clinic; the site let operators through alone."""
    return Actor(user_id=cast(User, request.user).pk, acting_as=OPERATOR)


def glass_of(request: HttpRequest) -> Glass | None:
    """Return what this session has open, if its hour is not over."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    until = dt.datetime.fromisoformat(kept["until"])
    if until <= timezone.now():
        return None
    return Glass(
        user_id=cast(User, request.user).pk,
        clinic_id=UUID(kept["clinic"]),
        clinic_name=kept["name"],
        reason=kept["reason"],
        until=until,
    )


def keep_open(request: HttpRequest, clinic: Clinic, reason: str, *, now: dt.datetime) -> None:
    request.session[KEY] = {
        "clinic": str(clinic.pk),
        "name": clinic.name,
        "reason": reason,
        "until": (now + LASTS).isoformat(),
    }


def close(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
