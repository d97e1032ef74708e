// The result file as a researcher opens it: h5py and xarray, none of our code.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/results/ensemble.h"
#include "sim/results/reader.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

bool have_python() { return std::system("/usr/bin/python3 -c 'import h5py, xarray, h5netcdf' 2>/dev/null") == 0; }

json expectations(made_data const& d, network const& net) {
  json j;
  j["attributes"] = {{"schema_version", 1},
                     {"scenario_name", d.description.scenario_name},
                     {"scenario_text", d.description.scenario_text},
                     {"effective_config", d.description.effective_config},
                     {"engine", d.description.engine},
                     {"seed", d.description.seed},
                     {"network_hash", to_hex(d.description.network_hash)},
                     {"frame_hash", to_hex(d.summary.frame_hash)},
                     {"begin_s", d.description.begin_s},
                     {"wall_s", d.summary.wall_s},
                     {"arrived", d.summary.total.arrived},
                     {"complete", 1}};
  for (observations const& o : d.intervals) {
    edge_interval const& i = o.edges.front();
    for (std::size_t k = 0; k < i.size(); ++k) {
      json const value = std::isnan(i.speed_mps[k]) ? json(nullptr) : json(static_cast<double>(i.speed_mps[k]));
      j["edges"].push_back(
          {{"quantity", "speed"}, {"edge", net.edges.name[i.edge[k]]}, {"time", i.begin_s}, {"value", value}});
      j["edges"].push_back({{"quantity", "entered"},
                            {"edge", net.edges.name[i.edge[k]]},
                            {"time", i.begin_s},
                            {"value", static_cast<double>(i.entered[k])}});
    }
  }
  j["interval_s"] = d.description.interval_s;
  double sum = 0, n = 0;
  std::size_t trips = 0;
  for (observations const& o : d.intervals) {
    trips += o.trips.size();
    for (trip_record const& t : o.trips) {
      if (t.vehicle.value % 40 == 0) {
        j["trip_rows"].push_back({{"vehicle", d.travellers.name[t.vehicle.index()]},
                                  {"duration", t.duration_s},
                                  {"purpose", d.travellers.purpose[t.vehicle.index()]}});
      }
      if (t.state != trip_state::kArrived) continue;
      sum += t.duration_s;
      n += 1;
    }
  }
  j["trips"] = trips;
  j["vehicles"] = d.travellers.name.size();
  j["mean_duration"] = sum / n;
  std::size_t const step = 1800;
  frame const& f = d.frames[step];
  j["trajectory_step"] = {{"step", step},
                          {"time", f.time_s},
                          {"position", f.pos_m},
                          {"speed", f.speed_mps},
                          {"first_lane", net.lane_name(f.lane[0])}};
  for (kpi_row const& k : d.kpis) {
    if (k.name == "mean_travel_time" && k.group == "all") j["kpi"] = k.value;
  }
  return j;
}

}  // namespace

TEST_CASE("results: h5py and xarray open every group, with units, axes, names and the values that were written") {
  if (!have_python()) {
    WARN("skipped: python3-h5py, python3-xarray and python3-h5netcdf are not installed");
    return;
  }
  made_city const c;
  temp_folder const dir;
  made_run r;
  r.trajectories = true;
  made_data d;
  fs::path const file = make_result(c.net(), dir / "run.h5", r, &d);
  write_text(dir / "expected.json", print_json(expectations(d, c.net()), bad_utf8::kThrows));
  std::string const script = std::string(GEMEO_SOURCE_DIR) + "/tests/unit/results/check_with_python.py";
  std::string const command = "/usr/bin/python3 '" + script + "' '" + file.string() + "' '" +
                              (dir / "expected.json").string() + "' > '" + (dir / "log").string() + "' 2>&1";
  int const code = std::system(command.c_str());
  if (code != 0) FAIL(read_text_file(dir / "log"));
  CHECK(code == 0);

  // A file of an earlier version, which did not count teleports by trip.
  auto const teleports = [](std::vector<trip_record> const& trips) {
    return std::accumulate(trips.begin(), trips.end(), 0U, [](auto n, auto const& t) { return n + t.teleports; });
  };
  CHECK(teleports(result_file(file).trips()) > 0);
  REQUIRE(std::system(
              ("/usr/bin/python3 -c \"import h5py; del h5py.File('" + file.string() + "', 'a')['trips/teleports']\"")
                  .c_str()) == 0);
  CHECK(result_file(file).trips().size() == d.travellers.name.size());
  CHECK(teleports(result_file(file).trips()) == 0);
}

TEST_CASE("results: xarray opens an ensemble with the values of every seed and their mean") {
  if (!have_python()) {
    WARN("skipped: python3-h5py, python3-xarray and python3-h5netcdf are not installed");
    return;
  }
  made_city const c;
  temp_folder const dir;
  fs::create_directories(dir / "a/runs");
  std::vector<fs::path> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    made_run r;
    r.seed = seed;
    runs.push_back(make_result(c.net(), dir.path() / "a/runs" / ("seed_" + std::to_string(seed) + ".h5"), r));
  }
  write_ensemble(dir / "a/ensemble.h5", runs);
  fs::rename(dir / "a", dir / "moved");  // paths inside are relative
  write_text(dir / "check.py",
             "import sys, numpy as np, xarray as xr\n"
             "e = xr.open_dataset(sys.argv[1] + '/ensemble.h5', engine='h5netcdf', group='edges')\n"
             "assert e.speed.dims == ('seed', 'time', 'edge'), e.speed.dims\n"
             "for s in (1, 2, 3):\n"
             "    one = xr.open_dataset(f'{sys.argv[1]}/runs/seed_{s}.h5', engine='h5netcdf', group='edges')\n"
             "    assert np.array_equal(e.speed.sel(seed=s).values, one.speed.values, equal_nan=True)\n"
             "import warnings; warnings.simplefilter('ignore')\n"
             "v = e.speed.values.astype(float)\n"
             "assert np.allclose(np.nanmean(v, 0), e.speed_mean.values, equal_nan=True, rtol=1e-6)\n"
             "assert np.allclose(np.nanquantile(v, 0.9, axis=0), e.speed_p90.values, equal_nan=True, rtol=1e-6)\n"
             "many = (~np.isnan(v)).sum(0) > 1\n"
             "assert np.allclose(np.nanstd(v, 0, ddof=1)[many], e.speed_sd.values[many], rtol=1e-4)\n"
             "assert e.speed_mean.attrs['units'] == 'm/s'\n"
             "k = xr.open_dataset(sys.argv[1] + '/ensemble.h5', engine='h5netcdf', group='kpi')\n"
             "assert k.value.dims == ('indicator', 'seed')\n"
             "assert np.allclose(k.value.mean('seed'), k['mean'])\n");
  std::string const command = "/usr/bin/python3 '" + (dir / "check.py").string() + "' '" + (dir / "moved").string() +
                              "' > '" + (dir / "log").string() + "' 2>&1";
  if (std::system(command.c_str()) != 0) FAIL(read_text_file(dir / "log"));
  ensemble_summary const s = read_ensemble(dir.path() / "moved/ensemble.h5");
  CHECK(is_ensemble(dir.path() / "moved/ensemble.h5"));
  CHECK_FALSE(is_ensemble(dir.path() / "moved/runs/seed_1.h5"));
  CHECK(s.seeds == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(s.files.front() == "runs/seed_1.h5");
  REQUIRE_FALSE(s.kpis.empty());
  CHECK(s.kpis.front().runs == 3);
}

TEST_CASE("results: runs that ended when their roads were empty share the intervals of the longest") {
  if (!have_python()) {
    WARN("skipped: python3-h5py, python3-xarray and python3-h5netcdf are not installed");
    return;
  }
  temp_folder const dir;
  made_run const like = ending_at(small_run(), {27900, 28200, 28100, 27000});
  make_ensemble(drawn_city().net(), dir.path(), {1, 2, 3, 4}, like);
  std::vector<fs::path> runs;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) runs.push_back(made_file(dir.path(), seed));
  write_ensemble(dir / "ensemble.h5", runs);
  write_text(dir / "check.py",
             "import sys, numpy as np, h5py\n"
             "e = h5py.File(sys.argv[1] + '/ensemble.h5')['edges']\n"
             "assert list(e['time']) == [25200, 26100, 27000, 27900], list(e['time'])\n"
             "assert list(e['time_end']) == [26100, 27000, 27900, 28200], list(e['time_end'])\n"
             "own = [h5py.File(f'{sys.argv[1]}/seed_{s:04}.h5')['edges/entered'][:] for s in (1, 2, 3, 4)]\n"
             "assert [len(o) for o in own] == [3, 4, 4, 2], [len(o) for o in own]\n"
             "for s, o in enumerate(own):\n"
             "    assert np.array_equal(e['entered'][s, :len(o)], o, equal_nan=True)\n"
             "    assert np.isnan(e['entered'][s, len(o):]).all()\n"
             "last = (own[1][3] + own[2][3]) / 2\n"
             "assert np.isfinite(last).sum() > 10\n"
             "assert np.allclose(e['entered_mean'][3], last, equal_nan=True)\n");
  std::string const command = "/usr/bin/python3 '" + (dir / "check.py").string() + "' '" + dir.path().string() +
                              "' > '" + (dir / "log").string() + "' 2>&1";
  if (std::system(command.c_str()) != 0) FAIL(read_text_file(dir / "log"));

  // A member that lost columns is named, not filled up.
  REQUIRE(std::system(("/usr/bin/python3 -c \"import h5py; e = h5py.File('" + runs[1].string() +
                       "', 'a')['edges/entered']; e.resize(e.shape[1] - 3, axis=1)\"")
                          .c_str()) == 0);
  CHECK_THROWS_WITH(write_ensemble(dir / "ensemble.h5", runs),
                    Catch::Contains("seed_0002.h5") && Catch::Contains("/edges/entered: is not as wide"));

  // A planned end is an end: then the runs are not of one configuration.
  temp_folder const other;
  make_ensemble(drawn_city().net(), other.path(), {1, 2}, ending_at(small_run(), {28800, 27900}, true));
  CHECK_THROWS_WITH(write_ensemble(other / "ensemble.h5", {made_file(other.path(), 1), made_file(other.path(), 2)}),
                    Catch::Contains("its time axis differs"));
  CHECK_FALSE(fs::exists(other / "ensemble.h5"));
}
