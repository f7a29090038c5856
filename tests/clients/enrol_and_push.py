"""A client of the centre written from docs/sync-protocol.md alone, to show that it is enough.

Enrols a device with a one-time code, records one application and pushes it; prints what came of it
as JSON. Needs Python 3.9 and, as Debian packages: python3-cbor2, python3-cryptography,
python3-zstandard.

    enrol_and_push.py http://127.0.0.1:8080 CODE
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.request
import uuid

import cbor2
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PROTOCOL = 1
AGENT = "enrol_and_push.py"
EMPTY_HEAD = [0, bytes(32)]
OPERATOR_ENROLLED, APPLICATION_RECORDED = 1, 2
OK = 0

DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"]


def now_ms():
    return time.time_ns() // 1_000_000


# --- hashes, derivation, signatures ---------------------------------------------------------------

def framed(parts):
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def tagged_hash(tag, *parts):
    return hashlib.sha256(framed((tag, *parts))).digest()


def derive(secret, label, seq, attempt=0):
    parts = (label, seq.to_bytes(8, "big"), bytes([attempt]))
    return hmac.new(secret, framed(parts), hashlib.sha256).digest()


def event_id(secret, seq, at_ms):
    """A UUIDv7 whose random bits are derived."""
    random = bytearray(derive(secret, b"event-id", seq)[:10])
    random[0] = 0x70 | random[0] & 0x0F
    random[2] = 0x80 | random[2] & 0x3F
    return at_ms.to_bytes(6, "big") + bytes(random)


def tracking_code(device, secret, seq):
    random = int.from_bytes(derive(secret, b"tracking-code", seq)[:8], "big")
    digits = f"{device % 100_000:05}{random % 10_000_000:07}"
    check = "0"
    for digit in digits:
        check = DAMM[int(check)][int(digit)]
    return digits + check


def signed(purpose, message):
    return f"pishkhan/{purpose}/v1".encode() + b"\0" + message


class Device:
    """What an office keeps: its key, what the centre gave it, and its log."""

    def __init__(self, centre):
        self.centre = centre
        self.key = Ed25519PrivateKey.generate()
        self.log, self.head, self.time = [], EMPTY_HEAD, 0
        self.epoch = self.lease = None
        self.feed_cursor = self.catalogue_cursor = 0
        self.cards = {}

    def post(self, path, message):
        request = urllib.request.Request(
            f"{self.centre}/sync/v1/{path}", cbor2.dumps(message),
            {"content-type": "application/cbor"})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=150) as answer:
            return cbor2.loads(answer.read())

    # --- enrolment --------------------------------------------------------------------------------

    def enrol(self, code):
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        reply = self.post("enrol", [code.upper().replace("-", ""), public, "sample", AGENT])
        self.number, _, _, _, certificate, centre_key, self.secret, self.epoch = reply[:8]
        self.centre_key = Ed25519PublicKey.from_public_bytes(centre_key)
        facts, signature = certificate
        self.centre_key.verify(signature, signed("certificate", facts))
        assert cbor2.loads(facts)[0] == self.number and cbor2.loads(facts)[3] == public

    # --- the log ----------------------------------------------------------------------------------

    def append(self, kind, operator, content):
        """Adds an event to the chain; gives its sequence."""
        seq, self.time = self.head[0] + 1, max(now_ms(), self.time + 1)
        body = cbor2.dumps([kind, [content]])
        core = [1, self.number, seq, kind, self.time]
        if kind == APPLICATION_RECORDED:
            commit = tagged_hash(b"pishkhan/summary/v1",
                                 derive(self.secret, b"summary-salt", seq)[:16],
                                 cbor2.dumps(printed_facts(content)))
            core += [None, int(tracking_code(self.number, self.secret, seq)), commit]
        body_commit = tagged_hash(
            b"pishkhan/body/v1", derive(self.secret, b"body-salt", seq)[:16], body)
        rest = [self.head[1], event_id(self.secret, seq, self.time), operator, body_commit]
        rest_hash = tagged_hash(b"pishkhan/event-rest/v1", cbor2.dumps(rest))
        self.head = [seq, tagged_hash(b"pishkhan/event/v1", cbor2.dumps(core), rest_hash)]
        self.log.append((kind, self.time, operator, body))
        return seq

    def batch(self):
        """The whole log, in codec 1: this client has never been acknowledged anything."""
        operators = list(dict.fromkeys(operator for _, _, operator, _ in self.log))
        rows, before = [], 0
        for kind, at_ms, operator, body in self.log:
            rows.append([kind, at_ms - before, operators.index(operator), 0, body])
            before = at_ms
        device, (seq, head) = self.number.to_bytes(4, "big"), self.head
        signature = self.key.sign(signed("head", device + seq.to_bytes(8, "big") + head))
        return [EMPTY_HEAD, self.head, signature, 1, cbor2.dumps([operators, [], rows])]

    # --- the exchange -----------------------------------------------------------------------------

    def exchange(self, batch):
        message = [PROTOCOL, self.number, self.epoch, self.lease, batch, self.feed_cursor,
                   self.catalogue_cursor, self.head[0], None, now_ms(), AGENT]
        payload = cbor2.dumps(message)
        signature = self.key.sign(signed("request", self.around(0, payload)))
        envelope = self.post("exchange", [self.number, 0, 0, payload, signature])
        device, encoding, dictionary, payload, signature = envelope
        assert device == self.number and dictionary == 0
        self.centre_key.verify(signature, signed("reply", self.around(encoding, payload)))
        if encoding == 1:
            payload = zstandard.ZstdDecompressor().decompressobj().decompress(payload)
        reply = cbor2.loads(payload)
        self.epoch, self.lease = reply[2], reply[7]
        for number, _ in reply[8]:
            self.feed_cursor = number
        for number, card, signature in reply[10]:
            self.centre_key.verify(signature, signed("publication", card))
            self.catalogue_cursor = number
            content = json.loads(card)
            if content["kind"] == "service_card":
                self.cards[content["code"]] = hashlib.sha256(card).digest()
        return {"verdict": reply[3], "received": reply[4], "more": reply[11]}

    def around(self, encoding, payload):
        return self.number.to_bytes(4, "big") + bytes([encoding]) + bytes(2) + payload


def printed_facts(recorded):
    service, _, applicant, _, papers, fee, due = recorded[:7]
    return [service, f"{applicant[1]} {applicant[2]}", applicant[0][1][0][-4:], len(papers), fee, due]


def general_request(card):
    """A request to the district, by a sample citizen; answers and papers as the card asks."""
    applicant = [[0, ["0076229645"]], "شهروند", "نمونه", "", None, 0, "+989150000000", "روستای نمونه"]
    applicant += ["نشانی نمونه", None, []]
    answers = {"case_type": "request", "description": "درخواست نمونه", "target_agency": "district"}
    form = {key: [2, [text]] for key, text in sorted(answers.items())}
    papers = [["id-card", [0, []]], ["id-booklet", [0, []]]]
    return ["general-request", card, applicant, form, papers, 0, "2027-01-10", True, 0]


def main(centre, code):
    device = Device(centre)
    device.enrol(code)
    while device.exchange(None)["more"]:
        pass
    operator = uuid.uuid4().bytes
    device.append(OPERATOR_ENROLLED, operator, [operator, "کاربر نمونه"])
    card = device.cards["general-request"]
    seq = device.append(APPLICATION_RECORDED, operator, general_request(card))
    reply = device.exchange(device.batch())
    assert reply["verdict"] == OK and reply["received"] == device.head
    code = tracking_code(device.number, device.secret, seq)
    print(json.dumps({"device": device.number, "tracking_code": code, "last_four": "9645"}))


if __name__ == "__main__":
    main(*sys.argv[1:])
