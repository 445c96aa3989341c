"""Mail that tries to be a page: in every place where a stranger's words are shown, nothing runs and nothing leaves."""

import json
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from browser.conftest import ARGUMENTS, CHROMIUM, Seat
from playwright.sync_api import Browser
from support.memory import NOW
from support.page import serving
from support.world import make_world

from pipeline.domain.ids import ProposalId
from pipeline.review import find_proposal, take_edit
from pipeline.run.loop import RunOptions, run_once
from pipeline.web.gate import Key

pytestmark = pytest.mark.browser

BROWSERS_OWN = (".google.com", ".googleapis.com")
"""Chromium asks its maker about updates and forms by itself, whatever page is open."""
FAR = "http://leak.example"
PAYLOADS = (
    "<script>alert(1)</script>",
    f"<img src={FAR}/i onerror=alert(1)>",
    f"<svg onload=alert(1)><image href={FAR}/s></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    f"<iframe srcdoc='<script src={FAR}/x></script>'></iframe>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</pre></div></details><script>alert(1)</script>",
    "<!--><script>alert(1)</script-->",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1)>x</a>",
    f"<link rel=stylesheet href={FAR}/c.css>",
    f"<style>@import '{FAR}/c.css'; body{{background:url({FAR}/b)}}</style>",
    f"<meta http-equiv=refresh content='0;url={FAR}/m'>",
    f"<base href={FAR}/>",
    f"<form action={FAR}/f><button autofocus>ok</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    f"<video><source onerror=alert(1) src={FAR}/v></video>",
    f"<object data={FAR}/o></object><embed src={FAR}/e>",
    "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${alert(1)}`${alert(1)}`",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    f"![x]({FAR}/md) [x](javascript:alert(1))",
    "\u202ejs.evil\u2066 \u0000\u001b]0;x\u0007 \ufeff<scr\u0000ipt>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;alert(1)",
    f"<img srcset='{FAR}/1x 1x' loading=eager><picture><source srcset={FAR}/p></picture>",
)

HELD = 3
"""So many of them come as a mail that is held, too."""
ASKED = (
    "/?q=",
    "/?after=",
    "/prompts/",
    "/runs?did=",
    "/costs?for=x&model=",
    "/payments?in=",
    "/stats?what=proposed&by=play&key=",
)
"""Addresses that show what they were asked for."""

COUNT = "html => html.querySelectorAll('script, style, base, iframe, object, embed, img, video, math, source, picture, meta, link').length"


def hostile(payload: str, number: int, label: str = "[scope_creep]") -> bytes:
    """A mail with a payload in its subject, sender's name, body and the name of a file."""
    message = EmailMessage()
    one_line = "".join(c for c in payload if c.isprintable())
    message["To"] = "robin@studio.example"
    message["Subject"] = one_line
    message["Message-ID"] = f"<h{number}@harbour.example>"
    message["Date"] = NOW
    message.set_content(f"{payload}\n\nCould you also add a shop? {label} {payload}\n".replace("\x00", ""))
    message.add_attachment(b"x", maintype="text", subtype="html", filename=one_line)
    name = b64encode(payload.encode()).decode()  # whole, as an encoded word: a name that hides nothing of itself
    return f"From: =?utf-8?B?{name}?= <mia@harbour.example>\n".encode() + message.as_bytes()


def test_payloads_stay_words(tmp_path: Path, browser: Browser) -> None:
    """A payload that opens a dialog, loads something, adds an element or leaves a request would be caught here."""
    world, key, log = make_world(tmp_path), Key(), tmp_path / "net.json"
    for number, payload in enumerate(PAYLOADS, 1):
        world.box.add(hostile(payload, number))
        if number <= HELD:
            world.box.add(hostile(payload.replace("[", "("), 1000 + number, "[aggression]"))
    run_once(world.desk, RunOptions(deliver=False))
    asked = [f"{path}{quote(payload, safe='')}" for path in ASKED for payload in PAYLOADS[:8]]
    numbers = range(1, len(PAYLOADS) + 1)
    for number, payload in zip(numbers, PAYLOADS, strict=True):
        shown = find_proposal(world.db, ProposalId(number))
        take_edit(world.db, shown, f"Hello Mia,\n\n{payload}\n\nRobin", (), reviewer="robin", now=NOW)
    with serving(world, key) as address:
        # A browser of its own: its network log is whole only once it has ended.
        logged = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, f"--log-net-log={log}"])
        seat = Seat(world, address, key, logged)
        page = seat.open()
        ours = page.locator("html").evaluate(COUNT)
        for path in (
            "/",
            *(f"/p/{n}" for n in numbers),
            *(f"/m/{n}" for n in (1, 8, 9)),
            "/clients/1",
            "/done",
            *(f"/a/{n}" for n in range(1, HELD + 1)),
            *asked,
        ):
            page.goto(address + path)
            for fold in page.locator("details:not(.menu)").all():
                fold.evaluate("fold => fold.open = true")
            assert page.locator("html").evaluate(COUNT) == ours, path
        page.goto(f"{address}/p/1")
        assert PAYLOADS[0] in page.locator(".mail .text").first.inner_text()
        logged.close()
    assert seat.dialogs == []
    assert [said for said in seat.complaints if "status of 404" not in said] == []  # no prompt is called like that
    assert {url.split("/")[2] for url in seat.asked} == {address.removeprefix("http://")}
    assert asked_hosts(log) <= {address.removeprefix("http://")}


def asked_hosts(log: Path) -> set[str]:
    """The hosts of every request that the browser's own network log names, short of those the browser makes for itself."""
    text = log.read_text("utf-8").rstrip().rstrip(",")
    events = json.loads(text if text.endswith("}") else text + "]}")["events"]
    urls = {event["params"]["url"] for event in events if "url" in event.get("params", {})}
    hosts = {url.split("/")[2] for url in urls if url.startswith(("http:", "https:", "ws:", "wss:"))}
    return {host for host in hosts if not host.endswith(BROWSERS_OWN)}
