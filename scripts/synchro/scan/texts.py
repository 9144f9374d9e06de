"""Numbers in texts of any kind (json, html, scripts, names of files): those that speak of persons unrounded.

A small number alone says nothing, and any page has hundreds. What is looked for is a number beside the name of a
count or the word for whom it counts, in a tooltip or a query, or several exact counts one after the other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from synchro.scan.canaries import Run
from synchro.scan.rules import Rules

_SPACES = " \u00a0\u202f"
# A whole number, thousands apart or not; not a piece of a date, a version, a hash or a decimal.
_NUMBER = rf"(?<![\w.,#-])(\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d+)(?![\w-]|[.,]\d)"
_MEASURES = "mois|jours?|ans|%|€"
_NOUNS = "personnes?|ménages?|bénéficiaires?|individus?"
_OF_WHOM = re.compile(rf"{_NUMBER}[{_SPACES}]{{0,2}}(?:{_NOUNS})\b|\b(?:{_NOUNS})\s*[:=]\s*{_NUMBER}", re.I)
_QUERY = re.compile(r"[?&;](?:n|nb|count|effectif|total|valeur|value|persons|households)=(\d+)\b", re.I)
_HINTS = r"title|aria-label|alt|data-(?:value|n|nb|count|total|effectif|tooltip)"
_TOOLTIP = re.compile(rf"""\b(?:{_HINTS})=(["'])(?:[^"'<>]*[:=]\s*)?(\d[\d{_SPACES}]*)\1""", re.I)
# What rules themselves say: « moins de 13 personnes », « à partir de 13 ».
_OF_A_RULE = re.compile(r"(?:moins de|au moins|plus de|à partir de|sous|seuil de|jusqu'à)[\s*_]*$", re.I)
# The same where a comma comes between two numbers. « 0,38 » alone is a French share, not two numbers.
_IN_A_LIST = re.compile(r"(?:(?<![\w.#-])(?<![^\w.,]0,)|(?<=[^\w.,]0,)(?=\d+,\d))\d{1,9}(?![\w-]|\.\d)")
# Exact counts one after the other: no accident from this size on, so many in a row, so many of them different.
_RUNS = ((100, 3, 2), (13, 5, 4))
# The tables of numbers of a script's own are long, and made of small ones.
_RUNS_IN_CODE = ((100, 3, 2), (13, 7, 5))


def check_text(
    text: str, rules: Rules, canaries: Sequence[Run] = (), *, is_code: bool = False
) -> Iterator[tuple[str, str]]:
    """(line, what is wrong) for the numbers of `text` that no displayed figure accounts for.

    In a script (`is_code`) addresses and tooltips are not told from expressions, and are not looked for.
    """
    text = html.unescape(text)
    for what, pattern in _patterns(rules, is_code):
        for match in pattern.finditer(text):
            digits = next(group for group in reversed(match.groups()) if group)
            is_rule = _OF_A_RULE.search(text[: match.start()][-24:]) and int(_whole(digits)) in _thresholds(rules)
            if not is_rule and int(_whole(digits)) and not rules.is_displayable(int(_whole(digits))):
                yield _line(text, match.start()), what
    for match in _of_names(rules.share_names, r"(\d*[.,]\d{3,})").finditer(text):
        yield _line(text, match.start()), "taux non arrondi"
    yield from _check_runs(text, rules, canaries, _RUNS_IN_CODE if is_code else _RUNS)


def _patterns(rules: Rules, is_code: bool) -> Iterator[tuple[str, re.Pattern[str]]]:
    yield "nombre de personnes ou de ménages non arrondi", _OF_WHOM
    if not is_code:
        yield "effectif non arrondi dans une adresse", _QUERY
        yield "effectif non arrondi dans une infobulle", _TOOLTIP
    yield (
        "effectif non arrondi à côté de son nom",
        _of_names(rules.count_names, rf"(\d+)(?![\w-]|[.,]\d|\s*(?:{_MEASURES}))"),
    )


def _of_names(names: Sequence[str], value: str) -> re.Pattern[str]:
    """A name, then only signs such as `": ` or `">`, then a value."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names)) or '(?!)'})[\"'\]\s:=>(]{{1,8}}{value}")


def _thresholds(rules: Rules) -> set[int]:
    return {value for value in rules.parameters.values() if isinstance(value, int)}


def _whole(digits: str) -> str:
    return re.sub(rf"[{_SPACES}]", "", digits)


def _line(text: str, position: int) -> str:
    return f"ligne {text.count(chr(10), 0, position) + 1}"


def _check_runs(
    text: str, rules: Rules, canaries: Sequence[Run], kinds: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[str, str]]:
    if not canaries:
        return
    found = [(int(match[0]), match.start()) for match in _IN_A_LIST.finditer(text)]
    # Left out of the runs as well: a count that could be displayed tells nothing.
    found = [(value, position) for value, position in found if not rules.is_displayable(value)]
    for least, length, different in kinds:
        runs = (run[i : i + length] for run in _large(canaries, least) for i in range(len(run) - length + 1))
        wanted = {run for run in runs if len(set(run)) >= different}
        large = [(value, position) for value, position in found if value >= least]
        values = [value for value, _ in large]
        for i in range(len(values) - length + 1):
            if tuple(values[i : i + length]) in wanted:
                yield _line(text, large[i][1]), "effectifs exacts, non arrondis"


def _large(canaries: Sequence[Run], least: int) -> Iterator[Run]:
    return (tuple(value for value in run if value >= least) for run in canaries)
