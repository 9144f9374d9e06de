"""Mutated bytes of valid files: refused in our words, or landed with the count of rows that the manifest says.

Every mutation is drawn from the kind of file and its number alone. FUZZ_CASES says how many of each kind (`make fuzz`
plays many more); a failure names the number, which plays it again.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest

from bad_inputs import CANARY, book, row, stays, text, visits, with_part
from landing_kit import KEYS, deliver, write_contract, write_project
from sealing_kit import DAY, make_keys
from synchro.contracts import load_contracts
from synchro.encoding import Encoder
from synchro.errors import RejectedFile
from synchro.guard import KnownValues
from synchro.keys import Keys
from synchro.landing import land
from synchro.manifests import MANIFEST_SUFFIX
from synchro.preparing import prepare
from synchro.readers import read
from synchro.reception import load_public, load_reception, public_path
from synchro.sealing import read_unsealed, seal, unseal
from test_landing import query, state

CASES = int(os.environ.get("FUZZ_CASES", "1000"))
ROWS = 12
PIECES = (
    b"\0",
    b'"',
    b";",
    b"\n",
    b"\r",
    b"\xff",
    b"\xc3",
    b"00/00/0000",
    b"\xe2\x80\x8b",
    b"=",
    b"<!DOCTYPE a>",
    b"]]>",
)


def mutated(content: bytes, kind: str, number: int) -> bytes:
    """One to four edits: bits, bytes cut out, repeated, moved, put in or overwritten; or the end cut off."""
    draw = random.Random(f"{kind}|{number}")
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(content) + 1)
        end = min(len(content), start + draw.choice((1, 1, 2, 7, 40)))
        piece = content[start:end]
        new = {
            "flip": bytes(byte ^ 1 << draw.randrange(8) for byte in piece),
            "cut": b"",
            "repeat": piece * draw.randint(2, 5),
            "put": piece + draw.choice(PIECES),
            "random": draw.randbytes(len(piece)),
            "over": draw.choice(PIECES)[: len(piece)],
        }
        edit = draw.choice((*new, "end"))
        content = content[:start] if edit == "end" else content[:start] + new[edit] + content[end:]
    return content


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = write_project(tmp_path_factory.mktemp("fuzz"))
    write_contract(settings.project_dir, "alpha", [visits(), stays()])
    return settings


@pytest.fixture(scope="module")
def extracts(settings):
    return load_contracts(settings.project_dir)["alpha"].extracts


@pytest.fixture(scope="module")
def encoder():
    return Encoder(Keys("testville", *(bytes.fromhex(KEYS[name]) for name in ("k1", "k2", "publication"))))


def valid_csv() -> bytes:
    return text(*(row(f"R{n}", date=f"{n + 10}/03/2024", notes='"a;\nb"') for n in range(ROWS))).encode()


def valid_book() -> bytes:
    return book([[f"R{n}", CANARY, DAY.date().replace(month=3, day=n + 1), None, n] for n in range(ROWS)])


def outcome(extract, encoder, known: KnownValues, content: bytes) -> str:
    """Blank for a content that is accepted, whose rows are then those of the manifest; else why it is refused."""
    try:
        delivery = read(content, extract)
        delivery.check_rows(ROWS)
        prepared = prepare(delivery, extract, DAY.date().replace(month=3, day=1), encoder, known)
    except RejectedFile as error:
        return str(error)
    counts = prepared.counts
    assert counts.rows_in == ROWS == counts.rows_landed + counts.rows_deduplicated + counts.rows_quarantined
    assert prepared.rows.num_rows == counts.rows_landed
    return ""


def mutated_sheet(content: bytes, kind: str, number: int) -> bytes:
    """A workbook whose sheet is mutated inside the archive, where no checksum tells."""
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return with_part(part, mutated(archive.read(part), kind, number), content)


@pytest.mark.parametrize(
    ("kind", "make", "mutate"),
    [("visits", valid_csv, mutated), ("stays", valid_book, mutated), ("stays", valid_book, mutated_sheet)],
    ids=["csv", "xlsx", "sheet"],
)
def test_a_mutated_file_is_refused_or_has_the_rows_of_its_manifest(
    settings, extracts, encoder, capfd, kind, make, mutate
):
    known, good = KnownValues(settings.project_dir), make()
    assert outcome(extracts[kind], encoder, known, good) == ""
    refused = 0
    for number in range(CASES):
        try:
            said = outcome(extracts[kind], encoder, known, mutate(good, kind, number))
        except BaseException:
            print(f"{mutate.__name__} {kind} {number}")
            raise
        assert CANARY not in said, number
        refused += bool(said)
    assert refused > 0
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("kind", ["visits", "stays"])
def test_a_mutated_file_that_is_landed_changes_nothing_or_what_it_says(settings, kind, tmp_path):
    """The whole way, for fewer of them: receipts agree with the warehouse, refusals leave its bytes."""
    good = {"visits": valid_csv, "stays": valid_book}[kind]()
    name = {"visits": "visits_2024-03{}.csv", "stays": "stays_2024-03{}.xlsx"}[kind]
    for number in range(CASES // 100):
        inbox, before = tmp_path / str(number), state(settings)
        content = mutated(good, f"landed {kind}", number)
        deliver(inbox, name.format(f"_v{number + 2}"), content, extract=kind, rows=ROWS, reference_month="2024-03")
        [receipt] = land(inbox, settings)
        assert receipt.code != "INTERNAL", (number, receipt.message)
        if receipt.status == "accepted":
            assert receipt.rows_in == ROWS, number
            landed = f"select count(*) from synchro.raw_alpha.{kind} where _delivery_id = '{receipt.delivery_id}'"
            assert query(settings, landed) == [(receipt.rows_landed,)], number
        else:
            assert state(settings) == before, number


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A sealed delivery of an operator of its own installation: settings, inbox, sealed, content in clear."""
    folder = tmp_path_factory.mktemp("sealed")
    settings = write_project(folder)
    sealer = make_keys(settings)
    content = "\n".join(["Réf;Nom;Prénom;Né(e) le;Date;Situation;Structure;Places;Notes"] + [
        f"R{n};{CANARY};Ana;03/04/1980;{n + 10}/03/2024;À la rue;S1;2;x" for n in range(ROWS)
    ]) + "\n"  # fmt: skip
    path = deliver(folder / "clear", "visits_2024-03.csv", content)
    return settings, folder / "inbox", seal(path, folder / "inbox" / "alpha", sealer, DAY)


def restore(path: Path, content: bytes, manifest: bytes) -> None:
    path.write_bytes(content)
    path.with_name(path.name + MANIFEST_SUFFIX).write_bytes(manifest)


def test_a_mutated_sealed_file_or_manifest_never_lands(sealed):
    settings, inbox, delivery = sealed
    manifest_path = delivery.path.with_name(delivery.path.name + MANIFEST_SUFFIX)
    content, manifest = delivery.path.read_bytes(), manifest_path.read_bytes()
    for number in range(CASES // 4):
        kind = ("sealed", "manifest")[number % 2]
        parts = {"sealed": content, "manifest": manifest}
        parts[kind] = mutated(parts[kind], kind, number)
        if parts == {"sealed": content, "manifest": manifest}:
            continue
        restore(delivery.path, parts["sealed"], parts["manifest"])
        [receipt] = land(inbox, settings)
        assert receipt.status == "rejected", number
        assert receipt.code != "INTERNAL", (number, receipt.message)
        assert state(settings) == {}, number
    restore(delivery.path, content, manifest)


def test_what_an_operator_seals_and_signs_wrongly_is_told_by_its_manifest(sealed, extracts):
    """The sender's own key signs for mutated bytes: decryption or the manifest's sha256 and rows still tell."""
    settings, _, delivery = sealed
    extract = load_contracts(settings.project_dir)["alpha"].extracts["visits"]
    keys, manifest = load_reception(settings), delivery.manifest
    recipients = [
        pyrage.x25519.Recipient.from_str(text) for text in load_public(public_path(settings.keys)).recipients
    ]
    content = delivery.path.read_bytes()
    clear = pyrage.decrypt(content, [keys.identity])
    for number in range(CASES // 4):
        bad = mutated(content, "resigned", number)
        if bad != content:
            with pytest.raises(RejectedFile):
                unseal(bad, manifest, keys)
        bad = mutated(clear, "resealed", number)
        claims = manifest.model_copy(update={"sha256": sha256(bad).hexdigest(), "bytes": len(bad)})
        try:
            opened = unseal(pyrage.encrypt(bad, recipients), claims, keys)
            said, rows = "", read_unsealed(opened, claims, extract).rows
        except RejectedFile as error:
            said, rows = str(error), ROWS
        assert CANARY not in said, number
        assert rows == ROWS, number


def test_a_mutation_is_the_same_each_time():
    assert mutated(b"abc" * 50, "x", 7) == mutated(b"abc" * 50, "x", 7)
    assert len({mutated(b"abc" * 50, "x", number) for number in range(50)}) > 40
