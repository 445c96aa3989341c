"""`firmly demo --serve` as a new user meets it: one command, one link, one key."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_from_the_command_to_the_first_approval(tmp_path: Path, browser: Browser) -> None:
    """A link that does not work, an approval that does not reach Drafts, or a demo that leaves files would be caught."""
    command = [sys.executable, "-m", "pipeline", "demo", "--serve"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        link = next(found[0] for line in demo.stdout if (found := re.search(r"http://\S+", line)))
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        expect(page.locator(".banner")).to_contain_text("every mail is invented")
        assert "token" not in page.url
        reply = page.locator("a.line[href^='/p/']").first
        subject = reply.locator(".what bdi").inner_text()
        reply.click()
        page.wait_for_url("**/p/*")
        page.keyboard.press("a")
        expect(page.locator(".notice")).to_contain_text("is in Drafts")
        context.close()
        assert list(tmp_path.glob("firmly-demo-*"))
        demo.send_signal(signal.SIGINT)
        rest = demo.communicate(timeout=60)[0]
    assert demo.returncode == 0
    assert "lies in Drafts on the server: 1." in rest
    assert subject in rest
    assert list(tmp_path.glob("firmly-demo-*")) == []
