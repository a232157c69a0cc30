"""The recipes' networks in PyTorch on random data: one step is forward, loss, backward, update (no metrics, no augmentation)."""
import os, sys

here = os.path.dirname(os.path.abspath(__file__))
# This very file must not be taken for the package of its name.
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != here]
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location("conversation", os.path.join(here, "conversation.py"))
conversation = module_from_spec(spec)
spec.loader.exec_module(conversation)

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as error:
    conversation.say({"missing": str(error)})
    sys.exit(0)


class Same2(nn.Module):
    """Keras's 'same' padding of a 2×2 filter: right and bottom."""

    def __init__(self, channels, filters):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, 2)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


def conv(channels, filters, size=3, padding=1):
    return nn.Conv2d(channels, filters, size, padding=padding)


class Residual(nn.Module):
    """MobileNetV2's: to more channels, depthwise, to fewer; the input is added where it has their shape."""

    def __init__(self, channels, expansion, filters, stride):
        super().__init__()
        inner = channels * expansion
        layers = [nn.Conv2d(channels, inner, 1, bias=False), norm(inner), nn.ReLU6()] if expansion > 1 else []
        layers += [nn.ZeroPad2d((0, 1, 0, 1))] if stride > 1 else []
        layers += [nn.Conv2d(inner, inner, 3, stride, 0 if stride > 1 else 1, groups=inner, bias=False), norm(inner), nn.ReLU6()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(inner, filters, 1, bias=False), norm(filters))
        self.adds = stride == 1 and channels == filters

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.adds else y


class Basic(nn.Module):
    """ResNet-20's: two 3×3 convolutions, added to the input, which a 1×1 convolution fits where its shape is another."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        plain = lambda i, s: nn.Conv2d(i, filters, 3, s, 1, bias=False)
        self.layers = nn.Sequential(plain(channels, stride), norm(filters), nn.ReLU(), plain(filters, 1), norm(filters))
        self.skip = nn.Identity() if stride == 1 else nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), norm(filters))

    def forward(self, x):
        return F.relu(self.layers(x) + self.skip(x))


def resnet20():
    widths = [16] * 4 + [32] * 3 + [64] * 3
    blocks = [Basic(a, b, 1 if a == b else 2) for a, b in zip(widths, widths[1:])]
    return [nn.Conv2d(3, 16, 3, padding=1, bias=False), norm(16), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]


class Scaled(nn.Module):
    def forward(self, x):
        return x / 9


def airbench():
    """As in bench/cifar.ts: batch norm without a factor, all pools rounded down."""

    def normalized(channels):
        layer = norm(channels)
        layer.weight.requires_grad_(False)
        return [layer, nn.GELU()]

    def group(channels, filters):
        plain = lambda i: nn.Conv2d(i, filters, 3, padding=1, bias=False)
        return [plain(channels), nn.MaxPool2d(2), *normalized(filters), plain(filters), *normalized(filters)]

    groups = [*group(24, 64), *group(64, 256), *group(256, 256)]
    return [nn.Conv2d(3, 24, 2), nn.GELU(), *groups, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(256, 10, bias=False), Scaled()]


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=1e-3)


def mobilenet(width):
    """Width, expansion, filters, blocks and stride of each stage as in bench/mobilenet.ts."""

    def wide(channels):
        rounded = max(8, int(channels * width + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * channels * width else rounded

    channels = wide(32)
    layers = [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, channels, 3, 2, bias=False), norm(channels), nn.ReLU6()]
    for expansion, filters, blocks, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for index in range(blocks):
            layers.append(Residual(channels, expansion, wide(filters), stride if index == 0 else 1))
            channels = wide(filters)
    return [*layers, nn.Conv2d(channels, 1280, 1, bias=False), norm(1280), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000)]


def block(channels, filters):
    return [conv(channels, filters), nn.ELU(), nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01)]


GREY, COLOUR, LARGE = (1, 28, 28), (3, 32, 32), (3, 224, 224)
NETWORKS = {
    "mnist-mlp": (GREY, lambda: [nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]),
    "cifar10-mlp": (COLOUR, lambda: [nn.Flatten(), nn.Linear(3072, 1000), nn.ReLU(), nn.Dropout(0.2), nn.Linear(1000, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10)]),
    "mnist-cnn": (GREY, lambda: [conv(1, 32), nn.ReLU(), nn.MaxPool2d(2), conv(32, 64), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3136, 64), nn.ReLU(), nn.Linear(64, 10)]),
    "cifar10-cnn": (COLOUR, lambda: [Same2(3, 16), nn.ReLU(), nn.MaxPool2d(2), Same2(16, 32), nn.ReLU(), nn.MaxPool2d(2), Same2(32, 64), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3), nn.Flatten(), nn.Linear(1024, 500), nn.ReLU(), nn.Dropout(0.4), nn.Linear(500, 10)]),
    "fashion-lenet": (GREY, lambda: [conv(1, 6), nn.Tanh(), nn.AvgPool2d(2), conv(6, 16, 5, 0), nn.Tanh(), nn.AvgPool2d(2), conv(16, 120, 5, 0), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)]),
    "cifar10-cnn-wide": (COLOUR, lambda: [conv(3, 8, 3, 0), nn.ReLU(), nn.MaxPool2d(2), conv(8, 512, 3, 0), nn.ReLU(), nn.MaxPool2d(2), conv(512, 256, 3, 0), nn.ReLU(), nn.Flatten(), nn.Linear(4096, 100), nn.ReLU(), nn.Linear(100, 10)]),
    "cifar10-cnn-optimized": (COLOUR, lambda: [*block(3, 32), *block(32, 32), nn.MaxPool2d(2), nn.Dropout(0.2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2), nn.Dropout(0.3), *block(64, 128), *block(128, 128), nn.MaxPool2d(2), nn.Dropout(0.4), nn.Flatten(), nn.Linear(2048, 10)]),
    "mobilenet-v2": (LARGE, lambda: mobilenet(0.35)),
    "resnet20": (COLOUR, resnet20),
    "airbench": (COLOUR, airbench),
    "airbench-512": (COLOUR, airbench),
}


def optimizer(recipe, network):
    if recipe in ("fashion-lenet", "mobilenet-v2"):
        return torch.optim.SGD(network.parameters(), lr=0.01)
    if recipe == "resnet20":
        return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    if recipe.startswith("airbench"):
        return torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.01, momentum=0.85, nesterov=True)
    if recipe == "cifar10-cnn-wide":
        return torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7)
    return torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)


def stepper(task, memory_format):
    shape, make = NETWORKS[task["recipe"]]
    batch = task["batch"]
    torch.manual_seed(0)
    network = nn.Sequential(*make()).to(memory_format=memory_format)
    x = torch.rand(batch, *shape).contiguous(memory_format=memory_format)
    if task["task"] == "predict":
        network.eval()

        def predict():
            with torch.inference_mode():
                F.softmax(network(x), 1)

        return predict
    network.train()
    y = torch.randint(0, 10, (batch,))
    update = optimizer(task["recipe"], network)
    smoothing = 0.2 if task["recipe"].startswith("airbench") else 0.0

    def step():
        update.zero_grad(set_to_none=True)
        F.cross_entropy(network(x), y, label_smoothing=smoothing).backward()
        update.step()

    return step


def open_task(task):
    """In its better memory format."""
    if task["recipe"] not in NETWORKS:
        return "PyTorch has no such network here"
    torch.set_num_threads(task["threads"])
    few = lambda: conversation.timed(stepper(task, torch.contiguous_format))(3)
    memory = conversation.grown(few)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    works = {name: conversation.timed(stepper(task, value)) for name, value in formats.items()}
    if "mlp" in task["recipe"]:
        return "contiguous", works["contiguous"], memory
    for work in works.values():
        work(3)
    steps = max(2, min(200, round(0.15 / max(min(work(2) / 2 for work in works.values()), 1e-6))))
    times = {name: min(work(steps) for _ in range(3)) for name, work in [*works.items()]}
    best = min(times, key=times.get)
    return best, works[best], memory


conversation.converse({"torch": torch.__version__}, open_task)
