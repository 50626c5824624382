from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "rehab_sessions"  # "sessions" belongs to django.contrib.sessions
    verbose_name = _("Logged sessions")
