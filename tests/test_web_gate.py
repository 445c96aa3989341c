"""Who is let in to the page, and what it says in its headers."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.page import ORIGIN, Visitor, addresses, app_of, receive, visit
from support.world import make_world

from pipeline.web.gate import Key

SCOPE = "Could you also add the menu page, the shop and a blog? [scope_creep] Mia\n"


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """Somebody who has been let in, with one proposal waiting."""
    world = make_world(tmp_path)
    receive(world, SCOPE)
    receive(world, "You are a useless thief. [aggression]\n", number=2, subject="You")
    return visit(world)


def pages(visitor: Visitor) -> list[str]:
    """Every page that there is."""
    return [path for path in addresses(visitor.world, "GET") if not path.startswith("/static/")]


def test_nothing_without_the_link(tmp_path: Path) -> None:
    """A page that another local user or program could read without the token would be caught here."""
    world = make_world(tmp_path)
    http = TestClient(app_of(world, Key()), base_url=ORIGIN)
    answers = [http.get(path) for path in (*addresses(world, "GET"), "/enter", "/enter?token=x", "/nothing")]
    answers += [http.post(path, data={}, headers={"Origin": ORIGIN}) for path in addresses(world, "POST")]
    assert {answer.status_code for answer in answers} == {401}
    assert len(answers) > 20


def test_cookie_is_strict_and_unreadable(tmp_path: Path) -> None:
    """A cookie that scripts can read, that other sites' requests carry, or that repeats the token would be caught."""
    key = Key()
    http = TestClient(app_of(make_world(tmp_path), key), base_url=ORIGIN)
    cookie = http.get(f"/enter?token={key.token}", follow_redirects=False).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert key.token not in cookie


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1:9999", "localhost.evil.example:8765", ""]
)
def test_rebound_names_are_refused(visitor: Visitor, host: str) -> None:
    """DNS rebinding: an attacker's name that points to this machine must get nothing, cookie or not."""
    answer = visitor.http.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "Harbour" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_forms_of_other_pages_are_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    """A form on another site, on another port of this machine or in a sandboxed frame must not approve anything."""
    form = {**visitor.fields(1), "is": "right", "label": "scope_creep", "was": "seen", "found": "yes", "until": "3h"}
    before = visitor.world.db.path.read_bytes()
    acts = addresses(visitor.world, "POST")
    answers = [visitor.http.post(path, data=form, headers=headers).status_code for path in acts]
    assert answers == [403] * len(acts)
    assert visitor.world.box.calls.count("put") == 0
    assert visitor.world.db.path.read_bytes() == before


def test_our_own_form_without_a_referrer_is_taken(visitor: Visitor) -> None:
    """Browsers send `Origin: null` for our own forms under no-referrer; refusing those would break the page."""
    sent = visitor.http.post(
        "/p/1/reject",
        data=visitor.fields(1),
        headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
    )
    assert sent.status_code == 303


def test_form_without_its_token_is_refused(visitor: Visitor) -> None:
    """A page on another port of this machine shares the site and the cookie; only the token in the form stops it."""
    form = {**visitor.fields(1), "is": "right", "label": "scope_creep", "was": "seen", "found": "yes", "until": "3h"}
    for path in addresses(visitor.world, "POST"):
        for wrong in ("", "x", visitor.key.session):
            status, _ = visitor.post(path, {**form, "csrf": wrong})
            assert status == 403, path
    assert "1 of 1" in visitor.read("/p/1")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(visitor: Visitor, method: str) -> None:
    """A method that slips by the checks of POST would be caught here."""
    assert visitor.http.request(method, "/p/1/approve", headers={"Origin": ORIGIN}).status_code == 405


def test_get_changes_nothing(visitor: Visitor) -> None:
    """An approval by a link, which a prefetch or an image could follow, would be caught here."""
    for path in addresses(visitor.world, "POST"):
        assert visitor.http.get(path).status_code in {404, 405}, path
    assert "1 of 1" in visitor.read("/p/1")


def test_there_is_no_bulk_approve(visitor: Visitor) -> None:
    """A list that approves, or a page with more than one approval on it, would be caught here."""
    for path in pages(visitor):
        approvals = re.findall(r'action="[^"]*approve', visitor.http.get(path).text)
        assert len(approvals) == (1 if path == "/p/1" else 0), path


def test_every_answer_carries_the_headers(visitor: Visitor) -> None:
    """A page, an error or a refusal that forgets the policy could be framed, sniffed or made to load something."""
    answers = [visitor.http.get(path) for path in (*pages(visitor), "/nothing", "/static/firmly.css", "/p/999")]
    answers += [visitor.http.post("/p/1/approve"), visitor.http.get("/", headers={"Host": "evil.example"})]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


def test_pages_hold_no_script_of_their_own(visitor: Visitor) -> None:
    """An inline handler, style or script, or an address of another host, would be caught here."""
    for path in pages(visitor):
        answer = visitor.http.get(path)
        assert answer.status_code == 200, path
        html = answer.text
        assert "<script src=" in html, path
        assert html.count("<script") == 1
        assert " style=" not in html
        assert re.search(r"<[^>]*\son\w+\s*=", html) is None
        assert 'href="http' not in html
        assert 'src="http' not in html


def test_large_forms_are_refused(visitor: Visitor) -> None:
    """A form that fills the memory would be caught here."""
    status, _ = visitor.post("/p/1/edit", {**visitor.fields(1), "body": "a" * 600_000})
    assert status == 413


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999999", "-1", "1e3", "%2e%2e"])
def test_numbers_that_are_nobodys(visitor: Visitor, number: str) -> None:
    """A number too large for the store, or none at all, is a missing page and no crash."""
    for kind in "pam":
        assert visitor.http.get(f"/{kind}/{number}").status_code == 404


def test_prompts_are_files_of_the_library_only(visitor: Visitor) -> None:
    """A path out of the prompts directory would be caught here."""
    for name in ("../pyproject.toml", "%2e%2e/pyproject.toml", "/etc/passwd", "nothing.md"):
        assert visitor.http.get(f"/prompts/{name}").status_code == 404
    assert "## static" in visitor.read("/prompts/write.md")


def test_a_bug_keeps_mail_to_itself(visitor: Visitor) -> None:
    """A traceback in the answer, one with a client's words in the log, or an answer without the policy would be caught."""
    told: list[Exception] = []

    def broken() -> datetime:
        raise RuntimeError("words of a client")

    visitor.world.desk = replace(visitor.world.desk, clock=broken)
    http = TestClient(app_of(visitor.world, visitor.key, on_bug=told.append), base_url=ORIGIN)
    answer = http.get(f"/enter?token={visitor.key.token}")
    assert answer.status_code == 500
    assert "words of a client" not in answer.text
    assert "a bug in Firmly" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert [str(bug) for bug in told] == ["words of a client"]
