"""The web server's entry point."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.production")
os.environ.setdefault("REHAB_PROCESS", "web")

from django.core.wsgi import get_wsgi_application

from rehab_platform.readying import ready_for_threads

application = get_wsgi_application()
ready_for_threads()
