"""The product's settings with the benchmark's addresses beside the product's own."""

from __future__ import annotations

from rehab_platform.settings.local import *

INSTALLED_APPS += ["benchmarks"]
ROOT_URLCONF = "benchmarks.urls"
