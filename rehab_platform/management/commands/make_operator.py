"""`manage.py make_operator`: somebody who runs the platform and works in no clinic."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from clinics.actions.logins import LoginExists, make_operator
from clinics.actors import system
from clinics.models import User
from rehab_platform.asking import password_asked


class Command(BaseCommand):
    help = "Make an operator's login. The password is asked for, or piped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="one that nobody signs in with yet")
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = User.objects.normalize(options["email"]), options["name"].strip()
        if not name:
            raise CommandError("--name is empty")
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("--email is no address") from None
        password = password_asked(email, name, whose="the operator")
        try:
            make_operator(
                email=email, name=name, password=password, by=system(), now=timezone.now()
            )
        except LoginExists as refused:
            raise CommandError(f"--email: {refused}") from None
        self.stdout.write(f"{email} may sign in at /operator/ and operate the platform.")
