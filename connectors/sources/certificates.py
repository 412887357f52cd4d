"""Which servers' certificates end soon, noted as connections are made.

A response can't be asked: a short answer gives its connection back before anybody reads it.
"""

import ssl
from datetime import UTC, datetime, timedelta

SOON = timedelta(days=30)
"""What holds longer is not kept: there may be as many hosts as feeds."""


class Certificates:
    """The ends of the certificates that end soon, by host."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    def until(self, host: str | None) -> datetime | None:
        """When the host's certificate ends; None when that is not soon, or it has none."""
        return self._ends.get((host or "").casefold())

    def watch(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """The context, whose handshakes are noted from now on."""
        note = self._note

        class Noting(ssl.SSLObject):
            def do_handshake(self) -> None:
                super().do_handshake()
                note(self)

        context.sslobject_class = Noting
        return context

    def _note(self, connection: ssl.SSLObject) -> None:
        given = connection.getpeercert() or {}
        host = (connection.server_hostname or "").casefold()
        end = given.get("notAfter")
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(end)), UTC) if end else None
        if until is not None and until - datetime.now(UTC) < SOON:
            self._ends[host] = until
        else:
            self._ends.pop(host, None)
