"""What a new password must not be, beside Django's own rules (settings.AUTH_PASSWORD_VALIDATORS)."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_FEWEST_CHARACTERS = 5
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")


class GuessablePasswordValidator:
    """
    Refuse what lists of stolen passwords are full of: a common one with digits or signs around it
    ("Password2026!!"), with letters that look alike ("p4ssw0rd1234"), written twice
    ("sunshinesunshine"), or a few characters over and over.
    """

    def __init__(self) -> None:
        self._common: set[str] = CommonPasswordValidator().passwords

    def validate(self, password: str, user: object = None) -> None:
        if len(set(password)) < _FEWEST_CHARACTERS or self._is_common_inside(password.lower()):
            raise ValidationError(self.get_help_text(), code="password_too_guessable")

    def get_help_text(self) -> str:
        return _("A common password with something added is guessed as fast. Use several words.")

    def _is_common_inside(self, password: str) -> bool:
        cores = {_EDGES.sub("", password), _EDGES.sub("", password.translate(_LEET))}
        halves = {core[: len(core) // 2] for core in cores if core[: len(core) // 2] * 2 == core}
        return any(core in self._common for core in cores | halves)
