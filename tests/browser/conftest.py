"""A real browser, once for all tests: Chromium as the distribution ships it. Without one these tests are not collected."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.page import serving
from support.world import World, make_world

from pipeline.web.gate import Key

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP rebound.example 127.0.0.1",  # a name that an attacker points to this machine
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser's tests out where there is no browser; on CI its absence is a failure."""
    if CHROMIUM.exists():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"The browser tests need Chromium at {CHROMIUM}.")
    chosen = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=chosen)
    items[:] = [item for item in items if item not in chosen]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@dataclass
class Seat:
    """Somebody at a browser: where the page is, and what the browser asked for meanwhile."""

    world: World
    address: str
    key: Key
    browser: Browser
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str = "/", **how: object) -> Page:
        """A browser of its own that has followed the printed link and stands at a page."""
        context = self.browser.new_context(**how)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("console", lambda message: self.complaints.append(message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page = context.new_page()
        page.goto(f"{self.address}/enter?token={self.key.token}")
        if path != "/":
            page.goto(self.address + path)
        return page


@pytest.fixture
def seat(tmp_path: Path, browser: Browser) -> Iterator[Seat]:
    """A world with an empty mailbox, and a seat before its page."""
    world, key = make_world(tmp_path), Key()
    with serving(world, key) as address:
        taken = Seat(world, address, key, browser)
        yield taken
        for context in taken.contexts:
            context.close()
