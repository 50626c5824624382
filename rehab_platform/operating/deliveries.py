"""What waits to go out, and what became of the last day's: numbers of all clinics, no one's rows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic
from rehab_platform.operating.glass import operator_of
from reminders.actions.retry import retry_failed
from reminders.queue import read_queue


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
            "lag_seconds": int(queue.lag.total_seconds()),
            "lateness_seconds": int(queue.worst_lateness.total_seconds()),
            "failed": queue.number("failed"),
        },
    )
