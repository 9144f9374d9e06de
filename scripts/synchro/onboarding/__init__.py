"""From a file that no contract describes to a proposed one: what it holds (profile), what to write (scaffold).

This is the only place of the project that guesses. It says what it guessed and how sure it is; landing then reads
by the contract that a person has reviewed, and guesses nothing.
"""
