"""`python -m synchro.cli`."""

from synchro.cli import main

main()
