"""Gradients of whole networks beside PyTorch's, from what scripts/parity/gradients.mjs wrote.

    python scripts/parity/gradients.py FOLDER

The same weights and batch in PyTorch in double precision are the reference g; ours and PyTorch's own in single precision are measured by
‖Δ‖ / ‖g‖ for each tensor. Ours may be off by 1e-5 or by five times what PyTorch is off, whichever is more. Prints a line a network and
ends with 1 where a tensor is further off. Recorded with Python 3.11 and torch 2.13.0 (CPU).

A relu has no slope at 0. An input of it that is nearer to 0 than single precision can tell may be on the other side there, and then every
gradient before it differs by that unit's part. So where a tensor is off, the reference is taken with such units turned, one after the
other from the last layer on, as long as fewer tensors are off; how many were turned is printed.
"""
import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F


def same(size, kernel, stride):
    """Keras's padding: as many windows as strides fit into the size; the odd row or column at the end."""
    total = max(0, (math.ceil(size / stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


def padded(x, config, kernel, value=0.0):
    if config["padding"] != "same":
        return x
    rows, columns = (same(x.shape[2 + axis], kernel[axis], config["strides"][axis]) for axis in (0, 1))
    return F.pad(x, (*columns, *rows), value=value)


class Relus:
    """The inputs of all relus of a pass, in order, and the units (relu, index) that are to be on the other side of 0."""

    inputs = []
    turned = frozenset()


def relu(x):
    passes = (x.detach() > 0).contiguous()
    for index in (index for number, index in Relus.turned if number == len(Relus.inputs)):
        passes.view(-1)[index] ^= True
    Relus.inputs.append(x.detach())
    return x * passes


def activated(x, name):
    # The loss takes softmax's input.
    return relu(x) if name == "relu" else x


def convolution(x, config, w):
    kernel = w["kernel"].permute(3, 2, 0, 1)
    return activated(F.conv2d(padded(x, config, kernel.shape[2:]), kernel, w.get("bias"), config["strides"]), config["activation"])


def depthwise(x, config, w):
    kernel = w["kernel"].permute(2, 3, 0, 1)
    return F.conv2d(padded(x, config, kernel.shape[2:]), kernel, None, config["strides"], groups=x.shape[1])


def batch_norm(x, config, w):
    return F.batch_norm(x, None, None, w["gamma"], w["beta"], training=True, eps=config["epsilon"])


def response_norm(x, config, w):
    """x / (bias + alpha Σ x²)^beta over the neighbouring channels."""
    radius = config["depthRadius"]
    squares = F.pad(x * x, (0, 0, 0, 0, radius, radius)).unfold(1, 2 * radius + 1, 1).sum(-1)
    return x / (config["bias"] + config["alpha"] * squares) ** config["beta"]


def zero_padding(x, config, w):
    rows, columns = config["padding"]
    return F.pad(x, (*columns, *rows))


LAYERS = {
    "Rescaling": lambda x, config, w: x * config["scale"] + config["offset"],
    "Conv2D": convolution,
    "DepthwiseConv2D": depthwise,
    "Dense": lambda x, config, w: activated(x @ w["kernel"] + w["bias"], config["activation"]),
    "BatchNormalization": batch_norm,
    "LocalResponseNormalization": response_norm,
    "Activation": lambda x, config, w: activated(x, config["activation"]),
    "ReLU": lambda x, config, w: relu(x).clamp(max=config["maxValue"]),
    "MaxPooling2D": lambda x, config, w: F.max_pool2d(padded(x, config, config["poolSize"], -math.inf), config["poolSize"], config["strides"]),
    "AveragePooling2D": lambda x, config, w: F.avg_pool2d(x, config["poolSize"], config["strides"]),
    "GlobalAveragePooling2D": lambda x, config, w: x.mean((2, 3)),
    "ZeroPadding2D": zero_padding,
    "Flatten": lambda x, config, w: x.permute(0, 2, 3, 1).flatten(1),
    "Dropout": lambda x, config, w: x,
}
JOINS = {"Add": sum, "Concatenate": lambda parts: torch.cat(parts, 1)}


def loss_of(about, pictures, weights):
    config = about["config"]
    values = [pictures.permute(0, 3, 1, 2)]
    for call in config["calls"]:
        layer = config["layers"][call["layer"]]
        inputs = [values[index] for index in call["inputs"]]
        if layer["type"] in JOINS:
            values.append(JOINS[layer["type"]](inputs))
            continue
        own = {name.split("/")[1]: weight for name, weight in weights.items() if name.split("/")[0] == layer["name"]}
        values.append(LAYERS[layer["type"]](inputs[0], layer["config"], own))
    labels = torch.tensor(about["labels"])
    return sum(share * F.cross_entropy(values[index], labels) for share, index in zip(about["lossWeights"], config["outputs"], strict=True))


def gradients(about, pictures, weights, dtype, turned=frozenset()):
    Relus.inputs, Relus.turned = [], turned
    weights = {name: torch.tensor(data, dtype=dtype) for name, data in weights.items()}
    trained = [weights[each["name"]].requires_grad_() for each in about["gradients"]]
    found = torch.autograd.grad(loss_of(about, torch.tensor(pictures, dtype=dtype), weights), trained)
    return [gradient.double() for gradient in found]


def read(place):
    about = json.loads(place.read_text())
    numbers = np.fromfile(place.with_suffix(".f32"), "<f4")
    at = 0

    def take(shape):
        nonlocal at
        begin, at = at, at + math.prod(shape)
        return numbers[begin:at].reshape(shape)

    weights = {each["name"]: take(each["shape"]) for each in about["weights"]}
    pictures = take(about["shape"])
    ours = [torch.tensor(take(each["shape"])).double() for each in about["gradients"]]
    assert at == len(numbers)
    return about, weights, pictures, ours


def doubtful(exact, single):
    """Units, of the last relu first, whose input is nearer to 0 than eight times the error of single precision there."""
    for number in reversed(range(len(exact))):
        error = (single[number].double() - exact[number]).square().mean().sqrt()
        yield from ((number, int(index)) for index in (exact[number].reshape(-1).abs() < 8 * error).nonzero())


def compared(about, weights, pictures, ours):
    """Relative distances of ours and of PyTorch's float32, the parts of the bound that ours take, and how many units were turned."""
    exact = gradients(about, pictures, weights, torch.float64)
    inputs = Relus.inputs
    single = gradients(about, pictures, weights, torch.float32)
    units = doubtful(inputs, Relus.inputs)
    distances = lambda those, right: [float((a - b).norm() / b.norm()) for a, b in zip(those, right, strict=True)]
    theirs = distances(single, exact)
    bounds = [max(1e-5, 5 * distance) for distance in theirs]
    share = lambda right: [own / bound for own, bound in zip(distances(ours, right), bounds)]
    off = lambda right: sum(part > 1 for part in share(right))
    turned = frozenset()
    for unit in units:
        if off(exact) == 0:
            break
        other = gradients(about, pictures, weights, torch.float64, turned | {unit})
        if off(other) < off(exact):
            exact, turned = other, turned | {unit}
    return distances(ours, exact), theirs, share(exact), len(turned)


def main(folder):
    print(f"{'network':24} {'batch':>5} {'tensors':>7}   {'ours: median':>12} {'most':>8}   {'float32: median':>15} {'most':>8}   turned   {'of the bound':>12}")
    failed = False
    for place in sorted(pathlib.Path(folder).rglob("*.json")):
        about, *rest = read(place)
        own, theirs, shares, turned = compared(about, *rest)
        worst = int(np.argmax(shares))
        failed |= not shares[worst] <= 1
        print(
            f"{place.stem:24} {about['shape'][0]:5} {len(own):7}   {np.median(own):12.1e} {max(own):8.1e}   "
            f"{np.median(theirs):15.1e} {max(theirs):8.1e}   {turned:6}   {shares[worst]:12.2f}  {about['gradients'][worst]['name']}",
            flush=True,
        )
    return failed


sys.exit(main(*sys.argv[1:]))
