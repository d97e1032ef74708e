// Reads a result file back, finished or partial or still growing. Every length and type is checked before it is
// believed; a damaged file is an error(kInput) that names file, group and dataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/results/writer.h"

namespace gemeo {

struct edge_series {  // dense: [interval][edge], NaN where nothing was measured
  std::vector<double> begin_s, end_s;
  std::size_t edges = 0;
  std::vector<float> values;
  std::string unit, description;
  [[nodiscard]] float at(std::size_t interval, edge_id e) const { return values[interval * edges + e.index()]; }
};

struct closure_windows {           // to cars, by the scenario
  std::vector<edge_closure> rows;  // by edge, then by begin; none overlap
  [[nodiscard]] std::span<edge_closure const> of(edge_id e) const;
  [[nodiscard]] bool at(edge_id e, double time_s) const;
  [[nodiscard]] bool half_of(edge_id e, double from_s, double to_s) const;  // at least half of that time, in all
};

struct result_network {  // enough to draw the map and name things without the .net.xml
  id_vector<edge_id, std::string> name, road_name;
  id_vector<edge_id, std::uint8_t> function;
  id_vector<edge_id, float> length_m, speed_mps, width_m;
  id_vector<edge_id, std::uint32_t> lanes;
  id_vector<edge_id, range> shape;  // centre line, into points
  std::vector<point> points;
  std::string projection;
  double offset_x = 0, offset_y = 0;
  id_vector<edge_id, std::string> type;  // "highway.primary"; these four are empty in a file that lacks them
  id_vector<edge_id, std::int32_t> priority;
  id_vector<edge_id, std::uint32_t> from, to;  // junctions
  bool left_hand = false;
  id_vector<edge_id, std::uint32_t> lane_begin;  // first lane id; lanes of an edge follow on, right-most first
  id_vector<lane_id, edge_id> lane_edge;
  id_vector<lane_id, float> lane_length_m, lane_speed_mps, lane_width_m;
  id_vector<lane_id, std::uint32_t> lane_allowed;  // vclass_mask
  id_vector<lane_id, range> lane_shape;            // into points
  std::vector<std::string> junction_name;
  std::vector<point> junction_position;
  std::vector<range> junction_shape;   // polygon, into points
  std::vector<lon_lat> point_lon_lat;  // parallel to points; empty without a projection
};

struct trajectory_step {
  double time_s = 0;
  std::vector<vehicle_id> vehicle;
  std::vector<edge_id> edge;
  std::vector<lane_id> lane;
  std::vector<float> pos_m, speed_mps;
};

class result_file {
 public:
  explicit result_file(std::filesystem::path file);
  ~result_file();
  result_file(result_file&&) noexcept;
  result_file& operator=(result_file&&) noexcept;
  [[nodiscard]] std::filesystem::path const& path() const;
  // Its writer is at work, or was killed: rows may still come, and every call looks again.
  [[nodiscard]] bool growing() const;
  [[nodiscard]] run_description description() const;
  [[nodiscard]] run_summary summary() const;
  [[nodiscard]] result_network read_network() const;
  [[nodiscard]] closure_windows closures() const;                  // none in a file of an earlier version
  [[nodiscard]] std::vector<std::string> edge_quantities() const;  // "speed", "density", ...
  [[nodiscard]] bool counts_teleports_by_trip() const;             // files of earlier versions do not
  [[nodiscard]] edge_series edge_intervals() const;                // begin, end and number of edges, no values
  [[nodiscard]] edge_series edges(std::string const& quantity) const;
  [[nodiscard]] std::vector<trip_record> trips() const;
  [[nodiscard]] traveller_table travellers() const;
  [[nodiscard]] std::vector<kpi_row> kpis() const;
  [[nodiscard]] std::vector<detector_record> detectors() const;
  [[nodiscard]] std::vector<area_record> areas() const;
  [[nodiscard]] std::vector<stop_record> stops() const;
  [[nodiscard]] std::vector<ride_record> rides() const;
  [[nodiscard]] std::vector<std::pair<double, std::string>> log() const;
  [[nodiscard]] std::size_t trajectory_steps() const;
  [[nodiscard]] std::vector<double> trajectory_times() const;
  [[nodiscard]] trajectory_step trajectory(std::size_t step) const;
  // Problems found: missing datasets, shapes that disagree, values out of range; empty when sound.
  [[nodiscard]] std::vector<std::string> validate() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
