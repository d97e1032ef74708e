// The immutable road network: structure of arrays, made once by read_network (SUMO .net.xml or .gz), never changed.
// Units: metres, m/s, degrees for WGS 84. Edges and lanes include junction-internal ones (edge_function::kInternal).
// Lanes of an edge are contiguous, right-most first, as in SUMO. Geometry is one shared point array.
// Thread rule: const access from any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ids.h"
#include "sim/core/vclass.h"
#include "sim/network/name_index.h"

namespace gemeo {

enum class edge_function : std::uint8_t { kNormal, kInternal, kConnector, kCrossing, kWalkingArea };
enum class junction_type : std::uint8_t {
  kPriority,
  kTrafficLight,
  kRightBeforeLeft,
  kLeftBeforeRight,
  kAllwayStop,
  kPriorityStop,
  kUnregulated,
  kDeadEnd,
  kInternal,
  kZipper,
  kRailSignal,
  kRailCrossing,
  kTrafficLightUnregulated,
  kTrafficLightRightOnRed,
  kDistrict,
  kOther
};

struct point {
  float x = 0, y = 0, z = 0;
};
struct range {  // [begin, end) into a flat array
  std::uint32_t begin = 0, end = 0;
  [[nodiscard]] std::uint32_t size() const { return end - begin; }
};
struct lon_lat {
  double lon_deg = 0, lat_deg = 0;
};
struct box {
  double min_x = std::numeric_limits<double>::max(), min_y = min_x, max_x = std::numeric_limits<double>::lowest(),
         max_y = max_x;
};

struct edge_table {
  id_vector<edge_id, std::string> name;       // SUMO's id
  id_vector<edge_id, std::string> road_name;  // "Avenida Marginal", may be empty
  id_vector<edge_id, std::string> type;       // "highway.primary", may be empty
  id_vector<edge_id, edge_function> function;
  id_vector<edge_id, junction_id> from, to;
  id_vector<edge_id, range> lanes;  // lane ids
  id_vector<edge_id, std::int32_t> priority;
  id_vector<edge_id, range> out, in;  // into network::edge_successors / edge_predecessors (normal edges only)
};
struct lane_table {
  id_vector<lane_id, edge_id> edge;
  id_vector<lane_id, float> length_m, width_m, speed_mps;
  id_vector<lane_id, vclass_mask> allowed;
  id_vector<lane_id, vclass_mask> change_left, change_right;  // who may leave it to that side
  id_vector<lane_id, std::uint8_t> acceleration;              // 1: an acceleration lane
  id_vector<lane_id, range> shape;                            // into network::points
  id_vector<lane_id, range> out;                              // into connections: sorted by from-lane
};
struct connection {
  lane_id from, to;
  lane_id via;             // first internal lane; invalid without internal lanes
  signal_id signal;        // invalid when unsignalled
  std::int32_t link = -1;  // index in the signal's state string
  char dir = 's', state = 'M';
  bool keep_clear = true;     // nobody enters who could not leave the junction
  float visibility_m = 4.5F;  // from where a driver who gives way sees all whom he gives way to
};
struct junction_table {
  id_vector<junction_id, std::string> name;
  id_vector<junction_id, junction_type> type;
  id_vector<junction_id, point> position;
  id_vector<junction_id, range> shape;           // into points
  id_vector<junction_id, range> incoming_lanes;  // into network::lane_refs
  id_vector<junction_id, range> internal_lanes;  // into network::lane_refs; the i-th request belongs to the i-th link
  id_vector<junction_id, range> requests;        // into network::requests
};
class link_set {  // one bit per link of a junction; 64 links without an allocation
 public:
  link_set() = default;
  // SUMO's text: '0' or '1' per link, link 0 last. The caller has checked the characters.
  explicit link_set(std::string_view bits);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool operator[](std::size_t link) const {
    return ((link < 64 ? first_ : more_[link / 64 - 1]) >> (link % 64) & 1U) != 0;
  }

 private:
  std::uint64_t first_ = 0;
  std::uint32_t size_ = 0;
  std::vector<std::uint64_t> more_;
};
struct request {      // right of way of one link of a junction
  link_set response;  // the links this one must yield to
  link_set foes;      // the links that cross it
  bool may_continue = false;
};
struct signal_phase {
  double duration_s = 0, min_s = 0, max_s = 0;
  std::string state;  // one of GgrRyYsuoO per link
};
struct signal_program {
  std::string name;  // programID
  std::string type;  // "static", "actuated", ...
  double offset_s = 0;
  std::vector<signal_phase> phases;
};
struct signal_table {
  id_vector<signal_id, std::string> name;
  id_vector<signal_id, std::vector<signal_program>> programs;
  id_vector<signal_id, std::uint32_t> links;  // number of links it controls
};
struct roundabout {
  std::vector<junction_id> junctions;
  std::vector<edge_id> edges;
};

class network {
 public:
  edge_table edges;
  lane_table lanes;
  std::vector<connection> connections;  // sorted by (from, to)
  junction_table junctions;
  signal_table signals;
  std::vector<roundabout> roundabouts;
  std::vector<point> points;
  std::vector<lane_id> lane_refs;
  std::vector<request> requests;
  std::vector<edge_id> edge_successors, edge_predecessors;
  std::string projection;  // SUMO's projParameter ("!" = none)
  double offset_x = 0, offset_y = 0;
  bool left_hand = false;  // traffic keeps left
  box bounds;
  std::filesystem::path file;
  std::uint64_t hash = 0;  // of the file's bytes

  [[nodiscard]] std::size_t edge_count() const { return edges.name.size(); }
  [[nodiscard]] std::size_t lane_count() const { return lanes.edge.size(); }
  [[nodiscard]] std::optional<edge_id> find_edge(std::string_view name) const;
  [[nodiscard]] std::optional<lane_id> find_lane(std::string_view name) const;  // "edge_0"
  [[nodiscard]] std::optional<junction_id> find_junction(std::string_view name) const;
  [[nodiscard]] std::optional<signal_id> find_signal(std::string_view name) const;
  [[nodiscard]] std::string lane_name(lane_id l) const;
  [[nodiscard]] std::span<point const> shape(lane_id l) const;
  [[nodiscard]] std::span<edge_id const> successors(edge_id e) const;
  [[nodiscard]] std::span<edge_id const> predecessors(edge_id e) const;
  [[nodiscard]] bool is_normal(edge_id e) const { return edges.function[e] == edge_function::kNormal; }
  [[nodiscard]] double length_m(edge_id e) const { return lanes.length_m[lane_id(edges.lanes[e].begin)]; }
  [[nodiscard]] double speed_mps(edge_id e) const;     // the fastest lane's
  [[nodiscard]] vclass_mask allowed(edge_id e) const;  // union over lanes
  [[nodiscard]] bool has_projection() const { return projection != "!" && !projection.empty(); }

  // The name look-ups, once, from the reader.
  void set_name_indexes(name_index edges_by_name, name_index junctions_by_name, name_index signals_by_name);

 private:
  name_index edge_by_name_, junction_by_name_, signal_by_name_;
};

// Throws error(kInput) naming file, line and element: malformed XML or numbers, unknown or missing references,
// duplicate ids, negative lengths, a network without edges. What is odd but usable is left to validate().
std::shared_ptr<network const> read_network(std::filesystem::path const& file);
// The same on text in memory; name stands for the file in messages.
std::shared_ptr<network const> read_network_text(std::string_view text, std::filesystem::path const& name);

}  // namespace gemeo
