"""Changes what a stopped, embedded centre holds of a service's card, under the same version:
change_card.py DATABASE SERVICE OLD NEW. Fails unless exactly one card was found."""
import sqlite3
import sys

database, service, old, new = sys.argv[1:]
with sqlite3.connect(database) as connection:
    changed = connection.execute(
        "UPDATE publications SET bytes = CAST(replace(CAST(bytes AS TEXT), ?, ?) AS BLOB)"
        " WHERE code = ? AND instr(CAST(bytes AS TEXT), ?) > 0",
        (old, new, service, old),
    )
sys.exit(changed.rowcount != 1)
