"""The store of "onrecord archive" beside openssl + zstd, cp + sha256sum, notmuch and mu, on the same mail in one run. Called by make bench.

BENCH_ARCHIVE_SIZE   size of the mailbox (default 1G)
BENCH_ARCHIVE_COUNT  number of small messages (default 100000; BENCH_BIG=1: 1000000)
BENCH_DIR            where to work
"""
import itertools
import json
import mailbox
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MB = 1_000_000


def size_of(text):
    units = {"K": 1_000, "M": MB, "G": 1000 * MB}
    text = text.upper().removesuffix("B")
    return int(float(text[:-1]) * units[text[-1]]) if text[-1] in units else int(text)


def once(command, cores=2, wanted=(0,), **more):
    """Gives seconds, processor seconds, peak memory in bytes and what was printed."""
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    start = time.perf_counter()
    errors = tempfile.TemporaryFile("w+")  # a pipe that nobody reads meanwhile would stop a talkative program
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, preexec_fn=lambda: os.sched_setaffinity(0, allowed), **more)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in wanted:
        errors.seek(0)
        err = errors.read()
        sys.exit(f"bench: {' '.join(map(str, command))}: exit {code}\n{err}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out


def best(runs, make, **more):
    return min((once(make(), **more) for _ in range(runs)), key=lambda r: r[0])


def row(what, own, peer, ratio, wanted):
    print(f"{what:<40}  {own:>18}  {peer:>34}  {ratio:>11}  {wanted}", flush=True)


def warm(name):
    with open(name, "rb") as f:
        while f.read(1 << 24):
            pass


def tree(directory):
    """Gives the number of files below a directory and their size."""
    files = [os.path.join(d, f) for d, _, names in os.walk(directory) for f in names]
    return len(files), sum(os.path.getsize(f) for f in files)


def small_mail(name, count):
    """An mbox of small messages that all differ, of words as frequent as words are."""
    r = random.Random(3)
    words = ["".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(3, 10))) for _ in range(30_000)]
    cumulated = list(itertools.accumulate(1 / (i + 5) for i in range(len(words))))
    with open(name, "w") as out:
        for i in range(count):
            said = r.choices(words, cum_weights=cumulated, k=r.randint(20, 120))
            a, b = r.randrange(20_000), r.randrange(20_000)
            answers = f"In-Reply-To: <m{i - r.randint(1, 9)}@mail.example>\nReferences: <m{i - 10}@mail.example>\n" if i % 3 and i > 10 else ""
            body = "\n".join(" ".join(said[k:k + 10]) for k in range(0, len(said), 10))
            out.write(f"From user{a}@d{a % 500}.example Mon Jan  5 10:00:00 2026\nReceived: from mx{a % 9}.example ([192.0.2.{a % 250}])\n\tby store.example with ESMTPS id X{i:08x};\n"
                      f"\tMon, 05 Jan 2026 10:{i % 60:02}:{i % 59:02} +0000\nFrom: User {a} <user{a}@d{a % 500}.example>\nTo: User {b} <user{b}@d{b % 500}.example>\n"
                      f"Date: Mon, 05 Jan 2026 {i % 24:02}:{i % 60:02}:{i % 59:02} +0000\nMessage-ID: <m{i}@mail.example>\n{answers}Subject: {' '.join(said[:4])} unique{i}\n"
                      f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n\n")


def large(onrecord, work):
    mail = os.path.join(work, "mail.mbox")
    asked = size_of(os.environ.get("BENCH_ARCHIVE_SIZE", "1G"))
    subprocess.run(["go", "run", "./testdata/gen", "-kind", "mailbox", "-size", str(asked), "-o", mail], cwd=ROOT, check=True)
    size = os.path.getsize(mail)
    warm(mail)
    runs = 1 if size > 500 * MB else 3
    print(f"\nthe store, with a mailbox of {size / MB:,.0f} MB\n")
    beside = best(runs, lambda: ["openssl", "dgst", "-sha256", mail], cores=1)[0] + best(runs, lambda: ["sh", "-c", 'zstd -3 -q -c "$0" >/dev/null', mail], cores=1)[0]
    names = (os.path.join(work, f"store{n}") for n in itertools.count())

    def empty():
        nonlocal store
        store = next(names)
        once([onrecord, "archive", "init", store])
        return [onrecord, "archive", "add", "--json", store, mail]

    store = ""
    results = [once(empty()) for _ in range(runs)]
    seconds, processor, _, out = min(results, key=lambda r: r[0])
    messages = json.loads(out)["new"]
    row("archive add, first run", f"{size / seconds / MB:,.0f} MB/s", f"openssl + zstd -3, one core {size / beside / MB:,.0f} MB/s", f"{seconds / beside:.2f}x time", "at most 2.5x")
    row("peak memory", f"{max(r[2] for r in results) / MB:,.0f} MB", f"{messages:,} messages, {processor:.1f} s of processor", "", "under 300 MB")
    row("archive add, nothing new", f"{once([onrecord, 'archive', 'add', store, mail])[0]:.3f} s", "", "", "under 0.5 s")
    with open(mail, "rb") as f:
        head = f.read(MB)
    with open(mail, "ab") as f:
        f.write(head[:head.rindex(b"\n\nFrom ") + 2].replace(b"Message-I", b"message-i"))
    seconds, _, _, out = once([onrecord, "archive", "add", "--json", store, mail])
    row("archive add, 1 MB was appended", f"{seconds:.3f} s", f"{json.loads(out)['new']:,} new, {json.loads(out)['messages']:,} read", "", "under 1 s")
    files, taken = tree(store)
    row("size of the store", f"{taken / MB:,.0f} MB", f"{files} files", f"{taken / os.path.getsize(mail):.0%}", "at most 60 %")
    row("archive verify", f"{once([onrecord, 'archive', 'verify', store])[0]:.2f} s", "", "", "")
    deep(onrecord, store)
    copied = os.path.join(work, "copied")
    plain = once(["sh", "-c", 'cp -r "$0" "$1" && sha256sum "$1" >/dev/null', mail, copied])[0]
    row("cp -r + sha256sum", "", f"{size / plain / MB:,.0f} MB/s", "", "finds nothing, knows no message, keeps everything twice or loses what is deleted")
    for path in (mail, copied):
        os.remove(path)


def deep(onrecord, store):
    segments = os.path.join(store, "segments")
    read = once(["sh", "-c", 'for s in "$0"/*.zst; do zstd -dcq "$s"; done | sha256sum', segments])[0]
    seconds = once([onrecord, "archive", "verify", "--deep", store])[0]
    row("archive verify --deep", f"{seconds:.2f} s", f"zstd -dc | sha256sum {read:.2f} s", f"{seconds / read:.2f}x time", "at most 1.5x")


def small(onrecord, work):
    big = os.environ.get("BENCH_BIG") == "1"
    count = int(os.environ.get("BENCH_ARCHIVE_COUNT", "1000000" if big else "100000"))
    mail, store = os.path.join(work, "small.mbox"), os.path.join(work, "small.store")
    small_mail(mail, count)
    size = os.path.getsize(mail)
    print(f"\nthe store, with {count:,} messages of {size / count:,.0f} bytes\n")
    once([onrecord, "archive", "init", store])
    seconds, processor, peak, _ = once([onrecord, "archive", "add", store, mail])
    row("archive add", f"{seconds:,.0f} s", f"{count / seconds:,.0f} messages/s, {processor:,.0f} s of processor", "", "under 600 s for 1,000,000")
    row("peak memory", f"{peak / MB:,.0f} MB", "", "", "flat")
    for what, query in (("address", ["--from", "user77@d77.example"]), ("Message-ID", ["--message-id", f"<m{count // 2}@mail.example>"]), ("word", [f"unique{count // 3}"])):
        row(f"archive find, by {what}", f"{best(3, lambda: [onrecord, 'archive', 'find', store, *query])[0] * 1000:,.0f} ms", "", "", "under 100 ms")
    files, taken = tree(store)
    row("files in the store", f"{files}", f"{count / files:,.0f} messages a file", "", "more than 500 a file for 1,000,000")
    row("size of the store", f"{taken / MB:,.0f} MB", f"{size / MB:,.0f} MB of mail", f"{taken / size:.0%}", "")
    row("archive verify", f"{once([onrecord, 'archive', 'verify', store])[0]:.2f} s", "", "", "under 5 s for 1,000,000")
    deep(onrecord, store)
    others(work, mail, count)


def others(work, mail, count):
    """Programs that index mail. They know no mbox, so they get a Maildir."""
    present = [name for name in ("notmuch", "mu") if shutil.which(name)]
    for name in ("notmuch", "mu"):
        if name not in present:
            print(f"{name} is not installed: not measured")
    if not present:
        return
    home = os.path.join(work, "home")
    os.mkdir(home)
    folder = mailbox.Maildir(os.path.join(home, "mail"), create=True)
    os.makedirs(os.path.join(home, "mail", "cur"), exist_ok=True)
    count = min(count, 300)  # of two thousand such messages notmuch made no end in a minute
    for i, message in enumerate(itertools.islice(mailbox.mbox(mail, create=False), count)):
        with open(os.path.join(home, "mail", "cur", f"1700000000.M{i}P1.bench:2,"), "wb") as f:
            f.write(message.as_bytes())
    del folder
    env = dict(os.environ, HOME=home, NOTMUCH_CONFIG=os.path.join(home, "notmuch-config"), XDG_CACHE_HOME=home)
    if "notmuch" in present:
        with open(env["NOTMUCH_CONFIG"], "w") as f:
            f.write(f"[database]\npath={os.path.join(home, 'mail')}\n[user]\nname=bench\nprimary_email=bench@mail.example\n")
        seconds = once(["timeout", "60", "notmuch", "new", "--quiet"], wanted=(0, 124), env=env)[0]
        row("notmuch new", "", f"{seconds:,.1f} s, {count / seconds:,.0f} messages/s" if seconds < 60 else "did not end in 60 s", "", "an index beside the mail: keeps no copy, no digests, no log; a deleted mail is gone")
    if "mu" in present:
        once(["mu", "init", "--maildir", os.path.join(home, "mail")], env=env)
        seconds = once(["timeout", "60", "mu", "index", "--quiet"], wanted=(0, 124), env=env)[0]
        row("mu index", "", f"{seconds:,.1f} s, {count / seconds:,.0f} messages/s" if seconds < 60 else "did not end in 60 s", "", "an index beside the mail: keeps no copy, no digests, no log; a deleted mail is gone")


def main():
    onrecord = os.path.abspath(sys.argv[1])
    work = tempfile.mkdtemp(prefix="onrecord-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        large(onrecord, work)
        small(onrecord, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
