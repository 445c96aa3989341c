"""Pictures of the page for the documentation, from the demo: `make shots`. Needs Chromium."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent / "shots"
NOW = "2026-11-17T09:00:00+01:00"
WIDE, PHONE = (1440, 900), (360, 740)
SHOTS = (
    ("queue", "/", WIDE, "light"),
    ("proposal", "/p/2", WIDE, "light"),
    ("proposal-dark", "/p/8", WIDE, "dark"),
    ("proposal-phone", "/p/8", PHONE, "light"),
    ("held", "/a/1", WIDE, "light"),
    ("payments", "/payments", WIDE, "light"),
    ("clients", "/clients", WIDE, "light"),
    ("client", "/clients/4", WIDE, "dark"),
)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


def main() -> None:
    """Run the demo, serve what it kept, and take the pictures."""
    HERE.mkdir(exist_ok=True)
    firmly = [sys.executable, "-m", "pipeline"]
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place) / "demo"
        subprocess.run([*firmly, "demo", "--keep", str(kept)], check=True, stdout=subprocess.DEVNULL)
        serve = [*firmly, "serve", "--port", "0", "--now", NOW, "--config", str(kept / "config.toml")]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process, sync_playwright() as playwright:
            link = re.search(r"http://\S+", process.stdout.readline() if process.stdout else "")
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            try:
                if link is None:
                    sys.exit("firmly serve printed no link.")
                for name, path, size, scheme in SHOTS:
                    take(browser, link[0], name, path, size, scheme)
            finally:
                browser.close()
                process.terminate()


def take(browser: Browser, link: str, name: str, path: str, size: tuple[int, int], scheme: str) -> None:
    """One picture, in a browser of its own."""
    dark = "dark" if scheme == "dark" else "light"
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=dark)
    page = context.new_page()
    page.goto(link)
    page.goto(link.partition("/enter")[0] + path)
    page.screenshot(path=HERE / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
