"""The queue as a page on this machine: Starlette, templates, a little script of our own. Works without the script.

`gate` decides who is let in, `words` makes mail inert, `reading` collects what a page shows, `pages` answers GET and
`acts` answers POST. What a person may do to a proposal is decided in `pipeline.review`, as for every other door.
"""
