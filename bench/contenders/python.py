"""NumPy, or PyTorch, with one thread. It answers as `serve.mjs` does: `python.py FOLDER numpy`, `python.py FOLDER torch`."""

import json
import os
import resource
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
import numpy as np  # noqa: E402

folder, which = sys.argv[1], sys.argv[2]
if which == "torch":
    import torch

    torch.set_num_threads(1)
    as_tensor = lambda x: torch.from_numpy(np.ascontiguousarray(x))
    ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh}


def floats(name):
    return np.fromfile(f"{folder}/{name}.bin", dtype=np.float32)


def integers(name):
    return np.fromfile(f"{folder}/{name}.bin", dtype=np.int32)


def batches(name, width, rows):
    x, y, order = floats(f"{name}-x").reshape(-1, width), integers(f"{name}-y"), integers(f"{name}-order")
    at = 0
    while True:
        chosen = order[at : at + rows]
        yield x[chosen], y[chosen]
        at = 0 if at + 2 * rows > len(order) else at + rows


def torch_network(sizes, between, rate, parameters, kind):
    weights = [as_tensor(p).clone().requires_grad_() for p in parameters]
    optimizer = None if kind == "SGD" else getattr(torch.optim, kind)(weights, lr=rate)

    def step(x, y):
        h = as_tensor(x)
        for i in range(len(sizes) - 1):
            h = torch.addmm(weights[2 * i + 1], h, weights[2 * i])
            if i < len(between):
                h = ACTIVATIONS[between[i]](h)
        loss = torch.nn.functional.cross_entropy(h, as_tensor(y).long())
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight.sub_(gradient, alpha=rate)
        return loss.item()

    return step


def numpy_network(sizes, between, rate, parameters):
    layers = len(sizes) - 1
    weights = [p.copy() for p in parameters]
    rate = np.float32(rate)

    def step(x, y):
        values = [x]
        for i in range(layers):
            h = values[-1] @ weights[2 * i] + weights[2 * i + 1]
            values.append(1 / (1 + np.exp(-h)) if between[i : i + 1] == ["sigmoid"] else np.tanh(h) if between[i : i + 1] == ["tanh"] else h)
        h = values[-1] - values[-1].max(axis=1, keepdims=True)
        exponentials = np.exp(h)
        total = exponentials.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        loss = float((np.log(total[:, 0]) - h[rows, y]).mean())
        gradient = exponentials / total
        gradient[rows, y] -= 1
        gradient /= np.float32(len(y))
        for i in reversed(range(layers)):
            if i < len(between):
                out = values[i + 1]
                gradient = gradient * (out * (1 - out) if between[i] == "sigmoid" else 1 - out * out)
            before = gradient @ weights[2 * i].T if i else None
            weights[2 * i] -= rate * (values[i].T @ gradient)
            weights[2 * i + 1] -= rate * gradient.sum(axis=0)
            gradient = before
        return loss

    return step


def model_batches(name, spec):
    x = (integers if spec["words"] else floats)(f"{name}-x")
    parts = list(zip(np.split(x, 8), np.split(integers(f"{name}-y"), 8)))
    while True:
        yield from parts


def chain():
    x, a, b = (torch.sin(torch.arange(i, i + 16.0)).requires_grad_() for i in (1, 2, 3))

    def run():
        h = x
        for _ in range(10):
            h = torch.tanh(h * a + b)
        return torch.autograd.grad(h.sum(), [x, a, b])

    return run


def make(kind, name, *sizes):
    if kind == "model":
        if which != "torch":
            return None
        from torch_models import step_of

        spec = json.load(open(f"{folder}/{name}.json"))
        step = step_of(name, spec, {key: floats(f"{name}-p{i}") for i, key in enumerate(spec["parameters"])})
        source = model_batches(name, spec)
        return lambda: step(*next(source))
    if kind == "convolution":
        if which != "torch":
            return None
        numbers = floats("numbers")
        x = np.resize(numbers[: 2**20], 16 * 64 * 128 * 128).reshape(16, 64, 128, 128)
        images, filters = as_tensor(x), as_tensor(numbers[7 : 7 + 8 * 64 * 7 * 7].reshape(8, 64, 7, 7))
        return lambda: torch.nn.functional.conv2d(images, filters)
    if kind == "network":
        spec = json.load(open(f"{folder}/{name}.json"))
        shape = spec["sizes"]
        parameters = [p for i in range(len(shape) - 1) for p in (floats(f"{name}-w{i}").reshape(shape[i], shape[i + 1]), floats(f"{name}-b{i}"))]
        if which == "numpy" and spec["optimizer"] != "SGD":
            return None
        network = (shape, spec["activations"], spec["rate"], parameters)
        step = torch_network(*network, spec["optimizer"]) if which == "torch" else numpy_network(*network)
        source = batches(name, shape[0], sizes[0])
        return lambda: step(*next(source))
    if kind == "product":
        m, k, n = sizes
        numbers = floats("numbers")
        if name != "a b":
            return None
        a, b = numbers[: m * k].reshape(m, k), numbers[5 : 5 + k * n].reshape(k, n)
        if which == "torch":
            a, b = as_tensor(a), as_tensor(b)
        return lambda: a @ b
    if kind == "unary":
        x = floats("numbers")[: sizes[0]]
        if which == "torch":
            x = as_tensor(x)
            return {"sigmoid": lambda: torch.sigmoid(x), "exp": lambda: torch.exp(x), "tanh": lambda: torch.tanh(x), "add": lambda: x + x}[name]
        return {"sigmoid": lambda: 1 / (1 + np.exp(-x)), "exp": lambda: np.exp(x), "tanh": lambda: np.tanh(x), "add": lambda: x + x}[name]
    if which != "torch":
        return None
    a, b = torch.tensor([1.0, 2, 3, 4]), torch.tensor([5.0, 6, 7, 8])
    p, q = a.clone().requires_grad_(), b.clone().requires_grad_()
    return {
        "add": lambda: a + b,
        "add, recorded": lambda: p + q,
        "add, sum and backward": lambda: torch.autograd.grad((p + q).sum(), [p, q]),
        "30 operations on 16 numbers, backward": chain(),
    }.get(name)


def burst(run, milliseconds):
    def timed(calls):
        start = time.perf_counter()
        for _ in range(calls):
            run()
        return 1000 * (time.perf_counter() - start) / calls

    first = timed(1)
    if first > milliseconds:
        return first
    calls = max(1, round(4 / timed(2)))
    end = time.perf_counter() + milliseconds / 1000
    times = []
    while time.perf_counter() < end or not times:
        times.append(timed(calls))
    return sorted(times)[len(times) // 2]


running = {}
for line in sys.stdin:
    request = json.loads(line)
    job = request["job"]
    try:
        if request.get("calls"):
            run = make(*job)
            for _ in range(request["calls"] if run else 0):
                run()
            # In bytes; the host counts in KiB.
            answer = {"peak": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} if run else {}
        elif request.get("losses"):
            step = make(*job)
            answer = {"losses": [step() for _ in range(request["losses"])]} if step else {}
        else:
            key = json.dumps(job)
            if key not in running:
                running[key] = make(*job)
                if running[key]:
                    burst(running[key], 1000)
            answer = {"perCall": burst(running[key], request["milliseconds"])} if running[key] else {}
    except Exception as error:  # the harness tells it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
