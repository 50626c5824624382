"""`manage.py seed_demo`: a clinic to look at, made once, and mails to look at each time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rehab_platform import demo


class Command(BaseCommand):
    help = "Make the demo clinic, unless it is there; show mails now; print its sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            demo.seed(now=now)
        except demo.DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(demo.sign_ins())
        if demo.is_shown():
            done = [f"  {line}" for line in demo.show_everything(now=now)]
            self.stdout.write("\n".join(["\nIn the mailbox", *done]))
