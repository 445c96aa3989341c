"""QuickBooks: the layout of its invoice import, and its reports with preamble, sections and totals."""

from pipeline.invoices.importers.layout import Layout

QUICKBOOKS = Layout(
    name="quickbooks",
    title="QuickBooks (invoice import)",
    columns={
        "number": ("InvoiceNo", "Invoice No", "Invoice Number"),
        "client_name": ("Customer",),
        "client_email": ("Customer Email", "Email"),
        "issued": ("InvoiceDate", "Invoice Date"),
        "due": ("DueDate", "Due Date"),
        "currency": ("Currency", "Currency Code"),
        "line_total": ("ItemAmount", "Item Amount"),
    },
    signature=("InvoiceNo", "Customer", "InvoiceDate", "ItemAmount"),
)

QUICKBOOKS_REPORT = Layout(
    name="quickbooks_report",
    title="QuickBooks (report)",
    columns={
        "number": ("Num", "No.", "Transaction Number"),
        "client_name": ("Name", "Customer", "Customer full name"),
        "client_email": ("Customer Email", "Email"),
        "issued": ("Date", "Transaction date", "Invoice date"),
        "due": ("Due Date",),
        "currency": ("Currency",),
        "total": ("Amount",),
        "balance": ("Open Balance",),
        "kind": ("Transaction Type", "Type"),
    },
    signature=("Transaction Type", "Num", "Date", "Amount"),
    credit_kinds=("Credit Memo", "Credit"),
    other_kinds=("Payment", "Journal Entry", "Deposit", "Estimate", "Bill", "Expense", "Sales Receipt", "Refund"),
    sections=True,
)
