"""Servers that live as long as a block: on loopback, and only what was started here is ended."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from segmentation.errors import SegmentationError

HOST = "127.0.0.1"
STOP_SECONDS = 20
TRIES = 3  # a port that was free may be taken a moment later


class Server:
    """`with PostgresServer() as server:` a server that is up in the block, on a port of its own.

    A subclass says what is run (`_command`) and when it is up (`_answers`).

    Raises:
        SegmentationError: it isn't installed, or did not start.
    """

    title: ClassVar[str]
    start_seconds: ClassVar[float]
    # What it is told when it has to end, the next when it hasn't after STOP_SECONDS.
    farewell: ClassVar[Sequence[signal.Signals]] = (signal.SIGTERM,)
    host = HOST

    def __init__(self) -> None:
        """Nothing happens before the block is entered."""
        self.port = 0
        self._place: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self._start()
            self._settle()
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

    @property
    def folder(self) -> Path:
        """Its own folder, gone when the block ends."""
        if self._place is None:
            self._place = Path(tempfile.mkdtemp(prefix="segmentation-server-"))
        return self._place

    def stop(self) -> None:
        """End the server, and only the one that this object started."""
        process, self._process = self._process, None
        if process is not None:
            end(process, self.farewell)

    def _prepare(self) -> None:
        """What is done once, before the first try."""

    def _settle(self) -> None:
        """What is done once it answers."""

    def _command(self) -> list[str]:
        """The program and its arguments, on `port`."""
        raise NotImplementedError

    def _run_as(self) -> dict[str, Any]:
        """What else Popen is told: user, environment variables."""
        return {}

    def _answers(self) -> bool:
        """Whether it can be used now."""
        raise NotImplementedError

    def _start(self) -> None:
        for _ in range(TRIES):
            self.port = free_port()
            if self._comes_up():
                return
        log = self._log.read_text(encoding="utf-8", errors="replace")
        raise SegmentationError(f"{self.title} did not start: {last_line(log)}")

    def _comes_up(self) -> bool:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **self._run_as(),
            )
        deadline = time.monotonic() + self.start_seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    @property
    def _log(self) -> Path:
        return self.folder / "log"


def free_port() -> int:
    """A port on loopback that nobody listens on now; somebody may a moment later."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def end(
    process: subprocess.Popen[bytes], farewell: Sequence[signal.Signals] = (signal.SIGTERM,)
) -> None:
    """End a process that was started here: ask as `farewell` says, then don't ask."""
    for order in farewell:
        if process.poll() is not None:
            return
        process.send_signal(order)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason."
