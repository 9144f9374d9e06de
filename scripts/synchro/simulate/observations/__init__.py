"""What each operator sees of the persons' lives, and writes in its monthly files: codes, not yet words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synchro.simulate.observations import encounters, requests, stays
from synchro.simulate.observations.common import World
from synchro.simulate.parameters import Parameters
from synchro.simulate.trajectories import HOUSED

# Beside the operators' frames: what they saw of whom, which only the truth may use.
EVIDENCE = ("truth", "evidence")


def observe(
    persons: pd.DataFrame, spells: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[tuple[str, str], pd.DataFrame]:
    """(operator, extract) -> one row per row of its files: month, person (row of `persons`, -1 for places), local ids
    and a column per contracted column, with codes, dates and numbers. `EVIDENCE` holds what was seen of whom.
    """
    seeing, *streams = rng.spawn(10)
    world = World.of(persons, spells, parameters, seeing)
    priorities, request_numbers = requests.priority_requests(world, streams[0])
    observed = {
        ("siao_115", "appels"): encounters.calls(world, streams[1]),
        ("accueil_jour", "passages"): encounters.visits(world, streams[2]),
        ("maraude", "rencontres"): encounters.rounds(world, streams[3]),
        ("ccas", "domiciliations"): encounters.domiciliations(world, streams[4]),
        ("hebergement", "sejours"): stays.shelters(world, streams[5]),
        ("hebergement", "capacites"): stays.capacities(world, stays.SHELTERS, 1.0),
        ("hotel", "nuitees"): stays.hotels(world, streams[6]),
        ("dna", "presences"): stays.asylum(world, streams[7]),
        ("logement", "entrees"): stays.housing(world, streams[8], request_numbers),
        ("logement", "capacites"): stays.capacities(world, HOUSED, 0.9),
        ("siao_insertion", "demandes"): requests.insertion_requests(world, rng.spawn(1)[0]),
        ("syplo", "demandes"): priorities,
    }
    within = {key: frame[frame["month"].between(0, parameters.months - 1)] for key, frame in observed.items()}
    return {**{key: frame.reset_index(drop=True) for key, frame in within.items()}, EVIDENCE: world.evidence.frame()}
