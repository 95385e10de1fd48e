"""Prints as JSON what TensorBoard reads from the event files below a folder: by run, its scalars, images, texts and hyperparameters."""

import hashlib
import json
import math
import os
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.util import tensor_util

EVERYTHING = {kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE}


def number(value):
    """JSON knows no NaN and no infinity."""
    return value if math.isfinite(value) else str(value)


def value_of(value):
    return getattr(value, value.WhichOneof("kind"))


def texts_of(accumulator, tag):
    events = accumulator.Tensors(tag)
    return [[event.step, tensor_util.make_ndarray(event.tensor_proto).item().decode()] for event in events]


def read(folder):
    accumulator = event_accumulator.EventAccumulator(folder, size_guidance=EVERYTHING)
    accumulator.Reload()
    tags = accumulator.Tags()
    plugins = {name: accumulator.PluginTagToContent(name) for name in ("text", "hparams") if name in accumulator._plugin_to_tag_to_content}
    run = {
        "scalars": {tag: [[e.step, number(e.value), e.wall_time] for e in accumulator.Scalars(tag)] for tag in tags["scalars"]},
        "images": {
            tag: [
                [e.step, e.width, e.height, hashlib.sha256(e.encoded_image_string).hexdigest()]
                for e in accumulator.Images(tag)
            ]
            for tag in tags["images"]
        },
        "texts": {tag: texts_of(accumulator, tag) for tag in plugins.get("text", {})},
    }
    for tag, content in plugins.get("hparams", {}).items():
        if tag == hparams.SESSION_START_INFO_TAG:
            start = hparams.parse_session_start_info_plugin_data(content)
            run["hyperparameters"] = {name: value_of(value) for name, value in start.hparams.items()}
        if tag == hparams.SESSION_END_INFO_TAG:
            run["ended"] = hparams.parse_session_end_info_plugin_data(content).status
    return run


def main(root):
    runs = {}
    for folder, _, files in os.walk(root):
        if any("tfevents" in name for name in files):
            runs[os.path.relpath(folder, root)] = read(folder)
    json.dump(runs, sys.stdout)


main(sys.argv[1])
