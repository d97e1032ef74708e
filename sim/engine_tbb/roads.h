// The network as the engine drives on it: links (connections) with who must give way to whom, and where paths across a
// junction are in each other's way. Compiled once from the network and immutable; live signals and permissions are the
// world's. Rules: SUMO manual, "Simulation/Intersections", and the <request> table of the network file.
// Thread rule: const access from any number of threads.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/network/network.h"

namespace gemeo::micro {

// The network keeps lengths and speeds as float; here they are what the file said, to 0.1 mm.
inline double as_written(float x) { return std::round(double(x) * 1e4) / 1e4; }
inline constexpr std::uint32_t kNone = 0xFFFFFFFFU;
inline constexpr double kRoundaboutSight_m = 300;  // further away, lane changes take no account of a roundabout

enum : std::uint16_t {          // link::flags
  kFromInternal = 1,            // begins on a lane inside the junction
  kToInternal = 2,              // leads onto one
  kCont = 4,                    // traffic waits inside the junction, behind this link
  kKeepClear = 8,               // not entered by who could not leave
  kHasFoes = 16,                // somebody gives way at its junction
  kWatched = 32,                // somebody gives way to those who approach it
  kAfterInternalJunction = 64,  // leaves the lane behind an internal junction
  kTurnaround = 128,
  kInCircle = 256  // somebody at its junction may have right before left all round
};

struct conflict {      // of the lane before a link with another lane inside the junction
  float behind_m = 0;  // from the conflict to the end of the lane before the link; far more: the paths do not meet
  float size_m = 0;    // length of the conflict on that lane
  float foe_behind_m = 0, foe_size_m = 0;  // the same on the foe's lane
  bool same_target : 1 = false, same_source : 1 = false, foe_is_cont : 1 = false, parallel_merge : 1 = false;
};

struct alignas(64) link {         // one cache line
  lane_id from, to, via;          // via: first lane inside the junction, or invalid
  lane_id next;                   // via or to
  std::uint32_t letter = kNone;   // place of its signal in world's letters
  std::uint32_t entry = kNone;    // the link by which its junction was entered (itself outside)
  std::uint32_t request = kNone;  // its number at the junction
  junction_id junction;
  range foes;       // roads::foe_links: to whom it gives way
  range conflicts;  // roads::conflicts: of the lane before it
  float length_m = 0, visibility_m = 4.5F;
  // From inside a junction: of the turn that it ends; 0: straight, or to the near side. From elsewhere: the way to the
  // next link behind it that somebody gives way to; 0: there is none.
  float radius_m = 0;
  std::uint16_t flags = 0;
  char state = 'M', dir = 's';

  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  [[nodiscard]] float watched_beyond_m() const { return radius_m; }  // of links from outside
};

static_assert(sizeof(link) == 64);

struct lane_facts {
  double length_m = 0;
  std::uint32_t first_link = 0, last_link = 0;  // into roads::links
  edge_id edge;
  std::uint8_t index = 0;
  bool internal = false, roundabout = false;  // also lanes inside its junctions, and on the way in and out
  bool alone = false;                         // the only lane of its edge
  bool at_crossing = false;                   // its junction has more than one way in and one out
  bool before_roundabout = false;             // one may be within kRoundaboutSight_m on the way from this edge, or here
  std::uint32_t entry_link = kNone;           // of an internal lane: the link that leads onto it
  std::uint32_t single_before = kNone;        // the lane before it, where there is exactly one
};

struct arrival {  // a link with what who looks upstream asks of it
  std::uint32_t link;
  lane_id from;
  double length_m;  // of that lane; above 0, so that rings end
};

struct onward {          // a link with what who looks along a route asks of it
  lane_id lane;          // it leads to
  std::uint32_t letter;  // of its signal, as in link
  bool major;            // by the network's state, where it has no signal
};

struct turn {  // from an edge to one that follows it
  edge_id to;
  std::uint32_t first;  // into roads::leads_onto: of each of the edge's lanes, onto which of the next edge's it leads
};

struct edge_facts {  // what who looks along a route asks of an edge
  range lanes, turns;
  float length_m = 0;
};

class roads {
 public:
  explicit roads(std::shared_ptr<network const> net);
  [[nodiscard]] network const& net() const { return *net_; }
  [[nodiscard]] std::span<link const> links_of(lane_id l) const {
    lane_facts const& f = lanes[l];
    return {links.data() + f.first_link, f.last_link - f.first_link};
  }
  // By lane of e, a bit for each lane of the next edge that it leads onto; nullptr: none does.
  [[nodiscard]] std::uint16_t const* leads(edge_id e, edge_id next) const {
    range const r = edges[e].turns;
    for (std::uint32_t t = r.begin; t < r.end; ++t)
      if (turns[t].to == next) return &leads_onto[turns[t].first];
    return nullptr;
  }
  [[nodiscard]] bool has_wide_edges() const { return way_bits > 2; }  // of more than four lanes
  [[nodiscard]] std::uint32_t way_index(std::uint64_t way) const { return static_cast<std::uint32_t>(way) & way_mask; }
  [[nodiscard]] std::size_t bytes() const;

  std::vector<link> links;   // as network::connections, same order
  std::vector<onward> onto;  // by link
  id_vector<lane_id, lane_facts> lanes;
  id_vector<edge_id, edge_facts> edges;
  std::vector<turn> turns;
  std::vector<std::uint16_t> leads_onto;
  std::vector<std::uint32_t> foe_links;
  std::vector<conflict> conflicts;
  std::vector<lane_id> conflicting;  // the other lane of each of conflicts
  // A bit for each lane inside a junction, by its number, where no two of one junction share one; by link, those of
  // its conflicting lanes. Junctions of more lanes are crowded: nothing is told by their bits.
  std::vector<std::uint64_t> conflict_bits;
  id_vector<junction_id, std::uint8_t> crowded;
  [[nodiscard]] static std::uint64_t bit_of(lane_id l) { return std::uint64_t{1} << l.value % 64U; }
  id_vector<lane_id, range> into;  // into arriving: how one comes onto the lane
  std::vector<arrival> arriving;
  id_vector<signal_id, std::uint32_t> first_letter;  // of each signal in the letters
  std::size_t letters = 0;
  std::uint32_t max_lanes = 1;  // of any edge
  // Of a lane's index in the ways along which lanes lead (lane_choice): of edges with up to four lanes 16 take 32 bits.
  std::uint32_t way_bits = 2, way_mask = 3;
  // Inside a junction only where nobody on the edge gave way, unless to a signal.
  [[nodiscard]] bool allows_changes(edge_id e) const;
  // Does link a give way to link b at their junction, by the request table?
  [[nodiscard]] bool yields(link const& a, link const& b) const;

 private:
  void make_lanes();
  void find_roundabouts_ahead();
  void make_links();
  void make_turns();
  void note_turn(edge_facts const& e, std::uint32_t lane, lane_id onto_lane);
  void number_requests();
  void find_foes();
  void find_watched_beyond();
  void find_conflicts();
  void find_radii();
  void note_conflict_bits();
  [[nodiscard]] std::uint32_t first_conflict(lane_facts const& f) const;
  [[nodiscard]] std::uint32_t last_conflict(lane_facts const& f) const;
  void add_conflicts(std::uint32_t l, std::vector<lane_id> const& foes);

  std::vector<float> drawn_behind_m_;  // behind_m on the drawn path, where one has to wait further back; while loading
  std::shared_ptr<network const> net_;
};

}  // namespace gemeo::micro
