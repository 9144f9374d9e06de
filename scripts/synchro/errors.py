"""The errors a user sees: French text, a stable code, a place and what to do; never a value of a person."""

from __future__ import annotations


class SynchroError(Exception):
    """Something the user can act on. `str()` gives "what – where – à faire".

    The parts are written by this project only: the text of another library's exception may quote the
    data, so it is never copied here (raise ... from None).
    """

    def __init__(self, code: str, what: str, where: str | None = None, todo: str | None = None) -> None:
        self.code = code
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(code)

    def __str__(self) -> str:
        todo = f"à faire : {self.todo}" if self.todo else None
        return " – ".join(part for part in (self.what, self.where, todo) if part)


class ContractError(SynchroError):
    """An operator's contract (`_<operator>__sources.yml`) cannot be used as written."""

    def __init__(self, what: str, where: str | None = None, todo: str | None = None) -> None:
        super().__init__("CONTRACT", what, where, todo)


class RejectedFile(SynchroError):
    """One delivered file is refused as a whole; nothing of it is stored."""


class LockedDatabase(SynchroError):
    """Another process holds one of the two DuckDB files."""


class KeysError(SynchroError):
    """The key file is missing, unreadable, malformed, too weak or readable by others."""


class KeyMismatch(SynchroError):
    """The vault was written with other keys, another territory or another encoding version."""

    def __init__(self, what: str, where: str | None = None, todo: str | None = None) -> None:
        super().__init__("KEY", what, where, todo)
