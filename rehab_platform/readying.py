"""What a server does before its first thread."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from core.bodies import prepare

OURS = frozenset(
    {"core", "clinics", "programs", "patients", "sessions", "reminders", "rehab_platform"}
)


def ready_for_threads() -> None:
    """Import every view, and prepare every struct that one reads or writes."""
    import_module(settings.ROOT_URLCONF)
    prepare(OURS)
