#!/usr/bin/python3
"""Opens a result file the way a researcher does, with h5py and xarray and nothing of ours, and checks units, axes and values.

usage: check_with_python.py RESULT.h5 EXPECTED.json     (what the C++ test wrote into the file)
"""
import json
import sys
import warnings

import h5py
import numpy as np
import xarray as xr

GROUPS = ["meta", "network", "edges", "detectors", "trips", "trajectories", "signals", "kpi", "calibration", "log"]
warnings.simplefilter("error")  # an unlabelled axis or an unreadable unit would only warn


def check_attributes(path, expected):
    with h5py.File(path, "r") as f:
        assert sorted(f.keys()) == sorted(GROUPS), list(f.keys())
        for key, value in expected["attributes"].items():
            assert f.attrs[key] == value, (key, f.attrs[key], value)
        datasets = []

        def look(name, item):
            if isinstance(item, h5py.Dataset):
                datasets.append(name)
                for key in ("unit", "description"):
                    assert isinstance(item.attrs[key], str), (name, key)
                assert item.attrs["description"], name
                is_scale = item.attrs.get("CLASS") == b"DIMENSION_SCALE"
                for axis, scale in enumerate(item.dims):
                    assert is_scale or len(scale) == 1, f"{name}: axis {axis} has no scale"
                if item.size > 1000 and item.id.get_storage_size():
                    assert item.chunks, f"{name} is not chunked"
            else:
                assert item.attrs["description"], name

        f.visititems(look)
        assert len(datasets) > 100, len(datasets)
        speed = f["edges/speed"]
        assert speed.shuffle and speed.compression == "gzip" and speed.chunks[0] == 1, (speed.shuffle, speed.compression)
        assert speed.dims[0][0].name == "/edges/time" and speed.dims[1][0].name.endswith("/edge")


def check_edges(path, expected):
    ds = xr.open_dataset(path, engine="h5netcdf", group="edges")
    assert ds.speed.dims == ("time", "edge"), ds.speed.dims
    assert ds.speed.attrs["units"] == "m/s" and ds.density.attrs["units"] == "veh/km"
    assert ds.time.dtype == np.float64 and ds.time.attrs["units"] == "s"
    for v in expected["edges"]:
        read = float(ds[v["quantity"]].sel(edge=v["edge"], time=v["time"]))
        assert read == v["value"] or (np.isnan(read) and v["value"] is None), (v, read)
    assert np.allclose(ds.time_end - ds.time, expected["interval_s"])


def check_trips(path, expected):
    ds = xr.open_dataset(path, engine="h5netcdf", group="trips").load()
    mine = ds.vehicle_id.values
    assert ds.sizes["trip"] == expected["trips"] and ds.sizes["vehicle"] == expected["vehicles"]
    for t in expected["trip_rows"]:
        row = int(np.flatnonzero(ds.vehicle.values[mine] == t["vehicle"])[0])
        assert float(ds.duration[row]) == t["duration"], t
        purpose = ds.purpose_name.values[int(ds.purpose[mine[row]])]
        assert purpose == t["purpose"], (purpose, t)
    arrived = ds.duration[(ds.state == 0).values]
    assert abs(float(arrived.mean()) - expected["mean_duration"]) < 1e-9
    assert bool(np.isnan(ds.arrival[(ds.state == 1).values]).all())


def check_trajectories(path, expected):
    ds = xr.open_dataset(path, engine="h5netcdf", group="trajectories").load()
    step = expected["trajectory_step"]
    end = int(ds.end_row[step["step"]])
    begin = int(ds.end_row[step["step"] - 1])
    assert float(ds.time[step["step"]]) == step["time"]
    assert end - begin == len(step["position"])
    # scale_factor is applied by xarray: metres and metres per second.
    assert np.abs(ds.position[begin:end].values - step["position"]).max() < 0.0501
    assert np.abs(ds.speed[begin:end].values - step["speed"]).max() < 0.00501
    lane = xr.open_dataset(path, engine="h5netcdf", group="network").lane.values
    assert lane[int(ds.lane[begin])] == step["first_lane"]


def main():
    path = sys.argv[1]
    expected = json.load(open(sys.argv[2], encoding="utf-8"))
    check_attributes(path, expected)
    for group in GROUPS:
        xr.open_dataset(path, engine="h5netcdf", group=group).load()
    check_edges(path, expected)
    check_trips(path, expected)
    check_trajectories(path, expected)
    kpi = xr.open_dataset(path, engine="h5netcdf", group="kpi").load()
    at = (kpi.name.values == "mean_travel_time") & (kpi.group.values == "all")
    assert float(kpi.value.values[at][0]) == expected["kpi"]
    print("checked with h5py", h5py.__version__, "and xarray", xr.__version__)


if __name__ == "__main__":
    main()
