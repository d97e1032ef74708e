#!/usr/bin/python3
"""Fails when a source file includes what its layer may not see (the layers are those of ARCHITECTURE.md), or names a type
as another file does.

usage: scripts/check_layers.py [ROOT]
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)

SIM = ["core", "network", "demand", "routing", "scenario", "engine"]  # each may include itself and those before it
ALLOWED = {f"sim/{layer}": {f"sim/{below}" for below in SIM[: i + 1]} for i, layer in enumerate(SIM)}
ENGINE = ALLOWED["sim/engine"]
ALLOWED["sim/command_line"] = {"sim/core", "sim/command_line"}  # what gemeo and gemeo-calibrate share: options, verbs, messages
ALLOWED["sim/engine_sumo"] = ENGINE | {"sim/engine_sumo"}
ALLOWED["sim/engine_tbb"] = ENGINE | {"sim/engine_tbb"}
ALLOWED["sim/results"] = {"sim/core", "sim/network", "sim/results"}
ALLOWED["sim/run"] = ENGINE | {"sim/engine_sumo", "sim/engine_tbb", "sim/results", "sim/run"}
ALLOWED["sim/cli"] = ALLOWED["sim/run"] - {"sim/engine_sumo", "sim/engine_tbb"} | {"sim/cli", "sim/command_line"}
ALLOWED["calibration/fit"] = {"sim/core", "calibration/fit"}
ALLOWED["calibration/counts"] = {"sim/core", "sim/network", "sim/demand", "sim/results", "calibration/counts"}
ALLOWED["calibration"] = ALLOWED["sim/run"] - {"sim/engine_sumo", "sim/engine_tbb"} | {
    "calibration", "calibration/fit", "calibration/counts"}
ALLOWED["calibration/cli"] = ALLOWED["calibration"] | {"calibration/cli", "sim/command_line"}
VIEW = {"sim/core", "sim/network", "sim/results"}
ALLOWED["viewer/model"] = VIEW | {"viewer/model"}
ALLOWED["viewer/gl"] = VIEW | {"viewer/model", "viewer/gl"}
ALLOWED["viewer/panels"] = VIEW | {"viewer/model", "viewer/gl", "viewer/panels"}
ALLOWED["viewer/platform"] = VIEW | {"viewer/model", "viewer/gl", "viewer/panels", "viewer/platform"}

# Outside headers that belong to some folders only.
OUTSIDE = [
    (re.compile(r"^libsumo/|^libtraci/"), {"sim/engine_sumo"}),
    (re.compile(r"^(imgui|GLFW/|GL/)"), {"viewer/gl", "viewer/panels", "viewer/platform"}),
    (re.compile(r"^(hdf5|H5)"), {"sim/results", "calibration"}),
    (re.compile(r"^(tbb|oneapi/tbb)/"), {"sim/core"}),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    parts = path.split("/")
    for n in (2, 1):
        name = "/".join(parts[:n])
        if name in ALLOWED:
            return name
    return None


def problems_of(file):
    relative = file.relative_to(ROOT).as_posix()
    layer = layer_of(relative)
    if layer is None:
        yield f"{relative}: stands in no known layer"
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        if quote == '"':
            other = layer_of(target)
            if other is None:
                yield f"{relative}:{number}: include \"{target}\" by its path from the root (\"sim/core/ids.h\")"
            elif other not in ALLOWED[layer]:
                yield f"{relative}:{number}: {layer} may not include {other} ({target})"
        for pattern, homes in OUTSIDE:
            if pattern.match(target) and layer not in homes:
                yield f"{relative}:{number}: only {', '.join(sorted(homes))} may include <{target}>"


NAMESPACE = re.compile(r"^namespace ([\w:]*) ?{")
TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: :[^;]*)? {")


def types_of(path):
    """The types that a file gives a name all files share: in a named namespace, not in a nameless one."""
    spaces = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if (space := NAMESPACE.match(line)):
            spaces.append(space.group(1))
        elif re.match(r"^}  // namespace", line) and spaces:
            spaces.pop()
        elif (kind := TYPE.match(line)) and spaces and "" not in spaces:
            yield "::".join(spaces + [kind.group(1)]), f"{path.relative_to(ROOT).as_posix()}:{number}"


def same_names(files):
    """Two types of one name in one program: the linker keeps one's functions for both, and memory is corrupted."""
    seen = {}
    for path in files:
        for name, where in types_of(path):
            if name in seen:
                yield f"{where}: {name} is also at {seen[name]}; give one of them another name"
            seen.setdefault(name, where)


def main():
    files = [f for top in ("sim", "viewer", "calibration") for f in sorted((ROOT / top).rglob("*"))
             if f.suffix in (".h", ".cpp")]
    found = [p for f in files for p in problems_of(f)] + list(same_names(files))
    for p in found:
        print(p, file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"layers: {len(files)} files, no forbidden include")


if __name__ == "__main__":
    main()
