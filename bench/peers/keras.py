"""The recipes' networks in Keras on TensorFlow, on random data: one step is one of `fit`, without metrics and augmentation."""
import os, sys, time

here = os.path.dirname(os.path.abspath(__file__))
# This very file must not be taken for the package of its name.
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != here]
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location("conversation", os.path.join(here, "conversation.py"))
conversation = module_from_spec(spec)
spec.loader.exec_module(conversation)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
try:
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers as L
except ImportError as error:
    conversation.say({"missing": str(error)})
    sys.exit(0)


def dense(units, activation):
    return L.Dense(units, activation=activation)


def conv(filters, activation, size=3, padding="same"):
    return L.Conv2D(filters, size, padding=padding, activation=activation)


def pool():
    return L.MaxPooling2D(2)


def block(filters):
    return [conv(filters, "elu"), L.BatchNormalization()]


GREY, COLOUR = (28, 28, 1), (32, 32, 3)
NETWORKS = {
    "mnist-mlp": (GREY, lambda: [L.Flatten(), dense(512, "relu"), dense(512, "relu"), dense(10, "softmax")]),
    "cifar10-mlp": (COLOUR, lambda: [L.Flatten(), dense(1000, "relu"), L.Dropout(0.2), dense(512, "relu"), L.Dropout(0.2), dense(10, "softmax")]),
    "mnist-cnn": (GREY, lambda: [conv(32, "relu"), pool(), conv(64, "relu"), pool(), L.Flatten(), dense(64, "relu"), dense(10, "softmax")]),
    "cifar10-cnn": (COLOUR, lambda: [conv(16, "relu", 2), pool(), conv(32, "relu", 2), pool(), conv(64, "relu", 2), pool(), L.Dropout(0.3), L.Flatten(), dense(500, "relu"), L.Dropout(0.4), dense(10, "softmax")]),
    "fashion-lenet": (GREY, lambda: [conv(6, "tanh"), L.AveragePooling2D(2), conv(16, "tanh", 5, "valid"), L.AveragePooling2D(2), conv(120, "tanh", 5, "valid"), L.Flatten(), dense(84, "tanh"), dense(10, "softmax")]),
    "cifar10-cnn-wide": (COLOUR, lambda: [conv(8, "relu", 3, "valid"), pool(), conv(512, "relu", 3, "valid"), pool(), conv(256, "relu", 3, "valid"), L.Flatten(), dense(100, "relu"), dense(10, "softmax")]),
    "cifar10-cnn-optimized": (COLOUR, lambda: [*block(32), *block(32), pool(), L.Dropout(0.2), *block(64), *block(64), pool(), L.Dropout(0.3), *block(128), *block(128), pool(), L.Dropout(0.4), L.Flatten(), dense(10, "softmax")]),
}
OPTIMIZERS = {
    "fashion-lenet": lambda: keras.optimizers.SGD(0.01),
    "cifar10-cnn-wide": lambda: keras.optimizers.Adam(1e-3),
}
threads = None


class EpochTimes(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.times = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.times.append(time.perf_counter() - self.started)


def open_task(task):
    global threads
    if task["recipe"] not in NETWORKS:
        return "Keras has no such network here"
    if threads is None:
        threads = task["threads"]
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    if threads != task["threads"]:
        return f"TensorFlow was started with {threads} threads"
    shape, make = NETWORKS[task["recipe"]]
    batch = task["batch"]
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input(shape), *make()])
    random = np.random.default_rng(0)
    if task["task"] == "predict":
        x = tf.constant(random.random((batch, *shape), dtype="float32"))
        call = tf.function(lambda x: network(x, training=False), jit_compile=False)
        call(x)
        return "tf.function", conversation.timed(lambda: call(x).numpy()), None
    make_optimizer = OPTIMIZERS.get(task["recipe"], lambda: keras.optimizers.RMSprop(1e-3))
    network.compile(optimizer=make_optimizer(), loss="sparse_categorical_crossentropy", jit_compile=False)
    data = {}

    def work(steps):
        """`fit` of two epochs; the first one starts iterators and is not counted. Repeats pictures when there are many steps."""
        if steps not in data:
            data.clear()
            pictures = random.random((batch * min(steps, 64), *shape), dtype="float32")
            labels = random.integers(0, 10, len(pictures))
            times = -(-steps * batch // len(pictures))
            data[steps] = np.tile(pictures, (times, 1, 1, 1))[: steps * batch], np.tile(labels, times)[: steps * batch]
        x, y = data[steps]
        epochs = EpochTimes()
        network.fit(x, y, batch_size=batch, epochs=2, verbose=0, shuffle=False, callbacks=[epochs])
        return epochs.times[-1]

    work(1)
    return "fit", work, None


conversation.converse({"keras": keras.__version__, "tensorflow": tf.__version__}, open_task)
