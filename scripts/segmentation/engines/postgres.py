"""A throw-away Postgres server: a cluster of its own, on loopback, gone when the block ends."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from segmentation.engines.ports import HOST, free_port
from segmentation.errors import SegmentationError

USER = "segmentation"
DATABASE = "segmentation"
# Postgres refuses to run as root; Debian's package makes this user.
UNPRIVILEGED = "postgres"
# Where its programs are when they aren't on the path: Debian, Homebrew, Fedora.
PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/pgsql-*/bin")
START_SECONDS = 30
STOP_SECONDS = 20
TRIES = 3  # a port that was free may be taken a moment later

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


class PostgresServer:
    """`with PostgresServer() as server:` a server with a password, a user and an empty database.

    Raises:
        SegmentationError: Postgres isn't installed, or did not start.
    """

    host = HOST
    user = USER
    database = DATABASE

    def __init__(self, *, icu_locale: str | None = "en-US") -> None:
        """Nothing happens before the block is entered.

        Args:
            icu_locale: the language by which text is sorted (Postgres 15 and later); None sorts by
                code points, as DuckDB does. No result may depend on it, so the default is another.
        """
        self.icu_locale = icu_locale
        self.password = secrets.token_urlsafe(12)
        self.port = 0
        self._place: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PostgresServer":
        programs = find_programs()
        self._place = Path(tempfile.mkdtemp(prefix="segmentation-postgres-"))
        try:
            self._make_cluster(programs)
            self._start(programs)
            with contextlib.closing(self.connect("postgres")) as connection:
                connection.autocommit = True
                connection.cursor().execute(f"create database {DATABASE}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
            self._place = None

    def stop(self) -> None:
        """End the server, and only the one that this object started."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        # SIGINT closes the connections first, SIGQUIT asks nobody.
        for order in (signal.SIGINT, signal.SIGQUIT):
            process.send_signal(order)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
                return
        process.kill()
        process.wait()

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

    def _make_cluster(self, programs: Path) -> None:
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
                str(programs / "initdb"),
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
            **_as_unprivileged(),
        )
        password_file.unlink()
        if made.returncode != 0:
            raise SegmentationError(
                f"Postgres could not make a cluster: {_last_line(made.stderr)} "
                f"(initdb of {programs})"
            )

    def _start(self, programs: Path) -> None:
        for _ in range(TRIES):
            self.port = free_port()
            if self._comes_up(programs):
                return
        log = self._log.read_text(encoding="utf-8", errors="replace")
        raise SegmentationError(f"The Postgres server did not start: {_last_line(log)}")

    def _comes_up(self, programs: Path) -> bool:
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *options],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **_as_unprivileged(),
            )
        deadline = time.monotonic() + START_SECONDS
        status = self._data / "postmaster.pid"
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):
                if status.read_text(encoding="utf-8").splitlines()[-1:] == ["ready   "]:
                    return True
            time.sleep(0.05)
        self.stop()
        return False

    @property
    def folder(self) -> Path:
        """Where its cluster is, while it is up."""
        assert self._place is not None, "the block isn't entered"
        return self._place

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"


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


def _as_unprivileged() -> dict[str, Any]:
    if not _is_root():
        return {}
    return {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}


def _check_unprivileged() -> None:
    import pwd

    try:
        pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise SegmentationError(
            f"Postgres does not run as root, and there is no user '{UNPRIVILEGED}' to run it as: "
            "run this as another user, or 'apt-get install postgresql', which makes that user."
        ) from None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason."
