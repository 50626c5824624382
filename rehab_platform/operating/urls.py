"""The operators' pages, below /operator/. Importing the pages registers them."""

from __future__ import annotations

from rehab_platform.operating import audited, care, catalogue, clinical, people, told
from rehab_platform.operating.site import site

__all__ = ["PAGES", "site"]

PAGES = (people, catalogue, clinical, care, told, audited)
