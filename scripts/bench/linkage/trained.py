"""Weights learnt by `synchro train` from the records of a linkage, without their truth."""

from __future__ import annotations

from importlib import import_module

from bench.linkage.harness import Linkage

SEED = 1


class TrainingMissing(Exception):
    """This version of the project does not train."""


def train_weights(linkage: Linkage) -> None:
    """Compare the candidate pairs, train on them, and put the weights in force."""
    try:
        train = import_module("synchro.training").train
    except (ImportError, AttributeError):
        raise TrainingMissing("synchro.training.train n'existe pas encore") from None
    linkage.run(until="lnk_compared_pairs")
    model = train(linkage.connection, seed=SEED)
    linkage.use_weights(model.weights, {"matches_per_record": model.matches_per_record})
