"""`synchro brief`: the committee's note of a month, a PDF in French, from a publication folder alone."""

from synchro.brief.note import Written, write_brief

__all__ = ["Written", "write_brief"]
