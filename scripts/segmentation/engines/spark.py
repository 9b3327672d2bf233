"""Spark in session mode: the Java it needs, the Iceberg jar, and the settings of a target."""

import atexit
import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segmentation.dbt_runner import Output, find_project_root
from segmentation.engines.environments import ICEBERG_JAR, Environment
from segmentation.engines.servers import HOST, end, free_port
from segmentation.errors import SegmentationError

JAVA = 17
# Where Java 17 is when another one is on the path: Debian, Homebrew.
JAVA_PLACES = (
    "/usr/lib/jvm/*17*",
    "/opt/homebrew/opt/openjdk@17",
    "/Library/Java/JavaVirtualMachines/*17*/Contents/Home",
)
ICEBERG_SETTINGS = ("spark.jars", "spark.sql.extensions")
ICEBERG_PREFIXES = ("spark.sql.catalog.spark_catalog", "spark.hadoop.iceberg.")
LOCK_SECONDS = 15
CLUSTER_SECONDS = 60
LOCAL = "local[2]"
# The first compiler only, with as much room for its code as both have by default.
SHORT_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m")
# Two executors of a core and a gigabyte each, as processes of their own.
LOCAL_CLUSTER = "local-cluster[2,1,1024]"


def environment_variables() -> dict[str, str]:
    """What the process that starts Spark needs: a Java that works, loopback, and quiet logs.

    Raises:
        SegmentationError: there is no Java 17.
    """
    log_settings = Path(__file__).parent / "spark_log4j2.properties"
    return {
        "JAVA_HOME": str(java_home()),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_SUBMIT_OPTS": f"'-Dlog4j2.configurationFile={log_settings}'",
    }


def process_environment() -> dict[str, str]:
    """The environment variables of this process, and what Spark needs beside them.

    Raises:
        SegmentationError: there is no Java 17.
    """
    return {**os.environ, **environment_variables()}


@contextlib.contextmanager
def standalone_cluster(
    environment: Environment, folder: Path, *, workers: int = 2, memory: str = "1g"
) -> Iterator[str]:
    """A master and workers of one core each on loopback, stopped when the block ends.

    Args:
        environment: where Spark is installed.
        folder: for their logs and scratch files; made if it isn't there.
        workers: how many.
        memory: of each worker.

    Yields:
        The master's URL.

    Raises:
        SegmentationError: there is no Java 17, or the cluster did not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    home = environment.site_packages / "pyspark"
    launcher = home / "bin" / "spark-class"
    variables = process_environment() | {"SPARK_HOME": str(home)}
    master, page = (free_port() for _ in range(2))
    url = f"spark://{HOST}:{master}"
    local = ["--host", HOST]
    worker = ["worker.Worker", *local, "--cores", "1", "--memory", memory, "--webui-port", "0"]
    commands = [["master.Master", *local, "--port", str(master), "--webui-port", str(page)]]
    commands += [[*worker, "--work-dir", str(folder / f"worker-{n}"), url] for n in range(workers)]
    with contextlib.ExitStack() as stack:
        for number, (name, *options) in enumerate(commands):
            log = folder / f"{number}-{name}.log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [str(launcher), f"org.apache.spark.deploy.{name}", *options],
                    cwd=folder,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            stack.callback(end, process)
        _wait_for_workers(f"http://{HOST}:{page}/json/", workers, folder)
        yield url


def _wait_for_workers(page: str, workers: int, folder: Path) -> None:
    deadline = time.monotonic() + CLUSTER_SECONDS
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError, ValueError),
            urllib.request.urlopen(page, timeout=5) as answer,  # noqa: S310 - on loopback
        ):
            if json.load(answer).get("aliveworkers") == workers:
                return
        time.sleep(0.3)
    raise SegmentationError(
        f"Spark's master and {workers} workers did not come up in {CLUSTER_SECONDS} s: what they "
        f"said is in {folder}."
    )


def prepare(settings: Mapping[str, Any], root: Path, target: str) -> None:
    """Check what a session needs before its JVM is started, and set this process up for it.

    Args:
        settings: the target's server_side_parameters, variables filled in.
        root: where relative paths start.
        target: the target's name, for the sentences.

    Raises:
        SegmentationError: PySpark, Java, a jar or the master isn't there, a folder can't be written
            to, or another process holds the metastore.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise SegmentationError(
            f"Target '{target}' needs PySpark, which is not in this environment: run 'make build "
            f'TARGET={target}\', which uses one that has it (or pip install ".[spark]").'
        )
    pyspark = sys.modules.get("pyspark")
    if pyspark is not None and pyspark.SparkContext._active_spark_context is not None:
        return  # its JVM is up, and it is the one that holds the metastore
    variables = environment_variables()
    master = str(settings.get("spark.master", LOCAL))
    if not master.startswith("local"):
        del variables["SPARK_LOCAL_IP"]
        _check_master(master)
    os.environ.update(variables)
    _check_jars(str(settings.get("spark.jars", "")), root)
    if warehouse := _local_path(str(settings.get("spark.sql.warehouse.dir", "")), root):
        _check_writable(warehouse, "warehouse", "SPARK_WAREHOUSE_DIR")
    if metastore := _metastore(settings, root):
        _check_writable(metastore.parent, "metastore", "SPARK_METASTORE_DIR")
        _check_unlocked(metastore)
    atexit.register(_end_session)


def _end_session() -> None:
    """Stop what dbt leaves running, or executors of its own would be lost and complain about it."""
    pyspark = sys.modules.get("pyspark")
    context = pyspark.SparkContext._active_spark_context if pyspark else None
    if context is not None:
        context.stop()


def _check_master(master: str) -> None:
    for host, port in re.findall(r"([^/,:]+):(\d+)", master.removeprefix("spark://")):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            return
    if master.startswith("spark://"):
        raise SegmentationError(
            f"No Spark master answers at {master}: start it, or set SPARK_MASTER to where it is "
            f"({LOCAL} needs none)."
        )


def _check_jars(jars: str, root: Path) -> None:
    for jar in filter(None, jars.split(",")):
        pattern = _local_path(jar.strip(), root)
        if pattern and not any(Path("/").glob(str(pattern).lstrip("/"))):
            raise SegmentationError(
                f"Spark's Iceberg runtime is not at {pattern}: run 'make build TARGET=spark', "
                "which installs one, or set ICEBERG_SPARK_JAR to where it is."
            )


def _local_path(place: str, root: Path) -> Path | None:
    """A place on this machine's disk; None for one elsewhere, such as s3a://."""
    place = place.removeprefix("file://").removeprefix("file:")
    return None if not place or re.match(r"\w+:/", place) else root / place


def _metastore(settings: Mapping[str, Any], root: Path) -> Path | None:
    """The folder of Derby's metastore; None when it is another database."""
    url = str(settings.get("spark.hadoop.javax.jdo.option.ConnectionURL", ""))
    database = re.match(r"jdbc:derby:;?(?:databaseName=)?([^;]+)", url)
    if not database:
        return None
    options = str(settings.get("spark.driver.extraJavaOptions", ""))
    home = re.search(r"(['\"]?)-Dderby\.system\.home=(.+?)(?:\1$|\1 )", f"{options} ")
    return root / (home[2] if home else "") / database[1]


def _check_writable(folder: Path, what: str, variable: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SegmentationError(
            f"Spark's {what} can't be written to {folder} ({error.strerror}): set {variable} to a "
            "folder that you may write to."
        ) from error


def _check_unlocked(metastore: Path) -> None:
    # The JVM of a process that has just ended lives a moment longer.
    deadline = time.monotonic() + LOCK_SECONDS
    while _is_locked(metastore):
        if time.monotonic() > deadline:
            raise SegmentationError(
                f"Another process has Spark's metastore {metastore} open: wait until it ends or "
                "close it, or set SPARK_METASTORE_DIR and SPARK_WAREHOUSE_DIR to folders of your "
                "own."
            )
        time.sleep(0.2)


def _is_locked(metastore: Path) -> bool:
    """Derby locks this file as long as it is up; a file that a crash left behind isn't locked."""
    try:
        with (metastore / "dbex.lck").open("r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def java_home() -> Path:
    """The folder of Java 17: JAVA_HOME, the one on the path, or one in the usual places.

    Raises:
        SegmentationError: there is no Java, or only others.
    """
    candidates = []
    if configured := os.environ.get("JAVA_HOME"):
        candidates.append(Path(configured))
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path).resolve().parent.parent)
    for pattern in JAVA_PLACES:
        candidates += sorted(Path("/").glob(pattern.lstrip("/")))
    versions = [(_java_version(folder), folder) for folder in candidates]
    for version, folder in versions:
        if version == JAVA:
            return folder
    seen = [f"Java {version} in {folder}" for version, folder in versions if version]
    found = f"there is only {seen[0]}" if seen else "there is none"
    raise SegmentationError(
        f"Spark needs Java {JAVA}, and {found}: run 'sudo apt-get install "
        f"openjdk-{JAVA}-jre-headless' (macOS: 'brew install openjdk@{JAVA}'), "
        "or set JAVA_HOME to where it is."
    )


def _java_version(home: Path) -> int | None:
    """The major version that `java -version` names; None if it does not run."""
    try:
        said = subprocess.run(
            [str(home / "bin" / "java"), "-version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(match[1]) if match else None


def iceberg_jar(environment: Environment) -> Path | None:
    """The Iceberg runtime in an environment; None where there is none (Spark 4)."""
    jar = environment.folder / ICEBERG_JAR
    return jar if jar.exists() else None


def profile(
    environment: Environment,
    folder: Path,
    *,
    schema: str = "default",
    master: str = LOCAL,
    threads: int | None = None,
    short: bool = False,
) -> dict[str, Any]:
    """A target of profiles.yml: that of profiles.example.yml, with its variables filled in.

    Args:
        environment: where Spark is installed; without an Iceberg jar in it, tables are Parquet.
        folder: keeps warehouse and metastore; one process at a time may use it.
        schema: the target's schema.
        master: `local[2]`, `local-cluster[2,1,1024]`, or the URL of a standalone master.
        threads: models at a time; as profiles.example.yml says if None.
        short: for builds of small data, whose queries are over before Java's optimising compiler
            pays: it is left out, which saves four tenths of their processor time.

    Raises:
        SegmentationError: there is no Java 17.
    """
    from segmentation.engines.catalog import example_output

    java_home()
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    root = find_project_root()
    output = Output("spark", example_output("spark", root), root).rendered()
    jar = iceberg_jar(environment)
    settings = {
        name: value
        for name, value in output["server_side_parameters"].items()
        if jar or not (name in ICEBERG_SETTINGS or name.startswith(ICEBERG_PREFIXES))
    }
    settings |= {
        "spark.master": master,
        "spark.driver.host": HOST,
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.extraJavaOptions": " ".join(
            [*(SHORT_OPTIONS if short else ()), f"'-Dderby.system.home={folder}'"]
        ),
    }
    if jar:
        settings["spark.jars"] = str(jar)
    else:
        # Spark 4.3 can't send some adaptive plans of many unions to its own tasks (a class cast)
        settings["spark.sql.adaptive.enabled"] = "false"
    if master.startswith("local-cluster"):
        # as much as each worker has
        settings["spark.executor.memory"] = f"{master.rstrip(']').rsplit(',', 1)[1].strip()}m"
    return {
        **output,
        "schema": schema,
        "threads": threads or output["threads"],
        "server_side_parameters": settings,
    }
