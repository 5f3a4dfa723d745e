"""Times PyTorch's CPU kernels on the sizes of cpu_operations_bench.cc, and prints both side by side.

Usage: torch_operations.py path/to/cpu_operations_bench [name]
"""

import os
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

only = sys.argv[2] if len(sys.argv) > 2 else ""
threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
torch.set_num_threads(threads)
clock = time.process_time if threads == 1 else time.perf_counter  # one thread: undisturbed by others
results = {}


def bench(name, f):
    if only not in name:
        return
    f()
    best, spent, count = 1e9, 0.0, 0
    while count < 200 and (spent < 0.3 or count < 5):
        begin = clock()
        f()
        seconds = clock() - begin
        best, spent, count = min(best, seconds), spent + seconds, count + 1
    results[name] = best * 1e3


def values(*sizes):
    return torch.randn(*sizes)


def maps():
    n = 4 << 20
    a, b, out = values(n), values(n), torch.empty(n)
    bench("copy 16M", lambda: out.copy_(a))
    bench("add 16M", lambda: torch.add(a, b, out=out))
    bench("mul 16M", lambda: torch.mul(a, b, out=out))
    bench("relu 16M", lambda: torch.clamp_min(a, 0, out=out))
    bench("exp 16M", lambda: torch.exp(a, out=out))
    bench("tanh 16M", lambda: torch.tanh(a, out=out))
    bench("sigmoid 16M", lambda: torch.sigmoid(a, out=out))
    bench("erf 16M", lambda: torch.erf(a, out=out))
    bench("gelu 16M", lambda: torch.ops.aten.gelu.out(a, out=out))

    def chain():
        torch.add(a, b, out=out)
        out.mul_(b).sub_(0.5).clamp_min_(0)

    bench("chain4 16M", chain)
    bench("add 64K", lambda: torch.add(a[:16384], b[:16384], out=out[:16384]))
    bench("add 256", lambda: torch.add(a[:64], b[:64], out=out[:64]))
    m, o = a.view(2048, 2048), out.view(2048, 2048)
    bench("transpose 2048", lambda: o.copy_(m.t()))
    bench("add transposed 2048", lambda: torch.add(m, m.t(), out=o))
    bench("add bias 2048", lambda: torch.add(m, b[:2048], out=o))
    im, io = a.view(32, 64, 2048), out.view(32, 64, 2048)
    scale = b[:64].view(64, 1)
    bench("channel scale", lambda: torch.mul(im, scale, out=io))
    h, bf = torch.empty(n, dtype=torch.float16), torch.zeros(n, dtype=torch.bfloat16)
    bench("to f16", lambda: h.copy_(a))
    bench("to bf16", lambda: bf.copy_(a))
    bench("add bf16", lambda: torch.add(bf, bf, out=bf))
    bench("dropout 16M", lambda: F.dropout(a, 0.2, True))


def reductions():
    m = values(4096, 1024)
    image, small = m.view(32, 64, 2048), m.view(1 << 18, 16)
    bench("sum all", lambda: m.sum())
    bench("sum rows", lambda: m.sum(1))
    bench("sum columns", lambda: m.sum(0))
    bench("sum channels", lambda: image.sum((0, 2)))
    bench("sum short rows", lambda: small.sum(1))
    bench("max rows", lambda: m.amax(1))
    bench("argmax rows", lambda: m.argmax(1))
    bench("var rows", lambda: torch.var_mean(m, 1))
    bench("var channels", lambda: torch.var_mean(image, (0, 2)))


def softmaxes():
    x, g, y, d = (values(4096, 1024) for _ in range(4))
    aten = torch.ops.aten
    bench("softmax", lambda: aten._softmax.out(x, 1, False, out=y))
    bench("softmax outer", lambda: aten._softmax.out(x, 0, False, out=y))
    bench("softmax backward", lambda: aten._softmax_backward_data.out(g, y, 1, torch.float32, grad_input=d))
    bench("log_softmax", lambda: aten._log_softmax.out(x, 1, False, out=y))
    bench("log_softmax outer", lambda: aten._log_softmax.out(x, 0, False, out=y))
    bench("log_softmax backward", lambda: aten._log_softmax_backward_data.out(g, y, 1, torch.float32, out=d))


def layer_norm(n, d):
    x, g, w, b = values(n, d), values(n, d), values(d), values(d)
    name = f"layer_norm {n}x{d}"
    bench(name, lambda: torch.ops.aten.native_layer_norm(x, [d], w, b, 1e-5))
    _, mean, rstd = torch.ops.aten.native_layer_norm(x, [d], w, b, 1e-5)
    masks = [True, True, True]
    bench(name + " backward", lambda: torch.ops.aten.native_layer_norm_backward(g, x, [d], mean, rstd, w, b, masks))


def batch_norm(n, c, s, last=False):
    x, g, w, b = values(n, c, s), values(n, c, s), values(c), values(c)
    if last:
        x, g = (v.view(n, c, s, 1).contiguous(memory_format=torch.channels_last) for v in (x, g))
    name = f"batch_norm {'last ' if last else ''}{n}x{c}x{s}"
    native = torch.ops.aten.native_batch_norm
    bench(name, lambda: native(x, w, b, None, None, True, 0.1, 1e-5))
    _, mean, rstd = native(x, w, b, None, None, True, 0.1, 1e-5)
    backward = torch.ops.aten.native_batch_norm_backward
    masks = [True, True, True]
    bench(name + " backward", lambda: backward(g, x, w, None, None, mean, rstd, True, 1e-5, masks))


def group_norm(n, groups, c, s):
    x, g, w, b = values(n, groups * c, s), values(n, groups * c, s), values(groups * c), values(groups * c)
    name = f"group_norm {n}x{groups}x{c}x{s}"
    size = (n, groups * c, s, groups)
    native = torch.ops.aten.native_group_norm
    bench(name, lambda: native(x, w, b, *size, 1e-5))
    _, mean, rstd = native(x, w, b, *size, 1e-5)
    masks = [True, True, True]
    bench(name + " backward", lambda: torch.ops.aten.native_group_norm_backward(g, x, mean, rstd, w, *size, masks))


maps()
reductions()
softmaxes()
layer_norm(4096, 1024)
layer_norm(8192, 256)
batch_norm(32, 64, 3136)
batch_norm(64, 512, 49)
batch_norm(32, 64, 3136, last=True)
group_norm(16, 8, 8, 3136)

ours = subprocess.run([sys.argv[1], only], check=True, capture_output=True, text=True).stdout
print(f"{'operation':<38}{'lineshaft ms':>14}{'torch ms':>12}{'ratio':>8}")
for line in ours.splitlines():
    name, milliseconds = line[:-10].strip(), float(line[-10:])
    theirs = results.get(name)
    if theirs is not None:
        print(f"{name:<38}{milliseconds:>14.4f}{theirs:>12.4f}{theirs / milliseconds:>8.2f}")
