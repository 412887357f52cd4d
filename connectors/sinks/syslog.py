"""The sink `syslog`: each revision as a syslog message (RFC 5424), as structured data with text, or as CEF or LEEF for a SIEM.

    [sinks.siem]
    type = "syslog"
    host = "siem.example.org"
    transport = "tls"                    # tls (port 6514, RFC 5425), tcp (601) or udp (514)
    format = "cef"                       # cef, leef or rfc5424

Over TCP and TLS messages are framed by octet counting (RFC 6587, 3.4.1). Syslog has no answers: what a receiver did not read when a connection broke is
lost to it. So before a batch counts as delivered the connection is looked at, and one that was closed meanwhile gets the batch again; UDP
promises nothing. `alert_id` and `revision` are the key to drop repeats.
"""

import socket
import ssl
from collections.abc import Sequence
from typing import Literal

from connectors.sinks.sink import BATCH_MAX, TIMEOUT_S, AwayError, Memory, Refusal, Revisions, SinkConfig
from connectors.sinks.syslogforms import make_message
from pipeline.errors import ConfigError
from pipeline.incidents.wording import clean
from pipeline.records import Alert

PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
MESSAGE_BYTES_MAX = {"tls": 8_192, "tcp": 8_192, "udp": 2_048}
"""rsyslog takes 8 KB by default; over UDP receivers should take 2,048 (RFC 5424, 6.1)."""


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "syslog"
    host: str
    port: int = 0  # 0: that of the transport
    transport: Literal["tls", "tcp", "udp"] = "tls"
    format: Literal["cef", "leef", "rfc5424"] = "rfc5424"
    ca_file: str = ""
    timeout_s: float = TIMEOUT_S


class SyslogSink:
    """One receiver."""

    revisions: Revisions = "append"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        self.name = name
        self.config = config
        if not config.host:
            raise ConfigError("host: name one")
        self._port = config.port or PORTS[config.transport]
        self._socket: socket.socket | None = None
        self._host = clean(socket.gethostname()).replace(" ", "-")[:255] or "-"

    def open(self, _: Memory) -> None:
        """Nothing to do: the receiver is met with the first batch."""

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Send a message for each."""
        if not alerts:
            return ()
        most = MESSAGE_BYTES_MAX[self.config.transport]
        messages = [make_message(a, self.config.format, self._host, most) for a in alerts]
        try:
            connection = self._connect()
            if self.config.transport == "udp":
                for message in messages:
                    connection.send(message)
            else:
                _look(connection)
                connection.sendall(b"".join(b"%d %s" % (len(m), m) for m in messages))
                _look(connection)
        except OSError as error:
            self.close()
            is_setup = isinstance(error, ssl.SSLCertVerificationError)
            raise AwayError(f"{self.config.host}:{self._port}: {error}", is_setup=is_setup) from error
        return ()

    def _connect(self) -> socket.socket:
        if self._socket is None:
            config = self.config
            address = (config.host, self._port)
            if config.transport == "udp":
                family, kind, proto, _, target = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
                made = socket.socket(family, kind, proto)
                made.connect(target)
            else:
                made = socket.create_connection(address, config.timeout_s)
                if config.transport == "tls":
                    trusted = ssl.create_default_context(cafile=config.ca_file or None)
                    made = trusted.wrap_socket(made, server_hostname=config.host)
            made.settimeout(config.timeout_s)
            self._socket = made
        return self._socket

    def close(self) -> None:
        """Close the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()


def _look(connection: socket.socket) -> None:
    """Raise when the receiver has closed: it says nothing else, so whatever can be read is an end."""
    limit = connection.gettimeout()
    connection.settimeout(0)
    try:
        if connection.recv(1) == b"":
            raise ConnectionResetError("the receiver closed the connection")
    except (BlockingIOError, ssl.SSLWantReadError):
        return
    finally:
        connection.settimeout(limit)
