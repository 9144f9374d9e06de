"""`make bench`: every speed figure of the README, each in a process of its own so that none warms another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHES = ("landing.py", "encoding.py", "build.py", "layers.py")


def main() -> None:
    """Run the benches one after the other; stops at the first that fails."""
    for bench in BENCHES:
        print(f"== {bench.removesuffix('.py')}", flush=True)
        subprocess.run([sys.executable, str(Path(__file__).with_name(bench))], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
