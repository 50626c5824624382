"""What a command asks of whoever runs it."""

from __future__ import annotations

import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from clinics.models import User


def password_asked(email: str, name: str, *, whose: str) -> str:
    """Ask twice at a terminal; take one line from a pipe."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password of {whose}: ")
        if getpass.getpass("Again: ") != password:
            raise CommandError("The two passwords are not the same.")
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
