"""One spelling for the many ways a person's name is typed. Everything downstream is computed from it.

Policy of NORMALISER_VERSION 1 (a change of policy is a new version: the tokens of the vault change with it):
- compatibility decomposition (NFKD), accents dropped, ligatures and barred letters spelled out, upper case;
- apostrophes vanish (N'Diaye, NDiaye, Isma'il); invisible characters vanish; all else outside A-Z is a space;
- particles are glued to what follows them (EL AMRANI, El-Amrani and ElAmrani are one), in French, Arabic,
  Berber, Dutch, Portuguese, Italian: they carry little by themselves and are joined or not at random;
- SAINT and its abbreviations are one; a civility before a name is dropped;
- placeholders (NC, INCONNU, X, ?, SANS NOM...) are no name: None. A name in another script is also None:
  it must be transliterated by the operator, we do not guess.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NORMALISER_VERSION = 1

# Letters that NFKD does not decompose.
_SPELLED_OUT = str.maketrans(
    {
        "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng",
        "Ŋ": "NG", "ə": "e", "Ə": "E", "ɛ": "e", "Ɛ": "E", "ɔ": "o", "Ɔ": "O", "ɗ": "d", "Ɗ": "D", "ɓ": "b",
        "Ɓ": "B", "ƙ": "k", "Ƙ": "K", "ŧ": "t", "Ŧ": "T",
    }
)  # fmt: skip
_APOSTROPHES = str.maketrans("", "", "'’‘‛ʼʻʽʾʿˈ`´′＇")
_NOT_LETTERS = re.compile(r"[^A-Z]+")
_NOT_IN_NUMBERS = re.compile(r"[^0-9A-Z]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _words(
    "D DE DU DES DA DI DO DOS DAS DEL DELLA L LE LA LES N O VAN VON DER DEN TEN TER EL AL UL AR AS ES "
    "BEN BENT BINT BIN IBN BOU BU ABOU ABU ABI OULD AIT ABD ABDEL ABDUL ABDOUL MAC MC SAINT"
)
_SAINTS = {"ST": "SAINT", "STE": "SAINT", "SAINTE": "SAINT"}
_CIVILITIES = _words("MR MME MLLE MONSIEUR MADAME MADEMOISELLE")
# No name at all, whether alone or in a phrase...
_PLACEHOLDERS = _words(
    "NC NR ND NP NSP NSPP SNP SND INCONNU INCONNUE INCONNUS ANONYME AUCUN AUCUNE NEANT NULL NONE UNKNOWN SANS "
    "VIDE RIEN NON NOM PRENOM ABSENT ABSENTE"
)
# ... and what may stand beside them: "non renseigné", "sans nom d'usage", "à préciser", "N/A", "pas de prénom".
_PHRASES = _PLACEHOLDERS | _words(
    "X A N PAS DE DU DUSAGE USAGE NAISSANCE RENSEIGNE RENSEIGNEE COMMUNIQUE COMMUNIQUEE PRECISE PRECISEE CONNU "
    "CONNUE DISPONIBLE FOURNI PRECISER COMPLETER RENSEIGNER VERIFIER DETERMINER IDENTITE REFUS REFUSE"
)


def letters(text: str) -> str:
    """A-Z and single spaces only: accents, apostrophes and invisible characters gone, the rest as spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).translate(_SPELLED_OUT))
        # Mn, Mc, Me: combining marks. Cf: zero-width and direction marks, soft hyphen.
        text = "".join([sign for sign in text if sign.isascii() or unicodedata.category(sign)[0] not in "MC"])
    return _NOT_LETTERS.sub(" ", text.translate(_APOSTROPHES).upper()).strip()


@lru_cache(maxsize=2**19)
def normalise_name(text: str) -> str | None:
    """A last, first or birth name in its one spelling: upper-case words separated by one space, or None."""
    words = letters(text).split()
    if _is_placeholder(words):
        return None
    while len(words) > 1 and words[0] in _CIVILITIES:
        del words[0]
    glued = ""
    parts = []
    for index, word in enumerate(words):
        is_last = index == len(words) - 1
        word = word if is_last and not glued else _SAINTS.get(word, word)
        if word in PARTICLES and not is_last:
            glued += word
        else:
            parts.append(glued + word)
            glued = ""
    return " ".join(parts)


def _is_placeholder(words: list[str]) -> bool:
    if all(set(word) == {"X"} for word in words):
        return True
    if len(words) == 1:
        return words[0] in _PLACEHOLDERS
    initials = "".join(words)  # N.C., N/A; but Na in one word is a name.
    is_initials = len(initials) == len(words)
    return (is_initials and initials in _PLACEHOLDERS | {"NA"}) or _PHRASES.issuperset(words)


def normalise_number(text: str) -> str | None:
    """A shared number (NUR, AGDREF): upper-case letters and digits only; None if it is too poor to be one."""
    number = _NOT_IN_NUMBERS.sub("", unicodedata.normalize("NFKD", text).upper())
    if len(number) < 5 or len(set(number)) < 2 or not any(sign.isdigit() for sign in number):
        return None
    return number


def normalise_local_id(text: str) -> str | None:
    """An operator's own identifier: NFKC, trimmed; case, zeros and punctuation are the operator's business."""
    return unicodedata.normalize("NFKC", text).strip() or None


@lru_cache(maxsize=2**19)
def name_words(text: str) -> frozenset[str]:
    """Words of three letters or more in a text, for the value guard."""
    return frozenset(word for word in letters(text).split() if len(word) >= 3)


def source_key(text: str) -> str:
    """The form in which mapping seeds state an operator's word: lower case, no accents, single spaces."""
    stripped = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(stripped.lower().split())
