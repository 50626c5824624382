"""How a web process speaks to PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus


class WebConnection(psycopg.Connection[Any]):
    """
    A connection that keeps what it has prepared when a request is refused.

    psycopg forgets all of it with each ROLLBACK, in case a table went with it: the application makes
    none. After a refusal each statement would be planned anew for its next five calls, which takes
    three times what running it does. After an error of the database itself it forgets as before, so
    that a statement whose columns were changed by an upgrade works again.
    """

    def rollback(self) -> None:
        """Undo the transaction; what was prepared stays unless a statement failed in it."""
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            with self.lock:
                if self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()
