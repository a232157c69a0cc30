"""Loads with Keras what Fovea wrote for it: answers within 1e-5, an epoch of training that goes on from the file, paths in the HDF5 files.

    FOVEA_WRITTEN=FOLDER npx vitest run -c vitest.slow.config.ts packages/formats/src/written-models
    python scripts/parity/written-models.py FOLDER

Run with Python 3.11, Keras 3.15.1, tensorflow-cpu 2.21.0, h5py 3.14.0. Differences are relative to the largest answer where that is above 1.
Prints what is wrong and ends with 1, or prints the largest differences.
"""
import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import keras
import numpy as np

folder = pathlib.Path(sys.argv[1])
wrong = []
largest = {"answers": 0.0, "training": 0.0}
counted = {"answers": 0, "training": 0}


def arrays(stored):
    return [np.array(each["data"], "f4").reshape(each["shape"]) for each in stored]


def note(kind, name, difference, limit):
    counted[kind] += 1
    largest[kind] = max(largest[kind], difference)
    if not difference <= limit:
        wrong.append(f"{name}: {difference}")


def answers_differ(model, expected):
    given = arrays(expected["inputs"])
    answers = model.predict(given if len(given) > 1 else given[0], verbose=0)
    answers = answers if isinstance(answers, list) else [answers]
    differences = []
    for answer, right in zip(answers, arrays(expected["outputs"]), strict=True):
        assert answer.shape == right.shape, f"shape {answer.shape}, not {right.shape}"
        differences.append(np.abs(answer - right).max() / max(1, np.abs(right).max()))
    return float(max(differences))


def check_answers(place):
    expected = json.loads((place / "expected.json").read_text())
    model = keras.saving.load_model(place / "model.keras")
    note("answers", f"{place.name} .keras", answers_differ(model, expected), 1e-5)
    # Other weights first, so that nothing is right by accident.
    for weight in model.weights:
        weight.assign(weight * 0 + 7)
    model.load_weights(place / "model.weights.h5")
    note("answers", f"{place.name} .weights.h5", answers_differ(model, expected), 1e-5)
    with h5py.File(place / "model.weights.h5") as file:
        assert "vars" in file and all("vars" in group for group in file["layers"].values()), "groups without vars"


def check_training(place):
    training = json.loads((place / "training.json").read_text())
    model = keras.saving.load_model(place / "model.keras")
    assert int(model.optimizer.iterations) > 0, "no steps"
    pictures = np.array(training["pictures"], "f4").reshape(-1, *model.input_shape[1:])
    model.fit(pictures, np.array(training["classes"]), epochs=1, batch_size=8, shuffle=False, verbose=0)
    pairs = zip(model.weights, arrays(training["weights"]), strict=True)
    difference = max(float(np.abs(weight.numpy() - right).max() / max(1, np.abs(right).max())) for weight, right in pairs)
    note("training", place.name, difference, 1e-6)


for place in sorted(each for each in folder.iterdir() if (each / "model.keras").exists()):
    try:
        (check_training if place.name.startswith("training-") else check_answers)(place)
    except Exception as error:
        wrong.append(f"{place.name}: {type(error).__name__}: {str(error)[:300]}")
    keras.backend.clear_session()

print(f"Keras {keras.__version__}: {counted}, largest differences {largest}")
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
