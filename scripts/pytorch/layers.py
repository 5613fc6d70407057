"""Every layer of which tapegrad reads and writes the weights, as PyTorch has it: forward and one step of training.

    python scripts/pytorch/layers.py golden test/golden/pytorch.safetensors    writes what the tests compare with
    python scripts/pytorch/layers.py check FOLDER                             compares with what scripts/pytorch/check.ts wrote there

Needs torch and safetensors.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import parametrizations as p


class Own(nn.Module):
    """A class of one's own: properties, lists and dictionaries of modules, a parameter, and a tied one."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Linear(4, 4)])
        self.heads = nn.ModuleDict({"a": nn.Linear(4, 4)})
        self.scale = nn.Parameter(torch.ones(4))
        self.tied = nn.ModuleDict({"embed": self.embed})

    def forward(self, x):
        h = self.embed(x)
        for block in self.blocks:
            h = block(h)
        return (self.heads["a"](h) * self.scale) @ self.embed.weight.T


def first(module):
    """A module of which only the first result is looked at."""
    call = module.forward
    module.forward = lambda *given: call(*given)[0]
    return module


def attention(module):
    call = module.forward
    module.forward = lambda q, k=None, v=None: call(q, q if k is None else k, q if v is None else v, need_weights=False)[0]
    return module


def decoder(module):
    call = module.forward
    mask = nn.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64)
    module.forward = lambda x, memory: call(x, memory, tgt_mask=mask)
    return module


T = dict(dim_feedforward=6, dropout=0.0, batch_first=True)
CASES = {
    "linear": (lambda: nn.Linear(3, 3), [(2, 3)]),
    "linear-without-bias": (lambda: nn.Linear(3, 2, bias=False), [(2, 3)]),
    "bilinear": (lambda: nn.Bilinear(2, 3, 2), [(4, 2), (4, 3)]),
    "conv1d": (lambda: nn.Conv1d(2, 3, 3, stride=2, padding=1), [(2, 2, 6)]),
    "conv2d": (lambda: nn.Conv2d(4, 2, (3, 2), padding=1, groups=2), [(2, 4, 4, 4)]),
    "conv3d": (lambda: nn.Conv3d(1, 2, 2), [(1, 1, 3, 3, 3)]),
    "conv-transpose1d": (lambda: nn.ConvTranspose1d(2, 3, 3, stride=2), [(2, 2, 3)]),
    "conv-transpose2d": (lambda: nn.ConvTranspose2d(2, 4, 2, stride=2, groups=2), [(1, 2, 3, 3)]),
    "conv-transpose3d": (lambda: nn.ConvTranspose3d(1, 2, 2), [(1, 1, 2, 2, 2)]),
    "batch-norm": (lambda: nn.BatchNorm1d(3), [(4, 3)]),
    "batch-norm-of-images": (lambda: nn.BatchNorm2d(2, momentum=None), [(3, 2, 2, 2)]),
    "instance-norm": (lambda: nn.InstanceNorm1d(2, affine=True, track_running_stats=True), [(3, 2, 4)]),
    "layer-norm": (lambda: nn.LayerNorm([2, 3]), [(2, 2, 3)]),
    "layer-norm-without-bias": (lambda: nn.LayerNorm(3, bias=False), [(2, 3)]),
    "group-norm": (lambda: nn.GroupNorm(2, 4), [(2, 4, 3)]),
    "rms-norm": (lambda: nn.RMSNorm(4, eps=1e-5), [(2, 4)]),
    "embedding": (lambda: nn.Embedding(5, 3, padding_idx=0), [[[0, 1, 4], [2, 2, 0]]]),
    "embedding-bag": (lambda: nn.EmbeddingBag(5, 3, mode="sum"), [[[0, 1, 4], [2, 2, 0]]]),
    "rnn": (lambda: first(nn.RNN(3, 2, num_layers=2, bidirectional=True, nonlinearity="relu", batch_first=True)), [(2, 4, 3)]),
    "lstm": (lambda: first(nn.LSTM(3, 2, num_layers=2, bidirectional=True, batch_first=True)), [(2, 4, 3)]),
    "lstm-without-bias": (lambda: first(nn.LSTM(3, 2, bias=False, batch_first=True)), [(2, 4, 3)]),
    "gru": (lambda: first(nn.GRU(3, 2, num_layers=2, bidirectional=True, batch_first=True)), [(2, 4, 3)]),
    "rnn-cell": (lambda: nn.RNNCell(3, 2), [(2, 3)]),
    "lstm-cell": (lambda: first(nn.LSTMCell(3, 2)), [(2, 3)]),
    "gru-cell": (lambda: nn.GRUCell(3, 2), [(2, 3), (2, 2)]),
    "attention": (lambda: attention(nn.MultiheadAttention(4, 2, batch_first=True)), [(2, 3, 4)]),
    "attention-without-bias": (lambda: attention(nn.MultiheadAttention(4, 2, bias=False, batch_first=True)), [(2, 3, 4)]),
    "attention-of-other-widths": (
        lambda: attention(nn.MultiheadAttention(4, 2, kdim=3, vdim=5, batch_first=True)),
        [(2, 3, 4), (2, 2, 3), (2, 2, 5)],
    ),
    "encoder-layer": (lambda: nn.TransformerEncoderLayer(4, 2, **T), [(2, 3, 4)]),
    "encoder-layer-norm-first": (lambda: nn.TransformerEncoderLayer(4, 2, norm_first=True, activation="gelu", **T), [(2, 3, 4)]),
    "decoder-layer": (lambda: decoder(nn.TransformerDecoderLayer(4, 2, **T)), [(2, 3, 4), (2, 2, 4)]),
    "encoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, **T), 2, norm=nn.LayerNorm(4), enable_nested_tensor=False),
        [(2, 3, 4)],
    ),
    "decoder": (lambda: decoder(nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, **T), 2)), [(1, 3, 4), (1, 2, 4)]),
    "weight-norm": (lambda: p.weight_norm(nn.Linear(3, 2)), [(2, 3)]),
    "weight-norm-of-images": (lambda: p.weight_norm(nn.Conv2d(2, 3, 2)), [(1, 2, 3, 3)]),
    "spectral-norm": (lambda: p.spectral_norm(nn.Linear(3, 2)), [(2, 3)]),
    "spectral-norm-of-images": (lambda: p.spectral_norm(nn.Conv2d(2, 3, 2)), [(1, 2, 3, 3)]),
    "sequential": (
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.BatchNorm1d(4), nn.Tanh()), nn.Linear(4, 2)),
        [(4, 3)],
    ),
    "own": (Own, [[[0, 1, 4], [2, 2, 3]]]),
}
RATE = 0.1


def made(name, dtype):
    """A module and its inputs, all from the same numbers every time."""
    make, inputs = CASES[name]
    torch.manual_seed(len(name))
    module = make().to(dtype)
    for key, x in module.state_dict().items():
        if key.endswith(("_u", "_v")):
            continue
        if key == "num_batches_tracked" or key.endswith(".num_batches_tracked"):
            x.fill_(3)
        elif key.endswith("running_var"):
            x.uniform_(0.5, 2)
        elif not (isinstance(module, nn.Embedding) and module.padding_idx is not None):
            x.uniform_(-1, 1)
    return module, [torch.tensor(x) if isinstance(x, list) else torch.rand(x, dtype=dtype) * 2 - 1 for x in inputs]


def trained(module, inputs, target):
    """The result of a module, its state after a step of gradient descent, and its result in evaluation afterwards."""
    module.train()
    y = module(*inputs)
    if target is None:
        target = torch.rand_like(y)
    module.zero_grad()
    ((y - target) ** 2).mean().backward()
    torch.optim.SGD(module.parameters(), lr=RATE).step()
    module.eval()
    return y, target, module(*inputs)


def golden(path):
    tensors = {}
    for name in CASES:
        for dtype in (torch.float64, torch.float32) if name in ("linear", "sequential", "batch-norm") else (torch.float64,):
            module, inputs = made(name, dtype)
            prefix = f"{'float64' if dtype == torch.float64 else 'float32'}/{name}"
            for key, x in module.state_dict().items():
                tensors[f"{prefix}/before/{key}"] = x.clone()
            y, target, z = trained(module, inputs, None)
            for key, x in module.state_dict().items():
                tensors[f"{prefix}/after/{key}"] = x.clone()
            for key, x in {"y": y, "target": target, "z": z, **{f"x{i}": x for i, x in enumerate(inputs)}}.items():
                tensors[f"{prefix}/{key}"] = x.detach().clone().contiguous()
    save_file({key: x.contiguous() for key, x in tensors.items()}, path, metadata={"torch": torch.__version__.split("+")[0]})
    print(f"{path}: {len(tensors)} tensors of {len(CASES)} modules")


def check(folder):
    worst = 0.0
    for name in CASES:
        found = load_file(Path(folder) / f"{name}.safetensors")
        part = lambda prefix: {key[len(prefix):]: x for key, x in found.items() if key.startswith(prefix)}
        module, inputs = made(name, torch.float64)
        module.load_state_dict(part("before/"))
        y, _, z = trained(module, [x.long() if x.dtype == torch.int32 else x for x in (found[f"x{i}"] for i in range(len(inputs)))], found["target"])
        after = part("after/")
        assert after.keys() == module.state_dict().keys(), (name, after.keys())
        pairs = [(y, found["y"]), (z, found["z"])] + [
            (x, after[key])
            for key, x in module.state_dict().items()
            if name != "instance-norm" or key != "num_batches_tracked"  # it has a count, and never counts
        ]
        off = max(((a - b).abs() / (1 + a.abs())).max().item() for a, b in pairs)
        assert off < 1e-12, (name, off)
        worst = max(worst, off)
        print(f"{name}: {off:.1e}")
    print(f"torch {torch.__version__}: {len(CASES)} modules, largest difference {worst:.1e}")


if __name__ == "__main__":
    {"golden": golden, "check": check}[sys.argv[1]](sys.argv[2])
