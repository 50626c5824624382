"""`manage.py seed_demo`: a clinic to look at, made once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rehab_platform import demo


class Command(BaseCommand):
    help = "Make the demo clinic, unless it is there, and print its sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.seed(now=timezone.now())
        except demo.DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(demo.sign_ins())
