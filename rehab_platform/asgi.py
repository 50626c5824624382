"""The entry point for a server that speaks ASGI; the views are synchronous."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.production")
os.environ.setdefault("REHAB_PROCESS", "web")

from django.core.asgi import get_asgi_application

from rehab_platform.readying import ready_for_threads

application = get_asgi_application()
ready_for_threads()
