"""An office that keeps its applications as notes in Anki and syncs them to Anki's own server.

Says "ready" when all are in its own collection, which the server has with one note in it; syncs when told
"go", and then says what came of it. With `full` as the last argument it uploads the whole
collection instead.

    python anki_office.py <endpoint> <documents> <how many> <folder> <patience in s> [full]
"""

import itertools
import json
import sys
import time

from anki.collection import Collection

endpoint, documents, many, folder, patience = sys.argv[1:6]
full = sys.argv[6:] == ["full"]


def say(**what):
    print(json.dumps(what), flush=True)


def add(collection, lines):
    kind = collection.models.by_name("Basic")
    deck = collection.decks.id("Default")
    for line in lines:
        note = collection.new_note(kind)
        note.fields[0] = line.rstrip("\n")
        collection.add_note(note, deck)


def sync(collection, auth):
    """One sync as the desktop program does it; True if it was a normal one."""
    answer = collection.sync_collection(auth, False)
    if answer.required in (answer.NO_CHANGES, answer.NORMAL_SYNC):
        return answer
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=auth, server_usn=None, upload=True)
    collection.reopen(after_full_sync=True)
    return answer


collection = Collection(f"{folder}/office.anki2")
auth = collection.sync_login("office", "sample", endpoint)
if not full:
    # An empty collection is always uploaded whole; one with a note is synced from then on.
    add(collection, ["{}"])
    sync(collection, auth)
    sync(collection, auth)
with open(documents, encoding="utf-8") as lines:
    add(collection, itertools.islice(lines, int(many)))
say(ready=True)

for order in sys.stdin:
    if order.startswith("one"):
        with open(documents, encoding="utf-8") as lines:
            add(collection, itertools.islice(lines, int(many), int(many) + 1))
    begun = time.monotonic()
    tries, fault, kind = 0, None, None
    while True:
        tries += 1
        try:
            kind = sync(collection, auth).required
            fault = None
            break
        except Exception as error:  # whatever the line did to it
            fault = str(error)
        if time.monotonic() - begun > float(patience):
            break
        time.sleep(1)
    say(
        seconds=time.monotonic() - begun,
        tries=tries,
        finished=fault is None,
        normal=kind in (0, 1),
        fault=fault,
    )
