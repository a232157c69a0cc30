"""Records ten training losses of seven models in PyTorch, double precision, on real pictures: test/parity/recorded.json.

    python scripts/parity/record.py DATA_FOLDER test/parity/recorded.json

Recorded with Python 3.11 and torch 2.13.0 (CPU). DATA_FOLDER holds mnist/, fashion-mnist/ (IDX, gzip) and cifar-10/ (.tar.gz).

Everything is fixed. Pictures: the first 10·B training pictures in file order, value / 255, step s takes pictures
s·B … s·B + B − 1. Dropout is left out (rate 0). Weights: tensor t of a model (Keras's order: kernel, bias, gamma, beta, …),
element i in Keras's layout (kernels H,W,in,out; dense in,out): kernels (2u − 1) · √(6 / (fan in + fan out)), rounded to float32,
u = bits(t, i) / 2^24 with the mixer written out below; biases and beta 0, gamma 1. Loss: mean cross entropy over the batch,
before the update. Updates, as Keras writes them:
    rmsprop: v ← 0.9 v + 0.1 g²,  w ← w − 0.001 g / √(v + 1e-7)
    sgd (LeNet): w ← w − 0.01 g
Flattening is in height, width, channel order. Batch normalization: epsilon 1e-3, statistics of the batch (biased variance).
"""
import gzip
import json
import math
import platform
import sys
import tarfile

import numpy as np
import torch
import torch.nn.functional as F

STEPS = 10
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def mix(h):
    """Bijective mixer of 32 bits (lowbias32), on numpy uint32."""
    h = h ^ (h >> np.uint32(16))
    h = h * np.uint32(0x7FEB352D)
    h = h ^ (h >> np.uint32(15))
    h = h * np.uint32(0x846CA68B)
    return h ^ (h >> np.uint32(16))


def uniform(tensor, count):
    """Numbers in [0, 1), multiples of 2^-24, of the elements 0 … count − 1 of a tensor."""
    index = np.arange(count, dtype=np.uint32)
    bits = mix(mix(index ^ np.uint32(tensor)) + np.uint32(7))
    return (bits >> np.uint32(8)).astype(np.float64) / 2**24


def idx(path):
    data = gzip.open(path).read()
    axes = data[3]
    shape = [int.from_bytes(data[4 + 4 * a : 8 + 4 * a], "big") for a in range(axes)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def pictures(folder, name, count):
    """(N, C, H, W) in [0, 1] and labels."""
    if name == "cifar-10":
        with tarfile.open(f"{folder}/cifar-10/cifar-10-binary.tar.gz") as archive:
            member = next(m for m in archive.getmembers() if m.name.endswith("data_batch_1.bin"))
            rows = np.frombuffer(archive.extractfile(member).read(), np.uint8).reshape(-1, 3073)[:count]
        x, y = rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0]
    else:
        x = idx(f"{folder}/{name}/train-images-idx3-ubyte.gz")[:count, None]
        y = idx(f"{folder}/{name}/train-labels-idx1-ubyte.gz")[:count]
    return torch.from_numpy(x / 255.0), torch.from_numpy(y.astype(np.int64))


class Builder:
    """Makes weights in Keras's order and layout; layers are functions of the activations."""

    def __init__(self):
        self.weights = []

    def filled(self, shape, fan_in, fan_out):
        limit = math.sqrt(6 / (fan_in + fan_out))
        u = uniform(len(self.weights), math.prod(shape))
        values = ((2 * u - 1) * limit).astype(np.float32).astype(np.float64)
        return self.keep(torch.from_numpy(values.reshape(shape)))

    def keep(self, values):
        weight = values.clone().requires_grad_(True)
        self.weights.append(weight)
        return weight

    def dense(self, inputs, units):
        kernel = self.filled((inputs, units), inputs, units)
        bias = self.keep(torch.zeros(units))
        return lambda x: x @ kernel + bias

    def conv(self, inputs, filters, size, pad=(0, 0, 0, 0)):
        """pad: left, right, top, bottom."""
        area = size * size
        kernel = self.filled((size, size, inputs, filters), area * inputs, area * filters)
        bias = self.keep(torch.zeros(filters))
        return lambda x: F.conv2d(F.pad(x, pad), kernel.permute(3, 2, 0, 1), bias)

    def batch_norm(self, channels):
        gamma, beta = self.keep(torch.ones(channels)), self.keep(torch.zeros(channels))

        def apply(x):
            mean = x.mean((0, 2, 3), keepdim=True)
            variance = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
            normal = (x - mean) / torch.sqrt(variance + 1e-3)
            return normal * gamma[:, None, None] + beta[:, None, None]

        return apply


def flatten(x):
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def max_pool(x):
    return F.max_pool2d(x, 2)


def average_pool(x):
    return F.avg_pool2d(x, 2)


SAME = (1, 1, 1, 1)
EVEN = (0, 1, 0, 1)  # Keras pads a 2×2 kernel at the right and bottom


def mlp(b, inputs, first, second):
    return [flatten, b.dense(inputs, first), F.relu, b.dense(first, second), F.relu, b.dense(second, 10)]


def cnn_mnist(b):
    return [b.conv(1, 32, 3, SAME), F.relu, max_pool, b.conv(32, 64, 3, SAME), F.relu, max_pool,
            flatten, b.dense(3136, 64), F.relu, b.dense(64, 10)]


def cnn_cifar(b):
    return [b.conv(3, 16, 2, EVEN), F.relu, max_pool, b.conv(16, 32, 2, EVEN), F.relu, max_pool,
            b.conv(32, 64, 2, EVEN), F.relu, max_pool, flatten, b.dense(1024, 500), F.relu, b.dense(500, 10)]


def cnn_lesson_big(b):
    return [b.conv(3, 8, 3), F.relu, max_pool, b.conv(8, 512, 3), F.relu, max_pool, b.conv(512, 256, 3), F.relu,
            flatten, b.dense(4096, 100), F.relu, b.dense(100, 10)]


def lenet_fashion(b):
    return [b.conv(1, 6, 3, SAME), torch.tanh, average_pool, b.conv(6, 16, 5), torch.tanh, average_pool,
            b.conv(16, 120, 5), torch.tanh, flatten, b.dense(120, 84), torch.tanh, b.dense(84, 10)]


def cnn_optimized(b):
    layers = []
    for inputs, filters in ((3, 32), (32, 64), (64, 128)):
        for source in (inputs, filters):
            layers += [b.conv(source, filters, 3, SAME), F.elu, b.batch_norm(filters)]
        layers.append(max_pool)
    return [*layers, flatten, b.dense(2048, 10)]


MODELS = {
    "mlp-mnist": ("mnist", 8, "rmsprop", lambda b: mlp(b, 784, 512, 512)),
    "mlp-cifar": ("cifar-10", 8, "rmsprop", lambda b: mlp(b, 3072, 1000, 512)),
    "cnn-mnist": ("mnist", 8, "rmsprop", cnn_mnist),
    "cnn-cifar": ("cifar-10", 8, "rmsprop", cnn_cifar),
    "cnn-lesson-big": ("cifar-10", 4, "rmsprop", cnn_lesson_big),
    "lenet-fashion": ("fashion-mnist", 8, "sgd", lenet_fashion),
    "cnn-optimized": ("cifar-10", 4, "rmsprop", cnn_optimized),
}


def losses_of(folder, name, batch, optimizer, make):
    x, y = pictures(folder, name, STEPS * batch)
    builder = Builder()
    layers = make(builder)
    slots = [torch.zeros_like(weight) for weight in builder.weights]
    losses = []
    for step in range(STEPS):
        rows = slice(step * batch, (step + 1) * batch)
        activations = x[rows]
        for layer in layers:
            activations = layer(activations)
        loss = F.cross_entropy(activations, y[rows])
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, builder.weights)
        with torch.no_grad():
            for weight, slot, g in zip(builder.weights, slots, gradients):
                if optimizer == "sgd":
                    weight -= 0.01 * g
                else:
                    slot.copy_(0.9 * slot + 0.1 * g * g)
                    weight -= 0.001 * g / torch.sqrt(slot + 1e-7)
    return losses


def main(folder, target):
    models = {}
    for name, (dataset, batch, optimizer, make) in MODELS.items():
        losses = losses_of(folder, dataset, batch, optimizer, make)
        print(name, losses[0], losses[-1], flush=True)
        models[name] = {"dataset": dataset, "batch": batch, "optimizer": optimizer, "losses": losses}
    versions = {"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}
    with open(target, "w") as file:
        json.dump({"versions": versions, "models": models}, file, indent=2)
        file.write("\n")


main(*sys.argv[1:])
