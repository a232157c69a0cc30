"""The peer's side of the protocol in bench/peers.ts: one line of JSON in, one out; everything else printed goes to stderr."""
import ctypes, gc, json, sys, time

out = sys.stdout
sys.stdout = sys.stderr


def say(message):
    out.write(json.dumps(message) + "\n")
    out.flush()


def converse(versions, open_task):
    """`open_task(task)` gives (what it is, work(steps) → seconds, bytes of memory or None), or a text: why it cannot."""
    say({"ready": versions})
    work, rate, steps = None, None, 1
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if "open" in message:
                opened = open_task(message["open"])
                if isinstance(opened, str):
                    say({"unable": opened})
                    continue
                about, work, memory = opened
                rate, steps = None, 1
                say({"opened": {"about": about, **({"memoryBytes": memory} if memory else {})}})
            elif "run" in message:
                suited = 1 if rate is None else max(1, min(100_000, round(message["run"] / 1000 / rate)))
                # A number that stays lets a peer keep its data.
                steps = steps if 0.7 * suited < steps < 1.4 * suited else suited
                rate = max(work(steps) / steps, 1e-7)
                say({"ran": rate * 1000})
            else:
                work = None
                say({"closed": True})
        except Exception as error:
            import traceback

            traceback.print_exc()
            say({"error": f"{type(error).__name__}: {error}"})


def timed(step):
    """Work that repeats a step."""

    def work(steps):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        return time.perf_counter() - start

    return work


def grown(use):
    """Bytes the process grows by at most while `use` runs (Linux; None elsewhere). Run before, so that libraries are set up."""
    try:
        use()
        gc.collect()
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            # The peak begins anew.
            file.write("5")
        before = resident("VmRSS")
        use()
        return resident("VmHWM") - before
    except OSError:
        return None


def resident(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))
