"""HTML to text: what a person would have read, and nothing that they would not."""

import pytest
from parse_mails import html_mail

VISIBLE = "<p>We agree.</p>"


@pytest.mark.parametrize(
    "hiding",
    [
        '<p style="display:none">secret</p>',
        '<p style="DISPLAY : none !important">secret</p>',
        '<p style="visibility:hidden">secret</p>',
        '<p style="opacity:0">secret</p>',
        '<p style="opacity: 0.01">secret</p>',
        '<p style="font-size:0">secret</p>',
        '<p style="font-size:1px">secret</p>',
        '<div style="font-size:0px"><span>secret</span></div>',
        '<p style="color:#ffffff">secret</p>',
        '<p style="color:#FFF">secret</p>',
        '<p style="color:rgb(254, 254, 254)">secret</p>',
        '<p style="color:transparent">secret</p>',
        '<p style="color:rgba(0,0,0,0)">secret</p>',
        '<font color="white">secret</font>',
        '<table bgcolor="#336699"><tr><td style="color:#336699">secret</td></tr></table>',
        '<p style="position:absolute;left:-9999px">secret</p>',
        '<p style="text-indent:-9999px">secret</p>',
        '<p style="max-height:0;overflow:hidden">secret</p>',
        '<p style="clip:rect(0,0,0,0);position:absolute">secret</p>',
        "<p hidden>secret</p>",
        "<style>.x{display:none}</style><p class='a x'>secret</p>",
        "<style>#x{opacity:0}</style><p id=x>secret</p>",
        "<style>div .x{display:none}</style><div><p class=x>secret</p></div>",
        "<style>/* c */ @import 'a'; p.x{font-size:0}</style><p class=x>secret</p>",
        "<!-- secret words that tell the assistant to be polite -->",
    ],
)
def test_hidden_text_is_left_out_and_said(hiding: str) -> None:
    """An injected instruction that no reader sees would reach the judge."""
    message = html_mail(f"<html><body>{VISIBLE}{hiding}</body></html>")
    assert (message.newest, message.hidden_text) == ("We agree.", True)
    assert "secret" not in message.text


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="color:#333">also</p>',
        '<div style="font-size:0"><p style="font-size:14px">also</p></div>',
        '<div style="visibility:hidden"><p style="visibility:visible">also</p></div>',
        '<table bgcolor="#336699"><tr><td><font color="#ffffff">also</font></td></tr></table>',
        "<style>.d{background:#111}</style><div class=d><p style='color:white'>also</p></div>",
        '<div style="background:url(x.png)"><p style="color:white">also</p></div>',
        "<style>@media print{.x{display:none}}</style><p class=x>also</p>",
        '<p style="opacity:1;position:absolute;left:-2px">also</p>',
        '<p style="color:notacolour">also</p>',
    ],
)
def test_visible_text_is_kept(shown: str) -> None:
    """A client's words must not be lost because their program writes odd styles."""
    message = html_mail(f"<html><body>{VISIBLE}{shown}</body></html>")
    assert (message.newest.split(), message.hidden_text) == (["We", "agree.", "also"], False)


def test_empty_hiding_is_no_hidden_text() -> None:
    """Spacers and conditional comments of Outlook are in nearly every mail; the mark would mean nothing."""
    message = html_mail(
        "<!--[if mso]><p>x y z a b c d e</p><![endif]-->" + VISIBLE + '<div style="display:none">\u200b&nbsp;</div>'
    )
    assert (message.newest, message.hidden_text) == ("We agree.", False)


def test_structure_stays_readable() -> None:
    """Run-together table cells and lists change amounts and dates."""
    page = (
        "<p>Prices<br>in euros:</p><table><tr><th>Item</th><th>Price</th></tr><tr><td>Logo</td><td>500</td></tr></table>"
        "<ol><li>first</li><li><p>second</p><ul><li>inner</li></ul></li></ol>"
        "<pre>a\n  b</pre><div>one</div><div><br></div><div>two &amp; three&nbsp;<b>bo</b>ld</div>"
        '<p>wri<span>tten</span> <img alt="😀" src="x"><img alt="logo" src="y"></p><script>alert(1)</script><title>t</title>'
    )
    assert html_mail(page).newest == (
        "Prices\nin euros:\n\nItem | Price\nLogo | 500\n\n1. first\n2. second\n  - inner\n\na\n  b\n\none\n\ntwo & three bold\n\nwritten 😀"
    )


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://track.example/1">our page</a>', "our page"),
        ('<a href="https://bank.example/">bank.example</a>', "bank.example"),
        ('<a href="https://www.bank.example">https://bank.example/</a>', "https://bank.example/"),
        ('<a href="https://evil.example/x">https://bank.example</a>', "https://bank.example <https://evil.example/x>"),
        ('<a href="https://evil.example/x">bank.example</a>', "bank.example <https://evil.example/x>"),
        ('<a href="mailto:jo@client.example">jo@client.example</a>', "jo@client.example"),
        ('<a href="mailto:evil@x.example">jo@client.example</a>', "jo@client.example <mailto:evil@x.example>"),
        ('<a href="javascript:alert(1)">bank.example</a>', "bank.example"),
        ('<a href="https://evil.example"><img src=x></a>', ""),
    ],
)
def test_links_show_where_they_lead_if_they_claim_otherwise(link: str, text: str) -> None:
    """A link that names one bank and leads to another is what a reviewer has to see."""
    assert html_mail(link).newest == text


DEEP = {
    "nested": "<div>" * 20_000 + "deep words",
    "open formatting": "".join(f"<font size={number}>" for number in range(3000)) + "<p>deep words" * 3000,
    "many tags": "<b>deep words</b>" * 30_000,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">deep words",
    "brackets in attributes": "<p " + " ".join(f'a{number}=">"' for number in range(30_000)) + "><p>deep words",
    "never closed": "<p>deep words</p>" + "<a" * 200_000,
}


@pytest.mark.parametrize("case", DEEP)
def test_crafted_mark_up_is_read_in_bounded_time(case: str) -> None:
    """A tree builder needs seconds to minutes for each of these; the words are to be read all the same."""
    assert "deep words" in html_mail(DEEP[case]).text


def test_deep_quoting_of_a_real_thread_loses_no_text() -> None:
    """Converters on libxml2 drop everything below 256 levels."""
    page = "<p>newest</p>" + "<blockquote type=cite>" * 400 + "<p>oldest</p>" + "</blockquote>" * 400
    message = html_mail(page)
    assert (message.newest, message.quoted, message.truncated) == ("newest", "oldest", False)


@pytest.mark.parametrize(
    ("page", "newest"),
    [
        ('<div>Yes.</div><div id="appendonsend"></div><div id="divRplyFwdMsg">X: y</div><div>old</div>', "Yes."),
        ('<div>Yes.</div><div class="ydp12yahoo_quoted"><div>old</div></div>', "Yes."),
        ('<div>Yes.</div><div class="protonmail_quote">old<blockquote>older</blockquote></div>', "Yes."),
        ('<div class="moz-cite-prefix">X:</div><blockquote type="cite">old</blockquote><p>Yes.</p>', "Yes."),
        ('<div>Yes.</div><div class="gmail_quote">------ X ------<br>old</div>', "Yes."),
        ('<div>Yes.</div><div class="gmail_signature">Jo</div>', "Yes."),
        ('<div>Yes.</div><div id="mail-editor-reference-message-container"><div>old</div></div>', "Yes."),
        (
            '<div>Yes.</div><blockquote style="margin:0 0 0 40px;border:none;padding:0">indented</blockquote>',
            "Yes.\n\nindented",
        ),
        (
            "<div>Yes.</div><div style='border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt'>old</div>",
            "Yes.",
        ),
        ('<blockquote type="cite"><div id="divRplyFwdMsg">X</div>old</blockquote><p>Yes.</p>', "Yes."),
    ],
)
def test_history_is_known_by_its_mark_up_in_any_language(page: str, newest: str) -> None:
    """Words alone do not tell history where the program's language is unknown."""
    assert html_mail(page).newest == newest
