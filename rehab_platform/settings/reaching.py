"""How people are reached: by mail, in a browser, by text message. Part of `base`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rehab_platform.settings import environment
from rehab_platform.settings.environment import all_or_none

MAIL_FOLDER = Path(__file__).resolve().parents[2] / "var" / "mail"

# ---- Mail ----------------------------------------------------------------------------------------
# What is to be mailed waits in the outbox; a worker sends it, and no request waits for a server.
_mail = environment.mail(
    "EMAIL_URL",
    default=f"file://{MAIL_FOLDER}",
    hint="smtp+tls://user:password@host:587, smtps://…:465, smtp://host:25, file:///folder, console:,"
    " postmark://TOKEN@, brevo://KEY@, mailjet://KEY:SECRET@, mailgun://KEY@DOMAIN",
)
EMAIL_BACKEND: str = _mail.pop("EMAIL_BACKEND")
EMAIL_FILE_PATH: str = _mail.pop("EMAIL_FILE_PATH", "")
EMAIL_HOST: str = _mail.pop("EMAIL_HOST", "")
EMAIL_PORT: int = _mail.pop("EMAIL_PORT", 25)
EMAIL_HOST_USER: str = _mail.pop("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = _mail.pop("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = _mail.pop("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _mail.pop("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
# A provider tells of bounces at /hooks/mail, signed in with this; without it, nobody is listened to.
MAIL_PROVIDER: str = _mail.pop("MAIL_PROVIDER", "")
MAIL_WEBHOOK_SECRET = environment.template(
    "MAIL_WEBHOOK_SECRET",
    default="",
    must_hold=":",
    hint="user:password, as the provider is told to sign in at /hooks/mail.",
)
MAIL_WEBHOOK_SIGNING_KEY = environment.text(
    "MAIL_WEBHOOK_SIGNING_KEY",
    default="",
    hint="Mailgun's key for webhooks, where it is the provider.",
)
ANYMAIL: dict[str, Any] = _mail.pop("ANYMAIL", {}) | {
    "REQUESTS_TIMEOUT": (3, 10),
    # No picture and no link that tells who read a mail.
    "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
    "IGNORE_UNSUPPORTED_FEATURES": True,
    "WEBHOOK_SECRET": MAIL_WEBHOOK_SECRET,
}
if MAIL_WEBHOOK_SIGNING_KEY:
    ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = MAIL_WEBHOOK_SIGNING_KEY
DEFAULT_FROM_EMAIL = environment.text(
    "MAIL_FROM", default="rehab@localhost", hint="Whom mails come from: rehab@example.org"
)
APP_URL = environment.text(
    "APP_URL", default="", hint="Where people open the app; mails lead there. Without: no links."
).rstrip("/")

# ---- Other ways to reach people ------------------------------------------------------------------
# Not offered before they are set: keys are made by `manage.py make_vapid_keys`, never by default.
VAPID_PRIVATE_KEY = environment.text(
    "VAPID_PRIVATE_KEY", default="", hint="python manage.py make_vapid_keys prints it."
)
VAPID_PUBLIC_KEY = environment.text(
    "VAPID_PUBLIC_KEY", default="", hint="python manage.py make_vapid_keys prints it."
)
VAPID_SUBJECT = environment.text(
    "VAPID_SUBJECT", default="", hint="Whom push services may write to: rehab@example.org"
)
all_or_none(
    VAPID_PRIVATE_KEY=VAPID_PRIVATE_KEY,
    VAPID_PUBLIC_KEY=VAPID_PUBLIC_KEY,
    VAPID_SUBJECT=VAPID_SUBJECT,
)
PUSH_HOSTS = environment.words(
    "PUSH_HOSTS",
    default="fcm.googleapis.com,updates.push.services.mozilla.com,*.notify.windows.com,"
    "*.push.apple.com",
    hint="The push services that browsers may name, separated by commas.",
)
SMS_URL = environment.template(
    "SMS_URL",
    default="",
    must_hold="{to}",
    hint="Apprise's address of a gateway, {to} for the number: json://gateway.example.org/?:to={to}",
)
