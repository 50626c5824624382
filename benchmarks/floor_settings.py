"""A Django that does nothing beside its views: the floor has no middleware, no auth, no audit."""

from __future__ import annotations

from benchmarks.settings import *

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.floors"
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("allauth")]
