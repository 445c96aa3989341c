"""Bytes of an export into records: encoding, delimiter, preamble. Says what it assumed; refuses what it cannot read."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.invoices.importers.result import Ask, Problem, Question

MAX_BYTES = 25 * 1024 * 1024
MAX_ROWS = 100_000
"""Of a file within both limits a reading takes less than 300 MB of memory."""
_REMEMBERED = 20_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file; empty with a problem where it is no text."""

    text: str = ""
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a CSV file: its fields, and the line on which it begins."""

    line: int
    fields: tuple[str, ...]


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of an export: by its byte order mark, else UTF-8, else Windows-1252 as a question to the owner.

    `encoding` is the owner's answer. A file over `MAX_BYTES` or one that is no text (a spreadsheet, a PDF) is a
    problem that says what to export instead.
    """
    if problem := _no_text(data):
        return Decoded(problems=(problem,))
    if encoding:
        return _decode_as(data, encoding)
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, name)
    if (nulls := data[:4096].count(0)) and nulls * 3 >= len(data[:4096]):
        return _decode_as(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _legacy(data, error)


def records(text: str, delimiter: str | None = None) -> tuple[list[Record], list[Problem]]:
    """The records of a delimited file, blank lines left out, in the delimiter that splits its lines most evenly."""
    problems: list[Problem] = []
    found: list[Record] = []
    seen: dict[str, str] = {}
    offset = 0
    if match := re.match(r"sep=(.)\r?\n", text):
        delimiter, text, offset = match[1], text[match.end() :], 1
    reader = csv.reader(_lines(text), delimiter=delimiter or _delimiter(text), strict=True)
    begin = 1
    try:
        for fields in reader:
            if len(found) > MAX_ROWS:
                problems.append(_too_long(begin + offset))
                return [], problems
            if any(field.strip() for field in fields):
                found.append(Record(begin + offset, tuple(_once(field.strip(), seen) for field in fields)))
            begin = reader.line_num + 1
    except csv.Error as error:
        problems.append(
            Problem(
                f"The file cannot be read on from here ({error}).",
                "A quotation mark is open or the file is cut off: export it again.",
                begin + offset,
            ),
        )
    if found and text and not text.endswith(("\n", "\r")) and len(found[-1].fields) < len(found[0].fields):
        cut = found.pop()
        problems.append(
            Problem(
                "The file ends in the middle of a row.",
                "It is cut off: export it again.",
                cut.line,
                str(len(cut.fields)),
            )
        )
    return found, problems


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one at a time: a second copy of a large file is not made."""
    return (match[0] for match in _LINE.finditer(text))


def _too_long(line: int) -> Problem:
    return Problem(
        f"The file has more than {MAX_ROWS:,} rows; nothing of it was read.",
        "Export a shorter period, such as the last two years.",
        line,
    )


def _once(cell: str, seen: dict[str, str]) -> str:
    """The same text as one object: dates, addresses and currencies repeat on every row of an export."""
    if len(seen) < _REMEMBERED:
        return seen.setdefault(cell, cell)
    return seen.get(cell, cell)


def _delimiter(text: str) -> str:
    lines = [line for line in _head(text, 40) if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in lines) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (counts[mark][len(lines) // 2], counts[mark][-1]) if lines else (0, 0))


def _head(text: str, count: int) -> Iterator[str]:
    for number, line in enumerate(_lines(text)):
        if number == count:
            return
        yield re.sub(r'"[^"]*"', "", line)


def _no_text(data: bytes) -> Problem | None:
    if len(data) > MAX_BYTES:
        return Problem(
            f"The file has {len(data) // 1024 // 1024} MB; at most {MAX_BYTES // 1024 // 1024} MB are read.",
            "Export a shorter period, such as the last two years.",
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Problem("This is a spreadsheet file.", "Save the sheet as CSV (UTF-8) and import that.")
    if data.startswith(b"%PDF"):
        return Problem("This is a PDF.", "Export the ledger as CSV; of a Factur-X invoice, save its attached XML.")
    if not data.strip():
        return Problem("The file is empty.", "Export it again.")
    return None


def _decode_as(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"))
    except LookupError:
        return Decoded(problems=(Problem(f"The encoding {encoding!r} is not known.", "Use utf-8, utf-16 or cp1252."),))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore").removeprefix("\ufeff")
        line, column = _place(before)
        problem = Problem(
            f"The file is not {encoding}: the byte 0x{data[error.start]:02x} does not fit.",
            "It is cut off, or in another encoding: export it again as UTF-8.",
            line,
            str(column),
        )
        return Decoded(before, (problem,))


def _legacy(data: bytes, error: UnicodeDecodeError) -> Decoded:
    """Not UTF-8. Most such exports are Windows-1252; every byte then has a meaning, so the owner checks the sample."""
    text = data.decode("cp1252", "replace")
    line, column = _place(text[: error.start])
    sample = text[max(error.start - 12, 0) : error.start + 12].splitlines()
    shown = max(sample, key=len) if sample else ""
    question = Question(
        Ask.ENCODING,
        f"Line {line}, column {column} is not UTF-8. Read as Windows-1252 it says {shown!r}: is that right?",
        ("cp1252", "iso8859-2", "cp1254", "mac_roman"),
        (line,),
    )
    return Decoded(text, questions=(question,))


def _place(before: str) -> tuple[int, int]:
    """Line and column of what comes after this text, both from 1."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")
