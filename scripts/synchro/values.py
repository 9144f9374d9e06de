"""Typed cells: dates and integers read as the contract says, kept as text (ISO dates, plain digits)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from synchro.contracts import EXCEL_SERIAL, ColumnContract
from synchro.encoding import PLACEHOLDER_DAYS, UNKNOWN_YEAR

# Years outside are placeholders (01/01/1900, 31/12/9999) or slips of the keyboard.
FIRST_YEAR, LAST_YEAR = 1901, 2099
MAX_AGE_YEARS = 115

_DIRECTIVES = {
    "d": r"(?P<d>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "Y": r"(?P<Y>\d{4})",
    "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "z": r"\s?(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_ISO_DATE, _ISO_TIME = "%Y-%m-%d", "%H:%M:%S"
_THOUSANDS = re.compile(r"[\s\u00a0\u202f]")
_INTEGER = re.compile(r"[+-]?\d{1,9}(?:[.,]0+)?")
_LETTERS_FOR_DIGITS = str.maketrans("OoQDIl|!ZzSB", "000011112258")
_PARIS = ZoneInfo("Europe/Paris")
# Day 0 of Excel's calendar: 1900 counts a 29th of February that never was, hence the 30th of December.
_EXCEL_DAY_0, _EXCEL_1904_DAY_0 = date(1899, 12, 30), date(1904, 1, 1)

Parser = Callable[[str], str | None]


def parser(column: ColumnContract, is_xlsx: bool, is_1904: bool = False) -> Parser:
    """How one distinct cell of a typed column is read: ISO date, "date time" or digits; None if unreadable."""
    if column.type == "integer":
        return parse_integer
    return _date_reader(column.format, column.type == "datetime", is_xlsx, is_1904)


@cache
def _date_reader(form: str | None, keep_time: bool, is_xlsx: bool, is_1904: bool) -> Parser:
    """Kept from file to file, with the dates it has read: months repeat each other."""
    readers: list[Parser] = []
    if form == EXCEL_SERIAL:
        readers.append(_serial_parser(is_1904, keep_time))
    elif form is not None and "%z" in form:
        readers.append(_zoned_parser(form, keep_time))
    elif form is not None:
        readers.append(_moment_parser(form, keep_time))
    if is_xlsx:
        # A true date cell, which the reader has put in ISO form.
        readers += [_moment_parser(iso, keep_time) for iso in (_ISO_DATE, f"{_ISO_DATE} {_ISO_TIME}")]

    @lru_cache(maxsize=2**18)
    def first_that_reads(text: str) -> str | None:
        text = text.strip()
        return next(filter(None, (read(text) for read in readers)), None)

    return first_that_reads


def parse_integer(text: str) -> str | None:
    """A whole number of at most nine digits, thousands possibly spaced, decimals only if they are zero."""
    digits = _THOUSANDS.sub("", text)
    return str(int(re.split("[.,]", digits)[0])) if _INTEGER.fullmatch(digits) else None


def birth_date_reader(read: Parser, form: str | None, month_end: date) -> Parser:
    """Reader of birth dates, valid ones with `read`, others part by part: YYYY-MM-DD; None if nothing can be read.

    Letters typed for digits are digits. A month past 12 where the day is not is a date in the other order. Any
    other impossible day (31/02, 00/05) is kept as it is, for the parts of it that are right: no calendar has such
    a day, so nobody takes it for one (`encoding.precision`). An impossible year is 0000, unless the day is a
    placeholder's: nobody is born after the month's end or lives more than MAX_AGE_YEARS.
    """
    pattern = _pattern(form) if form and form != EXCEL_SERIAL else None

    def read_parts(text: str) -> str | None:
        found = pattern.fullmatch(text.strip().translate(_LETTERS_FOR_DIGITS)) if pattern else None
        if found is None:
            return None
        year, month, day = (int(found[part]) for part in "Ymd")
        if month > 12 >= day:
            month, day = day, month
        return f"{year:04}-{month:02}-{day:02}"

    def read_birth_date(text: str) -> str | None:
        day = read(text) or read_parts(text)
        if day is None or _is_plausible(day, month_end):
            return day
        return None if day[5:] in PLACEHOLDER_DAYS else f"{UNKNOWN_YEAR}{day[4:]}"

    return read_birth_date


def _is_plausible(text: str, month_end: date) -> bool:
    earliest = max(FIRST_YEAR, month_end.year - MAX_AGE_YEARS)
    return text <= month_end.isoformat() and int(text[:4]) >= earliest


def _moment_parser(form: str, keep_time: bool) -> Parser:
    """Reader of dates with an optional time after a space or a T; each part is parsed once and remembered."""
    separator = next((sign for sign in " T" if sign in form), None)
    date_form, _, time_form = form.partition(separator) if separator else (form, "", "")
    read_date, read_time = cache(_date_parser(date_form)), cache(_time_parser(time_form))

    def read(text: str) -> str | None:
        day_text, _, time_text = text.partition(separator) if separator else (text, "", "")
        day, moment = read_date(day_text), read_time(time_text)
        if day is None or moment is None:
            return None
        return f"{day} {moment}" if keep_time else day

    return read


def _zoned_parser(form: str, keep_time: bool) -> Parser:
    """Reader of moments with their offset from UTC: the day, and the hour, that they were in Paris."""
    pattern = _pattern(form)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        try:
            moment = datetime(*(int(parts.get(part, 0)) for part in "YmdHMS"), tzinfo=_offset(parts["z"]))
            local = moment.astimezone(_PARIS)
        except (ValueError, OverflowError):
            return None
        day = _known(local.date())
        return f"{day} {local:%H:%M:%S}" if day and keep_time else day

    return read


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def exchanged_detector(form: str | None) -> Callable[[str], bool]:
    """Whether a text is a date with day and month exchanged: a month past 12 where the day is not."""
    if form is None or form == EXCEL_SERIAL:
        return lambda text: False
    pattern = _pattern(form)

    def is_exchanged(text: str) -> bool:
        found = pattern.fullmatch(text.strip())
        return found is not None and 12 < int(found["m"]) <= 31 and 1 <= int(found["d"]) <= 12

    return is_exchanged


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"%(.)", form)
    return re.compile(
        "".join(_DIRECTIVES[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )


def _date_parser(form: str) -> Parser:
    pattern = _pattern(form)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        try:
            return _known(date(int(found["Y"]), int(found["m"]), int(found["d"])))
        except ValueError:
            return None

    return read


def _time_parser(form: str) -> Parser:
    pattern = _pattern(form)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        parts = {name: int(value) for name, value in found.groupdict().items()}
        hour, minute, second = (parts.get(name, 0) for name in "HMS")
        if hour > 23 or minute > 59 or second > 59:
            return None
        return f"{hour:02}:{minute:02}:{second:02}"

    return read


def _serial_parser(is_1904: bool, keep_time: bool) -> Parser:
    day_0 = _EXCEL_1904_DAY_0 if is_1904 else _EXCEL_DAY_0

    def read(text: str) -> str | None:
        if not re.fullmatch(r"\d{1,6}(?:[.,]\d+)?", text):
            return None
        moment = datetime.combine(day_0, datetime.min.time()) + timedelta(days=float(text.replace(",", ".")))
        day = _known(moment.date())
        return f"{day} {moment:%H:%M:%S}" if day and keep_time else day

    return read


def _known(day: date) -> str | None:
    return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else None
