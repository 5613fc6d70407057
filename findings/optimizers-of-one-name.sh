#!/usr/bin/env bash
# Optimizers of one name that step differently.
#
# PyTorch 2.13.0 and optax 0.2.8, float64, 2026-11-27. About 1 min.
#
# From 1, with learning rate 0.1 and the gradients 1, −1, 0.5, 0, 2, −0.3, nine of thirteen optimizers agree to 6 digits. Four do not, and not by
# rounding: optax's NAdam keeps its momentum at β₁, where PyTorch's is β₁ (1 − ½ · 0.96^(t/250)), about half of it at first; its AMSGrad takes the
# largest of the corrected second moments, where PyTorch corrects the largest; its Adagrad starts from 0.1 and adds epsilon under the root; and
# its Rprop does not move at all in the first step.
#
# Guessed: that NAdam and Adagrad differ; not Rprop's first step, nor AMSGrad.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 << 'PROGRAM'
import jax, jax.numpy as jnp, optax, torch
from torch import optim

jax.config.update("jax_enable_x64", True)
gradients = [1.0, -1.0, 0.5, 0.0, 2.0, -0.3]

def of_torch(make):
    x = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
    optimizer, path = make([x]), []
    for gradient in gradients:
        x.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        path.append(x.item())
    return path

def of_optax(transform):
    x = jnp.ones(1)
    state, path = transform.init(x), []
    for gradient in gradients:
        update, state = transform.update(jnp.array([gradient]), state, x)
        x = optax.apply_updates(x, update)
        path.append(float(x[0]))
    return path

pairs = {
    "SGD, Nesterov": (lambda x: optim.SGD(x, 0.1, momentum=0.9, nesterov=True), optax.sgd(0.1, 0.9, nesterov=True)),
    "Adam": (lambda x: optim.Adam(x, 0.1), optax.adam(0.1)),
    "AdamW": (lambda x: optim.AdamW(x, 0.1, weight_decay=0.1), optax.adamw(0.1, weight_decay=0.1)),
    "AMSGrad": (lambda x: optim.Adam(x, 0.1, amsgrad=True), optax.amsgrad(0.1)),
    "NAdam": (lambda x: optim.NAdam(x, 0.1), optax.nadam(0.1)),
    "Adamax": (lambda x: optim.Adamax(x, 0.1), optax.adamax(0.1)),
    "RAdam": (lambda x: optim.RAdam(x, 0.1), optax.radam(0.1)),
    "Adagrad": (lambda x: optim.Adagrad(x, 0.1), optax.adagrad(0.1)),
    "Adadelta": (lambda x: optim.Adadelta(x, 1.0, rho=0.9), optax.adadelta(1.0, rho=0.9, eps=1e-6)),
    "RMSprop": (lambda x: optim.RMSprop(x, 0.1, alpha=0.9), optax.rmsprop(0.1, decay=0.9)),
    "RMSprop, centred": (lambda x: optim.RMSprop(x, 0.1, alpha=0.9, centered=True), optax.rmsprop(0.1, decay=0.9, centered=True)),
    "Adafactor": (lambda x: optim.Adafactor(x, 0.1), optax.adafactor(0.1)),
    "Rprop": (lambda x: optim.Rprop(x, 0.1), optax.rprop(0.1)),
}
for name, (torchs, optaxs) in pairs.items():
    a, b = of_torch(torchs), of_optax(optaxs)
    same = all(abs(p - q) < 1e-6 for p, q in zip(a, b))
    print(f"{name}: same" if same else f"{name}: after 1 step {a[0]:.4f} and {b[0]:.4f}, after 6 {a[5]:.4f} and {b[5]:.4f}")
PROGRAM

was_seen << 'OUTPUT'
SGD, Nesterov: same
Adam: same
AdamW: same
AMSGrad: after 1 step 0.9000 and 0.9000, after 6 0.7852 and 0.7942
NAdam: after 1 step 0.8944 and 0.8526, after 6 0.8230 and 0.7564
Adamax: same
RAdam: same
Adagrad: after 1 step 0.9000 and 0.9047, after 6 0.8693 and 0.8735
Adadelta: same
RMSprop: same
RMSprop, centred: same
Adafactor: same
Rprop: after 1 step 0.9000 and 1.0000, after 6 0.8000 and 0.9500
OUTPUT
