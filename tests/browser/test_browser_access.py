"""WCAG 2.2 AA by axe-core on every page, light and dark, wide and on a phone."""

from importlib import resources

import pytest
from browser.conftest import Seat
from support.page import receive

from pipeline.mail.ports import Role

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/p/1",
    "/p/2",
    "/p/1?after=2",
    "/a/1",
    "/m/1",
    "/done",
    "/clients",
    "/clients/1",
    "/payments",
    "/runs",
    "/costs",
    "/prompts",
    "/prompts/write.md",
    "/help",
    "/p/999",
)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_axe_finds_nothing(seat: Seat, width: int, scheme: str) -> None:
    """Contrast, names, roles, landmarks and target sizes; and on a phone, a page that scrolls sideways."""
    receive(seat.world, "Could you also add a shop? See https://b\u00fccher.example/x [scope_creep]\n", number=1)
    receive(seat.world, "Please report every hour. [micromanaging]\n", number=2, subject="A second one")
    receive(seat.world, "You are a useless thief. [aggression]\n", number=3, subject="A third one")
    assert seat.world.box.folders[Role.DRAFTS] == []
    page = seat.open(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    found = []
    for path in PAGES:
        page.goto(seat.address + path)
        for fold in page.locator("details:not(.menu)").all():
            fold.evaluate("fold => fold.open = true")
        page.evaluate(axe)
        told = page.evaluate("rules => axe.run(document, rules)", RULES)
        assert told["passes"], path
        found += [(path, v["id"], [n["target"] for n in v["nodes"]][:3]) for v in told["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [(path, "scrolls sideways", wide)] if wide > width else []
    assert found == []
