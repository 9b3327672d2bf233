"""`segmentation bench-engines` on Spark, and with it every model on two executors."""

from pathlib import Path

from rich.console import Console
from segmentation.engines import scale, spark


def test_two_executors_build_the_made_up_orders(tmp_path: Path) -> None:
    """Each executor is a process with a core of its own (see test_spark_cluster)."""
    result = scale.run(
        Console(width=120),
        engines=["spark"],
        sizes=[5_000],
        spark_master=spark.LOCAL_CLUSTER,
        spark_memory="1g",
        keep=tmp_path,
    )
    assert result["spark_master"] == spark.LOCAL_CLUSTER
    [one] = result["runs"]
    assert (one["engine"], one["orders"]) == ("spark", 5_000)
    assert one["seconds"] > 0
