"""
The test suite, and the tools that only need to import the project (mypy, schema, linters).

`tests/services.py` starts the servers and sets their addresses before this is imported.
"""

from __future__ import annotations

import os

os.environ.setdefault("SECRET_KEY", "for the tests only: 0123456789 abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("DATABASE_URL", "postgresql://rehab_app@127.0.0.1:1/nowhere")
os.environ.setdefault("DATABASE_OWNER_URL", "postgresql://rehab_owner@127.0.0.1:1/nowhere")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from rehab_platform.settings.base import *

APPLICATION_DATABASE = environment.postgres("DATABASE_URL", hint="The role that serves.")
OWNER_DATABASE = environment.postgres("DATABASE_OWNER_URL", hint="The role that owns tables.")
WORKER_NAME = os.environ.get("PYTEST_XDIST_WORKER", "main")

# Planned once, as the web server does it: most of what the suite asked of PostgreSQL was the same plans anew.
DATABASES["default"]["OPTIONS"]["options"] += " -c plan_cache_mode=force_generic_plan"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CACHES["default"]["KEY_PREFIX"] = f"rehab-test-{WORKER_NAME}"
CELERY_BROKER_TRANSPORT_OPTIONS |= {"global_keyprefix": f"rehab-test-{WORKER_NAME}:"}
# A hasher that costs nothing: what is tested is the sign-in, not Argon2.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES |= {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
LOGGING = logging_settings(level="WARNING")
