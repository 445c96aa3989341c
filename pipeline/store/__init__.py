"""What Firmly remembers: SQLite, and all the SQL there is.

`database` opens, migrates and backs up; the other rooms hold functions over an open transaction, one room a subject.
"""
