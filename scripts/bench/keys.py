"""Known keys: with keys drawn at random the encodings, and so the figures, would differ from run to run."""

from __future__ import annotations

from synchro.keys import Keys

BENCH_KEYS = Keys("bench", bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96)))
