"""Writes torch-files.json beside it: small files as PyTorch and pickle write them, and what PyTorch reads in them.

    python torch-files.py      (PyTorch 2.13, NumPy)

Each entry is a file (base64) and its tensors: name -> [shape, values as float32]; a value that JSON has not is a string, values that are
null are not to be understood. `format` is only for users.
"""

import argparse, base64, collections, datetime, enum, io, json, math, pathlib, pickle, warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
torch.manual_seed(0)
FILES = {}


def number(x):
    return x if math.isfinite(x) else str(x).replace("inf", "Infinity")


def values(tensor):
    return [number(x) for x in tensor.detach().to(torch.float64).reshape(-1).to(torch.float32).tolist()]


def expected(tensor, readable=True):
    return [list(tensor.shape), values(tensor) if readable else None]


def add(name, data, tensors):
    FILES[name] = {"file": base64.b64encode(data).decode(), "tensors": tensors}


def saved(obj, **options):
    file = io.BytesIO()
    torch.save(obj, file, **options)
    return file.getvalue()


# Formats and protocols.
a, b = torch.randn(2, 3), torch.arange(4, dtype=torch.int64)
plain = {"net": {"a": a, "list": [b, {"c": a.double()}]}, "epoch": 3, "name": "é", "big": 2**70, "lr": 1e-4, "none": None, "yes": True}
plain_expected = {"net.a": expected(a), "net.list.0": expected(b), "net.list.1.c": expected(a)}
for protocol in range(6):
    if protocol > 0:  # whose persistent ids are text, which PyTorch itself cannot read
        add(f"zip, protocol {protocol}", saved(plain, pickle_protocol=protocol), plain_expected)
        add(f"legacy, protocol {protocol}", saved(plain, pickle_protocol=protocol, _use_new_zipfile_serialization=False), plain_expected)
    add(f"pickle, protocol {protocol}", pickle.dumps(plain, protocol=protocol), plain_expected)

# Element types.
x = torch.tensor([0.0, 1.0, -2.5, 0.333, 448.0, float("nan")])
floats = {str(t).split(".")[1]: x.to(t) for t in [torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]}
floats["small16"] = torch.tensor([2.0**-24, -(2.0**-15), 65504.0, float("inf")]).to(torch.float16)
floats["small8"] = torch.tensor([2.0**-9, -(2.0**-7)]).to(torch.float8_e4m3fn)
n = torch.tensor([0, 1, 100, 127])
integers = {str(t).split(".")[1]: n.to(t) for t in [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool]}
negative = {"n64": torch.tensor([-(2**40)]), "n32": torch.tensor([-5], dtype=torch.int32), "n8": torch.tensor([-128], dtype=torch.int8)}
known = {**floats, **integers, **negative}
for name, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
    add(f"{name}, element types", saved(known, **options), {k: expected(v) for k, v in known.items()})
add("pickle, element types", pickle.dumps(known), {k: expected(v) for k, v in known.items()})

# Kinds of tensors that no network has: beside them others are read.
w = torch.randn(3)
quantised = torch.quantize_per_tensor(torch.randn(2, 2), 0.1, 0, torch.qint8)
odd = {
    "complex": torch.randn(2, dtype=torch.complex64),
    "sparse": torch.eye(3).to_sparse(),
    "csr": torch.eye(3).to_sparse_csr(),
    "quantised": quantised,
    "meta": torch.empty(2, 5, device="meta"),
    "w": w,
}
odd_expected = {k: [list(v.shape), None] for k, v in odd.items() if k != "w"} | {"w": expected(w)}
add("zip, odd tensors", saved(odd), odd_expected)
legacy_odd = {k: v for k, v in odd.items() if k != "meta"}
add("legacy, odd tensors", saved(legacy_odd, _use_new_zipfile_serialization=False), {k: v for k, v in odd_expected.items() if k != "meta"})

# Views, shared storages, parameters.
base = torch.arange(24.0).reshape(2, 3, 4)
views = {
    "transposed": base.permute(2, 0, 1),
    "strided": base[:, ::2, 1::2],
    "part": base[1, 1:],
    "scalar": base[1, 2, 3],
    "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
    "empty": base[:0],
    "lastchannels": torch.randn(1, 3, 2, 2).to(memory_format=torch.channels_last),
    "half": torch.arange(6.0).half().reshape(2, 3).t(),
}
for name, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
    add(f"{name}, views", saved(views, **options), {k: expected(v) for k, v in views.items()})

net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
net.tied = net[0]
state = net.state_dict()
add("zip, state dict of tied layers", saved(state), {k: expected(v) for k, v in state.items()})
parameters = {"p": torch.nn.Parameter(torch.randn(2)), "b": torch.nn.Buffer(torch.randn(1))}
parameters["p"].note = "a state of its own"
add("zip, parameters", saved(parameters), {k: expected(v) for k, v in parameters.items()})
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(4, 2)).sum().backward()
optimizer.step()
osd = optimizer.state_dict()
add("zip, optimizer", saved({"optimizer": osd, "w": w}), {"w": expected(w)} | {f"optimizer.state.{i}.{k}": expected(v) for i, s in osd["state"].items() for k, v in s.items()})


# What else lies in checkpoints.
class Colour(enum.Enum):
    RED = 1


class Node:
    def __init__(self):
        self.me = self


class Slots:
    __slots__ = ["x"]


class AttributeDict(dict):
    pass


class Numbers(list):
    pass


slots = Slots()
slots.x = w
others = {
    "args": argparse.Namespace(lr=1.0, path=pathlib.Path("/x")),
    "device": torch.device("cpu"),
    "dtype": torch.float32,
    "set": {1, 2},
    "frozenset": frozenset([3]),
    "date": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    "delta": datetime.timedelta(1),
    "enum": Colour.RED,
    "itself": Node(),
    "slots": slots,
    "bytes": b"\x00\xff" * 3,
    "bytearray": bytearray(b"ab"),
    "complex": 1 + 2j,
    "class": collections.OrderedDict,
    "function": len,
    "method": "abc".upper,
    "range": range(3),
    "slice": slice(1, 2),
    "size": torch.Size([1, 2]),
    "ellipsis": ...,
    "generator": torch.Generator().get_state(),
    "ordered": collections.OrderedDict(a=w),
    "default": collections.defaultdict(list, {"k": w}),
    "counter": collections.Counter("aab"),
    "attributes": AttributeDict(k=w),
    "numbers": Numbers([w]),
    "array": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
    "big": np.arange(3, dtype=">f8"),
    "f8": np.float64(0.5),
    "i4": np.int32(-2),
    "text": np.str_("ab"),
    "day": np.datetime64("2026-01-01"),
    "objects": np.array([None, {"x": 1}], dtype=object),
    "record": np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]),
    "random": np.random.default_rng(0).bit_generator.state,
    "w": w,
}
tensors = {
    "w": expected(w),
    "ordered.a": expected(w),
    "default.k": expected(w),
    "attributes.k": expected(w),
    "numbers.0": expected(w),
    "generator": expected(others["generator"]),
    "array": expected(torch.tensor(others["array"])),
    "fortran": expected(torch.tensor(others["fortran"])),
    "big": expected(torch.tensor(others["big"].astype("f8"))),
}
for protocol in range(6):
    kept = {k: v for k, v in others.items() if protocol >= 2 or k != "slots"}
    del kept["generator"]
    fewer = {k: v for k, v in tensors.items() if k != "generator"}
    add(f"pickle, other objects, protocol {protocol}", pickle.dumps(kept, protocol=protocol), fewer)
add("zip, other objects", saved({k: v for k, v in others.items() if k != "generator"}), {k: v for k, v in tensors.items() if k != "generator"})
add("legacy, other objects", saved({k: v for k, v in others.items() if k != "generator"}, _use_new_zipfile_serialization=False), {k: v for k, v in tensors.items() if k != "generator"})

# A big-endian machine's file, as PyTorch reads it: the record says so, and the bytes are swapped.
with torch.serialization._open_zipfile_writer_buffer(file := io.BytesIO()) as writer:
    data = io.BytesIO()
    pickler = pickle.Pickler(data, protocol=2)
    storages = {}

    def persistent(obj):
        if not isinstance(obj, torch.storage.TypedStorage):
            return None
        key = str(len(storages))
        storages[key] = obj
        return ("storage", getattr(torch, obj._pickle_storage_type()), key, "cpu", obj._size())

    class BigEndian(pickle.Pickler):
        def persistent_id(self, obj):
            return persistent(obj)

    content = {"f": torch.randn(3), "i": torch.tensor([1, -2]), "h": torch.tensor([0.5, 2]).half()}
    BigEndian(data, protocol=2).dump(content)
    writer.write_record("data.pkl", data.getvalue(), len(data.getvalue()))
    writer.write_record("byteorder", "big", 3)
    for key, storage in storages.items():
        raw = bytes(storage._untyped_storage)
        size = storage.element_size()
        swapped = b"".join(raw[i : i + size][::-1] for i in range(0, len(raw), size))
        writer.write_record(f"data/{key}", swapped, len(swapped))
read = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
assert all(torch.equal(read[k], content[k]) for k in content)
add("zip, big-endian", file.getvalue(), {k: expected(v) for k, v in content.items()})

out = pathlib.Path(__file__).with_name("torch-files.json")
out.write_text(json.dumps({"pytorch": torch.__version__, "files": FILES}) + "\n")
print(len(FILES), "files,", out.stat().st_size, "bytes")
