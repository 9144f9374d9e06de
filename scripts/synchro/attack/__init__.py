"""`synchro attack`: what a citizen can work out of the public publications, from the files they can download alone.

Nothing here reads the warehouse, the seeds or the code that protects: an attacker does not trust the publisher.
"""

from synchro.attack.report import Report, attack

__all__ = ["Report", "attack"]
