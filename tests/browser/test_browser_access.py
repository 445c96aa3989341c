"""WCAG 2.2 AA by axe-core on every page, light and dark, wide and on a phone."""

import shutil
from importlib import resources
from pathlib import Path

import pytest
from browser.conftest import Seat
from playwright.sync_api import Browser, Page
from support.demo import Demo
from support.page import addresses, receive, serving
from support.world import World

from pipeline.app import build_desk, fixed_clock
from pipeline.cli.common import moment_of
from pipeline.config.load import load_config
from pipeline.web.gate import Key

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
LOOKS = [(1440, "light"), (360, "dark")]
MORE = ("/p/1?after=2", "/?q=nothing+holds+this", "/p/999", "/nothing", "/runs?did=proposed", "/payments?age=over_90")
"""Beside one page a route: what a page says when something was done, or when nothing is there."""


def complaints(page: Page, width: int) -> list[object]:
    """What axe finds, everything unfolded; and whether one has to scroll sideways."""
    for fold in page.locator("details:not(.menu)").all():
        fold.evaluate("fold => fold.open = true")
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    told = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert told["passes"], page.url
    found: list[object] = [(page.url, v["id"], [n["target"] for n in v["nodes"]][:3]) for v in told["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [*found, (page.url, "scrolls sideways", wide)] if wide > width else found


def every_page(world: World) -> list[str]:
    """An address for each route that shows something, and the special ones."""
    return [*(path for path in addresses(world, "GET") if not path.startswith("/static/")), *MORE]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing(seat: Seat, width: int, scheme: str) -> None:
    """Contrast, names, roles, landmarks and target sizes; and on a phone, a page that scrolls sideways."""
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
    shop = f"Add a shop? See https://b\u00fccher.example/{long} [scope_creep]\n"
    receive(seat.world, shop, number=1, subject=long, headers={"Cc": "Jo <jo@harbour.example>, ben@quarry.example"})
    receive(seat.world, "أرسل تقريرا كل ساعة من فضلك [micromanaging]\n", number=2, subject="تقرير")
    receive(seat.world, "You are a useless thief. [aggression]\n", number=3, subject="A third one")
    page = seat.open(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    found = []
    for path in every_page(seat.world):
        page.goto(seat.address + path)
        found += complaints(page, width)
    page.goto(f"{seat.address}/p/1")
    other = page.context.new_page()
    other.goto(f"{seat.address}/p/1")
    other.locator("#approve").click()
    other.wait_for_url("**?after=1")
    page.locator("#approve").click()  # another version meanwhile
    page.locator(".refused").wait_for()
    found += complaints(page, width)
    page.context.clear_cookies()
    page.goto(seat.address)
    assert "Open the link" in page.content()
    found += complaints(page, width)
    assert found == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (360, "light")])
def test_axe_finds_nothing_in_a_full_house(
    demo: Demo, tmp_path: Path, browser: Browser, width: int, scheme: str
) -> None:
    """The same with invoices, promises, verdicts, moods and runs on the pages, as the demo leaves them."""
    place = shutil.copytree(demo.place, tmp_path / "demo")
    now = moment_of("2026-11-17T09:00:00+01:00", "--now")
    desk = build_desk(load_config(place / "config.toml"), fixed_clock(now))
    world = World(desk, None, None, [now])  # type: ignore[arg-type]  # the page asks for neither mailbox nor judge
    key = Key()
    with serving(world, key) as address:
        seat = Seat(world, address, key, browser)
        page = seat.open(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
        found = []
        links = ["/clients/4", "/p/4", "/p/16", "/a/4", "/payments?in=EUR"]
        for path in [*every_page(world), *links]:
            page.goto(address + path)
            found += complaints(page, width)
        page.context.close()
    desk.db.close()
    assert found == []
