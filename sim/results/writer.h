// Writes one run as one HDF5 file (schema: sim/results/schema.h and DESIGN). NAME.h5.partial until finish(), then
// renamed; flushed every interval, so that a killed run leaves a file that opens. Units are in every dataset's
// attribute. Thread rule: one thread per writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/closure.h"
#include "sim/core/frame.h"
#include "sim/core/observations.h"
#include "sim/network/network.h"

namespace gemeo {

struct run_description {
  std::string scenario_name, scenario_title, scenario_text, effective_config, engine, engine_version, software_version,
      commit;
  std::uint64_t seed = 0, network_hash = 0, demand_hash = 0, input_hash = 0;  // input_hash: identity for --resume
  double begin_s = 0, end_s = 0, step_s = 1, interval_s = 900, warm_up_s = 0;
  std::size_t threads = 1;
  bool emissions = false, trajectories = false;
  std::string attribution;  // sources and licences of the city's data, one a line; for publication
  std::string caution;      // what a reader must know before the figures
  std::string scenario_title_pt, attribution_pt, caution_pt;  // in Portuguese; may be empty
  std::string demand_member;  // which of several calibrated demands, with its hash; empty: there is one
  std::string time_zone;      // IANA name of the clock that the times are of; empty: not said
};

// What /trips needs to know of a vehicle beyond its record; by vehicle id. Sizes 0 where a run has no such table.
struct traveller_table {
  std::vector<std::string> name, type, purpose, mode, from_zone, to_zone, line;
  std::vector<double> planned_depart_s;
  std::vector<std::string> zone_names;   // /kpi by zone
  std::vector<std::string> zone_labels;  // what people call them; parallel, or empty
  std::vector<std::uint32_t> edge_zone;  // per edge: index into zone_names, 0xffffffff none
  std::vector<edge_closure> closures;    // to cars; by edge, then by begin
  std::vector<std::string> stop_names, passenger_names, detector_names, area_names, signal_names;
};

struct run_summary {
  counters total;
  std::uint64_t frame_hash = 0;
  double wall_s = 0, cpu_s = 0;
  std::uint64_t peak_rss_bytes = 0;
  bool complete = false;  // false: ended early (signal, failure)
};

struct kpi_row {
  std::string name, unit, group, key;  // group: "all" | "zone" | "mode" | "purpose" | "hour" | "approach" | "line"
  double value = 0;
};

class result_writer {
 public:
  result_writer(std::filesystem::path file, run_description const& d, network const& net, traveller_table const& t);
  ~result_writer();                    // without finish(): leaves NAME.h5.partial, closed and readable
  void append(observations const& o);  // then flushes
  void append_frame(frame const& f);   // trajectories
  void log(double time_s, std::string const& line);
  // After a failure (a full disk): takes back the rows of the append that failed, gives the space held for that free,
  // and logs why. What had been flushed stays, in a file that the destructor can close.
  void abandon(double time_s, std::string const& why);
  void write_kpis(std::vector<kpi_row> const& rows);
  void finish(run_summary const& s);  // closes and renames

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
