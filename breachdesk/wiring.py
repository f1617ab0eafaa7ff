"""`create_app` is the only wiring: everything below takes what it needs as an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from werkzeug.middleware.proxy_fix import ProxyFix

from breachdesk.config import Settings, SettingsError
from breachdesk.domain.work import Runner
from breachdesk.key_files import instance_keys, key_watch
from breachdesk.mail.catcher import MailCatcher
from breachdesk.mail.mailer import Mailer, MailServer
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import db, reading, set_connection_rules

# As they are: `breachdesk` offers them with the rest.
from breachdesk.models.schema import upgrade_database as upgrade_database
from breachdesk.models.vault import FileStore, Vault
from breachdesk.models.vault import following_key as following_key
from breachdesk.seal_files import instance_seal
from breachdesk.sealing.keys import SealKey
from breachdesk.services.ack_links import AckLinks
from breachdesk.services.acting import Desk
from breachdesk.services.key_check import WrongKey, demand_right_key, holds_sealed_things
from breachdesk.services.monitor import Monitor
from breachdesk.services.posting import Carrier, carry_posts
from breachdesk.web import register_pages

if TYPE_CHECKING:
    from breachdesk.workers.heartbeat import EmbeddedWorker
    from breachdesk.workers.procrastinate_runner import ProcrastinateWorker

ROOT = Path(__file__).resolve().parent.parent
# The folder, in the instance, of the messages that examples send to nobody.
CAUGHT_MAIL = "caught-mail"
# Room for a few files of the largest size beside the form itself.
FILES_PER_FORM = 3
FORM_ROOM = 1_000_000


def utc_now() -> datetime:
    """The wall clock, read here and nowhere else."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    mailer: Mailer | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """Make the web application.

    Args:
        settings: as read by `config.load_settings`.
        mailer: what hands letters to a mail server.
        clock: tells the time to every page and worker.

    Raises:
        SettingsError: a key or the seal cannot be made or read.
    """
    app = Flask(
        "breachdesk",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.instance),
    )
    _configure(app, settings)
    db.init_app(app)
    with app.app_context():
        set_connection_rules(db.engine)
        # Before the keys are read: a change in between is then seen.
        watch = key_watch(settings)
        keys = instance_keys(settings, may_make=_nothing_is_sealed)
        # A worker of this process puts its own way to be woken here.
        app.extensions["wake"] = lambda: None
        carry_posts(db.engine, _carrier(app, settings))
    app.config["SECRET_KEY"] = keys.session
    vault = Vault(*keys.opening, reread=watch)
    seal = instance_seal(settings, clock=clock)
    app.extensions["desk"] = make_desk(settings, vault, mailer, session_key=keys.session, seal=seal)
    app.extensions["catcher"] = MailCatcher(settings.instance / CAUGHT_MAIL)
    app.extensions["clock"] = clock
    app.extensions["monitor"] = _monitor(settings)
    register_pages(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _carrier(app: Flask, settings: Settings) -> Carrier:
    """What comes of work that is posted, by the runner chosen."""
    if Runner(settings.runner) is Runner.PROCRASTINATE:
        # 0.3 s to import: only who chose it pays for it.
        from breachdesk.workers.procrastinate_app import deferring

        return deferring()
    return Carrier(after_commit=lambda _pieces: app.extensions["wake"]())


def _nothing_is_sealed() -> bool:
    """Whether a first key may be made. A database that does not answer may hold anything."""
    try:
        with reading():
            return not holds_sealed_things(db.session())
    except DBAPIError as error:
        raise SettingsError(
            ["There is no encryption key, and the database does not say whether one may be made."]
        ) from error
    finally:
        db.session.remove()


def check_key(app: Flask) -> None:
    """Refuse to start with a key that is not the database's; one query.

    Raises:
        SettingsError: another key is needed, or the database is not up to date.
    """
    with app.app_context():
        try:
            demand_right_key(db.session(), app.extensions["desk"].vault)
        except WrongKey as error:
            raise SettingsError(
                [
                    "The encryption key at hand is not the one of this database. "
                    "Give back the key it was written with; nothing was changed."
                ]
            ) from error
        except (OperationalError, ProgrammingError) as error:
            raise SettingsError(
                [
                    "The database does not answer or is not up to date: "
                    "see `python -m breachdesk db upgrade`."
                ]
            ) from error


def _configure(app: Flask, settings: Settings) -> None:
    is_https = settings.public_url.startswith("https://")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=FILES_PER_FORM * settings.max_upload_bytes + FORM_ROOM,
        MAX_FORM_MEMORY_SIZE=FORM_ROOM,
        MAX_UPLOAD_MB=settings.max_upload_mb,
        # With this prefix no other host of the domain can plant a cookie of that name.
        SESSION_COOKIE_NAME="__Host-breachdesk" if is_https else "breachdesk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        PREFERRED_URL_SCHEME="https" if is_https else "http",
        # A form left open through a long night must still be taken; the session ends it.
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "breachdesk" / "translations"),
        BABEL_DEFAULT_LOCALE="fr",
        LIVES_UNDER_HTTPS=is_https,
    )
    app.logger.setLevel(settings.log_level)


def make_desk(
    settings: Settings,
    vault: Vault,
    mailer: Mailer | None = None,
    *,
    session_key: bytes,
    seal: SealKey,
) -> Desk:
    """What the services act with, from the settings."""
    server = None
    if settings.smtp_host:
        server = MailServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_username or "",
            settings.smtp_password or "",
            settings.smtp_security,
        )
    return Desk(
        vault=vault,
        files=FileStore(settings.instance / "files", vault),
        mailer=mailer or SmtpMailer(),
        public_url=settings.public_url,
        mail_server=server,
        mail_sender=settings.smtp_sender or "desk@breachdesk.example",
        connections=settings.smtp_connections,
        largest_upload=settings.max_upload_bytes,
        caught_mail=settings.instance / CAUGHT_MAIL,
        calls_private_network=settings.private_network,
        links=AckLinks(session_key),
        seal=seal,
        timestamp_url=settings.timestamp_url,
    )


def _monitor(settings: Settings) -> Monitor | None:
    """Who outside is told that the work goes well, if anybody is."""
    if settings.monitor_url is None:
        return None
    return Monitor(settings.monitor_url, timedelta(seconds=settings.monitor_every))


def make_catcher(folder: Path) -> MailCatcher:
    """A mail server on this machine that keeps each message as a file, not yet started."""
    return MailCatcher(folder)


def prepare_runner(settings: Settings) -> None:
    """Make the tables of the runner chosen, where it has any of its own."""
    if Runner(settings.runner) is Runner.PROCRASTINATE:
        from breachdesk.workers.procrastinate_app import prepare_tables

        prepare_tables(settings.database_url)


def make_worker(app: Flask, settings: Settings) -> EmbeddedWorker | ProcrastinateWorker:
    """The worker of this process, not yet started."""
    if Runner(settings.runner) is Runner.PROCRASTINATE:
        from breachdesk.workers.procrastinate_runner import ProcrastinateWorker

        return ProcrastinateWorker(app, settings.database_url, settings.instance)
    # APScheduler takes 0.15 s to import: only a process that works pays for it.
    from breachdesk.workers.heartbeat import EmbeddedWorker

    return EmbeddedWorker(app, settings.instance)
