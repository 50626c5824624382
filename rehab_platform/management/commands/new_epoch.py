from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinics.actors import system
from core.epochs import begin_epoch


class Command(BaseCommand):
    """Run it after each restore from a backup, before the server answers again."""

    help = (
        "Begins a new epoch after a restore from a backup: each phone reads its changes from the "
        "beginning, and sends again what it kept."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        value = begin_epoch(by=system(), now=timezone.now())
        if options["verbosity"] > 0:
            self.stdout.write(f"epoch: {value}")
