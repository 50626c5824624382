from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from reminders.channels.vapid import VapidKeys
from reminders.push_endpoints import is_key


def test_the_command_prints_two_lines_for_env_and_never_the_same() -> None:
    printed = [StringIO(), StringIO()]
    for each in printed:
        call_command("make_vapid_keys", stdout=each)

    said = dict(line.split("=", 1) for line in printed[0].getvalue().splitlines())
    keys = VapidKeys(private=said["VAPID_PRIVATE_KEY"], public=said["VAPID_PUBLIC_KEY"])
    assert set(said) == {"VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY"}
    assert (len(keys.private), is_key(keys.public)) == (43, True)
    assert keys.private_pem().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert keys.public_pem().startswith(b"-----BEGIN PUBLIC KEY-----")
    assert printed[0].getvalue() != printed[1].getvalue()
