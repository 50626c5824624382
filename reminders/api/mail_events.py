"""
Where the mail's provider tells what became of a mail. It is no part of the API.

Whoever calls proves to be the provider (its signature, and a user and password that it was given);
what they tell changes something only where the mail's own token comes back with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Final

from anymail.exceptions import AnymailError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reminders.actions.bounces import MailEvent, note_mail_events
from reminders.delivery_tokens import CARRIED_AS
from reminders.models import Contact

LARGEST: Final = 1024 * 1024
MOST_EVENTS: Final = 1000
_MALFORMED: Final = (
    ValueError, LookupError, TypeError, AttributeError, RecursionError, AnymailError,
    ImproperlyConfigured,  # another of their webhooks leads here
)  # fmt: skip
# An address that takes no mail today may take some tomorrow: each provider says so in its way.
_SOFT: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "brevo": lambda said: said.get("event") == "soft_bounce",
    "mailgun": lambda _said: False,
    "mailjet": lambda said: said.get("hard_bounce") is not True,
    "postmark": lambda said: said.get("Type") == "SoftBounce",
}
_FOR_GOOD: Final = frozenset({RejectReason.BOUNCED, RejectReason.INVALID})

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """
    Take what the provider tells. 200: it was understood, and need not be told again.

    404 where no provider is listened to; 403 for whoever is none; 400 for what is none of theirs;
    503 where rows are held for too long, or the database is away: the provider tells it again.
    """
    if not (settings.MAIL_PROVIDER and settings.MAIL_WEBHOOK_SECRET):
        return HttpResponse(status=404)
    if len(request.body) > LARGEST:
        return HttpResponse(status=413)
    provider = _provider(settings.MAIL_PROVIDER)
    try:
        provider.run_validators(request)
    except _MALFORMED:  # a signature that is none is no fault of ours
        return HttpResponse(status=403)
    try:
        told = provider.parse_events(request)
        events = _understood(told[:MOST_EVENTS])
    except _MALFORMED:
        return HttpResponse(status=400)
    try:
        note_mail_events(events, now=timezone.now())
    except OperationalError as error:
        log.warning("mail events are to be told again", exc_info=error)
        return HttpResponse(status=503)
    return HttpResponse(status=200)


def _provider(name: str) -> AnymailBaseWebhookView:
    module = import_module(f"anymail.webhooks.{name}")
    return getattr(module, f"{name.title()}TrackingWebhookView")()


def _understood(told: Iterable[AnymailTrackingEvent]) -> list[MailEvent]:
    return [
        MailEvent(
            token=(one.metadata or {}).get(CARRIED_AS),
            recipient=str(one.recipient),
            because=because,
        )
        for one in told
        if (because := _because(one)) is not None
    ]


def _because(event: AnymailTrackingEvent) -> Contact.Disabled | None:
    if event.event_type == EventType.COMPLAINED:
        return Contact.Disabled.COMPLAINED
    is_bounce = event.event_type == EventType.BOUNCED and event.reject_reason in _FOR_GOOD
    if is_bounce and not _SOFT[settings.MAIL_PROVIDER](event.esp_event):
        return Contact.Disabled.BOUNCED
    return None
