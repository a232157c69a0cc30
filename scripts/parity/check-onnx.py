"""Looks at the ONNX files of a folder with ONNX's own checker, with strict shape inference. `check-onnx.py FOLDER`; needs the package onnx."""

import pathlib
import sys

import onnx

files = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
faults = []
for file in files:
    try:
        model = onnx.load(str(file))
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        for told, found in zip(model.graph.output, inferred.graph.output):
            assert told == found, f"output {told.name} is inferred as {found}"
    except Exception as error:  # every fault is listed
        faults.append(f"{file.name}: {error}")
print(f"{len(files)} files, " + (f"{len(faults)} faulty" if faults else "none faulty"))
print("\n".join(faults))
