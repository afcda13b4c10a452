"""Settings: one table of name, default and help; read once, handed down as values.

Each is the environment variable `CROSSTALLY_` + NAME. `docs/settings.md` is printed from the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from domain.addresses import networks_from
from domain.clients import LOOPBACK

PREFIX = "CROSSTALLY_"
# Where the tests find the programs of PostgreSQL; nothing that the hub reads.
NOT_SETTINGS = (PREFIX + "PG_BIN",)


def _setting(default: Any, text: str, *, is_secret: bool = False) -> Any:
    return field(default=default, metadata={"help": text}, repr=not is_secret)


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    database_url: str = _setting("sqlite:///var/crosstally.db", "Where reports are kept: an SQLAlchemy URL.")
    keys_dir: Path = _setting(Path("var/keys"), "Folder of the private signing keys, readable by the hub alone.")
    releases_dir: Path = _setting(Path("var/releases"), "Folder of the artefacts of published releases.")
    issuer: str = _setting(
        "http://127.0.0.1:8000", "The public base URL: issuer and audience of the tokens, root of links."
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    workers: int = _setting(1, "Web worker processes.")
    token_lifetime: int = _setting(900, "Seconds an access token is good for; 900 at most.")
    session_idle: int = _setting(1800, "Seconds after which a person who does nothing is signed out.")
    session_lifetime: int = _setting(43200, "Seconds after which a person signs in again, whatever they do.")
    rate_limit: str = _setting("600 per minute", "Requests allowed to each client, or to each address without a token.")
    validation_rate_limit: str = _setting(
        "20 per minute", "Of these, reports judged without being sent (POST /v1/validations), which cost more."
    )
    trusted_proxies: int = _setting(0, "How many reverse proxies in front may set X-Forwarded-For and -Proto.")
    k: int = _setting(11, "Counts below this are small; an operator can ask for a stricter one, never a looser.")

    settling_days: int = _setting(45, "Days after its end in which a month settles before it is first released.")

    webhook_networks: str = _setting(
        "", "Private networks to which webhooks may be sent, such as `10.0.0.0/8 127.0.0.0/8`; else public ones alone."
    )
    smtp_host: str = _setting("", "The mail server that takes reminders; empty: none are sent.")
    smtp_port: int = _setting(587, "Its port: 587 with STARTTLS, 465 with TLS.")
    smtp_security: str = _setting(
        "starttls", "How it is spoken to: `starttls`, `tls`, or `none` on this machine alone."
    )
    smtp_user: str = _setting("", "Who signs in there; empty: nobody does.")
    smtp_password: str = _setting("", "The password of that user.", is_secret=True)
    smtp_from: str = _setting("", "From whom reminders come, such as `Crosstally <hub@example.org>`.")
    remind_days_before: int = _setting(3, "Days before the due day on which is reminded; 0: not before.")
    remind_every_days: int = _setting(7, "Days between reminders after the due day; the first is on the day after it.")
    remind_most: int = _setting(4, "Reminders after the due day, at most.")

    def __post_init__(self) -> None:
        _check_notices(self)
        if not 1 <= self.token_lifetime <= 900:
            raise ValueError("CROSSTALLY_TOKEN_LIFETIME: 1 to 900 seconds")
        if not 60 <= self.session_idle <= self.session_lifetime:
            raise ValueError("CROSSTALLY_SESSION_IDLE: 60 or more, and CROSSTALLY_SESSION_LIFETIME at most")
        if self.k < 5:
            raise ValueError("CROSSTALLY_K: no agency publishes counts under 5; 5 or more")
        if self.settling_days < 0:
            raise ValueError("CROSSTALLY_SETTLING_DAYS: 0 or more")
        if self.issuer.endswith("/"):
            raise ValueError("CROSSTALLY_ISSUER: no slash at the end")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; raises ValueError for an unknown or unreadable one, naming it."""
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        values: dict[str, Any] = {}
        for name in sorted(n for n in environ if n.startswith(PREFIX) and n not in NOT_SETTINGS):
            if name not in known:
                raise ValueError(f"{name} is not a setting; there are {', '.join(known)}")
            values[known[name].name] = _read(name, environ[name], type(known[name].default))
        return cls(**values)

    def environ(self) -> dict[str, str]:
        """The same settings as environment variables, for a child process."""
        return {PREFIX + f.name.upper(): str(getattr(self, f.name)) for f in fields(self)}


def _check_notices(settings: Settings) -> None:
    try:
        networks_from(settings.webhook_networks)
    except ValueError:
        raise ValueError("CROSSTALLY_WEBHOOK_NETWORKS: networks with spaces between, such as 10.0.0.0/8") from None
    if settings.smtp_security not in ("starttls", "tls", "none"):
        raise ValueError("CROSSTALLY_SMTP_SECURITY: starttls, tls or none")
    if settings.smtp_host and "@" not in settings.smtp_from:
        raise ValueError("CROSSTALLY_SMTP_FROM: an e-mail address, where there is a CROSSTALLY_SMTP_HOST")
    if settings.smtp_security == "none" and settings.smtp_host not in ("", *LOOPBACK):
        raise ValueError("CROSSTALLY_SMTP_SECURITY: none is for a mail server on this machine alone")
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        raise ValueError("CROSSTALLY_SMTP_USER and CROSSTALLY_SMTP_PASSWORD: both or neither")
    if not (0 <= settings.remind_days_before <= 14 and 1 <= settings.remind_every_days <= 31):
        raise ValueError("CROSSTALLY_REMIND_DAYS_BEFORE: 0 to 14; CROSSTALLY_REMIND_EVERY_DAYS: 1 to 31")
    if not 0 <= settings.remind_most <= 24:
        raise ValueError("CROSSTALLY_REMIND_MOST: 0 to 24")


def settings_table() -> list[tuple[str, str, str]]:
    """(environment variable, default, help) of every setting, in order."""
    return [(PREFIX + f.name.upper(), str(f.default), f.metadata["help"]) for f in fields(Settings)]


def _read(name: str, text: str, kind: type) -> object:
    try:
        return kind(text) if kind in (int, str) else Path(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {text!r}") from None
