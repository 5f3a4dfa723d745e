"""A process that runs programs: when one crashes or hangs, it alone is lost. The process is forked, so that PyTorch is
imported once; it opens the device itself."""

import contextlib
import json
import os
import select
import signal
import tempfile
import time
import traceback

from fuzz import check, generate, program


class Child:
    """Answers requests, each a JSON line: {"do": "generate", "seed", "number", "only"}, {"do": "check", "program"} or
    {"do": "both", ...}. `environment` is set before the device opens."""

    def __init__(self, environment=None, seconds=60, prepare=None):
        self.seconds = seconds
        # What a process says at its end is part of what a crash tells.
        self.said = tempfile.TemporaryFile()
        to_child, requests = os.pipe()
        answers, from_child = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(requests)
            os.close(answers)
            os.environ.update(environment or {})
            os.dup2(self.said.fileno(), 1)
            os.dup2(self.said.fileno(), 2)
            # Ctrl-C is the parent's business.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            status = 1
            with contextlib.suppress(BrokenPipeError):
                if prepare:
                    prepare()
                serve(os.fdopen(to_child), from_child)
                status = 0
            os._exit(status)
        os.close(to_child)
        os.close(from_child)
        self.requests, self.answers = requests, answers
        self.buffer, self.phase, self.deadline, self.served = b"", "", None, 0

    def send(self, request, seconds=None):
        self.phase, self.served = "start", self.served + 1
        self.limit = seconds or self.seconds
        self.deadline = time.monotonic() + self.limit
        data = (json.dumps(request) + "\n").encode()
        with contextlib.suppress(BrokenPipeError):
            while data:
                data = data[os.write(self.requests, data) :]

    def poll(self):
        """The answer once it is there, else None. A crash or a hang is an answer too, and the last one."""
        try:
            chunk = os.read(self.answers, 1 << 20)
        except BlockingIOError:
            chunk = None
        if chunk == b"":
            _, status = os.waitpid(self.pid, 0)
            self.pid = None
            ended = (
                f"signal {signal.Signals(os.WTERMSIG(status)).name}"
                if os.WIFSIGNALED(status)
                else f"exit status {os.WEXITSTATUS(status)}"
            )
            self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - 300))
            last = self.said.read().decode(errors="replace").strip()
            return {"outcome": "crash", "text": f"the process ends with {ended}: {last}", "phase": self.phase}
        if chunk:
            self.buffer += chunk
        while b"\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\n")
            answer = json.loads(line)
            if "phase" not in answer or "outcome" in answer:
                return answer
            self.phase = answer["phase"]
        return None

    def late(self):
        """A hang, if the deadline has passed; the process is then ended."""
        if time.monotonic() < self.deadline:
            return None
        self.close()
        return {"outcome": "hang", "text": f"no answer after {self.limit} s", "phase": self.phase}

    def ask(self, request, seconds=None):
        """Sends and waits."""
        self.send(request, seconds)
        while True:
            ready, _, _ = select.select([self.answers], [], [], 0.5)
            answer = (self.poll() if ready else None) or (None if ready else self.late())
            if answer:
                return answer

    @property
    def alive(self):
        return self.pid is not None

    def close(self):
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = None
        for end in ("requests", "answers"):
            if getattr(self, end) is not None:
                os.close(getattr(self, end))
                setattr(self, end, None)


def serve(requests, answers):
    import torch

    torch.set_num_threads(1)

    def say(answer):
        data = (json.dumps(answer) + "\n").encode()
        while data:
            data = data[os.write(answers, data) :]

    for line in requests:
        try:
            say(answer_to(json.loads(line), lambda phase: say({"phase": phase})))
        except Exception:
            say({"outcome": "broken", "text": traceback.format_exc()})


def answer_to(request, say):
    """One request served; a fault of the fuzzer's own is "broken"."""
    made = request.get("program")
    if made is None:
        say("generate")
        made = generate.generate(request["seed"], request["number"], request.get("only"))
        if made is None or request["do"] == "generate":
            return {"outcome": "none", "program": made}
    verdict = check.check(made, program.DEVICE, say, fused=request.get("fused", True))
    answer = dict(verdict, operators=program.operators_of(made), family=made.get("origin", "").rpartition(", ")[2])
    if verdict["outcome"] == "find":
        answer["program"] = made
    return answer
