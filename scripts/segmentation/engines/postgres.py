"""A throw-away Postgres server: a cluster of its own, on loopback, gone when the block ends."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from segmentation.engines.servers import HOST, Server, last_line
from segmentation.errors import SegmentationError

USER = "segmentation"
DATABASE = "segmentation"
# Postgres refuses to run as root; Debian's package makes this user.
UNPRIVILEGED = "postgres"
# Where its programs are when they aren't on the path: Debian, Homebrew, Fedora.
PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/pgsql-*/bin")

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    # nothing in it outlives the block
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "jit": "off",
    # no day and no hour may depend on where the server stands
    "timezone": "America/New_York",
}


class PostgresServer(Server):
    """`with PostgresServer() as server:` a server with a password, a user and an empty database.

    Raises:
        SegmentationError: Postgres isn't installed, or did not start.
    """

    title = "The Postgres server"
    start_seconds = 30
    # SIGINT closes the connections first, SIGQUIT asks nobody.
    farewell = (signal.SIGINT, signal.SIGQUIT)
    user = USER
    database = DATABASE

    def __init__(self, *, icu_locale: str | None = "en-US") -> None:
        """Nothing happens before the block is entered.

        Args:
            icu_locale: the language by which text is sorted (Postgres 15 and later); None sorts by
                code points, as DuckDB does. No result may depend on it, so the default is another.
        """
        super().__init__()
        self.icu_locale = icu_locale
        self.password = secrets.token_urlsafe(12)
        self._programs = Path()

    def connect(self, database: str = DATABASE, **settings: Any) -> Any:
        """A psycopg2 connection as the server's owner, or as `settings` say."""
        import psycopg2

        own = {"host": HOST, "port": self.port, "user": self.user, "password": self.password}
        return psycopg2.connect(**{**own, "dbname": database, **settings})

    def profile(self, schema: str = "public", threads: int = 4) -> dict[str, Any]:
        """A target of profiles.yml that builds on this server."""
        return {
            "type": "postgres",
            "host": HOST,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": DATABASE,
            "schema": schema,
            "threads": threads,
        }

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables with which profiles.example.yml's target builds on it."""
        return {
            "POSTGRES_HOST": HOST,
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DATABASE": DATABASE,
        }

    def _prepare(self) -> None:
        """Make the cluster: its files, its owner and the owner's password."""
        self._programs = find_programs()
        password_file = self.folder / "password"
        password_file.write_text(self.password, encoding="utf-8")
        if _is_root():
            _check_unprivileged()
            shutil.chown(password_file, UNPRIVILEGED)
            shutil.chown(self.folder, UNPRIVILEGED)
        language = self.icu_locale
        icu = ["--locale-provider=icu", f"--icu-locale={language}"] if language else []
        made = subprocess.run(
            [
                str(self._programs / "initdb"),
                f"--pgdata={self._data}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                *icu,
            ],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self._run_as(),
        )
        password_file.unlink()
        if made.returncode != 0:
            raise SegmentationError(
                f"Postgres could not make a cluster: {last_line(made.stderr)} "
                f"(initdb of {self._programs})"
            )

    def _command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        program = str(self._programs / "postgres")
        return [program, "-D", str(self._data), "-p", str(self.port), *options]

    def _run_as(self) -> dict[str, Any]:
        if not _is_root():
            return {}
        return {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}

    def _answers(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            status = (self._data / "postmaster.pid").read_text(encoding="utf-8")
            return status.splitlines()[-1:] == ["ready   "]
        return False

    def _settle(self) -> None:
        with contextlib.closing(self.connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"create database {DATABASE}")

    @property
    def _data(self) -> Path:
        return self.folder / "data"


def find_programs() -> Path:
    """The folder of initdb and postgres: of the path, or else the newest in the usual places.

    Raises:
        SegmentationError: the server isn't installed.
    """
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in PLACES:
        found = Path("/").glob(pattern.lstrip("/"))
        folders += sorted(found, key=_version, reverse=True)
    for folder in folders:
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    raise SegmentationError(
        "The Postgres server is not installed: run 'sudo apt-get install postgresql' "
        "(macOS: 'brew install postgresql@17'), then again."
    )


def _version(folder: Path) -> int:
    digits = "".join(character for character in str(folder) if character.isdigit())
    return int(digits or 0)


def _is_root() -> bool:
    return os.geteuid() == 0


def _check_unprivileged() -> None:
    import pwd

    try:
        pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise SegmentationError(
            f"Postgres does not run as root, and there is no user '{UNPRIVILEGED}' to run it as: "
            "run this as another user, or 'apt-get install postgresql', which makes that user."
        ) from None
