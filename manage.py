#!/usr/bin/env python
"""
Django's commands. `python3 dev.py manage …` runs them with a database at hand.

The commands that own tables connect as the owner; all others as the application, like the server.
"""

from __future__ import annotations

import os
import sys

AS_OWNER = frozenset(
    {"migrate", "flush", "load_catalogue", "new_epoch", "pgtrigger", "sqlmigrate", "dbshell"}
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.local")
    os.environ.setdefault("REHAB_PROCESS", "command")
    if AS_OWNER.intersection(sys.argv[1:2]):
        os.environ.setdefault("REHAB_CONNECT_AS", "owner")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
