#!/usr/bin/env bash
# The same one-cycle schedule, with another peak and another end.
#
# PyTorch 2.13.0 and optax 0.2.8, 2026-11-27. About 1 min.
#
# Both have a one-cycle schedule with the same words: 10 steps, 30 % of them up, div_factor 25, final_div_factor 10⁴. PyTorch counts from the first
# step to the last, so the peak is step 2 of 0 … 9 and the smallest rate is that of step 9. optax counts intervals: the peak is step 3, and the
# smallest rate that of step 10, which a run of 10 steps never takes: its last rate is 12,000 times PyTorch's. Of three linear phases the same
# holds.
#
# Guessed: the same numbers.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 << 'PROGRAM'
import optax, torch

def of_torch(**options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10, pct_start=0.3, **options)
    rates = []
    for step in range(10):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < 9:
            schedule.step()
    return rates

def show(name, rates):
    rates = [float(rate) for rate in rates]
    print(f"{name}: peak at step {rates.index(max(rates))}, step 1 {rates[1]:.3f}, last {rates[9]:.6f}")

show("PyTorch, cosine", of_torch())
show("optax, cosine", map(optax.cosine_onecycle_schedule(10, 1.0, pct_start=0.3), range(10)))
show("PyTorch, three phases", of_torch(anneal_strategy="linear", three_phase=True))
show("optax, linear", map(optax.linear_onecycle_schedule(10, 1.0, pct_start=0.3, pct_final=0.6), range(10)))
PROGRAM

was_seen << 'OUTPUT'
PyTorch, cosine: peak at step 2, step 1 0.520, last 0.000004
optax, cosine: peak at step 3, step 1 0.280, last 0.049519
PyTorch, three phases: peak at step 2, step 1 0.520, last 0.000004
optax, linear: peak at step 3, step 1 0.360, last 0.010003
OUTPUT
