"""Format=flowed text (RFC 3676): soft line ends joined, stuffing undone, quote depth kept."""


def unflow(lines: list[str], *, del_space: bool) -> list[str]:
    """`lines` with their soft line ends joined. A signature delimiter is never joined, nor lines of unequal depth."""
    joined: list[str] = []
    parts: list[str] = []
    open_depth = -1
    for line in lines:
        text = line.lstrip(">")
        depth = len(line) - len(text)
        text = text.removeprefix(" ")
        delimiter = text in ("-- ", "--")
        if parts and (depth != open_depth or delimiter):
            joined.append(_at_depth(open_depth, parts))
            parts = []
        open_depth = depth
        if text.endswith(" ") and not delimiter:
            parts.append(text[:-1] if del_space else text)
        else:
            joined.append(_at_depth(depth, [*parts, text]))
            parts = []
    if parts:
        joined.append(_at_depth(open_depth, parts))
    return joined


def _at_depth(depth: int, parts: list[str]) -> str:
    text = "".join(parts)
    return f"{'>' * depth} {text}" if depth else text
