"""`manage.py make_vapid_keys`: the keys by which push services know this installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reminders.channels.vapid import new_vapid_keys


class Command(BaseCommand):
    help = "Print new keys for web push. Browsers that subscribed with earlier ones ask again."

    def handle(self, *args: Any, **options: Any) -> None:
        keys = new_vapid_keys()
        self.stdout.write(f"VAPID_PRIVATE_KEY={keys.private}")
        self.stdout.write(f"VAPID_PUBLIC_KEY={keys.public}")
