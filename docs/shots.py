"""Pictures of the page for the documentation, from the demo: `make shots`. Needs Chromium."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent / "shots"
NOW = "2026-11-17T09:00:00+01:00"
WIDE, PHONE = (1360, 850), (360, 740)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Name, the words of a line of the queue to open or an address, size.
SHOTS = (
    ("queue", "/", WIDE),
    ("proposal", "need this by Sunday", WIDE),
    ("client", "Loopfinch Coffee Roasters", WIDE),
    ("payments", "/payments", WIDE),
    ("held", "/a/1", WIDE),
    ("phone", "need this by Sunday", PHONE),
)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


def main() -> None:
    """Run the demo, serve what it kept, and take the pictures, each in light and in dark."""
    HERE.mkdir(exist_ok=True)
    with serving() as link, sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            for name, where, size in SHOTS:
                for scheme in SCHEMES:
                    take(browser, link, f"{name}-{scheme}", where, size, scheme)
        finally:
            browser.close()


@contextmanager
def serving() -> Iterator[str]:
    """The page on what the demo kept; gives the link."""
    firmly = [sys.executable, "-m", "pipeline"]
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place) / "demo"
        subprocess.run([*firmly, "demo", "--keep", str(kept)], check=True, stdout=subprocess.DEVNULL)
        serve = [*firmly, "serve", "--port", "0", "--now", NOW, "--config", str(kept / "config.toml")]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
            try:
                found = re.search(r"http://\S+", process.stdout.readline() if process.stdout else "")
                if found is None:
                    sys.exit("firmly serve printed no link.")
                yield found[0]
            finally:
                process.terminate()


def take(
    browser: Browser, link: str, name: str, where: str, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    """One picture, in a browser of its own."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    page.goto(link)
    if where.startswith("/"):
        page.goto(link.partition("/enter")[0] + where)
    else:
        if name.startswith("client"):
            page.goto(link.partition("/enter")[0] + "/clients")
        page.locator("main a", has_text=where).first.click()
        page.wait_for_load_state()
    page.mouse.move(0, 0)
    page.screenshot(path=HERE / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
