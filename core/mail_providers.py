"""What a provider's interface answers when it does not take a mail, in this project's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

# We are not known there, may not send, or send too much: another mail fares no better.
_NOT_US: Final = frozenset({401, 403, 408, 429})


class NotTaken(OSError):
    """A provider that is no mail server did not take something. It names no address."""

    def __init__(
        self, what: str, *, is_final: bool = False, is_provider_down: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.is_final = is_final
        self.is_provider_down = is_provider_down


@contextmanager
def refused_by_provider() -> Iterator[None]:
    """
    :raises NotTaken: for good only where the provider refuses the recipient: a provider that
        refuses us must not cost anybody their address
    """
    try:
        yield
    except AnymailRecipientsRefused:
        raise NotTaken("RecipientsRefused", is_final=True) from None
    except AnymailAPIError as error:
        status = error.status_code
        is_down = status is None or status >= 500 or status in _NOT_US
        what = "ProviderUnreachable" if status is None else f"ProviderRefused {status}"
        raise NotTaken(what, is_provider_down=is_down) from None
