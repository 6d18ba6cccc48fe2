"""make bench: onrecord beside openssl and a Python loop, on the same file in one run. Ratios mean something, seconds depend on the machine.

BENCH_SIZE   size of the mailbox, such as 20M
BENCH_RUNS   the best of so many runs counts (default 3)
BENCH_BIG=1  also peak memory for 4 GB of mbox, a million small messages, and one message of 2 GB (needs about 20 GB of disk)
The mail is the public list of the corpora, where ONRECORD_SHARED names them and it is long enough; else what testdata/gen makes, 100M by default.
"""
import glob
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from archive import small_mail

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MB = 1_000_000
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


def size_of(text):
    """Reads 20M, 1G, 500000."""
    units = {"K": 1_000, "M": MB, "G": 1000 * MB}
    text = text.upper().removesuffix("B")
    return int(float(text[:-1]) * units[text[-1]]) if text[-1] in units else int(text)


def once(command, cores):
    """Runs a command on so many cores; gives seconds, peak memory in bytes, and what it printed."""
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1 << 20,
                             preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    code = child.returncode = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):  # 3: part of the mail could not be read; it is real mail
        sys.exit(f"bench: {' '.join(command)}: exit {code}\n{err}")
    return seconds, usage.ru_maxrss * 1024, out


def best(command, cores=2):
    """The fastest of RUNS runs of a command, or of what a function makes for each run, and the largest peak."""
    results = [once(command() if callable(command) else command, cores) for _ in range(RUNS)]
    fastest = min(results, key=lambda r: r[0])
    return fastest[0], max(r[1] for r in results), fastest[2]


def make_mail(directory, asked):
    """Gives the name of an mbox of about the size that was asked for, and where it comes from. No message is in it twice: build would keep one."""
    name = os.path.join(directory, "mail.mbox")
    shared = os.environ.get("ONRECORD_SHARED")
    archive = os.path.join(shared, "corpora", "lists.tar.xz") if shared else ""
    if os.path.exists(archive):
        subprocess.run(["tar", "-xJf", archive, "-C", directory], check=True)
        source = glob.glob(os.path.join(directory, "lists", "*.mbox"))[0]
        have = os.path.getsize(source)
        if not asked or asked <= have:
            os.rename(source, name)
            if asked:
                cut_after_a_message(name, asked)
            return name, "one public mailing list"
    generate(name, "mailbox", asked or 100 * MB)
    return name, "generated mail"


def cut_after_a_message(name, size):
    with open(name, "rb+") as f:
        f.truncate(f.read(size).rindex(b"\n\nFrom ") + 2)


def warm(name):
    with open(name, "rb") as f:
        while f.read(1 << 24):
            pass


class Table:
    def __init__(self):
        print(f"{'what':<36}  {'onrecord':>15}  {'beside it':>30}  {'ratio':>11}  {'wanted'}", flush=True)

    def row(self, what, own, peer, ratio, wanted):
        print(f"{what:<36}  {own:>15}  {peer:>30}  {ratio:>11}  {wanted}", flush=True)


def rate(size, seconds):
    return f"{size / seconds / MB:,.0f} MB/s"


def main():
    onrecord = os.path.abspath(sys.argv[1])
    work = tempfile.mkdtemp(prefix="onrecord-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        measure(onrecord, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def measure(onrecord, work):
    big = os.environ.get("BENCH_BIG") == "1"
    mail, origin = make_mail(work, size_of(os.environ.get("BENCH_SIZE", "0")))
    size = os.path.getsize(mail)
    cores = min(2, len(os.sched_getaffinity(0)))
    print(f"{origin}, {size / MB:,.0f} MB; {cores} cores; load before: {os.getloadavg()[0]:.1f}; best of {RUNS}\n")
    splithash = os.path.join(work, "splithash")
    subprocess.run(["go", "build", "-o", splithash, "./testdata/bench/splithash"], cwd=ROOT, check=True)
    warm(mail)
    table = Table()

    # The start of a process would weigh as much as what is measured: the mailbox six times over.
    long = os.path.join(work, "long.mbox")
    with open(long, "wb") as all_of_it, open(mail, "rb") as once_over:
        for _ in range(6):
            once_over.seek(0)
            shutil.copyfileobj(once_over, all_of_it, 1 << 24)
    openssl, _, _ = best(["openssl", "dgst", "-sha256", long], cores=1)
    split, _, _ = best([splithash, long], cores=1)
    table.row("split and SHA-256, one core", rate(6 * size, split), f"openssl dgst {rate(6 * size, openssl)}", f"{split / openssl:.2f}x time", "at most 1.25x")
    os.remove(long)

    loop, _, _ = best([sys.executable, os.path.join(HERE, "loop.py"), mail])
    beside = f"Python loop {rate(size, loop)}"
    records = os.path.join(work, "records.jsonl")
    inspect, _, _ = best(["sh", "-c", 'exec "$0" inspect --json "$1" >"$2"', onrecord, mail, records])
    table.row("records: inspect --json", rate(size, inspect), beside, f"{loop / inspect:.1f}x speed", "at least 4x")
    os.remove(records)

    # Each run writes to a place of its own, and all are removed at the end: ext4 creates files ten times slower for minutes after many were deleted.
    runs = itertools.count()

    def build(*more):
        return [onrecord, "build", "--quiet", "-o", os.path.join(work, f"out-{next(runs)}.dossier"), *more]

    json_only, peak, _ = best(lambda: build("--format", "json", mail))
    table.row("build --format json", rate(size, json_only), beside, f"{loop / json_only:.1f}x speed", "at least 1.5x")
    page = html_writer(os.path.join(work, f"out-{next(runs) - 1}.dossier", "dossier.json"))
    table.row("records into dossier.html", f"{page:,.0f} exhibits/s", "the writer alone", "", "at least 2,000/s")
    every, peak_all, _ = best(lambda: build(mail))
    exhibits = len(os.listdir(os.path.join(work, f"out-{next(runs) - 1}.dossier", "data", "messages")))
    table.row("build, all views", f"{exhibits / every:,.0f} exhibits/s", f"{exhibits:,} exhibits", "", "at least 400/s")
    table.row("peak memory, build --format json", f"{peak / MB:,.0f} MB", f"{size / MB:,.0f} MB of mbox", "", "")
    table.row("peak memory, build, all views", f"{peak_all / MB:,.0f} MB", f"{size / MB:,.0f} MB of mbox", "", "")
    os.remove(mail)

    small = size < 50 * MB and not big
    for gigabytes in () if small else (1, 4) if big else (1,):
        mail = os.path.join(work, "large.mbox")
        generate(mail, "mailbox", gigabytes * 1000 * MB)
        command = build("--format", "json", mail)
        seconds, peak, _ = once(command, 2)
        table.row("peak memory, build --format json", f"{peak / MB:,.0f} MB", f"{gigabytes} GB, {rate(gigabytes * 1000 * MB, seconds)}", "",
                  "under 200 MB" if gigabytes == 1 else "no more than for 1 GB")
        shutil.rmtree(command[command.index("-o") + 1])  # room for the next
        os.remove(mail)
    signatures = dkim_verifier()
    table.row("DKIM, RSA-2048, mail of 20 kB, one core", f"{signatures:,.0f} signatures/s", "", "", "at least 12,000/s")
    if big:
        mail = os.path.join(work, "many.mbox")
        small_mail(mail, 1_000_000)
        command = build("--format", "json", mail)
        _, peak, _ = once(command, 2)
        table.row("peak memory, build --format json", f"{peak / MB:,.0f} MB", f"1,000,000 messages, {os.path.getsize(mail) / MB:,.0f} MB", "", "under 200 MB")
        shutil.rmtree(command[command.index("-o") + 1])
        os.remove(mail)
        mail = os.path.join(work, "large.eml")
        generate(mail, "large", 2000 * MB)
        seconds, peak, _ = once(build("--format", "json", mail), 2)
        table.row("peak memory, build --format json", f"{peak / MB:,.0f} MB", f"one message of {os.path.getsize(mail) / MB:,.0f} MB", "", "under 300 MB")
    else:
        print("\nnot measured:" + (" 1 GB of mbox (the mailbox is small);" if small else "") + " 4 GB of mbox, a million messages, one message of 2 GB (BENCH_BIG=1)")


def html_writer(dossier):
    """How many exhibits a second the HTML writer writes, of the records of a dossier; a Go benchmark."""
    out = subprocess.run(["go", "test", "./pkg/dossier/html", "-run", "^$", "-bench", "^BenchmarkWriteDossier$"], cwd=ROOT, check=True, text=True,
                         stdout=subprocess.PIPE, env={**os.environ, "ONRECORD_DOSSIER": dossier}).stdout
    return float(re.search(r"([0-9.e+]+) exhibits/s", out).group(1))


def dkim_verifier():
    """How many RSA-2048 signatures over messages of 20 kB are verified a second on one core, the slower canonicalization; a Go benchmark."""
    out = subprocess.run(["go", "test", "./pkg/dkim", "-run", "^$", "-bench", "^BenchmarkVerify20k$", "-cpu", "1"], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout
    return min(float(n) for n in re.findall(r"([0-9.e+]+) signatures/s", out))


def generate(name, kind, size):
    subprocess.run(["go", "run", "./testdata/gen", "-kind", kind, "-size", str(size), "-o", name], cwd=ROOT, check=True)


main()
