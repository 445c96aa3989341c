"""Mail as inert text: quotes in their place, links by their real host, nothing that a browser would obey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.web.words import clean, pieces, real_host, unwrapped


@given(st.text(), st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text()), max_size=4))
def test_nothing_is_lost_or_added(text: str, quotes: list[tuple[str, str]]) -> None:
    """Cutting a mail at its marks and links must show exactly its (cleaned) words, in order."""
    assert "".join(piece.text for piece in pieces(text, quotes)) == clean(text)


def test_quotes_are_marked_over_line_ends() -> None:
    """A quote that the mail wraps over two lines must still be found, and named once, at its end."""
    found = pieces("Well,\nplease do it\n  right now, or else.", [("pressing", "do it right now")])
    marked = [piece for piece in found if piece.labels]
    assert [piece.text for piece in marked] == ["do it\n  right now"]
    assert marked[-1].ends == ("pressing",)


def test_overlapping_quotes_keep_both_labels() -> None:
    """Two labels on the same words: neither may vanish."""
    found = pieces("one two three four", [("x", "one two three"), ("y", "two three four")])
    assert [(p.text, p.labels) for p in found] == [("one ", ("x",)), ("two three", ("x", "y")), (" four", ("y",))]


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://bank.example/login", "bank.example"),
        ("https://bank.example@evil.test/", "evil.test"),
        ("https://b\u0430nk.example/", "xn--bnk-6cd.example"),
        ("http://bücher.example", "xn--bcher-kva.example"),
        ("www.studio.example/x", "www.studio.example"),
        ("javascript:alert(1)", "javascript link"),
        ("data:text/html,x", "data link"),
        ("mailto:a@b.example", "mailto link"),
        ("https://[::1", "not a usable address"),
        ("https://" + "ü" * 80 + ".example", "not a usable address"),
    ],
)
def test_links_say_where_they_lead(link: str, host: str) -> None:
    """A look-alike or a misleading user part must show the host that it would really go to."""
    assert real_host(link) == host


def test_links_end_before_the_full_stop() -> None:
    """A full stop after an address is the sentence's."""
    found = pieces("See https://studio.example/a. Then call.", [])
    assert [(p.text, p.host) for p in found if p.link] == [("https://studio.example/a", "studio.example")]


def test_control_characters_and_overrides_are_shown() -> None:
    """A right-to-left override that makes `exe.fdp` of a name, or an escape, must be seen."""
    assert clean("a\x1b[31m\u202egpj.exe\x00\r\nb") == "a\ufffd[31m\ufffdgpj.exe\ufffd\nb"
    assert clean("\u200fشكرا") == "\u200fشكرا"


def test_wrapped_lines_are_joined_and_no_others() -> None:
    """A mail wrapped at 72 must read well on a phone; its lists, its addresses and its blank lines must stay."""
    text = (
        "I had a look at the test link at seven this morning and again at ten and\n"
        "nothing has moved since Thursday night.\n\n"
        "- the shop, which I have asked for twice and which is still not there at\n"
        "- the blog\n\nGillian\n12 Harbour Street\n"
    )
    assert unwrapped(text) == text.replace("ten and\n", "ten and ")


@given(st.text(alphabet="ab \n-", max_size=300))
def test_unwrapping_changes_line_ends_only(text: str) -> None:
    """A word that is lost, joined to its neighbour or moved would be caught here."""
    assert unwrapped(text).split() == text.split()
    assert len(unwrapped(text)) == len(text)
