"""Answers are JSON, made of structs by msgspec without passing through a serializer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from core.bodies import encode


class BodyRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Encode a struct, mapping or list; no body for None (204, 304)."""
        return b"" if data is None else encode(data)
