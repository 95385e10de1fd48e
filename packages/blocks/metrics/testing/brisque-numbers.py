"""
Writes brisque-numbers.json: BRISQUE of pictures made by a formula, by the Python package brisque.

    pip install brisque==0.2.0 opencv-python-headless==5.0.0 scikit-image==0.26.0 libsvm-official scipy==1.17.1
    python brisque-numbers.py > brisque-numbers.json

The support vectors and ranges follow from a formula as well, so that no weights of others are stored.
"""

import json
import os
import sys
import tempfile

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import scipy.ndimage  # noqa: E402
import skimage.color  # noqa: E402
from libsvm import svmutil  # noqa: E402

from brisque import BRISQUE  # noqa: E402

FEATURES = 36


def picture(width, height, kind):
    y, x, c = np.mgrid[:height, :width, :3].astype(np.float64)
    waves = 128 + 60 * np.sin(x / 7 + c) * np.cos(y / 5 - c) + 40 * np.sin((x * x + y * y) / 400)
    hashed = (np.floor(x) * 7919 + np.floor(y) * 104729 + c * 1299709) % 256 - 128
    noise = {"smooth": 0.05, "noisy": 0.6, "textured": 0.2}[kind]
    return np.clip(np.floor(waves + noise * hashed), 0, 255).astype(np.uint8)


def model():
    """Text of a libsvm model and of its ranges."""
    wave = lambda n: np.sin(12.9898 * n + 78.233)
    lines = ["svm_type epsilon_svr", "kernel_type rbf", "gamma 0.05", "nr_class 2", "total_sv 5", "rho -30.5", "SV"]
    for i in range(5):
        vector = " ".join(f"{f + 1}:{round(float(wave(i * FEATURES + f)), 6)}" for f in range(FEATURES))
        lines.append(f"{round(float(20 * wave(1000 + i)), 4)} {vector}")
    ranges = ["x", "-1 1"] + [f"{f + 1} {-0.5 - 0.01 * f:.2f} {5 + 0.1 * f:.1f}" for f in range(FEATURES)]
    return "\n".join(lines) + "\n", "\n".join(ranges) + "\n"


def features(package, image):
    grey = skimage.color.rgb2gray(image)
    half = cv2.resize(grey, None, fx=1 / 2, fy=1 / 2, interpolation=cv2.INTER_CUBIC)
    both = [package.calculate_brisque_features(each, kernel_size=7, sigma=7 / 6) for each in (grey, half)]
    return [float(np.ravel(value)[0]) for value in np.concatenate(both)]


def main():
    package = BRISQUE(url=False)
    text, ranges = model()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        with open(path, "w") as file:
            file.write(text)
        own = svmutil.svm_load_model(path)
    bounds = np.array([[float(v) for v in line.split()[1:]] for line in ranges.splitlines()[2:]])
    cases = []
    for width, height, kind in [(64, 48, "smooth"), (65, 51, "noisy"), (67, 40, "textured")]:
        found = features(package, picture(width, height, kind))
        scaled = -1 + 2 / (bounds[:, 1] - bounds[:, 0]) * (np.array(found) - bounds[:, 0])
        nodes, _ = svmutil.gen_svm_nodearray([float(v) for v in scaled], isKernel=False)
        score = svmutil.libsvm.svm_predict(own, nodes)
        theirs = package.scale_features(found)
        nodes, _ = svmutil.gen_svm_nodearray([float(v) for v in theirs], isKernel=False)
        official = svmutil.libsvm.svm_predict(package.model, nodes)
        cases.append({"width": width, "height": height, "kind": kind, "features": found, "score": score, "official": official})
    print(json.dumps({"model": text, "ranges": ranges, "cases": cases}, indent=1))


main()
