"""Writes plain-pickles.json beside it: pickles of plain values and what Python reads in them.

    python plain-pickles.py      (Python 3.10 or newer, the standard library alone)

Each entry is a value and pickles of it (base64). The value is in JSON: a list for a list or tuple, {"map": [[key, value], ...]}, {"set": [...]},
{"bytes": [...]}, {"number": text} where JSON has no such number. Integers are as near as a float comes.
"""

import base64, json, math, pathlib, pickle

PICKLES = {}


def shown(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        number = float(value)
        return number if math.isfinite(number) else {"number": str(number).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": list(value)}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(map(shown, value))}
    if isinstance(value, dict):
        return {"map": [[shown(k), shown(v)] for k, v in value.items()]}
    return [shown(each) for each in value]


def add(name, *pickles):
    values = [shown(pickle.loads(data, encoding="latin1")) for data in pickles]
    assert all(value == values[0] for value in values)
    PICKLES[name] = {"value": values[0], "pickles": [base64.b64encode(data).decode() for data in pickles]}


def dumped(name, value, protocols=range(6)):
    add(name, *(pickle.dumps(value, protocol=protocol) for protocol in protocols))


shared = ["shared", 1]
VALUE = {
    "constants": [None, True, False, (), [], {}],
    "integers": [0, 1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -128, -129, -(2**31), 2**63, -(2**63), 2**70, -(2**70)],
    "floats": [0.5, -1e300, 5e-324, math.inf, -math.inf, math.nan],
    "texts": ["", "a\nb\\'\"", "é", "\U0001f600", "\\u0041", "x" * 300],
    "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "again": [shared, shared, (shared,)],
    7: {"one": 1},
}
dumped("plain values", VALUE)
dumped("bytes and sets", [b"", b"\x00\xff", {1, 2}, frozenset([3, 4]), bytearray(b"ab")])
dumped("bytes that stay in the file, and what follows", [bytes(range(251)) * 17, "next", b"z" * 4096, 5], [3, 5])
dumped("more items than are set at once", list(range(1001)), [1])
dumped("more objects than a byte counts", {str(i): i for i in range(130)} | {"last": [()] * 2}, [0, 2, 4])

# What only Python 2 or other programs write, by the descriptions of Python's pickletools.
BY_HAND = {
    "booleans as integers": b"(I00\nI01\nI1\nI0\nI-7\nt.",
    "integers with L": b"(L12L\nL-3L\nL5\nt.",
    "floats as text": b"(F1.5\nF-2\nF1e-3\nF-inf\nFinf\nFnan\nt.",
    "quoted texts": rb"(S'a\x41\x7a\101\0\n\t\\\'b'" + b"\n" + b'S"two \'kinds\'"\nS\'\'\nt.',
    "quoted texts with all escapes": rb"""(S'\a\b\f\n\r\t\v\\\"\''""" + b"\n" + rb"S'\q\8\x4a\7\07\007\0071'" + b"\nt.",
    "texts by length": b"(T\x03\x00\x00\x00a\xe9bU\x02\xe9zt.",
    "texts with escapes": b"(Va\\u00e9\\U0001f600\\n\nV\\u004A\nt.",
    "long integers": b"(\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x8b\x03\x00\x00\x00\x00\x00\x80t.",
    "lists and dictionaries of a mark": b"((I1\nI2\nl(I1\nI2\nI3\nI4\ndt.",
    "items one at a time": b"(]I1\naI2\na}I1\nI2\nst.",
    "a top twice, and one that is dropped": b"(I1\n2I2\n0(I3\nI4\n1t.",
    "memo by number": b"(I1\np0\nI2\nq\x05I3\nr\x00\x01\x00\x00g0\nh\x05j\x00\x01\x00\x00t.",
    "memo in turn": b"(I1\n\x94I2\n\x94h\x01h\x00t.",
    "a memo overwritten": b"(I1\nq\x00I2\nq\x00h\x00I3\nq\x07I4\nq\x07h\x07t.",
    "sets": b"(\x8f(I1\nI2\n\x90(I3\n\x91t.",
    "bytes of all lengths": b"(C\x02abB\x02\x00\x00\x00cd\x8e\x02\x00\x00\x00\x00\x00\x00\x00ef\x96\x01\x00\x00\x00\x00\x00\x00\x00gt.",
    "texts of all lengths": b"(X\x01\x00\x00\x00a\x8c\x02\xc3\xa9\x8d\x01\x00\x00\x00\x00\x00\x00\x00bt.",
}
for name, data in BY_HAND.items():
    add(name, data)

pathlib.Path(__file__).with_name("plain-pickles.json").write_text(json.dumps(PICKLES, ensure_ascii=False, separators=(",", ":")) + "\n")
