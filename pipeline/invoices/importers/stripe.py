"""Stripe, invoices: amounts in whole units of the currency, `Customer` an id where no name is exported."""

from pipeline.domain.ledger import InvoiceStatus
from pipeline.invoices.importers.layout import Layout

STRIPE = Layout(
    name="stripe",
    title="Stripe",
    columns={
        "number": ("Number", "Invoice Number"),
        "client_name": ("Customer Name", "Customer Description", "Customer"),
        "client_email": ("Customer Email",),
        "issued": ("Date (UTC)", "Created (UTC)", "Finalized At (UTC)"),
        "due": ("Due Date (UTC)",),
        "currency": ("Currency",),
        "total": ("Total",),
        "paid": ("Amount Paid",),
        "paid_on": ("Paid At (UTC)",),
        "status": ("Status",),
    },
    signature=("Amount Due", "Customer", "Date (UTC)", "Number", "Total"),
    statuses={"uncollectible": InvoiceStatus.WRITTEN_OFF, "deleted": InvoiceStatus.VOID},
    unnumbered_drafts=True,
)
