"""
The demo: two clinics in different time zones, four therapists, twenty patients, six weeks.

`clinics.yaml` says who is there and `kinds.yaml` how each kind of patient does. Everything clinical
goes through the product's own actions, with the clock that they are given set back.
"""

from __future__ import annotations

from rehab_platform.demo.now import is_shown, show_everything
from rehab_platform.demo.people import PASSWORD
from rehab_platform.demo.seeding import refuse_in_production, seed, sign_ins
from rehab_platform.demo.story import DemoRefused, confirm_everything

__all__ = [
    "PASSWORD",
    "DemoRefused",
    "confirm_everything",
    "is_shown",
    "refuse_in_production",
    "seed",
    "show_everything",
    "sign_ins",
]
