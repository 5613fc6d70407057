#!/usr/bin/env bash
# A coefficient of determination above 1.
#
# torchmetrics 1.9.0 with PyTorch 2.13.0, scikit-learn 1.9.1, 2026-11-27. About 1 min.
#
# R² cannot exceed 1. For targets of 10001 to 10004 and predictions of one more, in float32, torchmetrics gives 1.125, where 0.2 is right; with
# other means 0 and 0.999. It keeps the sum and the sum of squares, so that batches can be added up, and takes the variance from their
# difference: at a mean of 10⁴ the squares take more than 24 bits. scikit-learn takes the mean away first, and is right in float32 too. Prices
# of houses are such targets.
#
# Guessed: some digits lost, but not which side of 1.
. "$(dirname "$0")/lib.sh"

with_python torch==2.13.0 torchmetrics==1.9.0 scikit-learn==1.9.1 << 'PROGRAM'
import torch
from sklearn.metrics import r2_score as sklearn
from torchmetrics.functional import r2_score as torchmetrics

for mean in (1e2, 1e3, 3e3, 1e4, 1e5):
    y = torch.tensor([1.0, 2, 3, 4]) + mean
    print(f"mean {mean:g}: torchmetrics {torchmetrics(y + 1, y).item():.3f}, scikit-learn {sklearn(y.numpy(), (y + 1).numpy()):.3f}")
y = (torch.tensor([1.0, 2, 3, 4]) + 1e4).double()
print(f"in float64: torchmetrics {torchmetrics(y + 1, y).item():.3f}")
PROGRAM

was_seen << 'OUTPUT'
mean 100: torchmetrics 0.200, scikit-learn 0.200
mean 1000: torchmetrics 0.200, scikit-learn 0.200
mean 3000: torchmetrics 0.000, scikit-learn 0.200
mean 10000: torchmetrics 1.125, scikit-learn 0.200
mean 100000: torchmetrics 0.999, scikit-learn 0.200
in float64: torchmetrics 0.200
OUTPUT
