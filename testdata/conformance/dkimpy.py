"""Compares onrecord's DKIM facts with those of dkimpy. usage: dkimpy.py CORPUS <RECORDS; CORPUS holds keys.tsv and gmail-set/*.eml, RECORDS are
the lines of "onrecord inspect --json". dkimpy's clock is set to the time of signing, because onrecord tells an expired signature as valid and expired."""
import datetime
import json
import os
import sys
import time
from unittest import mock

import dkim

corpus = sys.argv[1]
keys = {}
for line in open(os.path.join(corpus, "keys.tsv"), encoding="utf-8"):
    name, _, record = line.rstrip("\n").partition("\t")
    keys[name.lower().rstrip(".")] = record


def lookup(name, timeout=5):
    record = keys.get(name.decode().lower().rstrip("."))
    return record.encode() if record else None


def verdict(raw, index, signed_at):
    """pass, fail, or the reason why dkimpy did not come to either."""
    with mock.patch("dkim.time.time", lambda: signed_at or time.time()):
        try:
            return "pass" if dkim.DKIM(raw, minkey=512).verify(index, dnsfunc=lookup) else "fail"
        except dkim.DKIMException as e:
            return "fail" if str(e).startswith("body hash mismatch") else str(e)


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp() if text else None


agree, differ, unkeyed, undecided = 0, [], 0, {}
for line in sys.stdin:
    record = json.loads(line)
    with open(os.path.join(corpus, "gmail-set", os.path.basename(record["origin"]["source"])), "rb") as f:
        raw = f.read()
    modern = [s for s in record["authentication"]["dkim"] if s["kind"] == "DKIM-Signature"]
    for index, signature in enumerate(modern):
        if signature["signature"] == "unchecked":
            unkeyed += 1
            continue
        ours = "pass" if signature["signature"] == "valid" and signature["body_hash"] != "mismatch" else "fail"
        theirs = verdict(raw, index, seconds(signature["signed_at"]))
        if theirs not in ("pass", "fail"):
            undecided[theirs] = undecided.get(theirs, 0) + 1
        elif theirs == ours:
            agree += 1
        else:
            differ.append(f"{record['origin']['source']}, signature {index + 1}: onrecord {ours}, dkimpy {theirs}")

print(f"{agree} signatures: the same verdict; {len(differ)} differ; {unkeyed} without a key")
for reason, n in sorted(undecided.items()):
    print(f"  no verdict by dkimpy on {n}: {reason}")
for line in differ:
    print(" ", line)
sys.exit(1 if differ or not agree else 0)
