"""How English pages write an instant: never without its zone."""

from __future__ import annotations

DATETIME_FORMAT = "N j, Y, H:i T"
