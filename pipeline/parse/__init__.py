"""Bytes to `Message`: decoded headers, the text, and what of it the sender wrote this time.

message   `parse_message`, the one public function
headers   the header block: fields, encoded words, parameters, ids, dates
addresses mailboxes of an address field
mime      parts as offsets into the bytes, transfer encodings
charset   bytes to text, whatever the label says
body      which parts are text, and the text as lines
html      an HTML part to lines; `style` knows what is hidden; `flowed` joins format=flowed
newest    quotes and signatures off; `history`, `signature` and the tables of `labels`
invisible characters that show nothing
report    delivery reports
limits    how much of one mail is read
"""

from pipeline.parse.limits import DEFAULT, Limits
from pipeline.parse.message import parse_message

__all__ = ["DEFAULT", "Limits", "parse_message"]
