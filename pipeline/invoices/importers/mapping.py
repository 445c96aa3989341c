"""A layout that the owner wrote: a TOML file that says which column is what."""

import difflib
import tomllib
from collections.abc import Mapping
from typing import Any

from pipeline.domain.ledger import InvoiceStatus
from pipeline.errors import InputError
from pipeline.invoices.dates import DateOrder
from pipeline.invoices.importers.layout import FIELDS, Layout
from pipeline.invoices.importers.result import Answers

_KEYS = ("columns", "status", "delimiter", "decimal", "date_order", "currency", "terms_days", "encoding")


def read_mapping(text: str) -> tuple[Layout, Answers]:
    """The layout in a TOML text, and the answers that it gives beforehand.

    `[columns]` gives the header of each field (`number`, `issued` and `total` or `line_total` at least), `[status]`
    the meaning of the file's own status words; `delimiter`, `decimal`, `date_order` (dmy or mdy), `currency`,
    `terms_days` and `encoding` answer what the file leaves open. Raises `InputError` with what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The mapping is no TOML: {error}.", fix="Correct it at that place.") from error
    _known(data, _KEYS, "mapping")
    columns = _texts(data.get("columns", {}), "columns")
    _known(columns, FIELDS, "columns")
    missing = [name for name in ("number", "issued") if name not in columns]
    if not {"total", "line_total"} & columns.keys():
        missing.append("total")
    if missing:
        raise InputError(
            f"[columns] of the mapping lacks {', '.join(missing)}.",
            fix="Name the column of the file that holds it.",
        )
    try:
        order = DateOrder(data["date_order"]) if "date_order" in data else None
        statuses = {
            word.casefold(): InvoiceStatus(status) for word, status in _texts(data.get("status", {}), "status").items()
        }
    except ValueError as error:
        raise InputError(
            f"The mapping says something unknown: {error}.",
            fix=f"date_order is dmy or mdy; a status is one of {', '.join(InvoiceStatus)}.",
        ) from error
    layout = Layout(
        name="mapping",
        title="your mapping",
        columns={name: (header,) for name, header in columns.items()},
        signature=tuple(columns.values()),
        statuses=statuses,
        delimiter=data.get("delimiter"),
    )
    return layout, Answers(
        order,
        data.get("decimal"),
        data.get("currency"),
        data.get("terms_days"),
        data.get("encoding"),
    )


def _texts(table: Any, name: str) -> Mapping[str, str]:
    if isinstance(table, dict) and all(isinstance(value, str) for value in table.values()):
        return table
    raise InputError(f"[{name}] of the mapping takes texts only.", fix='Write name = "text" on each line.')


def _known(table: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, 1)
            raise InputError(
                f"{key!r} is unknown in {where}.",
                fix=f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(names)}.",
            )
