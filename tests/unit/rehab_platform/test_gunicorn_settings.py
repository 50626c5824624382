"""What the web server does that is more than a setting."""

from __future__ import annotations

import gc

from rehab_platform import gunicorn_settings


def test_what_a_worker_has_loaded_is_no_longer_looked_through():
    before = gc.get_freeze_count()
    try:
        gunicorn_settings.post_worker_init(None)
        looked_through = len(gc.get_objects())
        frozen = gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert before == 0
    assert frozen > 50_000
    assert looked_through < frozen / 10
