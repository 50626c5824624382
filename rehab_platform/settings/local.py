"""The demo and a developer's own machine: plain HTTP on loopback, otherwise as in production."""

from __future__ import annotations

from rehab_platform.settings.base import *

# Pages work without a collectstatic first.
STORAGES |= {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# The demo's mailbox: no other settings lead there.
ROOT_URLCONF = "rehab_platform.demo.urls"
