"""Which address a browser may name: https, a known push service, and nothing that looks like one."""

from __future__ import annotations

import pytest

from reminders.push_endpoints import Endpoint, endpoint_of, is_key, is_secret
from tests.factories.push import KEY, SECRET

HOSTS = [
    "fcm.googleapis.com", "updates.push.services.mozilla.com", "*.notify.windows.com",
    "*.push.apple.com",
]  # fmt: skip

RIGHT = [
    ("https://fcm.googleapis.com/fcm/send/dX9:APA91b_x-Y", "/fcm/send/dX9:APA91b_x-Y"),
    ("https://fcm.googleapis.com:443/wp/abc", "/wp/abc"),
    ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", "/wpush/v2/gAAA"),
    ("https://wns2-par02p.notify.windows.com/w/?token=BQYA%2b%2f", "/w/?token=BQYA%2b%2f"),
    ("https://web.push.apple.com/QGh~x", "/QGh~x"),
    ("https://web.push.apple.com/", "/"),
]


@pytest.mark.parametrize(("address", "path"), RIGHT)
def test_a_push_service_s_address_is_taken(address: str, path: str) -> None:
    found = endpoint_of(address, hosts=HOSTS)

    assert found == Endpoint(address.split("/")[2].removesuffix(":443"), path)


HOSTILE = [
    "", "https://", "https:///x", "fcm.googleapis.com/x", "//fcm.googleapis.com/x",
    "http://fcm.googleapis.com/x", "HTTPS://fcm.googleapis.com/x", "ftp://fcm.googleapis.com/x",
    "file:///etc/passwd", "gopher://fcm.googleapis.com/x", "javascript:alert(1)",
    "https://fcm.googleapis.com", "https://fcm.googleapis.com:80/x", "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:/x", "https://fcm.googleapis.com:443:80/x", "https://fcm.googleapis.com./x",
    "https://FCM.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x",
    "https://evil.example/fcm.googleapis.com", "https://evilfcm.googleapis.com/x",
    "https://user@fcm.googleapis.com/x", "https://fcm.googleapis.com@evil.example/x",
    "https://user:pass@fcm.googleapis.com/x", "https://fcm.googleapis.com%40evil.example/x",
    "https://evil.example#@fcm.googleapis.com/x", "https://evil.example?@fcm.googleapis.com/x",
    "https://evil.example\\@fcm.googleapis.com/x", "https://fcm.googleapis.com\\@evil.example/x",
    "https://fcm.googleapis.com/x#fragment", "https://fcm.googleapis.com/x y",
    "https://fcm.googleapis.com/x\r\nHost: evil.example", "https://fcm.googleapis.com/\x00",
    "https://fcm.googleapis.com/x\n", " https://fcm.googleapis.com/x", "https://fcm.googleapis.com/é",
    "https://ｆcm.googleapis.com/x", "https://fcm。googleapis.com/x",
    "https://notify.windows.com/x", "https://.notify.windows.com/x", "https://evilnotify.windows.com/x",
    "https://a.notify.windows.com.evil.example/x", "https://push.apple.com/x",
    "https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x",
    "https://0177.0.0.1/x", "https://017700000001/x", "https://0/x", "https://0.0.0.0/x",
    "https://localhost/x", "https://localhost.localdomain/x", "https://[::1]/x", "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x", "https://[::ffff:7f00:1]/x", "https://[fe80::1]/x", "https://[fd00::1]/x",
    "https://10.0.0.1/x", "https://172.16.0.1/x", "https://192.168.0.1/x", "https://169.254.169.254/latest",
    "https://224.0.0.1/x", "https://100.64.0.1/x", "https://metadata.google.internal/x",
    "https://127.0.0.1.nip.io/x", "https://fcm.googleapis.com/" + "x" * 1024,
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_whatever_is_no_push_service_s_is_refused(address: str) -> None:
    assert endpoint_of(address, hosts=HOSTS) is None


def test_a_path_has_a_length() -> None:
    prefix = "https://web.push.apple.com"

    assert endpoint_of(prefix + "/" + "x" * (1024 - len(prefix) - 1), hosts=HOSTS) is not None
    assert endpoint_of(prefix + "/" + "x" * (1024 - len(prefix)), hosts=HOSTS) is None


def test_no_host_is_known_where_none_is_listed() -> None:
    assert endpoint_of(RIGHT[0][0], hosts=[]) is None


@pytest.mark.parametrize(
    ("text", "key", "secret"),
    [
        (KEY, True, False),
        (f"{KEY}=", True, False),
        (SECRET, False, True),
        (f"{SECRET}==", False, True),
        ("B" + "A" * 86, True, False),
        ("A" + KEY[1:], False, False),
        (KEY[:-2], False, False),
        (SECRET + "AA", False, False),
        ("", False, False),
        ("=", False, False),
        ("a b", False, False),
        (KEY.replace(KEY[5], "+", 1), False, False),
    ],
    ids=range(12),
)
def test_what_a_browser_s_keys_look_like(text: str, key: bool, secret: bool) -> None:
    assert (is_key(text), is_secret(text)) == (key, secret)
