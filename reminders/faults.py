"""What our own code, or a row that it did not expect, may come to: it holds up nobody else."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db import DataError, IntegrityError, ProgrammingError
from django.template import TemplateDoesNotExist, TemplateSyntaxError

# Where the database itself is away a run ends: nothing was sent or written.
FAULTS: Final = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError,
    MultipleObjectsReturned, ObjectDoesNotExist, TemplateDoesNotExist, TemplateSyntaxError,
    DataError, IntegrityError, ProgrammingError,
)  # fmt: skip


class ClinicsFaulty(RuntimeError):
    """Some clinics met a fault of ours; all others were dealt with."""
