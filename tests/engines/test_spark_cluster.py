"""Spark on two executors, processes of their own, instead of threads of one."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from segmentation.engines import spark
from segmentation.engines.environments import Environment

# What dbt's session method does with the settings, then a write and a read on the executors.
SESSION = """
import json, sys
from pyspark.sql import SparkSession

builder = SparkSession.builder.enableHiveSupport()
for name, value in json.load(sys.stdin).items():
    builder = builder.config(name, value)
session = builder.getOrCreate()
session.sql(
    "create table amounts using iceberg as"
    " select id % 10 as day, cast(id as decimal(18, 2)) as amount from range(0, 100000, 1, 8)"
)
[(days, amount)] = session.sql(
    "select count(*), sum(amount)"
    " from (select day, sum(amount) as amount from amounts group by day)"
).collect()
executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
print(json.dumps([executors, days, str(amount)]))
"""


def run_session(environment: Environment, folder: Path, master: str) -> list[object]:
    """Executors, days and amount of a session on that master."""
    settings = spark.profile(environment, folder, master=master)["server_side_parameters"]
    result = subprocess.run(
        [str(environment.python), "-c", SESSION],
        input=json.dumps(settings),
        env=spark.process_environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer: list[object] = json.loads(result.stdout.splitlines()[-1])
    return answer


@pytest.fixture
def spark_environment(environment: Callable[[str], Environment]) -> Environment:
    return environment("spark")


def test_local_cluster(spark_environment: Environment, tmp_path: Path) -> None:
    answer = run_session(spark_environment, tmp_path, spark.LOCAL_CLUSTER)
    assert answer == [2, 10, "4999950000.00"]


def test_standalone_master_with_two_workers(spark_environment: Environment, tmp_path: Path) -> None:
    with spark.standalone_cluster(spark_environment, tmp_path / "cluster") as master:
        assert master.startswith("spark://127.0.0.1:")
        answer = run_session(spark_environment, tmp_path, master)
    assert answer == [2, 10, "4999950000.00"]
