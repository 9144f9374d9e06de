"""Putting a publication in place: all or nothing, and what was published stays as it was.

`published/<audience>` is a symbolic link. A publication is written whole in a hidden folder, made durable and
read-only, and put in place by replacing the link, which the file system does in one step.

- Public: the folder becomes `vintages/public-0003` first; every vintage stays.
- Internal: the link points to the hidden folder itself and the earlier one goes, since it is persons' data; its
  manifest stays as `vintages/internal-0007.json`.

A process killed between the two steps leaves a whole vintage that no link points to, or a manifest not yet kept: the
next publication does what was left.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from synchro.errors import SynchroError
from synchro.files import sync, write
from synchro.lock import exclusive_lock
from synchro.publication.layout import MANIFEST, PUBLIC, VINTAGES, vintage_name, vintages
from synchro.publication.manifest import read_manifest

_FILE_MODE = 0o440
_FOLDER_MODE = 0o550
_OPEN_FOLDER_MODE = 0o750


@dataclass(frozen=True)
class Shelf:
    """The place of one audience's publications, held by one process at a time."""

    published: Path
    audience: str

    @property
    def link(self) -> Path:
        """What a reader opens: the last publication."""
        return self.published / self.audience

    @property
    def last(self) -> tuple[int, Path] | None:
        """Number and manifest of the last vintage."""
        found = vintages(self.published, self.audience)
        return max(found.items()) if found else None

    @property
    def next_number(self) -> int:
        """That of a vintage to come."""
        return self.last[0] + 1 if self.last else 1

    @property
    def _drafts(self) -> Path:
        return self.published / VINTAGES if self.audience == PUBLIC else self.published

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty hidden folder to write the next publication in, under a lock that ends with the process.

        On the way out, whatever no link points to is removed: a failed attempt, one that was killed, the internal
        publication just replaced. Raises SynchroError PUBLISHED_FOLDER, LOCKED; OSError.
        """
        for folder in (self.published, self.published / VINTAGES):
            folder.mkdir(parents=True, exist_ok=True, mode=_OPEN_FOLDER_MODE)
        if self.link.exists() and not self.link.is_symlink():
            what = "La place de la publication est prise par un dossier que SYNCHRØ n'a pas écrit"
            raise SynchroError("PUBLISHED_FOLDER", what, where=str(self.link), todo="le déplacer, puis relancer")
        with exclusive_lock(self.published / f".{self.audience}.lock", "Une autre publication est en cours"):
            self._finish_what_was_left()
            folder = Path(tempfile.mkdtemp(prefix=f".{self.audience}-", dir=self._drafts))
            try:
                yield folder
            finally:
                self._remove_drafts()

    def put_in_place(self, folder: Path, number: int) -> None:
        """Make every byte of a draft durable, freeze it and turn the link over. Raises OSError."""
        freeze(folder)
        if self.audience == PUBLIC:
            vintage = folder.with_name(vintage_name(self.audience, number))
            os.rename(folder, vintage)
            sync(vintage.parent)
            self._turn_link(vintage)
        else:
            self._turn_link(folder)
            self._keep_manifest(number)

    def _turn_link(self, folder: Path) -> None:
        link = self.published / f".{self.audience}.link"
        link.unlink(missing_ok=True)
        link.symlink_to(folder.relative_to(self.published))
        os.replace(link, self.link)
        sync(self.published)

    def _keep_manifest(self, number: int) -> None:
        kept = self.published / VINTAGES / f"{vintage_name(self.audience, number)}.json"
        write(kept, (self.link / MANIFEST).read_bytes(), mode=_FILE_MODE)

    def _finish_what_was_left(self) -> None:
        if self.audience == PUBLIC:
            if self.last and self.link.resolve() != self.last[1].parent.resolve():
                self._turn_link(self.last[1].parent)
            return
        manifest = read_manifest(self.link / MANIFEST)
        if manifest and manifest["vintage"] not in vintages(self.published, self.audience):
            self._keep_manifest(manifest["vintage"])

    def _remove_drafts(self) -> None:
        kept = self.link.resolve()
        for folder in self._drafts.glob(f".{self.audience}-*"):
            if folder.resolve() != kept:
                with suppress(OSError):
                    remove(folder)


def freeze(folder: Path) -> None:
    """Make a folder durable, its files readable by owner and group and written by nobody."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            os.chmod(Path(parent, name), _FILE_MODE)
            sync(Path(parent, name))
        os.chmod(parent, _FOLDER_MODE)
        sync(Path(parent))


def remove(folder: Path) -> None:
    """Remove a frozen folder: its owner may, once each folder in it can be written again."""
    for parent, _, _ in os.walk(folder):
        os.chmod(parent, 0o700)
    shutil.rmtree(folder)
