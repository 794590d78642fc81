"""An engine of two workers: Sail, or, where that is asked for, Spark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def sail(slots: int = 8) -> Iterator[SparkSession]:
    """Run Sail in its cluster's mode: the workers are threads, that talk as machines do."""
    settings = {
        "SAIL_MODE": "local-cluster",
        "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2",
        "SAIL_CLUSTER__WORKER_MAX_COUNT": "2",
        # Both workers together need one for each part.
        "SAIL_CLUSTER__WORKER_TASK_SLOTS": str(slots),
        "RUST_LOG": "error",
    }
    with mock.patch.dict(os.environ, settings):
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession

        server = SparkConnectServer()
        server.start()
        address = f"sc://127.0.0.1:{server.listening_address[1]}"
        # The class is that of Spark Connect's client, whose types are those of Spark.
        session: SparkSession = SparkSession.builder.remote(address).create()
        try:
            yield session
        finally:
            session.stop()
            server.stop()


@contextmanager
def spark(folder: Path) -> Iterator[SparkSession]:
    """Run Spark as a cluster: a master and two workers, each a process with Pythons of its own."""
    settings = {
        # Workers have the Python that is in the path, otherwise, and listen to the whole network.
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        # What a function needs is found by them: the example, which is no package.
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with mock.patch.dict(os.environ, settings):
        import pyspark
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        options = {
            "spark.ui.enabled": "false",
            "spark.log.level": "ERROR",
            "spark.task.maxFailures": "1",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        }
        for name, value in options.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()
            gateway = pyspark.SparkContext._gateway
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(30)
            # Wherever its workers are told to write, in this mode they write here.
            shutil.rmtree(Path(pyspark.__file__).parent / "work", ignore_errors=True)
