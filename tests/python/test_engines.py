"""Engines, their environments and their settings: everything short of starting one."""

import fcntl
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from segmentation.dbt_runner import Output
from segmentation.engines import catalog, environments, postgres, spark
from segmentation.engines.environments import Environment
from segmentation.errors import SegmentationError

ADAPTERS = ("postgres", "spark")


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    """A project with locks and nothing else."""
    (tmp_path / "requirements").mkdir()
    for name in ("build", "spark"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# {name}\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run to make an environment; it isn't."""
    asked: list[list[str]] = []

    def record(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        if command[1:3] == ["-m", "venv"]:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environments.subprocess, "run", record)
    return asked


def test_every_engine_has_an_environment(project_root: Path) -> None:
    there = environments.names(project_root)
    assert there[0] == environments.CORE
    assert {engine.environment for engine in catalog.ENGINES.values()} <= set(there)
    assert set(catalog.ENVIRONMENTS.values()) <= set(there)
    assert all(name == engine.name for name, engine in catalog.ENGINES.items())


def test_only_real_engines_are_run_everywhere() -> None:
    for engine in catalog.ENGINES.values():
        assert engine.proof == "runs" or not engine.everywhere


def test_an_unknown_engine_is_a_sentence() -> None:
    with pytest.raises(SegmentationError, match=r"no engine 'oracle'\. There are: duckdb"):
        catalog.get("oracle")


def test_an_engine_that_is_only_compiled_can_not_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "ensure", lambda name, say: Environment(name, tmp_path))
    with (
        pytest.raises(SegmentationError, match="'trino' here: it is compiled only"),
        catalog.running("trino", tmp_path, print),
    ):
        pass


def test_duckdb_is_ready_with_a_file_of_its_own(tmp_path: Path) -> None:
    with catalog.running("duckdb", tmp_path / "place", print) as ready:
        folder = ready.write_profiles(tmp_path / "profiles", threads=1)
    profile = yaml.safe_load((folder / "profiles.yml").read_text(encoding="utf-8"))
    [written] = profile["segmentation"]["outputs"].values()
    assert profile["segmentation"]["target"] == "duckdb"
    assert written["path"] == str(tmp_path / "place" / "duckdb.duckdb")
    assert written["threads"] == 1
    assert ready.environment.python == Path(sys.prefix) / "bin" / "python"


def test_the_locks_are_whole_and_name_no_index(project_root: Path) -> None:
    wanted = sorted((project_root / "requirements").glob("*.in"))
    assert len(wanted) > 1
    for path in [project_root / "requirements.in", *wanted]:
        lock = path.with_suffix(".txt").read_text(encoding="utf-8")
        assert not re.search(r"://|--index|--find-links", lock), path
        pinned = re.findall(r"^([\w.-]+)(?:\[[\w, -]+\])?==", lock, flags=re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[\w]", lock, flags=re.MULTILINE)), path
        assert lock.count("--hash=sha256:") >= len(pinned)
        if path.stem != "build":
            assert {"dbt-core", "dbt-duckdb", "duckdb", "hatchling", "typer"} <= set(pinned), path


def test_an_environment_is_made_once_and_anew_when_its_lock_changes(
    locks: Path, commands: list[list[str]]
) -> None:
    said: list[str] = []
    made = environments.ensure("spark", said.append, root=locks)
    assert made.folder == locks / ".engines" / "spark"
    assert said == [
        "Making .engines/spark from requirements/spark.txt (once, about two minutes)",
    ]
    venv, build, locked, project = commands
    assert venv == [sys.executable, "-m", "venv", "--clear", str(made.folder)]
    assert build[-1].endswith("build.txt")
    for command in (build, locked):
        assert {"--require-hashes", "--no-deps"} <= set(command)
    assert locked[-1].endswith("spark.txt")
    assert {"--no-build-isolation", "--editable"} <= set(project)

    commands.clear()
    environments.ensure("spark", said.append, root=locks)
    assert commands == []
    assert len(said) == 1

    (locks / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    environments.ensure("spark", said.append, root=locks)
    assert commands == [project]
    assert len(said) == 1

    commands.clear()
    (locks / "requirements" / "spark.txt").write_text("# newer\n", encoding="utf-8")
    environments.ensure("spark", said.append, root=locks)
    assert commands == [venv, build, locked, project]


def test_a_failed_installation_is_a_sentence_and_no_environment(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if "pip" in command:
            said = "WARNING: again\nERROR: no such version\n"
            return subprocess.CompletedProcess(command, 1, "", said)
        Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environments.subprocess, "run", fail)
    for _ in range(2):
        with pytest.raises(SegmentationError, match="could not be made: ERROR: no such version"):
            environments.ensure("spark", print, root=locks)


def test_an_unknown_environment_is_a_sentence(locks: Path) -> None:
    with pytest.raises(SegmentationError, match=r"no environment 'oracle'\. There are: core"):
        environments.ensure("oracle", print, root=locks)


def test_make_asks_for_the_environment_of_a_target(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project_root)
    monkeypatch.setattr(sys, "argv", ["environments", "--target", "here"])
    here = Output("here", {"type": "postgres"}, project_root)
    monkeypatch.setattr(environments, "find_profiles_dir", lambda root: root)
    monkeypatch.setattr(environments, "read_output", lambda *args: here)
    environments.main()
    assert capsys.readouterr().out == f"{Path(sys.prefix) / 'bin'}\n"

    monkeypatch.setattr(sys, "argv", ["environments", "oracle"])
    with pytest.raises(SystemExit, match="no environment 'oracle'"):
        environments.main()


def test_the_shipped_targets_need_no_variable(
    project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POSTGRES_HOST", "POSTGRES_PASSWORD", "SPARK_MASTER", "ICEBERG_SPARK_JAR"):
        monkeypatch.delenv(name, raising=False)
    for target in ADAPTERS:
        output = Output(target, catalog.example_output(target, project_root), project_root)
        assert output.rendered()["type"] == target
        assert output.schema("marts") == "marts"


@pytest.mark.parametrize(
    ("settings", "schema"),
    [
        ({"schema": "public"}, "marts"),
        ({"dataset": "default"}, "marts"),
        ({"dataset": "alice"}, "alice_marts"),
        ({}, "marts"),
    ],
)
def test_where_the_marts_are(settings: dict[str, str], schema: str) -> None:
    assert Output("here", settings, Path()).schema("marts") == schema


def test_the_server_answers_to_the_shipped_target(
    project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.PostgresServer()
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    shipped = Output("postgres", catalog.example_output("postgres", project_root), project_root)
    rendered = shipped.rendered()
    assert rendered | {"port": int(rendered["port"])} == server.profile()


def test_without_postgres_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgres, "PLACES", ())
    with pytest.raises(SegmentationError, match="apt-get install postgresql'"):
        postgres.find_programs()


def test_the_newest_postgres_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "15", "17"):
        for program in ("initdb", "postgres"):
            path = tmp_path / version / "bin" / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgres, "PLACES", (f"{tmp_path}/*/bin",))
    assert postgres.find_programs() == tmp_path / "17" / "bin"


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java 17, and no other."""
    program = tmp_path / "jdk" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 'openjdk version \"17.0.9\"' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(spark, "JAVA_PLACES", ())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    return tmp_path / "jdk"


def test_java_is_found_where_it_usually_is(java: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SegmentationError, match="Java 17, and there is none"):
        spark.java_home()
    monkeypatch.setattr(spark, "JAVA_PLACES", (f"{java.parent}/j*",))
    assert spark.java_home() == java
    assert spark.environment_variables()["JAVA_HOME"] == str(java)


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.8.0_452", "only Java 8 in"), ("21.0.2", "only Java 21 in"), ("", "there is none")],
)
def test_another_java_will_not_do(
    java: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    program = java / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    with pytest.raises(SegmentationError, match=said):
        spark.java_home()


def with_iceberg(folder: Path) -> Environment:
    folder.mkdir()
    (folder / environments.ICEBERG_JAR).touch()
    return Environment("spark", folder)


@pytest.mark.parametrize("master", [spark.LOCAL, spark.LOCAL_CLUSTER, "spark://127.0.0.1:7077"])
def test_a_session_is_the_shipped_target_with_its_variables_filled_in(
    java: Path, tmp_path: Path, project_root: Path, master: str
) -> None:
    environment = with_iceberg(tmp_path / "environment")
    place = tmp_path / "with space"
    profile = spark.profile(environment, place, schema="mine", master=master)
    shipped = catalog.example_output("spark", project_root)
    settings = profile["server_side_parameters"]
    assert set(shipped["server_side_parameters"]) == set(settings) - {"spark.executor.memory"}
    assert "env_var" not in str(profile)
    assert profile["schema"] == "mine"
    assert settings["spark.master"] == master
    assert settings["spark.sql.warehouse.dir"] == str(place / "warehouse")
    assert settings["spark.jars"] == str(environment.folder / "iceberg.jar")
    assert settings.get("spark.executor.memory") == (
        "1024m" if master == spark.LOCAL_CLUSTER else None
    )
    assert spark._metastore(settings, project_root) == place / "metastore"


def test_a_short_session_keeps_its_metastore(java: Path, tmp_path: Path) -> None:
    environment = with_iceberg(tmp_path / "environment")
    settings = spark.profile(environment, tmp_path / "place", short=True)["server_side_parameters"]
    assert settings["spark.driver.extraJavaOptions"].startswith("-XX:TieredStopAtLevel=1 ")
    assert spark._metastore(settings, tmp_path) == tmp_path / "place" / "metastore"


def test_without_the_jar_there_is_no_iceberg(java: Path, tmp_path: Path) -> None:
    (tmp_path / "environment").mkdir()
    settings = spark.profile(Environment("spark4", tmp_path / "environment"), tmp_path / "place")[
        "server_side_parameters"
    ]
    assert "iceberg" not in str(settings).lower()
    assert settings["spark.sql.session.timeZone"] == "UTC"


@pytest.mark.parametrize(
    ("options", "url", "metastore"),
    [
        ("'-Dderby.system.home=/a b'", "jdbc:derby:;databaseName=m;create=true", "/a b/m"),
        ("-Xss4m -Dderby.system.home=/a -Dx=1", "jdbc:derby:;databaseName=m", "/a/m"),
        ("", "jdbc:derby:;databaseName=m", "/project/m"),
        ("", "jdbc:derby:/elsewhere/m;create=true", "/elsewhere/m"),
        ("", "jdbc:postgresql://db/metastore", None),
    ],
)
def test_where_the_metastore_is(options: str, url: str, metastore: str | None) -> None:
    settings = {
        "spark.driver.extraJavaOptions": options,
        "spark.hadoop.javax.jdo.option.ConnectionURL": url,
    }
    expected = Path(metastore) if metastore else None
    assert spark._metastore(settings, Path("/project")) == expected


@pytest.mark.parametrize(
    ("place", "local"),
    [
        ("file:/w", "/w"),
        ("file:///w", "/w"),
        ("w", "/project/w"),
        ("/w", "/w"),
        ("s3a://b/w", None),
        ("hdfs://n:9000/w", None),
        ("", None),
    ],
)
def test_which_places_are_on_this_machine(place: str, local: str | None) -> None:
    assert spark._local_path(place, Path("/project")) == (Path(local) if local else None)


@pytest.fixture
def settings(java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings of a session that could start, were PySpark there."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        spark.importlib.util,
        "find_spec",
        lambda name: found("segmentation") if name == "pyspark" else found(name),
    )
    for name in ("JAVA_HOME", "SPARK_LOCAL_IP", "SPARK_SUBMIT_OPTS"):
        monkeypatch.setenv(name, str(java) if name == "JAVA_HOME" else "")
    environment = with_iceberg(tmp_path / "environment")
    profile = spark.profile(environment, tmp_path / "place")
    parameters: dict[str, Any] = profile["server_side_parameters"]
    return parameters


def test_a_session_that_can_start(settings: dict[str, Any], tmp_path: Path) -> None:
    spark.prepare(settings, tmp_path, "mine")
    assert (tmp_path / "place" / "warehouse").is_dir()
    assert spark.os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"
    # a file that a crash left behind
    metastore = tmp_path / "place" / "metastore"
    metastore.mkdir()
    (metastore / "dbex.lck").touch()
    spark.prepare(settings, tmp_path, "mine")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("spark.jars", "nowhere.jar", "set ICEBERG_SPARK_JAR"),
        ("spark.sql.warehouse.dir", "file/inside", "set SPARK_WAREHOUSE_DIR"),
        (
            "spark.driver.extraJavaOptions",
            "-Dderby.system.home=file/inside",
            "set SPARK_METASTORE_DIR",
        ),
        ("spark.master", "spark://127.0.0.1:1", "No Spark master answers at spark://127.0.0.1:1"),
    ],
)
def test_a_session_that_can_not(
    settings: dict[str, Any], tmp_path: Path, name: str, value: str, said: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SegmentationError, match=said):
        spark.prepare(settings | {name: value}, tmp_path, "mine")


def test_a_metastore_that_another_process_holds(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "LOCK_SECONDS", 0.1)
    metastore = tmp_path / "place" / "metastore"
    metastore.mkdir()
    lock = metastore / "dbex.lck"
    lock.touch()
    holding = f"import fcntl; f = open({str(lock)!r}, 'r+b'); fcntl.lockf(f, {fcntl.LOCK_EX}); "
    with subprocess.Popen(
        [sys.executable, "-c", holding + "print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SegmentationError, match="Another process has Spark's metastore"):
            spark.prepare(settings, tmp_path, "mine")
        holder.communicate(b"\n")
    spark.prepare(settings, tmp_path, "mine")


def test_without_pyspark_the_way_to_it_is_named(java: Path, tmp_path: Path) -> None:
    with pytest.raises(SegmentationError, match=r"needs PySpark.*'make build TARGET=mine'"):
        spark.prepare({}, tmp_path, "mine")
