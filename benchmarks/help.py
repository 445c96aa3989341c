"""`firmly --help` against `python -c "import typer"`: whole processes, in turn. Budget: 1.5."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15


def seconds(*words: str) -> float:
    """How long one process takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    pairs = [(seconds("-m", "pipeline", "--help"), seconds("-c", "import typer")) for _ in range(ROUNDS + 1)][1:]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"firmly --help {ours * 1000:.0f} ms, import typer {theirs * 1000:.0f} ms: {ratio:.2f} (budget 1.5), {ROUNDS} rounds"
    )


if __name__ == "__main__":
    main()
