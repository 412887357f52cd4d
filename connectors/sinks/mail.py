"""The sink `mail`: alerts by mail, each as it comes or together in a digest, as plain text and HTML.

    [sinks.duty]
    type = "mail"
    host = "mail.example.org"
    security = "starttls"                # starttls (port 587), tls (465) or none (25)
    username = "tocsin"
    password_file = "/run/secrets/mail"
    sender = "tocsin@example.org"
    recipients = ["duty@example.org"]
    digest = "never"                     # never, hourly or daily
    digest_at = "06:30"                  # of a daily one, UTC

Later revisions answer the first mail about their alert (`In-Reply-To`, `References`, RFC 5322), so that a client shows one thread. A repetition
has the same `Message-ID`. A digest has the latest revision of each alert that came since the last one, the worst first.
"""

import hashlib
import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

import structlog

from connectors.sinks import mailtext
from connectors.sinks.card import make_card
from connectors.sinks.sink import (
    BATCH_SINGLE_MAX,
    TIMEOUT_S,
    AwayError,
    Memory,
    Refusal,
    Remembered,
    Revisions,
    SinkConfig,
    need_secret,
    write_each,
)
from pipeline.errors import ConfigError, RejectedError, RetryableError
from pipeline.records import SEVERITIES, Alert

PORTS = {"starttls": 587, "tls": 465, "none": 25}
DIGEST_ALERTS_MAX = 200
"""In full in one digest; it says how many more there were."""
DIGEST_HELD_MAX = 10_000
DIGEST_NOTE = "digest sent for"
POLICY = SMTP.clone(max_line_length=300)
"""Within the 998 of RFC 5322, 2.1.1; at 78 a long subject would begin with a line break."""

log = structlog.get_logger()


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "mail"
    host: str
    port: int = 0  # 0: that of the security
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""  # certificates to trust instead of the system's
    username: str = ""
    password: str = ""
    password_file: str = ""
    sender: str
    recipients: tuple[str, ...]
    digest: Literal["never", "hourly", "daily"] = "never"
    digest_at: str = "06:00"  # of a daily one, UTC
    timeout_s: float = TIMEOUT_S  # for each mail, whole


class MailSink:
    """One mail server, one list of recipients."""

    revisions: Revisions = "thread"
    batch_max = BATCH_SINGLE_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        self.name = name
        self.config = config
        self._password = need_secret(config.password, config.password_file, "password") if config.username else ""
        if not config.recipients:
            raise ConfigError("recipients: name at least one")
        self._sender, *self._recipients = [
            _address(a, key) for a, key in ((config.sender, "sender"), *((r, "recipients") for r in config.recipients))
        ]
        try:
            self._digest_at = datetime.strptime(config.digest_at, "%H:%M").replace(tzinfo=UTC)
        except ValueError as error:
            raise ConfigError('digest_at: must be a time such as "06:30" (UTC)') from error
        if config.security == "none" and config.username:
            raise ConfigError('security: "none" would send the password in the open; use starttls or tls')
        self._memory: Memory | None = None
        self._left: dict[str, list[str]] = {}
        self._server: smtplib.SMTP | None = None

    def open(self, memory: Memory) -> None:
        """Nothing to do: the server is met with the first mail."""
        self._memory = memory

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Send a mail for each, or keep them for the digest."""
        if self.config.digest != "never":
            self._remembering.hold(alerts)
            return ()
        try:
            return write_each(alerts, self._deliver)
        finally:
            self.close()

    def tick(self, now: datetime) -> None:
        """Send the digest when its time has come."""
        if self.config.digest == "never":
            return
        period = self._period(now)
        if self._remembering.note(DIGEST_NOTE) >= period.isoformat():
            return
        alerts = self._remembering.held(DIGEST_HELD_MAX)
        if alerts:
            try:
                self._send(self._make_digest(alerts, period))
            except RejectedError as error:
                raise AwayError(f"the digest was refused: {error}", is_setup=True) from error
            finally:
                self.close()
            log.info("digest_sent", sink=self.name, alerts=len(alerts))
        self._remembering.let_go(alerts)
        self._remembering.write_note(DIGEST_NOTE, period.isoformat())

    def close(self) -> None:
        """Leave the server."""
        server, self._server = self._server, None
        if server is not None:
            try:
                with self._deadline(server):
                    server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    @property
    def _remembering(self) -> Memory:
        if self._memory is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        return self._memory

    def _period(self, now: datetime) -> datetime:
        """The latest time at which a digest was due."""
        if self.config.digest == "hourly":
            return now.replace(minute=0, second=0, microsecond=0)
        due = now.replace(hour=self._digest_at.hour, minute=self._digest_at.minute, second=0, microsecond=0)
        return due if due <= now else due - timedelta(days=1)

    def _deliver(self, alert: Alert) -> None:
        card = make_card(alert)
        known = self._remembering.know([alert.alert_id]).get(alert.alert_id)
        thread = known.note if known else ""
        mail = self._begin(
            f"Re: {thread}" if thread else mailtext.subject(card), _message_id(alert, self._sender.domain)
        )
        mail["X-Tocsin-Alert"] = f"{alert.alert_id}; revision={alert.revision}; severity={alert.severity}"
        # Clients put mails into one thread that name the same first one, even one that they never got.
        mail["References"] = f"<{_digits(alert)}@{self._sender.domain}>"
        if thread:
            mail["In-Reply-To"] = mail["References"]
        if alert.severity in {"high", "critical"} and not thread:
            mail["Importance"] = "high"
        mail["Date"] = alert.last_seen
        mail.set_content(mailtext.plain(card))
        mail.add_alternative(mailtext.page([mailtext.html(card)]), subtype="html")
        self._send(mail)
        if not thread:
            self._remembering.remember({alert.alert_id: Remembered(alert.revision, mailtext.subject(card))})

    def _make_digest(self, alerts: Sequence[Alert], period: datetime) -> EmailMessage:
        ordered = sorted(alerts, key=lambda a: (-SEVERITIES.index(a.severity), -a.score))
        cards = [make_card(a) for a in ordered[:DIGEST_ALERTS_MAX]]
        counts = [(s, sum(a.severity == s for a in alerts)) for s in reversed(SEVERITIES)]
        told = ", ".join(f"{count} {severity}" for severity, count in counts if count)
        more = len(ordered) - len(cards)
        tail = [f"and {more} more, not shown"] if more else []
        key = hashlib.sha256("".join(f"{a.alert_id}/{a.revision} " for a in ordered).encode()).hexdigest()[:32]
        mail = self._begin(
            f"[tocsin digest] {len(alerts)} alerts: {told} ({period:%Y-%m-%d %H:%M} UTC)",
            f"<digest.{key}@{self._sender.domain}>",
        )
        mail["Date"] = period
        mail.set_content("\n\n----\n\n".join([*map(mailtext.plain, cards), *tail]))
        mail.add_alternative(mailtext.page([*map(mailtext.html, cards), *tail]), subtype="html")
        return mail

    def _begin(self, subject: str, message_id: str) -> EmailMessage:
        mail = EmailMessage(policy=POLICY)
        mail["From"] = self._sender
        mail["To"] = self._recipients
        mail["Subject"] = subject
        mail["Message-ID"] = message_id
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
        return mail

    def _send(self, mail: EmailMessage) -> None:
        """Hand the mail over for every recipient. Raises `RejectedError` when the message is refused, else `AwayError`."""
        message_id = str(mail["Message-ID"])
        to = self._left.get(message_id) or [a.addr_spec for a in self._recipients]
        try:
            server = self._connect()
            with self._deadline(server):
                refused = server.send_message(mail, self._sender.addr_spec, to)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise _judge(error, self.name) from error
        later = [address for address, (code, _) in refused.items() if code < 500]
        never = {address: answer for address, answer in refused.items() if address not in later}
        for address, (code, text) in never.items():
            log.error("recipient_refused", sink=self.name, recipient=address, answer=f"{code} {_text(text)}")
        if later:
            self._left[message_id] = later  # the others have it
            raise AwayError(f"{self.config.host} does not take it for {', '.join(later)} now: {refused[later[0]]}")
        self._left.pop(message_id, None)
        if len(never) == len(to):
            code, text = next(iter(never.values()))
            raise AwayError(f"{self.config.host} refuses all recipients: {code} {_text(text)}", is_setup=True)

    def _connect(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        config = self.config
        trusted = ssl.create_default_context(cafile=config.ca_file or None)
        port = config.port or PORTS[config.security]
        if config.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(config.host, port, timeout=config.timeout_s, context=trusted)
        else:
            server = smtplib.SMTP(config.host, port, timeout=config.timeout_s)
        self._server = server
        with self._deadline(server):
            if config.security == "starttls":
                server.starttls(context=trusted)
            if config.username:
                server.login(config.username, self._password)
        return server

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    @contextmanager
    def _deadline(self, server: smtplib.SMTP) -> Iterator[None]:
        """The client's time limit holds for each read; a server that drips is cut off by this one."""
        timer = threading.Timer(self.config.timeout_s, _cut_off, [server])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut_off(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        server.sock.close()


def _judge(error: Exception, sink: str) -> Exception:
    """What a failed hand-over means: replies 4yz are temporary, 5yz permanent (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return RejectedError(f"sink {sink}", f"the server refuses it: {error.smtp_code} {_text(error.smtp_error)}")
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # a mail that can't be written as bytes
        return RejectedError(f"sink {sink}", f"no mail can be made of it: {error}")
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
    text = _text(error.smtp_error) if isinstance(error, smtplib.SMTPResponseException) else str(error)
    is_setup = code >= 500 or isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError)
    return AwayError(f"{type(error).__name__}: {code or ''} {text}".replace("  ", " "), is_setup=is_setup)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]


def _address(text: str, key: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise ConfigError(f"{key}: {text!r} is no mail address") from error


def _digits(alert: Alert) -> str:
    return alert.alert_id.removeprefix("alert:")


def _message_id(alert: Alert, domain: str) -> str:
    return f"<{_digits(alert)}.{alert.revision}@{domain}>"
