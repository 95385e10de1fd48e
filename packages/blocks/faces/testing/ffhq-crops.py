"""
Writes ffhq-crops.json: squares and crops of a drawn picture, by the official code of FFHQ.

    pip install pillow==13.0.0 scipy==1.17.1 numpy==2.4.6 requests
    python ffhq-crops.py ffhq-dataset/download_ffhq.py > ffhq-crops.json

The argument is the file of https://github.com/NVlabs/ffhq-dataset (commit 193deb6). Of the crops every 7th value is kept.
"""

import contextlib
import importlib.util
import json
import os
import sys
import tempfile

import numpy as np
import PIL.Image

PIL.Image.ANTIALIAS = PIL.Image.LANCZOS  # its name at the time

EVERY = 7


def picture(width, height):
    y, x, c = np.mgrid[:height, :width, :3].astype(np.float64)
    values = 128 + 60 * np.sin(x / 9 + c) * np.cos(y / 7 - c) + 40 * np.sin((x * x + y * y) / 900)
    return np.clip(np.floor(values), 0, 255).astype(np.uint8)


def face(x, y, scale, turn):
    """68 points: those of a drawn face, of which only eyes and corners of the mouth count."""
    points = np.zeros((68, 2))
    eye = np.array([[-9, 0], [-4, -4], [4, -4], [9, 0], [4, 4], [-4, 4]])
    points[36:42] = eye + [-30, 0]
    points[42:48] = eye + [31, 2]
    points[48], points[54] = [-24, 62], [26, 60]
    cos, sin = np.cos(turn), np.sin(turn)
    return points * scale @ np.array([[cos, sin], [-sin, cos]]) + [x, y]


CASES = [
    {"name": "inside", "size": [200, 160], "face": [95, 60, 0.4, 0.2], "side": 48},
    {"name": "turned far", "size": [200, 160], "face": [100, 80, 0.35, 2.4], "side": 32},
    {"name": "small", "size": [90, 90], "face": [44, 38, 0.15, -0.3], "side": 64},
    {"name": "large", "size": [640, 600], "face": [310, 230, 1.9, 0.1], "side": 40},
    {"name": "at the border", "size": [200, 160], "face": [30, 24, 0.45, -0.25], "side": 64},
    {"name": "large, at the border", "size": [640, 600], "face": [520, 420, 1.8, 0.3], "side": 40},
]


def main():
    spec = importlib.util.spec_from_file_location("ffhq", sys.argv[1])
    official = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(official)
    made = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
            os.chdir(folder)
            open("LICENSE.txt", "w").close()
            width, height = case["size"]
            PIL.Image.fromarray(picture(width, height)).save("picture.png")
            landmarks = face(*case["face"])
            item = {"in_the_wild": {"face_landmarks": landmarks.tolist(), "file_path": "picture.png"}}
            official.recreate_aligned_images(
                {"0": item}, source_dir="", dst_dir="out", output_size=case["side"], transform_size=4 * case["side"]
            )
            crop = np.array(PIL.Image.open("out/00000/00000.png"))
        made.append({**case, "landmarks": np.round(landmarks, 4).tolist(), "values": crop.flatten()[::EVERY].tolist()})
    json.dump(made, sys.stdout)


main()
