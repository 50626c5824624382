from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from psycopg import _queries

LONGEST_STATEMENT = 64 * 1024


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("What was done")

    def ready(self) -> None:
        """
        Let psycopg keep how it read our longer statements, too.

        It reads a statement's places for values once, and again each time where it is longer than
        4,096 characters, since such statements are mostly made by an ORM. Ours are fixed texts.
        """
        _queries.MAX_CACHED_STATEMENT_LENGTH = LONGEST_STATEMENT
