"""A day at the page in a real browser: by keyboard, without JavaScript, with two tabs, from elsewhere."""

import re

import pytest
from browser.conftest import Seat
from playwright.sync_api import Page, expect
from support.page import receive

from pipeline.domain.ids import ProposalId
from pipeline.domain.proposal import ProposalStatus
from pipeline.mail.ports import Role
from pipeline.review import find_proposal

pytestmark = pytest.mark.browser

SCOPE = "Could you also add the menu page, the shop and a blog? [scope_creep] Mia\n"


def fill(seat: Seat) -> None:
    """Four letters to decide about, and one mail that is held."""
    for number, (label, words) in enumerate(
        (
            ("invoice_dispute", "Your invoice is wrong and we contest it."),
            ("scope_creep", "Could you also add a shop and a blog?"),
            ("micromanaging", "Please report every hour what you do."),
            ("changes_mind", "Let us go back to the first layout."),
        ),
        1,
    ):
        receive(seat.world, f"{words} [{label}]\n", number=number, subject=f"About {label}")
    receive(seat.world, "You are a useless thief. [aggression]\n", number=9, subject="You")


def status_of(seat: Seat, number: int) -> ProposalStatus:
    """How a proposal stands."""
    return find_proposal(seat.world.db, ProposalId(number)).status


def drafts_of(seat: Seat) -> list[bytes]:
    """What lies in Drafts."""
    return [stored.raw for stored in seat.world.box.folders[Role.DRAFTS]]


def number_of(page: Page) -> int:
    """The proposal that the page shows."""
    found = re.search(r"/p/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def gone_on(page: Page, number: int) -> None:
    """Wait until the page after a decision about a proposal is there, script and all."""
    page.wait_for_url(lambda url: url.endswith(f"?after={number}") and f"/p/{number}?" not in url)


def came_back(page: Page, number: int) -> None:
    """Wait until the same proposal is shown anew."""
    page.wait_for_url(f"**/p/{number}?after={number}")


def test_a_day_by_keyboard(seat: Seat) -> None:  # noqa: PLR0915 a day is long
    """Anything that needs a mouse on the way from a full queue to an empty one would be caught here."""
    fill(seat)
    page = seat.open()
    keys = page.keyboard
    expect(page.locator("h1")).to_have_text("5 wait for you")

    keys.press("j")
    keys.press("Enter")  # the held mail: folded, then seen to
    page.wait_for_url("**/a/1")
    expect(page.locator(".text").first).to_be_hidden()
    keys.press("o")
    expect(page.locator(".text").first).to_be_visible()
    keys.press("a")
    page.wait_for_url(f"{seat.address}/?seen=1")
    expect(page.locator("h1")).to_have_text("4 wait for you")

    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/p/*")
    approved = number_of(page)
    keys.press("a")  # as it is
    gone_on(page, approved)
    expect(page.locator(".notice")).to_contain_text("is in Drafts")

    edited = number_of(page)
    keys.press("e")
    keys.press("Control+End")
    keys.type("\nP.S. I am on the phone until noon.")
    keys.press("Escape")
    keys.press("a")  # unsaved words: saved and shown, not sent
    came_back(page, edited)
    assert len(drafts_of(seat)) == 1
    keys.press("a")
    gone_on(page, edited)

    rejected = number_of(page)
    keys.press("x")
    gone_on(page, rejected)
    keys.press("u")
    came_back(page, rejected)
    keys.press("3")  # firmer
    page.wait_for_function("document.querySelector('.notice')?.textContent.includes('new draft')")
    page.wait_for_load_state()
    assert find_proposal(seat.world.db, ProposalId(rejected)).draft.stance == "firmer"
    keys.press("j" if page.locator("a[rel=next]").count() else "k")
    page.wait_for_url(lambda url: f"/p/{rejected}" not in url)

    snoozed = number_of(page)
    keys.press("s")
    keys.press("Enter")
    gone_on(page, snoozed)
    assert number_of(page) == rejected
    keys.press("x")
    page.wait_for_url(f"**/?after={rejected}")
    expect(page.locator("h1")).to_have_text("Nothing waits for you")
    keys.press("?")
    expect(page.locator("h1")).to_have_text("Keys")
    assert [status_of(seat, n) for n in (approved, edited, rejected, snoozed)] == [
        ProposalStatus.DELIVERED,
        ProposalStatus.DELIVERED,
        ProposalStatus.REJECTED,
        ProposalStatus.SNOOZED,
    ]
    assert len(drafts_of(seat)) == 2
    assert seat.complaints == []


def test_every_other_key(seat: Seat) -> None:
    """A key of the help page that does nothing, or something else, would be caught here."""
    fill(seat)
    page = seat.open("/p/1")
    keys = page.keyboard
    keys.press("l")  # to the labels: confirm the first, strike it
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Confirm invoice dispute"
    keys.press("Enter")
    expect(page.locator(".chip.sure")).to_contain_text("confirmed")
    page.wait_for_load_state()
    keys.press("l")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Strike invoice dispute"
    keys.press("Enter")
    expect(page.locator(".chip.struck")).to_contain_text("struck")
    page.wait_for_load_state()
    keys.press("1")
    page.wait_for_function("document.querySelector('.notice')?.textContent.includes('new draft')")
    expect(page.locator(".stances [aria-pressed=true]")).to_contain_text("softer")
    page.wait_for_load_state()
    keys.press("2")
    expect(page.locator(".stances [aria-pressed=true]")).to_contain_text("as it is")
    page.wait_for_load_state()
    keys.press("r")
    expect(page.locator(".menu[open]")).to_contain_text("cannot follow a wish")
    keys.press("Escape")
    expect(page.locator(".menu[open]")).to_have_count(0)
    keys.press("j")
    page.wait_for_url("**/p/2")
    keys.press("k")
    page.wait_for_url("**/p/1")
    keys.press("/")
    page.wait_for_url("**/#q")
    expect(page.locator("#q")).to_be_focused()
    keys.type("micromanaging")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("Found 1")
    page.wait_for_load_state()
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/p/3")
    page.wait_for_load_state()
    keys.press("?")
    page.wait_for_url("**/help")
    assert seat.complaints == []


def test_typed_words_are_not_lost_to_another_key(seat: Seat) -> None:
    """A stance chosen over words that were typed and not saved must ask before it drops them."""
    receive(seat.world, SCOPE)
    page = seat.open("/p/1")
    page.locator("#body").focus()
    page.keyboard.type("Ten minutes of careful words. ")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    assert seat.dialogs  # the browser's own question; the seat answers "stay"
    assert "Ten minutes of careful words." in page.locator("#body").input_value()
    assert find_proposal(seat.world.db, ProposalId(1)).version == 1
    page.keyboard.press("a")
    came_back(page, 1)
    assert "Ten minutes of careful words." in page.locator("#body").input_value()


def test_a_thumb_on_a_phone(seat: Seat) -> None:
    """A button under another, or off the screen, on the way to an approval by touch would be caught here."""
    fill(seat)
    page = seat.open(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark")
    page.locator("a.line[href^='/p/']").first.tap()
    page.wait_for_url("**/p/*")
    number = number_of(page)
    page.locator("summary", has_text="Snooze").tap()
    expect(page.get_by_role("button", name="Tomorrow morning")).to_be_in_viewport()
    page.locator("summary", has_text="Snooze").tap()
    page.get_by_role("button", name="softer").tap()
    page.wait_for_function("document.querySelector('.notice')?.textContent.includes('new draft')")
    page.locator("#approve").tap()
    gone_on(page, number)
    assert len(drafts_of(seat)) == 1


def test_keys_can_be_switched_off(seat: Seat) -> None:
    """Single keys that cannot be silenced hurt people who speak to their computer (WCAG 2.1.4)."""
    fill(seat)
    page = seat.open("/help")
    page.locator("#keys-on").uncheck()
    page.goto(f"{seat.address}/p/1")
    page.keyboard.press("x")
    page.keyboard.press("a")
    page.goto(f"{seat.address}/p/1")
    assert status_of(seat, 1) is ProposalStatus.PENDING


def test_without_javascript(seat: Seat) -> None:
    """A decision that needs the script would be caught here."""
    fill(seat)
    page = seat.open("/p/1", java_script_enabled=False)
    page.locator("#body").fill("Hello Mia,\n\nlet us look at it together.\n\nRobin Example")
    page.get_by_role("button", name="Save edit").click()
    expect(page.locator(".notice")).to_contain_text("has your words now")
    page.locator("#approve").click()
    expect(page.locator(".notice")).to_contain_text("is in Drafts")
    second = number_of(page)
    page.locator("summary", has_text="Redraft").click()
    page.get_by_role("button", name="softer").click()
    page.locator("summary", has_text="Snooze").click()
    page.get_by_role("button", name="Tomorrow morning").click()
    third = number_of(page)
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("button", name="Undo").click()
    assert [status_of(seat, n) for n in (1, second, third)] == [
        ProposalStatus.DELIVERED,
        ProposalStatus.SNOOZED,
        ProposalStatus.PENDING,
    ]
    assert b"let us look at it together" in drafts_of(seat)[0]


def test_double_click_back_and_two_tabs(seat: Seat) -> None:
    """A second delivery by an impatient hand, by the back button or from another tab would be caught here."""
    receive(seat.world, SCOPE)
    page = seat.open("/p/1")
    other = page.context.new_page()
    other.goto(f"{seat.address}/p/1")
    page.locator("#approve").dblclick()
    page.wait_for_url("**/?after=1")
    page.go_back()
    expect(page.locator(".bar")).to_contain_text("It lies in Drafts")
    assert page.locator("#approve").count() == 0
    other.locator("#approve").click()
    expect(other.locator(".refused")).to_contain_text("changed meanwhile")
    assert len(drafts_of(seat)) == 1


@pytest.mark.parametrize("origin", ["http://attacker.example", "http://127.0.0.1:1", "http://localhost:1"])
def test_forms_from_elsewhere(seat: Seat, origin: str) -> None:
    """Another site, or another program's page on this machine with our cookie, must not approve anything."""
    receive(seat.world, SCOPE)
    page = seat.open("/p/1")
    fields = page.eval_on_selector_all("#draft [name]", "all => all.map(e => [e.name, e.value])")
    inputs = "".join(f'<textarea name="{name}">{value}</textarea>' for name, value in fields)
    html = f'<form method="post" action="{seat.address}/p/1/approve">{inputs}</form><script>document.forms[0].submit()</script>'
    page.context.route(f"{origin}/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    other = page.context.new_page()
    other.goto(f"{origin}/")
    other.wait_for_timeout(300)
    assert status_of(seat, 1) is ProposalStatus.PENDING


def test_rebound_name(seat: Seat) -> None:
    """A name that an attacker points to this machine is another origin, and must read nothing."""
    receive(seat.world, SCOPE)
    page = seat.open()
    answer = page.goto(seat.address.replace("127.0.0.1", "rebound.example") + "/")
    assert answer is not None
    assert answer.status == 421
    assert "Harbour" not in page.content()


def test_the_guard_speaks_while_typing(seat: Seat) -> None:
    """A finding that comes only after saving, or an approval that ignores unsaved words, would be caught here."""
    receive(seat.world, SCOPE)
    page = seat.open("/p/1")
    page.locator("#body").fill("Hello Mia,\n\nthat costs 4,711.00 EUR.\n\nRobin Example")
    expect(page.locator("#findings")).to_contain_text("4,711")
    expect(page.locator("#approve")).to_contain_text("Save, then look again")


def test_arabic_reads_from_the_right(seat: Seat) -> None:
    """A right-to-left mail or draft that is laid out from the left would be caught here."""
    receive(
        seat.world,
        "مرحبا روبن، هل يمكنك إضافة صفحة أخرى؟\nHTML and 12.5 stay readable. [scope_creep]\n",
        subject="صفحة جديدة",
    )
    page = seat.open("/p/1")
    sides = page.evaluate(
        """() => {
            const text = document.querySelector('.mail .text');
            const range = document.createRange();
            range.selectNodeContents(text);
            const line = range.getClientRects()[0], box = text.getBoundingClientRect();
            return [getComputedStyle(text).direction, box.right - line.right, line.left - box.left];
        }"""
    )
    assert sides[0] == "rtl"
    assert sides[1] < sides[2]
    page.locator("#body").fill("مرحبا ميا،")
    assert page.eval_on_selector("#body", "e => getComputedStyle(e).direction") == "rtl"
