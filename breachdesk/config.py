"""The settings: one table of rows, read from BREACHDESK_… variables and a `.env` file.

Every fault is found before anything starts, and all of them are said at once.
The README's table is written from the same rows (`settings_table_markdown`).
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values

from breachdesk import setting_kinds as kinds

PREFIX = "BREACHDESK_"
# Read by the test suite alone; breachdesk itself passes them by.
TEST_PREFIX = "BREACHDESK_TEST_"
SMTP_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class SettingsError(Exception):
    """Everything that is wrong with the settings, one sentence per fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("breachdesk cannot start:\n" + "\n".join(f"- {f}" for f in faults))


@dataclass(frozen=True)
class Settings:
    """What the operator chose. Secrets, and the URL that may hold one, stay out of `repr`."""

    instance: Path
    database_url: str = field(repr=False)
    host: str
    port: int
    public_url: str
    web_workers: int
    web_threads: int
    embedded_worker: bool
    runner: Literal["embedded", "procrastinate"]
    secret_key: str | None = field(repr=False)
    encryption_key: str | None = field(repr=False)
    old_encryption_keys: tuple[str, ...] = field(repr=False)
    backup_passphrase: str | None = field(repr=False)
    seal_certificate: Path | None
    seal_key: Path | None
    seal_passphrase: str | None = field(repr=False)
    timestamp_url: str | None
    smtp_host: str | None
    smtp_port: int
    smtp_username: str | None
    smtp_password: str | None = field(repr=False)
    smtp_security: Literal["none", "starttls", "tls"]
    smtp_sender: str | None
    smtp_connections: int
    max_upload_mb: int
    trusted_proxies: int
    private_network: bool
    monitor_url: str | None = field(repr=False)
    monitor_every: int
    log_level: str

    @property
    def max_upload_bytes(self) -> int:
        """The largest file taken, in bytes (1 MB is 1,000,000 bytes)."""
        return self.max_upload_mb * 1_000_000


@dataclass(frozen=True)
class Row:
    """One setting: its name without the prefix, default, meaning and parser."""

    name: str
    default: str | None
    meaning: str
    parse: Callable[[str], object] = str
    # What the README shows where the default is worked out from other settings.
    default_shown: str = ""

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return PREFIX + self.name

    @property
    def attribute(self) -> str:
        """The name of the field of Settings."""
        return self.name.lower()


ROWS: tuple[Row, ...] = (
    Row(
        "INSTANCE",
        "instance",
        "Folder of the database file, the keys and the uploads. "
        "A relative one counts from the project's folder.",
        kinds.folder,
    ),
    Row(
        "DATABASE_URL",
        None,
        "Where the cases are kept: `postgresql://user:password@host/database`, "
        "or `sqlite:////folder/file.db`.",
        kinds.database_url,
        "SQLite file `breachdesk.db` in the instance folder",
    ),
    Row("HOST", "127.0.0.1", "Address to listen on.", kinds.host),
    Row("PORT", "8000", "Port to listen on.", kinds.whole_number(1, 65535)),
    Row(
        "PUBLIC_URL",
        None,
        "Address people type, used for the links in mails. With `https`, cookies are Secure.",
        kinds.public_url,
        "`http://HOST:PORT`",
    ),
    Row("WEB_WORKERS", "2", "Web server processes.", kinds.whole_number(1, 64)),
    Row("WEB_THREADS", "4", "Threads of each web server process.", kinds.whole_number(1, 64)),
    Row(
        "EMBEDDED_WORKER",
        "yes",
        "`yes`: `run` also starts the worker that sends reminders and mail. "
        "`no`: you run `python -m breachdesk worker` yourself.",
        kinds.yes_or_no,
    ),
    Row(
        "RUNNER",
        "embedded",
        "What decides when a worker works: `embedded`, a timer of its own; or `procrastinate`, "
        "a job queue in the database (PostgreSQL only) for many machines.",
        kinds.one_of("embedded", "procrastinate"),
    ),
    Row(
        "SECRET_KEY",
        None,
        "Signs sessions and forms: at least 32 random characters.",
        kinds.key,
        "generated into `session.key` in the instance folder",
    ),
    Row(
        "ENCRYPTION_KEY",
        None,
        "Encrypts what identifies affected people: at least 32 random characters. "
        "Keep a copy apart from the database: without it nothing can be read.",
        kinds.key,
        "generated into `encryption.key` in the instance folder",
    ),
    Row(
        "OLD_ENCRYPTION_KEYS",
        None,
        "While `rotate-key` is under way: the former ENCRYPTION_KEY; several with spaces between.",
        kinds.keys,
    ),
    Row(
        "BACKUP_PASSPHRASE",
        None,
        "For `backup` and `restore` where nobody is at the keyboard: at least 12 characters.",
        kinds.passphrase,
        "asked on the terminal",
    ),
    Row(
        "SEAL_CERTIFICATE",
        None,
        "Certificate that seals dossiers, a PEM file; of several in it, the first. With SEAL_KEY.",
        kinds.file,
        "generated into `seal.pem` in the instance folder",
    ),
    Row(
        "SEAL_KEY",
        None,
        "Its private key, a PEM file: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521.",
        kinds.file,
        "generated into `seal.key` in the instance folder",
    ),
    Row("SEAL_PASSPHRASE", None, "Passphrase of SEAL_KEY, if it has one."),
    Row(
        "TIMESTAMP_URL",
        None,
        "Time-stamping authority (RFC 3161) that says when a dossier was sealed. It is sent a "
        "hash, never a text. Unset: the moment of a dossier is this machine's word.",
        kinds.web_address,
    ),
    Row(
        "SMTP_HOST",
        None,
        "Mail server of organisations that have no account of their own. "
        "Unset: their mail waits, and every page says so.",
        kinds.host,
    ),
    Row(
        "SMTP_PORT",
        None,
        "Port of the mail server.",
        kinds.whole_number(1, 65535),
        "587 with `starttls`, 465 with `tls`, 25 with `none`",
    ),
    Row("SMTP_USERNAME", None, "Account on the mail server, if it asks for one."),
    Row("SMTP_PASSWORD", None, "Password of that account."),
    Row(
        "SMTP_SECURITY",
        "starttls",
        "How the connection is protected: `starttls`, `tls` from the first byte, or `none`.",
        kinds.one_of(*SMTP_PORTS),
    ),
    Row("SMTP_SENDER", None, "Address that mails come from. Needed with SMTP_HOST.", kinds.address),
    Row(
        "SMTP_CONNECTIONS",
        "8",
        "Connections to the mail server kept open at once while sending.",
        kinds.whole_number(1, 64),
    ),
    Row(
        "MAX_UPLOAD_MB",
        "20",
        "Largest file taken, in megabytes.",
        kinds.whole_number(1, 1000),
    ),
    Row(
        "TRUSTED_PROXIES",
        "0",
        "Proxies in front whose `X-Forwarded-…` headers are believed.",
        kinds.whole_number(0, 10),
    ),
    Row(
        "PRIVATE_NETWORK",
        "no",
        "`yes`: an organisation may name servers of this machine and its private network, such "
        "as an identity provider. `no`: only public ones, so that the administrator of one "
        "organisation cannot look around there.",
        kinds.yes_or_no,
    ),
    Row(
        "MONITOR_URL",
        None,
        "Address, at a monitor outside, that the worker calls while its work goes well, so that "
        "silence is noticed. `https`, or `http` to this machine. Kept out of logs and pages.",
        kinds.monitor_url,
    ),
    Row(
        "MONITOR_EVERY",
        "300",
        "How often it is called, in seconds.",
        kinds.whole_number(30, 86400),
    ),
    Row(
        "LOG_LEVEL",
        "info",
        "How much is logged: `debug`, `info`, `warning` or `error`.",
        kinds.one_of("debug", "info", "warning", "error"),
    ),
)


# --- Reading --------------------------------------------------------------------------------


def load_settings(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """Read the settings of this installation.

    Args:
        environ: the environment; it wins over the file.
        env_file: a `.env` file; none, or one that does not exist, says nothing.

    Raises:
        SettingsError: with every fault found.
    """
    given = _given(environ, env_file)
    faults = _unknown_names(given)
    values: dict[str, Any] = {}
    for row in ROWS:
        text = given.get(row.variable, row.default)
        try:
            values[row.attribute] = None if text is None else row.parse(text)
        except ValueError as fault:
            faults.append(f"{row.variable} {fault}")
    faults += _contradictions(values)
    if faults:
        raise SettingsError(faults)
    return Settings(**_completed(values))


def _given(environ: Mapping[str, str], env_file: Path | None) -> dict[str, str]:
    """Our variables that say something; an empty one is as good as none."""
    # No interpolation: a password may hold a $.
    from_file = dotenv_values(env_file, interpolate=False) if env_file else {}
    merged = {**from_file, **environ}
    return {
        name: value.strip()
        for name, value in merged.items()
        if name.startswith(PREFIX)
        and not name.startswith(TEST_PREFIX)
        and value is not None
        and value.strip()
    }


def _unknown_names(given: Mapping[str, str]) -> list[str]:
    known = [row.variable for row in ROWS]
    faults = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        advice = f"did you mean {near[0]}?" if near else "see the README for the names."
        faults.append(f"{name} is not a setting; {advice}")
    return faults


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Faults between settings; those that could not be read are not held against the rest."""
    faults = []
    keys = (values.get("secret_key"), values.get("encryption_key"))
    if keys[0] and keys[0] == keys[1]:
        faults.append(f"{PREFIX}SECRET_KEY and {PREFIX}ENCRYPTION_KEY must not be the same.")
    if values.get("old_encryption_keys") and values.get("encryption_key", "unreadable") is None:
        faults.append(
            f"{PREFIX}OLD_ENCRYPTION_KEYS goes with {PREFIX}ENCRYPTION_KEY; "
            "keys of the instance folder are turned by rotate-key alone."
        )
    if bool(values.get("seal_key", 1)) != bool(values.get("seal_certificate", 1)):
        faults.append(f"{PREFIX}SEAL_KEY and {PREFIX}SEAL_CERTIFICATE go together: set both.")
    if values.get("seal_passphrase") and values.get("seal_key", "unreadable") is None:
        faults.append(f"{PREFIX}SEAL_PASSPHRASE goes with {PREFIX}SEAL_KEY: set both.")
    if values.get("runner") == "procrastinate" and _is_sqlite(values):
        faults.append(
            f"{PREFIX}RUNNER=procrastinate needs PostgreSQL: set {PREFIX}DATABASE_URL to one, "
            f"or leave {PREFIX}RUNNER at embedded."
        )
    return faults + _mail_contradictions(values)


def _is_sqlite(values: Mapping[str, Any]) -> bool:
    """Whether the database is a SQLite file; one that could not be read is not."""
    url = values.get("database_url", "unreadable")
    return url is None or str(url).startswith("sqlite:")


def _mail_contradictions(values: Mapping[str, Any]) -> list[str]:
    faults = []
    host = values.get("smtp_host")
    if host and values.get("smtp_sender", "unreadable") is None:
        faults.append(f"{PREFIX}SMTP_SENDER must be set when {PREFIX}SMTP_HOST is.")
    if bool(values.get("smtp_username")) != bool(values.get("smtp_password")):
        faults.append(f"{PREFIX}SMTP_USERNAME and {PREFIX}SMTP_PASSWORD go together: set both.")
    in_clear = values.get("smtp_password") and values.get("smtp_security") == "none"
    if in_clear and host and not _is_this_machine(str(host)):
        faults.append(
            f"{PREFIX}SMTP_PASSWORD would travel unprotected: "
            f"set {PREFIX}SMTP_SECURITY to starttls or tls."
        )
    return faults


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what follows from other settings."""
    complete = dict(values)
    complete["database_url"] = _placed(values["database_url"], Path(str(values["instance"])))
    complete["public_url"] = values["public_url"] or _own_url(values)
    complete["smtp_port"] = values["smtp_port"] or SMTP_PORTS[str(values["smtp_security"])]
    complete["old_encryption_keys"] = values["old_encryption_keys"] or ()
    complete["log_level"] = str(values["log_level"]).upper()
    return complete


def _placed(url: object, instance: Path) -> str:
    """The database's URL; a SQLite file with a relative path lies in the instance folder."""
    if url is None:
        return f"sqlite:///{instance / 'breachdesk.db'}"
    text = str(url)
    if text.startswith("sqlite:///"):
        return f"sqlite:///{instance / text.removeprefix('sqlite:///')}"
    return text


def _own_url(values: Mapping[str, Any]) -> str:
    host = str(values["host"])
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{values['port']}"


# --- For the README -------------------------------------------------------------------------


def settings_table_markdown() -> str:
    """The table of settings as the README shows it."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in ROWS:
        default = row.default_shown or (f"`{row.default}`" if row.default else "none")
        lines.append(f"| `{row.variable}` | {default} | {row.meaning} |")
    return "\n".join(lines)
