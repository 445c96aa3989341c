"""`firmly invoices set`, `lift` and `claim`: what a person says about the ladder, with their name."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, Reviewer, desk_at, print_json, reviewer, safe, shelf_at
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from pipeline.invoices.law import ReferenceRate
    from pipeline.run.desk import Desk
    from pipeline.run.handwork import Quote

Number = Annotated[str, typer.Argument(help="The invoice's number.", metavar="NUMBER")]
Why = Annotated[str, typer.Option("--why", help="Why; shown by firmly chase.")]
Whose = Annotated[str | None, typer.Option("--client", help="Whose, where several clients have this number.")]


def register(invoices: typer.Typer) -> None:
    """Add the commands to `firmly invoices`."""
    invoices.command("set")(set_)
    invoices.command("lift")(lift)
    invoices.command("claim")(claim)


def set_(
    number: Number,
    *,
    chase: Annotated[
        bool | None, typer.Option("--chase/--no-chase", help="Take it off the ladder, or put it back on.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="A ladder of its own: seed, patient.")] = None,
    hold_until: Annotated[str | None, typer.Option(help="No letter before this day (ISO).", metavar="DATE")] = None,
    minimum: Annotated[str | None, typer.Option(help="No letter while less than this is open.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget all that was said; it goes the way of the others.")
    ] = False,
    client: Whose = None,
    why: Why = "",
    by: Reviewer = "",
    config: ConfigPath = None,
    now: Now = None,
) -> None:
    """Say how one invoice is chased: not at all, later, by another ladder, not for a small rest."""
    from pipeline.app import library_of, playbook_of
    from pipeline.cli.money import client_of
    from pipeline.run.handwork import Wish, clear_invoice, set_invoice

    shelf, who = shelf_at(config, now), reviewer(by)
    owner = client_of(shelf, client)
    if clear:
        gone = clear_invoice(shelf.db, number, client_id=owner, actor=who, why=why, now=shelf.clock())
        typer.echo(f"Invoice {safe(number)} goes the way of the others." if gone else "Nothing was said about it.")
        return
    wish = Wish(chase, profile, _day(hold_until), _amount(minimum))
    if wish == Wish():
        raise UsageError("Nothing was said.", fix="--no-chase, --hold-until, --profile, --minimum or --clear.")
    profiles = playbook_of(library_of(shelf.config)).ladder.profiles
    if profile is not None and profile not in profiles:
        raise UsageError(f"There is no ladder profile {profile!r}.", fix=f"There are {', '.join(profiles)}.")
    held = set_invoice(shelf.db, number, wish, client_id=owner, actor=who, why=why, now=shelf.clock())
    said = (
        "not chased" if not held.chase else "",
        f"held until {held.not_before}" if held.not_before else "",
        f"profile {held.profile}" if held.profile else "",
        f"no letter under {held.minimum}" if held.minimum is not None else "",
    )
    typer.echo(
        f"Invoice {safe(number)}: {', '.join(one for one in said if one) or 'chased as the others'}. Said by {safe(who)}."
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"{text!r} is no day.", fix="Write it as 2026-11-17.") from None


def _amount(text: str | None) -> "Decimal | None":
    from pipeline.invoices.money import parse_amount

    if text is None:
        return None
    amount = parse_amount(text)
    if amount < 0:
        raise UsageError("A minimum is not less than nothing.")
    return amount


def lift(
    mail: Annotated[
        str, typer.Argument(help="The mail behind the pause, as firmly chase shows it: m17.", metavar="MAIL")
    ],
    *,
    again: Annotated[bool, typer.Option("--again", help="What it says counts after all.")] = False,
    why: Why = "",
    by: Reviewer = "",
    config: ConfigPath = None,
    now: Now = None,
) -> None:
    """What a mail says no longer keeps the ladder: a dispute is settled, an absence is over, a claim was not true."""
    from pipeline.run.handwork import find_mail, hold_again
    from pipeline.run.handwork import lift as lift_pause

    desk, who = desk_at(config, now), reviewer(by)
    mail_id = find_mail(desk.db, mail)
    if again:
        hold_again(desk, mail_id, actor=who, why=why)
        typer.echo(f"What m{mail_id} says counts again.")
        return
    name, kept = lift_pause(desk, mail_id, actor=who, why=why)
    typer.echo(f"{safe(name)}: {safe(', '.join(kept))}: lifted by {safe(who)}. firmly chase says what comes now.")


def claim(
    client: Annotated[
        str, typer.Argument(help="A client: a number, an address or a part of the name.", metavar="CLIENT")
    ],
    *,
    invoice: Annotated[
        list[str] | None, typer.Option(help="Only for this invoice; may be given again.", metavar="NUMBER")
    ] = None,
    rate: Annotated[str | None, typer.Option(help="The law's reference rate in per cent: 1.27.")] = None,
    rate_as_of: Annotated[
        str | None, typer.Option(help="The day from which that rate holds (ISO).", metavar="DATE")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="These figures are right; the formal letter may name them.")
    ] = False,
    checked: Annotated[
        bool, typer.Option("--checked", help="You looked at what is named as old, and it holds.")
    ] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="No letter names what was confirmed.")] = False,
    by: Reviewer = "",
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Interest and fixed sums for late invoices: what contract or law give, and your confirmation of the very figures."""
    from pipeline.app import law_of
    from pipeline.cli.claims import claim_json, print_quote
    from pipeline.cli.money import client_of
    from pipeline.run.handwork import confirm_claim, quote_claim, withdraw_claim

    desk, who = desk_at(config, now), reviewer(by)
    client_id = client_of(desk, client)
    if client_id is None:
        raise UsageError("Say which client.")
    if withdraw:
        gone = withdraw_claim(desk, client_id, actor=who)
        typer.echo("No letter names interest or fixed sums for them." if gone else "Nothing was confirmed for them.")
        return
    quote = quote_claim(
        desk, client_id, law_of(desk.config), rate=_rate(rate, rate_as_of), numbers=tuple(invoice or ())
    )
    if confirm:
        _confirm(desk, quote, checked=checked, who=who, put=confirm_claim)
    if as_json:
        print_json("invoices.claim", claim_json(desk, quote, who if confirm else None))
    else:
        print_quote(desk, quote, who if confirm else None)


def _rate(percent: str | None, as_of: str | None) -> "ReferenceRate | None":
    from pipeline.invoices.law import ReferenceRate
    from pipeline.invoices.money import parse_amount

    if percent is None and as_of is None:
        return None
    day = _day(as_of)
    if percent is None or day is None:
        raise UsageError("A reference rate comes with its day.", fix="--rate 1.27 --rate-as-of 2026-07-01")
    return ReferenceRate(parse_amount(percent.rstrip("% ")), day)


def _confirm(desk: "Desk", quote: "Quote", *, checked: bool, who: str, put: Any) -> None:
    if quote.to_check and not checked:
        raise UsageError(" ".join(quote.to_check), fix="Check that it still holds, then confirm with --checked.")
    put(desk, quote, actor=who)
