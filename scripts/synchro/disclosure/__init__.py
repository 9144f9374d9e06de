"""Disclosure control: what may be told of few persons, and what a reader could still work out."""
