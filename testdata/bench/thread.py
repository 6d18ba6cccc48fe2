"""make bench: one thread of 10,000 messages, each of which warns, orders, denies … and quotes what it answers. Time must grow in proportion to their number."""
import datetime
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ACTS = ["If pump {} is opened before the valve is checked, the tank will burst and somebody will be killed.", "I would not sign that off, the seal of vessel {} leaks.",
        "Nobody told me about pump {}.", "Please confirm that pump {} was isolated.", "We go ahead with pump {} as planned, that is my decision.",
        "Pump {} was isolated this morning.", "I have read your warning about vessel {}.", "The pump {} exploded last night, two people are injured."]
FILL = "the a report of meeting on plan for spring site team river bridge market window paper number and with from road order list train letter house".split()


def make(name, n):
    """Writes an mbox with one thread of n messages: six in ten answer the one before, the others one of the last 200."""
    chance, bodies, start = random.Random(5), [], datetime.datetime(2024, 1, 1, 8)
    with open(name, "w", encoding="ascii") as out:
        for i in range(n):
            parent = i - 1 if chance.random() < .6 else chance.randrange(max(0, i - 200), max(i, 1))
            text = "".join(" ".join(chance.choices(FILL, k=12)) + ".\n" for _ in range(6)) + chance.choice(ACTS).format(chance.randrange(300)) + "\n"
            head = ""
            if i:
                quoted = "".join(f"> {line}\n" for line in bodies[parent].split("\n")[:60])
                text += f"\nOn Mon, Jan 1, 2024 at 9:00 AM P{parent % 60} <p{parent % 60}@x.example> wrote:\n{quoted}"
                head = f"In-Reply-To: <m{parent}@x.example>\nReferences: <m0@x.example> <m{parent}@x.example>\n"
            bodies.append(text)
            to = ", ".join(f"Person {p} <p{p}@x.example>" for p in chance.sample(range(60), 4))
            date = (start + datetime.timedelta(minutes=7 * i)).strftime("%a, %d %b %Y %H:%M:%S +0000")
            out.write(f"From p{i % 60}@x.example Mon Jan  1 08:00:00 2024\nFrom: Person {i % 60} <p{i % 60}@x.example>\nTo: {to}\n"
                      f"Subject: {'Re: ' if i else ''}pumps and vessels\nDate: {date}\nMessage-ID: <m{i}@x.example>\n{head}\n{text}\n\n")


def main():
    onrecord = os.path.abspath(sys.argv[1])
    work = tempfile.mkdtemp(prefix="onrecord-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        took = {}
        for n in (2_500, 10_000):
            mail = os.path.join(work, f"{n}.mbox")
            make(mail, n)
            begin = time.perf_counter()
            subprocess.run([onrecord, "build", "--quiet", "--format", "json", "-o", os.path.join(work, f"{n}.dossier"), mail], check=True,
                           preexec_fn=lambda: os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:2])))
            took[n] = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        print(f"one thread of 10,000 messages: {took[10_000]:.1f} s, {took[10_000] / took[2_500]:.1f} times that of 2,500, {peak:,.0f} MB at most (wanted: under 30 s, about 4 times, under 500 MB)")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
