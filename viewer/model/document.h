// A result file in memory, as far as the viewer needs it: facts, network, the edge values asked for, network-wide
// series. A document never changes once made; a file that grows is read into a new one, which shares what has not
// changed. load_document throws gemeo::error. Thread rule: HDF5 is used by one thread at a time (see loader.h).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/results/reader.h"
#include "viewer/model/labels.h"
#include "viewer/model/picker.h"
#include "viewer/model/quantity.h"
#include "viewer/model/road_map.h"
#include "viewer/model/search.h"
#include "viewer/model/vehicles.h"

namespace gemeo::view {

struct map_data {  // made from the network, shared by all documents of one file
  result_network net;
  road_map map;
  picker under;
  road_search search;
  road_labels labels;
  vehicle_placer vehicles;
  explicit map_data(result_network n);
  map_data(map_data const&) = delete;
};

struct network_series {  // one value an interval, over all normal edges
  std::vector<double> begin_s, end_s;
  std::vector<double> vehicles;   // mean number driving
  std::vector<double> speed_kmh;  // mean over vehicles (each second of driving counts once)
};

struct trip_shares {  // of all vehicles that wanted to depart; NaN when there were none
  double teleported = 0, never_inserted = 0, unfinished = 0;
  std::int64_t loaded = 0;
};

struct document {
  std::filesystem::path path;  // what was opened: NAME.h5 or NAME.h5.partial
  std::uint64_t bytes = 0;     // of the file when it was read
  std::filesystem::file_time_type changed;
  run_description description;
  run_summary summary;
  trip_shares shares;
  std::shared_ptr<map_data const> map;
  closure_windows closed;          // to cars, by this scenario
  std::vector<std::string> names;  // of all edge values in the file
  series_map series;               // those that have been read
  network_series totals;
  std::size_t trajectory_steps = 0;
  double begin_s = 0, end_s = 0;  // of what has been measured
  [[nodiscard]] std::string title() const;
  [[nodiscard]] bool offers(quantity q) const { return inputs_of(q, names).has_value(); }
  [[nodiscard]] bool holds(quantity q) const;  // its inputs have been read
  // The beginning of the interval with most vehicles: what a still picture shows if no time is given.
  [[nodiscard]] double busiest_time_s() const;
};

// FILE, or FILE.partial while the run is still writing it; an error(kInput) when there is neither.
std::filesystem::path existing_file(std::filesystem::path const& file);
// Reads what the quantities need; what an earlier document of the same file has is taken over where it still holds.
std::shared_ptr<document const> load_document(std::filesystem::path const& file, std::vector<quantity> const& wanted,
                                              std::shared_ptr<document const> const& earlier = nullptr);
bool has_changed(document const& d);

network_series totals_of(edge_series const& speed, edge_series const& density, result_network const& net);
// As the run's own indicators have them; while it runs, from its counters.
trip_shares shares_of(run_summary const& s, std::vector<kpi_row> const& kpis);

// The two recorded steps around a time.
struct step_pair {
  trajectory_step before, after;
  bool has_after = false;
};
class trajectory_source {
 public:
  explicit trajectory_source(std::filesystem::path const& file);
  [[nodiscard]] std::size_t steps() const { return times_.size(); }
  std::shared_ptr<step_pair const> around(double time_s);

 private:
  double time_of(std::size_t step);
  result_file file_;
  std::vector<double> times_;  // NaN: not read yet
  std::size_t last_ = 0;
  std::shared_ptr<step_pair const> pair_;
};

}  // namespace gemeo::view
