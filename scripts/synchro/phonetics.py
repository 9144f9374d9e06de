"""Two sound keys of a normalised name: one for French spelling, one for transliterated names.

`fonem` is of the family of FONEM (Bouchard, Brard, Lavoie, "FONEM : un code de transcription phonétique pour
la reconstitution automatique des familles saguenayennes", Population 36-6, 1981, pp. 1085-1103): rewriting
rules that bring the spellings of one French sound together. The rules below are our own, in that spirit.

`skeleton` keeps the consonants of a name that came through another alphabet (Arabic, Persian, Cyrillic,
Amharic...): the vowels are what transliterations disagree on, and the digraphs (kh, sh, ch, dj, th...) depend
on the country that wrote them. It is deliberately coarse: linkage uses it with a birth date, never alone.

Both are computed on many names at once, one name a line: a rule is one pass over the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Applied in order; ^ and $ are the ends of one name. Lower-case letters and digits are sounds already found.
_CONSONANT_NOT_NASAL = "[BCDFGJKLPQRSTVXZ]"
_FONEM_RULES: tuple[tuple[str, str], ...] = (
    # Spellings of one letter.
    (r"PH", "F"),
    (r"SCH|SH", "CH"),
    (r"(?<![C])H", ""),
    (r"Y", "I"),
    (r"W", "V"),
    (r"EBVR|EBUR", "EVR"),
    # Nasal vowels, before the vowels are merged: Martin, Martain, Lucien; Durand, Laurent; Dupont.
    (rf"(?:AIN|EIN|AIM|IN|IM|UN|UM|(?<=I)EN)(?={_CONSONANT_NOT_NASAL}|$)", "1"),
    (rf"(?:AN|EN|AM|EM)(?={_CONSONANT_NOT_NASAL}|$)", "2"),
    (rf"(?:ON|OM)(?={_CONSONANT_NOT_NASAL}|$)", "3"),
    # Endings that are written and not heard: Arnoux, Renault, Bernard, Dupont, Denis, Leblanc, Fernandez.
    (r"(?:EAUX?|AUX?|AULTS?|AUDS?|AUTS?|OTS?|OPS?|OS|ODS?)$", "O"),
    (r"(?:OUX|OUTS?|OULTS?)$", "OU"),
    (r"(?:ERS?|EZ|ETS?|AIS|AITS?|AIX|EES?|ES|AI|EI)$", "E"),
    (r"(?<=[123])[CGDT]S?$|(?<=[A-Z])(?:[DT]+S?|S|X|Z)$", ""),
    (r"(?<=[A-Z1-3]{2})E$", ""),
    # Vowels of several letters.
    (r"EAU|AU", "O"),
    (r"OEU|EU|OE|AE|AI|EI", "E"),
    (r"OI", "OUA"),
    # Consonants whose sound depends on what follows; c is the sound of "chat", g that of "gare".
    (r"GU(?=[EI1])|GU$", "g"),
    (r"GE(?=[AOU])|DG(?=[EI])|DJ|G(?=[EI1])", "J"),
    (r"GN", "N"),
    (r"g", "G"),
    (r"SC(?=[EI])|C(?=[EI1])", "S"),
    (r"TI(?=3|1|2)", "SI"),
    (r"CHR", "KR"),
    (r"CH", "c"),
    (r"CQU|CQ|CK|QU|Q|C", "K"),
    (r"c", "CH"),
    (r"X", "KS"),
    (r"Z", "S"),
    # Doubled letters count once.
    (r"([A-Z1-3])\1+", r"\1"),
)
_SKELETON_RULES: tuple[tuple[str, str], ...] = (
    # The article is written with an L or as it sounds: Abd el-Rahman, Abderrahmane; Al-Rashid, Er-Rachid.
    (r"ABD(?:E|A|U|OU)L?(?=[RSTDZN])", "ABD"),
    (r"^[EAU]L(?=[RSTDZN])", "A"),
    # Digraphs of the French, English and German ways of writing other alphabets.
    (r"TSCH|TCH|TSH|CZ|SCH|SH|CH", "S"),
    (r"DJ|DZ|DG|ZH", "J"),
    (r"C(?=[EIY])", "S"),
    (r"KH", "H"),
    (r"GH", "G"),
    (r"TH", "T"),
    (r"PH", "F"),
    (r"QU|Q|CK|C", "K"),
    (r"X", "KS"),
    (r"Z", "S"),
    (r"V", "F"),
    (r"([A-Z])\1+", r"\1"),
    # Vowels and half-vowels (ou, u, w; y, i) are one class, kept at the beginning of a name only.
    (r"[AEIOUWY]+", "A"),
    (r"(?<=[A-Z])[AH]+", ""),
)


def _compiled(rules: Iterable[tuple[str, str]]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in rules)


_FONEM = _compiled(_FONEM_RULES)
_SKELETON = _compiled(_SKELETON_RULES)


def _rewrite(names: list[str], rules: tuple[tuple[re.Pattern[str], str], ...]) -> list[str]:
    solid = [name.replace(" ", "") for name in names]
    text = "\n".join(solid)
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return [key or name for key, name in zip(text.split("\n"), solid, strict=False)]


def fonems(names: list[str]) -> list[str]:
    """French sound keys of normalised names (n texts in, n keys out, none of them empty)."""
    return _rewrite(names, _FONEM)


def skeletons(names: list[str]) -> list[str]:
    """Consonant skeletons of normalised names (n texts in, n keys out, none of them empty)."""
    return _rewrite(names, _SKELETON)


def fonem(name: str) -> str:
    return fonems([name])[0]


def skeleton(name: str) -> str:
    return skeletons([name])[0]
