#!/usr/bin/env bash
# The area under the curve depends on the batch size.
#
# torchmetrics 1.9.0 with PyTorch 2.13.0, 2026-11-27. About 1 min.
#
# Scores may be probabilities or logits. Which of the two is decided for each call: if one score of a batch is outside of 0 to 1, the sigmoid is
# taken of the whole batch, else of none. Logits of small batches happen to lie within 0 and 1, stay as they are, and are ranked among the
# sigmoids of the others. So the same 64 scores have four areas. Accuracy has it too: a score above 1 moves the threshold of all others from
# 0.5 to 0.
#
# Guessed: that batches only add up.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 torchmetrics==1.9.0 << 'PROGRAM'
import torch
from torchmetrics import AUROC
from torchmetrics.functional import accuracy

logits = torch.tensor([((37 * i) % 64) / 40 - 0.3 for i in range(64)])
labels = torch.tensor([int((23 * i * i + 11 * i) % 64 < (37 * i) % 64) for i in range(64)])
for size in (64, 16, 4, 2, 1):
    area = AUROC(task="binary")
    for start in range(0, 64, size):
        area.update(logits[start : start + size], labels[start : start + size])
    print(f"batches of {size}: {area.compute().item():.4f}")
scores, labels = torch.tensor([0.6, 0.4, 0.2]), torch.tensor([1, 0, 0])
print("three scores:", accuracy(scores, labels, task="binary").item())
scores, labels = torch.tensor([0.6, 0.4, 0.2, 1.1]), torch.tensor([1, 0, 0, 1])
print("with a fourth, of 1.1:", accuracy(scores, labels, task="binary").item())
PROGRAM

was_seen << 'OUTPUT'
batches of 64: 0.8184
batches of 16: 0.8184
batches of 4: 0.8271
batches of 2: 0.7832
batches of 1: 0.7646
three scores: 1.0
with a fourth, of 1.1: 0.5
OUTPUT
