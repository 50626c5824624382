"""What a monitor reads: how deliveries and jobs fare, as numbers, with a token of the monitor's own."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from core.models import JobRun
from reminders.queue import Queue, read_queue


class _Numbers:
    """The numbers of one moment. Settled deliveries are those of the day before it."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "rehab_deliveries_lag_seconds",
            "How long the delivery that is due longest has waited.",
            value=self.queue.lag.total_seconds(),
        )
        yield GaugeMetricFamily(
            "rehab_deliveries_worst_lateness_seconds",
            "The longest that something sent within a day came after its time.",
            value=self.queue.worst_lateness.total_seconds(),
        )
        by = ["state", "kind", "channel", "reason", "error"]
        deliveries = GaugeMetricFamily(
            "rehab_deliveries", "Due and waiting now, or settled within a day.", labels=by
        )
        for count in self.queue.counts:
            deliveries.add_metric([getattr(count, name) for name in by], count.number)
        yield deliveries
        jobs = GaugeMetricFamily(
            "rehab_job_last_started_seconds",
            "When a periodic job last began, in seconds since 1970.",
            labels=["job", "outcome"],
        )
        for run in JobRun.objects.order_by("name"):
            jobs.add_metric([run.name, run.last_outcome], run.last_started_at.timestamp())
        yield jobs


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format. Without the monitor's token there is no such page."""
    said = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    if not wanted or not hmac.compare_digest(said.encode(), wanted.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(read_queue(now=timezone.now())))
    response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response
