"""Weights learnt by `synchro train` from the records of a linkage, without their truth."""

from __future__ import annotations

from bench.linkage.harness import Linkage
from synchro.training import train

SEED = 1


def train_weights(linkage: Linkage) -> None:
    """Compare the candidate pairs, train on them, and put the weights in force. Raises SynchroError, as `train`."""
    linkage.run(until="lnk_household_pairs")
    model = train(linkage.connection, seed=SEED)
    linkage.use_weights(model.weights, {"matches_per_record": model.matches_per_record})
