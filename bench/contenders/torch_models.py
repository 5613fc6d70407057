"""The models, as PyTorch's users write them; weights of products are transposed, and those of queries, keys and values are one, as in its own layers."""

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS = 64, 4


def tensors(spec, parameters):
    return {name: torch.from_numpy(parameters[name].copy()).reshape(shape) for name, shape in spec["parameters"].items()}


def fill(layer, weight, bias):
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


def linear(p, *names):
    weight = torch.cat([p[name + ".weight"] for name in names], 1)
    return fill(nn.Linear(*weight.shape), weight.T, torch.cat([p[name + ".bias"] for name in names]))


def norm(p, name):
    return fill(nn.LayerNorm(WIDTH), p[name + ".weight"], p[name + ".bias"])


class Block(nn.Module):
    def __init__(self, p, name):
        super().__init__()
        attention = name + ".attention."
        self.qkv = linear(p, attention + "query", attention + "key", attention + "value")
        self.output = linear(p, attention + "output")
        self.up = linear(p, name + ".feedForward.layers.0")
        self.down = linear(p, name + ".feedForward.layers.3")
        self.norm1, self.norm2 = norm(p, name + ".attentionNorm"), norm(p, name + ".feedForwardNorm")

    def forward(self, x):
        batch, time, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, time, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(seen.transpose(1, 2).reshape(batch, time, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.embedding, self.positions = nn.Parameter(p["embedding.weight"]), nn.Parameter(p["positions.weight"])
        self.blocks = nn.Sequential(Block(p, "encoder.layers.0"), Block(p, "encoder.layers.1"))
        self.norm, self.head = norm(p, "encoder.norm"), linear(p, "head")

    def forward(self, x):
        return self.head(self.norm(self.blocks(F.embedding(x, self.embedding) + self.positions)))


class Recurrent(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.embedding, self.gru, self.head = nn.Parameter(p["embedding.weight"]), nn.GRU(32, 128, batch_first=True), linear(p, "head")
        names = {"weight_ih_l0": "weightInput", "weight_hh_l0": "weightHidden", "bias_ih_l0": "biasInput", "bias_hh_l0": "biasHidden"}
        with torch.no_grad():
            for own, other in names.items():
                value = p["gru.cells.0." + other]
                getattr(self.gru, own).copy_(value.T if value.dim() == 2 else value)

    def forward(self, x):
        return self.head(self.gru(F.embedding(x, self.embedding))[0])


def convolutional(p):
    first = fill(nn.Conv2d(1, 8, 5), p["first.weight"], p["first.bias"])
    second = fill(nn.Conv2d(8, 16, 5), p["second.weight"], p["second.bias"])
    return nn.Sequential(first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), linear(p, "head"))


def step_of(name, spec, parameters):
    p = tensors(spec, parameters)
    model = {"cnn": convolutional, "transformer": Transformer, "gru": Recurrent}[name](p)
    kinds = {"cnn": torch.optim.SGD, "transformer": torch.optim.AdamW, "gru": torch.optim.Adam}
    optimizer = kinds[name](model.parameters(), lr=spec["rate"])

    def step(x, y):
        inputs = torch.from_numpy(x).reshape(spec["batch"], *spec["example"])
        logits = model(inputs.long() if spec["words"] else inputs)
        loss = F.cross_entropy(logits.flatten(0, -2), torch.from_numpy(y).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
