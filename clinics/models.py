from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.constraints import one_of
from core.models import BaseModel


class ClinicQuerySet(models.QuerySet["Clinic"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the clinic that this request acts in; an operator in none sees them all."""
        if who is None:
            return self.none()
        if who.clinic_id is None:
            return self.all() if who.is_operator else self.none()
        return self.filter(pk=who.clinic_id)


class Clinic(BaseModel):
    """The tenant. Every clinical row belongs to exactly one clinic."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="en")
    country = models.CharField(
        max_length=2, help_text=_("ISO 3166-1 code; decides the emergency number.")
    )
    phone_number = models.CharField(max_length=32)
    on_call_contact = models.CharField(max_length=254, blank=True)
    quiet_from = models.TimeField(default=dt.time(21, 0))
    quiet_until = models.TimeField(default=dt.time(8, 0))
    summary_weekday = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    summary_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    holds_after_fall = models.BooleanField(
        default=True,
        db_default=True,
        help_text=_(
            "A fall pauses the patient until a therapist ends it; an emergency always does."
        ),
    )
    archived_at = models.DateTimeField(null=True)
    settings_version = models.PositiveIntegerField(
        default=1, help_text=_("Raised with each change of the settings; a change names it.")
    )

    objects = ClinicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(summary_weekday__range=(1, 7)),
                name="clinic_summary_weekday_is_iso",
            ),
            models.CheckConstraint(
                condition=Q(summary_hour__range=(0, 23)),
                name="clinic_summary_hour_is_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="clinic_country_is_iso"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="clinic_has_a_name"),
            models.CheckConstraint(
                condition=Q(time_zone__regex=r"^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$"),
                name="clinic_time_zone_is_area_and_city",
            ),
            models.CheckConstraint(
                condition=Q(language__regex=r"^[a-z]{2,3}(-[A-Z]{2})?$"),
                name="clinic_language_is_a_code",
            ),
            models.CheckConstraint(
                condition=Q(phone_number__regex=r"^[+]?[0-9][0-9 ()./-]{1,30}$"),
                name="clinic_phone_number_can_be_dialled",
            ),
            models.CheckConstraint(
                condition=Q(on_call_contact="")
                | Q(on_call_contact__regex=r"^[^[:space:]@]+@[^[:space:]@]+$"),
                name="clinic_on_call_contact_is_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize(email), **fields)
        user.set_password(password)
        user.save(force_insert=True)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize(username or ""))

    @staticmethod
    def normalize(email: str) -> str:
        """Fold an address to the one form in which it is stored: addresses are case-insensitive."""
        return email.strip().lower()


class User(AbstractBaseUser, BaseModel):
    """One login. It may hold memberships and patient records in several clinics."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(
        default=False, help_text=_("Platform staff: manages clinics, logins and what ships.")
    )
    token_epoch = models.PositiveIntegerField(
        default=0, help_text=_("Raised to end every device token of this user at once.")
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="one_user_for_an_email"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind web sessions to the password and the token epoch: what ends devices ends them."""
        said = f"{self.password}:{self.token_epoch}"
        salt = "clinics.models.User.session"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to those of the clinic that a member of staff, or an operator, acts in."""
        if who is None or not (who.is_staff or who.is_operator):
            return self.none()
        return self.filter(clinic_id=who.clinic_id)

    def working(self) -> Self:
        return self.filter(deactivated_at=None, user__is_active=True)


class Membership(BaseModel):
    """A user's role in a clinic. Deactivating it ends access with the next request."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("clinic administrator")
        THERAPIST = "therapist", _("therapist")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    deactivated_at = models.DateTimeField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "user", "role"],
                condition=Q(deactivated_at=None),
                name="one_working_membership_for_a_role",
            ),
            one_of("role", "admin, therapist", name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the user's own devices."""
        return self.filter(user_id=who.user_id) if who else self.none()

    def working(self, *, now: dt.datetime) -> Self:
        return self.filter(ended_at=None, ends_at__gt=now, epoch=F("user__token_epoch"))


class Device(BaseModel):
    """A signed-in phone or program. Only the SHA-256 of its token is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80)
    token_hash = models.BinaryField(max_length=32, unique=True)
    epoch = models.PositiveIntegerField()
    signed_in_at = models.DateTimeField()
    last_seen_on = models.DateField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("signed_in_at")),
                name="device_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="device_by_end")]

    def __str__(self) -> str:
        return str(self.pk)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, who: Actor | None) -> Self:
        """Restrict to the clinic's; a therapist sees those to records, each below its patient."""
        if who is None or not who.is_staff:
            return self.none()
        found = self.filter(clinic_id=who.clinic_id)
        return found if who.is_admin else found.filter(patient_id__isnull=False)


def done_by() -> models.ForeignKey[User, User]:
    """Say who did something: a login that stays, and from which nobody looks for it."""
    return models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")


def done_by_nobody_yet() -> models.ForeignKey[User | None, User | None]:
    """As `done_by`, of what may still be to do, or what the platform did itself."""
    return models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )


class Invitation(BaseModel):
    """
    Somebody is asked by mail to work in a clinic, to use a record of their own, or to care for one.

    Its code is made when its mail is sent, and only the SHA-256 of the newest is kept.
    """

    class Kind(models.TextChoices):
        MEMBER = "member", _("member")
        PATIENT = "patient", _("patient")
        CARER = "carer", _("carer")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    email = models.EmailField(max_length=254)
    roles = ArrayField(models.CharField(max_length=16), default=list, size=2)
    patient_id = models.UUIDField(
        null=True, help_text=_("Held by a key that the migrations of patients add.")
    )
    invited_by = done_by()
    invited_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    code_hash = models.BinaryField(max_length=32, null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = done_by_nobody_yet()
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", "member, patient, carer", name="invitation_kind_is_known"),
            models.CheckConstraint(
                condition=Q(
                    kind="member",
                    patient_id=None,
                    roles__len__gte=1,
                    roles__contained_by=["admin", "therapist"],
                )
                | (Q(patient_id__isnull=False, roles__len=0) & ~Q(kind="member")),
                name="invitation_is_to_roles_or_a_record",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""),
                name="invitation_email_is_lower_case",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("invited_at")), name="invitation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(times_sent__range=(1, 10)), name="invitation_is_sent_ten_times"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="invitation_is_accepted_or_revoked",
            ),
            models.UniqueConstraint(
                fields=["clinic", "kind", "email", "patient_id"],
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="one_open_invitation_for_an_address",
            ),
            models.UniqueConstraint(fields=["code_hash"], name="one_invitation_for_a_code"),
        ]
        indexes = [models.Index(fields=["patient_id"], name="invitation_of_patient")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PasswordReset(BaseModel):
    """A code that was mailed to a login, good once and for half an hour. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="password_resets")
    code_hash = models.BinaryField(max_length=32)
    epoch = models.PositiveIntegerField(
        help_text=_("The user's token epoch then: a changed password ends every older code.")
    )
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_hash"], name="one_reset_for_a_code"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("made_at")), name="reset_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="reset_by_its_end")]

    def __str__(self) -> str:
        return str(self.pk)


class Attempts(models.Model):
    """How often something was tried in a window, by a keyed hash of who or where."""

    key = models.BinaryField(max_length=32, primary_key=True)
    window_starts_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "clinics_attempts"
        indexes = [models.Index(fields=["window_starts_at"], name="attempts_by_window")]

    def __str__(self) -> str:
        return str(self.count)
