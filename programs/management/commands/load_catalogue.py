from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinics.actors import system
from core.errors import DomainError
from programs.actions.publish import Published, publish_catalogue
from programs.shipped import SHIPPED, CatalogueInvalid, read_catalogue


class Command(BaseCommand):
    """Loads what ships for all clinics. It may be run again and again."""

    help = "Checks the catalogue that ships, and publishes what is new or changed in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--directory",
            type=Path,
            default=SHIPPED,
            help="Where the catalogue's files are; by default, those that ship.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory.")
        try:
            done = publish_catalogue(read_catalogue(directory), by=system(), now=timezone.now())
        except CatalogueInvalid as refused:
            listed = "\n".join(f"  {problem}" for problem in refused.problems)
            raise CommandError(
                f"The catalogue is not valid. Nothing was loaded.\n{listed}"
            ) from None
        except DomainError as refused:
            raise CommandError(f"Nothing was loaded. {refused}") from None
        if options["verbosity"] > 0:
            self.stdout.write(summary(done))


def summary(done: Published) -> str:
    """Say what a load did, a line for each kind of change."""
    lines = [
        f"{word}: {', '.join(names)}"
        for word, names in (
            ("new", done.new),
            ("new version", done.changed),
            ("retired", done.retired),
            ("returned", done.returned),
        )
        if names
    ]
    return "\n".join([*lines, f"unchanged: {done.unchanged}"])
