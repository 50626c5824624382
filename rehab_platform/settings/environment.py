"""
The one reader of the environment: typed, and loud at start-up.

`NAME_FILE` may hold the path of a file with the value instead of `NAME` itself, as secret stores
mount them. Messages name the variable and never repeat its value, which may be a secret.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from environ.fileaware_mapping import FileAwareMapping
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

_env = Env()
_env.ENVIRON = FileAwareMapping(cache=False)
_POSTGRES = ("postgresql://", "postgres://")
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
# What each provider's interface needs, and where in the URL it stands.
_MAIL_PROVIDERS = {
    "brevo": {"API_KEY": "username"},
    "mailgun": {"API_KEY": "username", "SENDER_DOMAIN": "hostname"},
    "mailjet": {"API_KEY": "username", "SECRET_KEY": "password"},
    "postmark": {"SERVER_TOKEN": "username"},
}
_REDIS = ("redis://", "rediss://", "unix://")


class SettingUnusable(ImproperlyConfigured):
    """An environment variable is missing or malformed; the message says what to set."""

    def __init__(self, name: str, problem: str, hint: str) -> None:
        super().__init__(f"{name} {problem}. {hint}")


def text(name: str, *, hint: str, default: str | None = None) -> str:
    """Return a variable's text. Empty counts as missing; without a default, missing stops."""
    value = _raw(name, hint=hint)
    if value:
        return value
    if default is None:
        raise SettingUnusable(name, "is not set", hint)
    return default


def integer(name: str, *, hint: str, default: int, least: int = 0) -> int:
    """Return a whole number of at least `least`."""
    value = text(name, hint=hint, default=str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise SettingUnusable(name, f"is not a whole number of at least {least}", hint)
    return int(value)


def flag(name: str, *, hint: str, default: bool) -> bool:
    """Return true or false, and refuse anything that is not clearly one of them."""
    value = text(name, hint=hint, default=str(default)).lower()
    if value not in {"1", "true", "yes", "0", "false", "no"}:
        raise SettingUnusable(name, "is neither true nor false", hint)
    return value in {"1", "true", "yes"}


def words(name: str, *, hint: str, default: str | None = None) -> list[str]:
    """Return the comma-separated parts, trimmed, without empty ones."""
    parts = [part.strip() for part in text(name, hint=hint, default=default).split(",")]
    return [part for part in parts if part]


def choice(name: str, *, hint: str, default: str, options: frozenset[str]) -> str:
    """Return one of the options."""
    value = text(name, hint=hint, default=default)
    if value not in options:
        raise SettingUnusable(name, f"is none of {', '.join(sorted(options))}", hint)
    return value


def secret(name: str, *, hint: str, least: int) -> str:
    """Return a secret of at least `least` characters, at least five of them different."""
    value = text(name, hint=hint)
    if len(value) < least or len(set(value)) < 5 or value.startswith("django-insecure"):
        raise SettingUnusable(name, f"is too weak: give at least {least} random characters", hint)
    return value


def template(name: str, *, hint: str, default: str, must_hold: str) -> str:
    """Return a text with a place in it that is filled in later; empty where there is none."""
    value = text(name, hint=hint, default=default)
    if value and must_hold not in value:
        raise SettingUnusable(name, f"does not hold {must_hold}", hint)
    return value


def all_or_none(**values: str) -> None:
    """Refuse variables that belong together and are set in part."""
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(values):
        others = ", ".join(sorted(set(values) - set(missing)))
        raise SettingUnusable(missing[0], "is not set", f"It belongs to {others}: set all or none.")


def postgres(name: str, *, hint: str) -> dict[str, Any]:
    """Return Django's connection settings for a PostgreSQL URL; a socket may be its host."""
    value = text(name, hint=hint)
    if not value.startswith(_POSTGRES):
        raise SettingUnusable(name, "is no PostgreSQL URL (postgresql://…)", hint)
    try:
        parts = conninfo_to_dict(value)
    except ProgrammingError:
        raise SettingUnusable(name, "is no PostgreSQL URL (postgresql://…)", hint) from None
    ports = str(parts.get("port", "0")).split(",")
    if not all(port.isascii() and port.isdigit() for port in ports):
        raise SettingUnusable(name, "is no PostgreSQL URL: its port is no number", hint)
    if not (parts.get("dbname") and parts.get("user")):
        raise SettingUnusable(name, "names no database or no role", hint)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user"),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": dict(parts),
    }


def redis(name: str, *, hint: str, default: str | None = None) -> str:
    """Return the URL of a server that speaks the Redis protocol."""
    value = text(name, hint=hint, default=default)
    if not value.startswith(_REDIS):
        raise SettingUnusable(name, "is no Redis URL (redis://…)", hint)
    return value


def mail(name: str, *, hint: str, default: str | None = None) -> dict[str, Any]:
    """Return Django's mail settings for smtp:, smtp+tls:, smtps:, file:, console: or a provider."""
    parts = urlsplit(text(name, hint=hint, default=default))
    backend = "django.core.mail.backends."
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backend}console.EmailBackend"}
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        folder = unquote(parts.path)
        return {"EMAIL_BACKEND": f"{backend}filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if parts.scheme in _MAIL_PROVIDERS:
        return _mail_provider(name, parts, hint)
    try:
        port = parts.port or _MAIL_PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise SettingUnusable(name, "is no mail server's URL (smtp+tls://…)", hint) from None
    if not parts.hostname:
        raise SettingUnusable(name, "names no mail server", hint)
    return {
        "EMAIL_BACKEND": f"{backend}smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def _mail_provider(name: str, parts: SplitResult, hint: str) -> dict[str, Any]:
    """Return the settings of a provider's interface: its keys, and another address of it."""
    needed = _MAIL_PROVIDERS[parts.scheme]
    said = {"username": parts.username, "password": parts.password, "hostname": parts.hostname}
    missing = [part for part in needed.values() if not said[part]]
    if missing:
        raise SettingUnusable(name, f"lacks a part for {parts.scheme}: {missing[0]}", hint)
    keys = {key: unquote(said[part] or "") for key, part in needed.items()}
    if api := parse_qs(parts.query).get("api"):
        keys["API_URL"] = api[0]
    prefix = parts.scheme.upper()
    return {
        "EMAIL_BACKEND": f"anymail.backends.{parts.scheme}.EmailBackend",
        "MAIL_PROVIDER": parts.scheme,
        "ANYMAIL": {f"{prefix}_{key}": value for key, value in keys.items()},
    }


def _raw(name: str, *, hint: str) -> str:
    try:
        value = _env.str(name, default="")
    except (OSError, ValueError, ImproperlyConfigured):
        raise SettingUnusable(name, "names a file that cannot be read", hint) from None
    return str(value).strip()
