"""E-invoices come from strangers: broken, hostile or incomplete, they are told and never half read."""

from pathlib import Path

import pytest

from pipeline.invoices.importers import Answers, Ask, detect, read_ledger

LEDGERS = Path(__file__).parent.parent / "fixtures" / "ledgers"
UBL = (LEDGERS / "ubl.xml").read_text()
CII = (LEDGERS / "facturx.xml").read_text()
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BODY = UBL.partition("?>")[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB + BODY.replace("2026-011", "&c;"), "document type"),
        (ENTITY + BODY.replace("2026-011", "&x;"), "document type"),
        (UBL[:900], "broken"),
        (UBL.replace("2026-011", "&undefined;"), "broken"),
        ("<html><body/></html>", "neither a UBL nor a CII"),
        (UBL.replace("<cac:PaymentTerms>", "<a>" * 100 + "<cac:PaymentTerms>"), "nested"),
        (UBL.replace("2026-011", ""), "no number"),
        (UBL.replace("2026-02-16", "16.2.2026"), "no date"),
        (UBL.replace("<cbc:IssueDate>2026-02-16</cbc:IssueDate>", ""), "no date"),
        (UBL.replace("2026-03-18", "2026-01-18"), "before it was issued"),
        (UBL.replace(">3000.00<", ">NaN<"), "no amount"),
        (UBL.replace(">3000.00<", ">3000.001<"), "decimals"),
        (UBL.replace(">EUR<", ">EURO<"), "EURO"),
    ],
)
def test_a_bad_document_is_refused_with_its_place(text: str, words: str) -> None:
    """An entity would read files or fill the memory; a cut-off file would be an invoice over less."""
    result = read_ledger(text.encode(), file_name="x.xml")

    assert (result.invoices, result.questions) == ((), ())
    assert words in result.problems[0].message
    assert result.problems[0].fix
    assert result.problems[0].column


def test_credit_notes_are_kept_apart() -> None:
    """A credit note would be chased as an invoice."""
    text = CII.replace("<ram:TypeCode>380<", "<ram:TypeCode>381<")

    result = read_ledger(text.encode(), file_name="x.xml")

    assert result.invoices == ()
    assert [(c.number, str(c.amount.amount)) for c in result.credits] == [("2026-012", "636.00")]
    assert [q.ask for q in result.questions] == [Ask.CREDITS]


def test_terms_in_prose_are_asked_about() -> None:
    """`30 days net` in a note is no date, and guessing one is inventing it."""
    text = UBL.replace("<cbc:DueDate>2026-03-18</cbc:DueDate>", "")

    asked = read_ledger(text.encode(), file_name="x.xml")
    answered = read_ledger(text.encode(), file_name="x.xml", answers=Answers(terms_days=30))

    assert [q.ask for q in asked.questions] == [Ask.TERMS]
    assert answered.invoices[0].due.isoformat() == "2026-03-18"


def test_an_electronic_address_is_no_mail_address() -> None:
    """A GLN or a VAT number would become the client's address."""
    text = CII.replace("jo@lanternpress.example", "0088:7300010000001")

    assert [(i.client_email, i.client_name) for i in read_ledger(text.encode(), file_name="x").invoices] == [
        ("", "Lantern Press")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_that_xml_declares(encoding: str) -> None:
    """A byte order mark would make the file unknown."""
    text = UBL.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')

    assert [i.number for i in read_ledger(text.encode(encoding), file_name="x.xml").invoices] == ["2026-011"]


def test_formats_are_told_apart_by_their_text() -> None:
    """The command line would say `unknown` of a file that it can read."""
    assert (detect(UBL), detect(CII), detect("<a/>"), detect("hello")) == ("ubl", "cii", None, None)
