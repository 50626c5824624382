"""What waits to go out, and what became of the last day's: numbers of all clinics, no one's rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic
from programs.wording import time_in_words
from rehab_platform.operating.glass import operator_of
from rehab_platform.operating.reasons import channel_name, why
from reminders.actions.retry import retry_failed
from reminders.models import Delivery
from reminders.queue import Count, read_queue


def deliveries(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Show the queue; by POST let what failed and is of use start over."""
    now = timezone.now()
    if request.method == "POST":
        by = operator_of(request)
        clinics = Clinic.objects.filter(archived_at=None).order_by("pk")
        number = sum(
            retry_failed(clinic_id=clinic_id, by=by, now=now)
            for clinic_id in clinics.values_list("pk", flat=True)
        )
        messages.success(request, _("Start over: %(number)d") % {"number": number})
        return redirect("operator:deliveries")
    queue = read_queue(now=now)
    return TemplateResponse(
        request,
        "operating/deliveries.html",
        context
        | {
            "title": _("Reminders and weekly mails"),
            "queue": queue,
            "totals": [
                (label, queue.number(state))
                for state, label in (
                    ("waiting", _("due and waiting")),
                    ("sent", _("sent")),
                    ("suppressed", _("no longer wanted")),
                    ("expired", _("too late")),
                    ("failed", _("failed")),
                )
            ],
            "lag": _long(queue.lag),
            "lateness": _long(queue.worst_lateness),
            "rows": [_in_words(count) for count in queue.counts],
            "failed": queue.number("failed"),
        },
    )


def _long(span: dt.timedelta) -> str:
    return time_in_words(int(span.total_seconds()))


def _in_words(count: Count) -> list[tuple[str, str]]:
    """Return the cells of a row, each with its column's name."""
    because = "; ".join(one for one in (why(count.reason), count.error) if one)
    return [
        (_("State"), str(Delivery.State(count.state).label)),
        (_("Kind"), str(Delivery.Kind(count.kind).label)),
        (_("Channel"), channel_name(count.channel)),
        (_("Why"), because),
        (_("Number"), str(count.number)),
    ]
