"""Fixtures of the engines' tests: environments and servers, made and started when first asked for.

Nothing is skipped for want of a server: what is missing fails the test with a sentence.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from segmentation.engines import catalog, environments
from segmentation.engines.catalog import Ready
from segmentation.engines.environments import Environment
from segmentation.engines.postgres import PostgresServer

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def environment() -> Callable[[str], Environment]:
    """`environment("spark")`: the engine's environment, made if it isn't there."""
    return lambda name: environments.ensure(name, print, root=PROJECT_ROOT)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Ready]]:
    """`engine("postgres")`: the engine, up until the session ends, with nothing in it at first."""
    started: dict[str, Ready] = {}
    with contextlib.ExitStack() as stack:

        def start(name: str) -> Ready:
            if name not in started:
                folder = tmp_path_factory.mktemp(name)
                ready = catalog.running(name, folder, print, short=True)
                started[name] = stack.enter_context(ready)
            return started[name]

        yield start


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server of its own, for tests that look into it or lock somebody out."""
    with PostgresServer() as server:
        yield server
