from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlatformConfig(AppConfig):
    """The composition root: an app for its management commands, and it has no models."""

    name = "rehab_platform"
    verbose_name = _("Platform")

    def ready(self) -> None:
        """Make our Celery application the one that shared tasks belong to, in every process."""
        import_module("rehab_platform.celery")
