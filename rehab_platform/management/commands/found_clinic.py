"""`manage.py found_clinic`: a clinic, and the administrator who invites everybody else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from clinics.models import Clinic, Membership, User
from clinics.settings_rules import fault_of
from rehab_platform.asking import password_asked
from rehab_platform.founding import found_clinic, give_role, make_login

SETTINGS = {
    "name": "name",
    "time_zone": "time_zone",
    "country": "country",
    "phone_number": "phone",
}


class Command(BaseCommand):
    help = "Make a clinic and its first administrator. The password is asked for, or piped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the clinic's name")
        parser.add_argument("--time-zone", required=True, help="for example Europe/Lisbon")
        parser.add_argument("--country", required=True, help="ISO 3166-1 code, for example PT")
        parser.add_argument("--phone", required=True, help="the number that patients call")
        parser.add_argument("--admin-name", required=True)
        parser.add_argument("--admin-email", required=True, help="a login that exists is taken")

    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize(options["admin_email"])
        self._check(options, email)
        user = User.objects.filter(email=email).first()
        password = (
            "" if user else password_asked(email, options["admin_name"], whose="the administrator")
        )
        now = timezone.now()
        with transaction.atomic():
            clinic = found_clinic(
                name=options["name"].strip(),
                time_zone=options["time_zone"],
                country=options["country"],
                phone_number=options["phone"].strip(),
                now=now,
            )
            user = user or make_login(
                name=options["admin_name"].strip(), email=email, password=password, now=now
            )
            give_role(clinic=clinic, user=user, role=Membership.Role.ADMIN, now=now)
        self.stdout.write(
            f"{clinic.name} is there ({clinic.pk}). {email} may sign in and manage it."
        )

    def _check(self, options: dict[str, Any], email: str) -> None:
        """Refuse what cannot be, naming the option at fault; nothing is written."""
        for name in ("name", "phone", "admin_name"):
            if not options[name].strip():
                raise CommandError(f"--{name.replace('_', '-')} is empty")
        for name, option in SETTINGS.items():
            if fault := fault_of(name, options[option].strip()):
                raise CommandError(f"--{option.replace('_', '-')}: {fault.detail}")
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("--admin-email is no address") from None
        if Clinic.objects.filter(name=options["name"].strip()).exists():
            raise CommandError("--name: there is a clinic of that name")
