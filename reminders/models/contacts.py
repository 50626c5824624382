from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import Clinic, User
from core.constraints import one_of
from core.models import BaseModel


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    WEB_PUSH = "web_push", _("a message on the phone")
    SMS = "sms", _("text message")


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the user's own, in the clinic of the request; an operator: all of theirs."""
        if who is None or who.clinic_id is None or who.user_id is None:
            return self.none()
        if who.is_operator:
            return self.filter(clinic_id=who.clinic_id)
        return self.filter(clinic_id=who.clinic_id, user_id=who.user_id)

    def usable(self) -> Self:
        """Confirmed, and not disabled since."""
        return self.filter(confirmed_at__isnull=False, disabled_at=None)


class Contact(BaseModel):
    """
    Where one user is reached by one channel, for one clinic: an address, a number, a browser.

    Nothing is sent to it before it is confirmed, or after it was disabled. Of the code that
    confirms it, a keyed hash alone is kept.
    """

    class Disabled(models.TextChoices):
        BOUNCED = "bounced", _("the provider says that it does not exist")
        GONE = "gone", _("the browser took its permission back")
        COMPLAINED = "complained", _("marked as unwanted")
        REMOVED = "removed", _("taken away by its owner")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(
        max_length=1024, help_text=_("Address, number, or where a browser's messages are left.")
    )
    push_key = models.CharField(
        max_length=100, blank=True, help_text=_("The browser's public key (p256dh).")
    )
    push_secret = models.CharField(
        max_length=40, blank=True, help_text=_("What the browser shares with us (auth).")
    )
    code_hash = models.BinaryField(max_length=32, null=True)
    code_ends_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=12, choices=Disabled.choices, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "user", "channel", "address"], name="one_contact_for_an_address"
            ),
            one_of("channel", "email, web_push, sms", name="contact_channel_is_known"),
            one_of(
                "disabled_because",
                ", bounced, gone, complained, removed",
                name="contact_disabled_is_known",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_because="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_because="")),
                name="contact_disabled_says_why",
            ),
            models.CheckConstraint(
                condition=(Q(channel="web_push") & ~Q(push_key="") & ~Q(push_secret=""))
                | (~Q(channel="web_push") & Q(push_key="", push_secret="")),
                name="contact_of_a_browser_has_its_keys",
            ),
            models.CheckConstraint(
                condition=Q(code_hash=None, code_ends_at=None)
                | Q(code_hash__isnull=False, code_ends_at__isnull=False),
                name="contact_code_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(code_attempts__range=(0, 5)), name="contact_code_is_tried_five_times"
            ),
            models.CheckConstraint(condition=~Q(address=""), name="contact_has_an_address"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gte=F("added_at")),
                name="contact_is_confirmed_after_it_is_added",
            ),
        ]
        indexes = [models.Index(fields=["address"], name="contact_by_address")]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    def is_usable(self) -> bool:
        return self.confirmed_at is not None and self.disabled_at is None

    def disable(self, because: Disabled, *, now: dt.datetime) -> None:
        self.disabled_at, self.disabled_because = now, because
        self.save(update_fields=["disabled_at", "disabled_because", "updated_at"])
