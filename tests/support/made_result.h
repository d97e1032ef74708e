// Result files without an engine: plausible observations on a network, written by result_writer, for tests of
// everything that reads results. Two variants share every traveller's draws (keyed by seed and vehicle), as paired runs
// do: in the "closed" variant the trips are slower, their CO2 higher, and the edge `closed` is empty.
//
//   made_city const c;  // tiny network, 4 x 3 junctions, two signals, named roads and zones
//   made_run r;
//   r.seed = 7, r.closed = "FG", r.trajectories = true;
//   fs::path const file = make_result(c.net(), folder / "seed_0007.h5", r);
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/results/writer.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct made_data;

struct made_run {
  std::string scenario = "base", title = "Base";
  std::uint64_t seed = 1;
  std::string closed = {};  // edge id; empty: the base
  std::size_t vehicles = 400;
  double begin_s = 7 * 3600, end_s = 8 * 3600, interval_s = 900;
  bool emissions = true, trajectories = false, complete = true;
  double delay_factor = 1.25;                 // of the closed variant
  std::function<void(made_data&)> edit = {};  // the last word on what is written
};

struct made_city {
  made_city();
  tiny_network drawn;
  [[nodiscard]] network const& net() const { return *drawn.net; }
};
made_city const& drawn_city();  // one for all tests of a program

struct made_data {  // what was written, to compare with what is read
  run_description description;
  traveller_table travellers;
  std::vector<observations> intervals;
  std::vector<kpi_row> kpis;
  std::vector<frame> frames;
  run_summary summary;
};

std::vector<edge_id> normal_edges(network const& net);

// What make_result writes, before its edit().
made_data make_data(network const& net, made_run const& r);
// Writes the run; what was written is put into *written. Gives the file that is there in the end (NAME.partial when not
// complete).
std::filesystem::path make_result(network const& net, std::filesystem::path const& file, made_run const& r = {},
                                  made_data* written = nullptr);

}  // namespace gemeo::test
