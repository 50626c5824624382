"""`manage.py benchmark`: measure on the servers that `python3 dev.py benchmark` started."""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from benchmarks import deliveries, over_http, summaries, weekly
from benchmarks.cpu import PROC, cpu_model
from benchmarks.figures import Finding, Side, table_of_findings, table_of_sides

PARTS = ("http", "weekly", "summaries", "deliveries")


class Command(BaseCommand):
    help = "Measure the platform against its floors, and print the ratios."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what; else everything")
        parser.add_argument("--quick", action="store_true", help="little data, a few calls")
        parser.add_argument(
            "--large", action="store_true",
            help="weekly alone, of 100,000 patients with 12 and 52 weeks: some 30 GB on the disk",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        quick: bool = options["quick"]
        large: bool = options["large"]
        parts: list[str] = ["weekly"] if large else options["parts"] or list(PARTS)
        url = os.environ["BENCHMARK_SUPERUSER_URL"]
        self.stdout.write(machine(url))
        sides: list[Side] = []
        found: list[Finding] = []
        with psycopg.connect(in_database(url, "template1"), autocommit=True) as server:
            connection.close()
            server.execute("CREATE DATABASE catalogue TEMPLATE rehab OWNER rehab_owner")
        if "http" in parts:
            more, figures = self._over_http(url, quick=quick)
            sides += more
            found += figures
        for part, measuring, turns in (
            ("weekly", weekly, 3), ("summaries", summaries, 3), ("deliveries", deliveries, 1),
        ):  # fmt: skip
            if part in parts:
                sizes = measuring.QUICK if quick else measuring.FULL
                more, figures = measuring.measure(
                    weekly.LARGE if large else sizes,
                    turns=1 if quick else turns,
                    url_of=lambda name: in_database(url, name),
                    say=self._say,
                )
                sides += more
                found += figures
        self.stdout.write("\n" + table_of_sides(sides) + "\n\n" + table_of_findings(found))

    def _over_http(self, url: str, *, quick: bool) -> tuple[list[Side], list[Finding]]:
        size = over_http.QUICK if quick else over_http.FULL
        self._say(f"Measuring over HTTP, with {size.sets:,} logged sets of history …")
        with psycopg.connect(url, autocommit=True) as server:
            return over_http.measure(
                size,
                server=server,
                app_url=os.environ["DATABASE_URL"],
                floor_url=url,
                now=timezone.now(),
                log=Path(os.environ["BENCHMARK_WEB_LOG"]),
            )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def in_database(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def machine(url: str) -> str:
    """Say on what, when and with which versions this was measured."""
    with psycopg.connect(url) as server:
        postgres = server.info.server_version
    processor = cpu_model((PROC / "cpuinfo").read_text(), os.cpu_count() or 1)
    return (
        f"{timezone.now():%Y-%m-%d %H:%M} UTC · {processor} · Python "
        f"{platform.python_version()} · PostgreSQL {postgres // 10000}.{postgres % 10000}"
    )
