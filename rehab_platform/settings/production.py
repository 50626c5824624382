"""A server that people reach: TLS only, behind a proxy that says so."""

from __future__ import annotations

from rehab_platform.settings.base import *

ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS", hint="The host names this server answers to, separated by commas."
)
# A server that cannot mail would lose the alerts that wait for somebody.
environment.text("EMAIL_URL", hint="smtp+tls://user:password@mail.example.org:587")
environment.text("MAIL_FROM", hint="Whom mails come from: rehab@example.org")
# Every reminder carries a link that stops it.
environment.text("APP_URL", hint="Where people open the app: https://rehab.example.org")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# The API refuses plain HTTP instead of redirecting; probes come from inside.
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = True
WEB_COOKIE_NAME = "__Host-web"
