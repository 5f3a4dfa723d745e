"""Programs judged in processes of their own, which are made anew after a crash; fused against unfused by a second one."""

import re

from fuzz.child import Child

# A process is ended after this many programs: what it has compiled and cached goes with it.
SERVED = 600


class Judge:
    def __init__(self, environment=None, seconds=60, prepare=None):
        self.environment, self.seconds, self.prepare = dict(environment or {}), seconds, prepare
        self.child = self.unfused = None

    def fresh(self, child, **environment):
        if child is not None and (not child.alive or child.served >= SERVED):
            child.close()
            child = None
        return child or Child(dict(self.environment, **environment), self.seconds, self.prepare)

    def send(self, request):
        self.child = self.fresh(self.child)
        self.child.send(request)

    def ask(self, request):
        self.child = self.fresh(self.child)
        return completed(self.child.ask(request))

    def patiently(self, request):
        """Once more with five times the time: a machine that is busy is no hang."""
        self.child = self.fresh(self.child)
        return completed(self.child.ask(request, 5 * self.seconds))

    def judged(self, request, answer, unfused):
        """The answer, after the same without fusion if that is wanted."""
        answer = completed(answer)
        if not unfused or answer.get("outcome") != "pass" or "digest" not in answer:
            return answer
        self.unfused = self.fresh(self.unfused, LINESHAFT_FUSION="off")
        other = completed(self.unfused.ask(dict(request, fused=False)))
        if other.get("digest") == answer["digest"]:
            return answer
        text = f"with LINESHAFT_FUSION=off: {other.get('text') or 'other bits'}"
        return dict(
            answer,
            outcome="find",
            kind="unfused",
            label="LINESHAFT_FUSION=off",
            text=text,
            call=answer["operators"][-1],
        )

    def check(self, program, unfused=False):
        request = {"do": "check", "program": program}
        return self.judged(request, self.ask(request), unfused)

    def program(self, request):
        """The program of a number, without running it."""
        return self.ask(dict(request, do="generate")).get("program")

    def close(self):
        for child in (self.child, self.unfused):
            if child is not None:
                child.close()
        self.child = self.unfused = None


def completed(answer):
    """A crash or a hang is a find where the device was at work; elsewhere it says nothing of the device."""
    if answer.get("outcome") not in ("crash", "hang"):
        return answer
    if answer["phase"] in ("start", "generate", "cpu", "compare"):
        return dict(answer, outcome="skipped", text=f"{answer['phase']}: {answer['text']}")
    if "signal SIGKILL" in answer["text"]:
        return dict(
            answer, outcome="skipped", text="the system ended the process: both devices' tensors pass its memory"
        )
    return dict(
        answer, outcome="find", kind=answer["outcome"], label="", call="", text=f"{answer['text']} ({answer['phase']})"
    )


def signature(answer):
    """What makes two finds the same at first sight: kind, call and error without its numbers."""
    text = answer["text"] if answer["kind"].startswith("error") else ""
    return answer["kind"], answer.get("call", ""), re.sub(r"[-\d.e+]+", "#", text)[:90]


def same_find(answer, original):
    """Whether a smaller program still shows what the larger one did."""
    if answer.get("outcome") != "find" or answer["kind"] != original["kind"]:
        return False
    return not answer["kind"].startswith("error") or signature(answer)[2][:60] == signature(original)[2][:60]
