"""`make bench-quick` prints one JSON line; `make bench` adds growth, an audit, a million records, a full desk."""

import json
import sys
import tempfile
from pathlib import Path

import structlog
import uvloop

from tests.bench.audit import measure_audit
from tests.bench.desk import measure_desk
from tests.bench.digest import measure_digest
from tests.bench.fan_out import measure_fan_out
from tests.bench.growth import measure_growth
from tests.bench.quick import measure
from tests.bench.views import measure_views

VIEWS = 1_000_000


def main() -> None:
    """Progress goes to standard error, the result to standard output."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
        result = uvloop.run(measure(Path(folder)))
    if "--quick" not in sys.argv:
        with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
            result["growth"] = measure_growth(Path(folder))
        with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
            result["digest"] = measure_digest(Path(folder))
        with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
            result["fan_out"] = measure_fan_out(Path(folder))
        with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
            result["desk"] = measure_desk(Path(folder))
        result["audit"] = measure_audit()
        result["views"] = [measure_views(VIEWS, database) for database in ("sqlite", "postgresql")]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
