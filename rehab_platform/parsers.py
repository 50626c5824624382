"""The one kind of body that is read: strict JSON within a bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from core import strict_json
from core.errors import BodyTooLarge, Invalid


class StrictJSONParser(BaseParser):
    """Parse `application/json`; every other media type is answered with 415 by the framework."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """
        Return the body's object. A view raises its bound by `max_body_bytes`.

        :raises BodyTooLarge: by the length announced, or by the bytes that really came
        :raises Invalid: not strict JSON
        """
        context = parser_context or {}
        most = getattr(context.get("view"), "max_body_bytes", strict_json.MAX_BYTES)
        if _announced_length(context.get("request")) > most:
            raise BodyTooLarge(extra={"max_bytes": most})
        try:
            raw = stream.read(most + 1)
        except UnreadablePostError:
            raise Invalid.at("", "body_cut_off", _("The body did not arrive whole.")) from None
        return strict_json.loads(raw, max_bytes=most)


def _announced_length(request: Any) -> int:
    announced = str(request.META.get("CONTENT_LENGTH") or "") if request is not None else ""
    return int(announced) if announced.isascii() and announced.isdigit() else 0
