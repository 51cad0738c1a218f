"""Measure log, RPC, a year's figures, the whole path, the timers and growth, beside their limits.

Prints a table and writes `.local/bench.json`. Needs a quiet machine; takes about seven minutes, and
the first time some ten more for growth, which makes up ten years.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.local.private import private_mongodb, private_rabbitmq
from tests.bench import (
    bench_figures,
    bench_gateway,
    bench_growth,
    bench_log,
    bench_rpc,
    bench_timers,
)

Figure = dict[str, Any]


def log_figures() -> list[Figure]:
    with private_mongodb() as mongodb:
        return bench_log.run(mongodb.uri)


def county_figures() -> list[Figure]:
    with private_mongodb() as mongodb:
        return bench_figures.run(mongodb.uri)


def rpc_figures() -> list[Figure]:
    with private_rabbitmq() as rabbitmq:
        return bench_rpc.run(rabbitmq.uri)


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "log": log_figures,
    "rpc": rpc_figures,
    "figures": county_figures,
    "gateway": bench_gateway.run,
    "timers": bench_timers.run,
    "growth": bench_growth.run,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which (default: all)")
    parser.add_argument("--output", type=Path, default=Path(".local/bench.json"))
    asked = parser.parse_args(arguments)
    found = [figure for part in asked.parts or PARTS for figure in PARTS[part]()]
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(found, ensure_ascii=False, indent=1))
    for figure in found:
        sys.stdout.write(f"{row(figure)}\n")
    return 0


def row(figure: Figure) -> str:
    limit = f"{figure['ratio']:6.2f} × {figure['limit_name']}" if figure["ratio"] else ""
    return f"{figure['name']:58} {figure['value']:10.1f} {figure['unit']:12} {limit}"


if __name__ == "__main__":
    sys.exit(main())
