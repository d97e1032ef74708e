// One small check per finding; each counts all it sees and keeps the first ten names.
#include "sim/network/validate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "sim/network/components.h"
#include "sim/network/merges.h"

namespace gemeo {

namespace {

constexpr std::size_t kExamples = 10;
constexpr float kNoLength_m = 0.1F;  // SUMO's POSITION_EPS: it cannot place a vehicle on less
constexpr float kShortEdge_m = 5;    // shorter than a car
constexpr float kStandstill_mps = 0.1F;
constexpr float kFastest_mps = 140 / 3.6F;  // no road's limit is higher
constexpr double kLengthRatio = 1.5;        // stated to drawn length, either way
constexpr double kLengthSlack_m = 20;       // drawn lanes end before the junction
constexpr auto kCar = vclass::kPassenger;

class checker {
 public:
  explicit checker(network const& net) : net_(net), cars_(find_components(net, kCar)), lost_(find_lost_lanes(net)) {}

  std::vector<network_finding> run() {
    check_components();
    check_edge_ends();
    check_edges();
    check_lanes();
    check_connections();
    check_merges();
    check_signals();
    check_junctions();
    check_roundabouts();
    if (!net_.has_projection()) {
      add(severity::kNote, "no_projection", "the network is not tied to the globe: no coordinates in maps and exports",
          "");
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](network_finding const& a, network_finding const& b) { return a.level > b.level; });
    return std::move(found_);
  }

 private:
  // One more of a kind; the name is kept while there are few.
  void add(severity level, char const* kind, char const* advice, std::string const& example) {
    auto it = std::find_if(found_.begin(), found_.end(), [&](network_finding const& f) { return f.kind == kind; });
    if (it == found_.end()) it = found_.insert(found_.end(), {level, kind, 0, {}, advice});
    ++it->count;
    if (!example.empty() && it->examples.size() < kExamples) it->examples.push_back(example);
  }
  void add(severity level, char const* kind, char const* advice, edge_id e) {
    add(level, kind, advice, net_.edges.name[e]);
  }
  void add(severity level, char const* kind, char const* advice, lane_id l) {
    add(level, kind, advice, net_.lane_name(l));
  }

  template <typename F>
  void for_each_edge(F const& f) const {
    for (std::uint32_t i = 0; i < net_.edge_count(); ++i) {
      if (net_.is_normal(edge_id(i))) f(edge_id(i));
    }
  }
  [[nodiscard]] bool for_cars(edge_id e) const { return cars_.edges[e] != reach::kNotForClass; }

  void check_components() {
    if (cars_.components == 0) {
      add(severity::kError, "no_roads_for_cars", "no edge permits passenger cars: check the permissions", "");
      return;
    }
    for_each_edge([&](edge_id e) {
      switch (cars_.edges[e]) {
        case reach::kIsolated:
          add(severity::kWarning, "isolated",
              "no car can go between these edges and the main network: join or remove them", e);
          break;
        case reach::kLeadsIn:
          add(severity::kNote, "unreachable",
              "cars from the main network cannot come here: right where a road enters the area", e);
          break;
        case reach::kLeadsOut:
          add(severity::kNote, "no_return",
              "cars cannot come back to the main network: right where a road leaves the area", e);
          break;
        case reach::kMain:
        case reach::kNotForClass:
          break;
      }
    });
  }

  // A car that reaches the end of a dead end must be at its destination: it is no error where a road leaves the area.
  void check_edge_ends() {
    id_vector<junction_id, std::uint8_t> goes_on, comes_in;
    goes_on.resize(net_.junctions.name.size(), 0);
    comes_in.resize(net_.junctions.name.size(), 0);
    for_each_edge([&](edge_id e) {
      if (!for_cars(e)) return;
      goes_on[net_.edges.from[e]] = 1;
      comes_in[net_.edges.to[e]] = 1;
    });
    id_vector<edge_id, std::uint8_t> has_next, has_previous;
    has_next.resize(net_.edge_count(), 0);
    has_previous.resize(net_.edge_count(), 0);
    for (connection const& c : net_.connections) {
      if (!permits(net_.lanes.allowed[c.from] & net_.lanes.allowed[c.to], kCar)) continue;
      edge_id const from = net_.lanes.edge[c.from], to = net_.lanes.edge[c.to];
      if (net_.is_normal(from)) has_next[from] = 1;
      if (net_.is_normal(to)) has_previous[to] = 1;
    }
    for_each_edge([&](edge_id e) {
      if (!for_cars(e)) return;
      if (has_next[e] == 0 && goes_on[net_.edges.to[e]] != 0) {
        add(severity::kWarning, "dead_end",
            "cars cannot go on although the junction has ways out: add a connection or a turnaround", e);
      } else if (has_next[e] == 0) {
        add(severity::kNote, "exit", "the road ends here for cars: trips may end here, not pass", e);
      }
      if (has_previous[e] == 0 && comes_in[net_.edges.from[e]] != 0) {
        add(severity::kWarning, "no_way_in",
            "no car can turn into this edge although the junction has ways in: add a connection", e);
      } else if (has_previous[e] == 0) {
        add(severity::kNote, "entrance", "the road begins here for cars: trips may begin here, not pass", e);
      }
    });
  }

  void check_edges() {
    for_each_edge([&](edge_id e) {
      if (net_.edges.from[e] == net_.edges.to[e]) {
        add(severity::kNote, "loop", "the edge begins and ends at one junction: split it if traffic should turn there",
            e);
      }
      if (for_cars(e) && net_.edges.road_name[e].empty()) {
        add(severity::kNote, "no_name", "the road has no name: interventions must name it by edge id or polygon", e);
      }
      double const length = net_.length_m(e);
      if (length > kNoLength_m && length < kShortEdge_m) {
        add(severity::kNote, "short_edge", "shorter than a car: consider joining the junctions at its ends", e);
      }
      if (length <= kNoLength_m) {
        add(severity::kWarning, "zero_length", "no vehicle fits: remove the edge or join its junctions", e);
      }
      if (double const drawn = drawn_length(lane_id(net_.edges.lanes[e].begin)); differ(length, drawn)) {
        add(severity::kNote, "length_not_as_drawn",
            "the stated length differs from the drawn one by more than half: right only on purpose", e);
      }
    });
  }

  [[nodiscard]] double drawn_length(lane_id l) const {
    auto const s = net_.shape(l);
    double length = 0;
    for (std::size_t i = 0; i + 1 < s.size(); ++i) {
      length += std::hypot(double{s[i + 1].x} - s[i].x, double{s[i + 1].y} - s[i].y);
    }
    return length;
  }
  static bool differ(double stated, double drawn) {
    return std::max(stated, drawn) > kLengthRatio * std::min(stated, drawn) + kLengthSlack_m;
  }

  void check_lanes() {
    for_each_edge([&](edge_id e) {
      for (std::uint32_t i = net_.edges.lanes[e].begin; i < net_.edges.lanes[e].end; ++i) {
        lane_id const l(i);
        if (net_.lanes.allowed[l] == 0) {
          add(severity::kWarning, "lane_for_nobody", "no vehicle class may use the lane: allow some, or remove it", l);
          continue;
        }
        if (net_.lanes.speed_mps[l] < kStandstill_mps) {
          add(severity::kError, "zero_speed", "vehicles stand for ever at this limit: set the lane's speed", l);
        }
        if (for_cars(e) && net_.lanes.speed_mps[l] > kFastest_mps) {
          add(severity::kNote, "odd_speed", "the limit is above 140 km/h: check its unit", l);
        }
        bool const continues = net_.lanes.out[l].size() > 0;
        if (continues || !permits(net_.lanes.allowed[l], kCar) || net_.successors(e).empty()) continue;
        if (std::binary_search(lost_.begin(), lost_.end(), l)) {
          add(severity::kWarning, "lane_lost",
              "the lane leads nowhere although the roads behind have as many: gemeo mend, on fast roads", l);
        } else {
          add(severity::kNote, "lane_ends", "the lane leads nowhere: vehicles must change to the one beside it", l);
        }
      }
    });
  }

  void check_connections() {
    for (connection const& c : net_.connections) {
      edge_id const from = net_.lanes.edge[c.from], to = net_.lanes.edge[c.to];
      if (!net_.is_normal(from) || !net_.is_normal(to)) continue;
      if ((net_.lanes.allowed[c.from] & net_.lanes.allowed[c.to]) == 0) {
        add(severity::kNote, "connection_for_nobody", "its two lanes permit no common class",
            net_.lane_name(c.from) + " -> " + net_.lane_name(c.to));
      }
      if (net_.edges.to[from] != net_.edges.from[to]) {
        add(severity::kError, "connection_apart", "its two edges do not meet at a junction",
            net_.lane_name(c.from) + " -> " + net_.lane_name(c.to));
      }
    }
  }

  void check_merges() {
    for (merge const& m : find_merges(net_)) {
      std::string const& name = net_.junctions.name[m.at];
      if (m.gives_way) {
        add(severity::kWarning, "merge_gives_way",
            "who has a lane for himself gives way all the same, and waits there for gaps in all lanes: gemeo mend",
            name);
      } else if (m.joins && m.fast) {
        add(severity::kNote, "ramp_without_lane",
            "a ramp joins a fast road without a lane to speed up on: gemeo mend adds some", name);
      }
    }
  }

  [[nodiscard]] bool is_rail_signal(signal_id s) const {
    auto const j = net_.find_junction(net_.signals.name[s]);
    return j && (net_.junctions.type[*j] == junction_type::kRailSignal ||
                 net_.junctions.type[*j] == junction_type::kRailCrossing);
  }

  void check_signals() {
    id_vector<signal_id, std::vector<bool>> used;
    used.resize(net_.signals.name.size());
    for (connection const& c : net_.connections) {
      if (!c.signal.valid()) continue;
      auto& links = used[c.signal];
      if (links.size() <= static_cast<std::size_t>(c.link)) links.resize(static_cast<std::size_t>(c.link) + 1, false);
      links[static_cast<std::size_t>(c.link)] = true;
    }
    for (std::uint32_t i = 0; i < used.size(); ++i) {
      signal_id const s(i);
      if (is_rail_signal(s)) continue;  // trains set it
      std::string const& name = net_.signals.name[s];
      if (used[s].empty()) {
        add(severity::kNote, "signal_without_links", "it controls no connection: remove it, or connect it", name);
      } else if (std::find(used[s].begin(), used[s].end(), false) != used[s].end()) {
        add(severity::kNote, "signal_unused_link",
            "its links are numbered with gaps: right only for links kept in reserve", name);
      }
      for (signal_program const& p : net_.signals.programs[s]) check_program(s, p, used[s]);
    }
  }

  void check_program(signal_id s, signal_program const& p, std::vector<bool> const& used) {
    std::string const name = net_.signals.name[s] + (net_.signals.programs[s].size() > 1 ? " program " + p.name : "");
    if (p.phases.empty()) {
      add(severity::kError, "signal_without_phases", "the program has no phase: SUMO refuses it", name);
      return;
    }
    if (p.phases.front().state.size() != used.size() && !used.empty()) {
      add(severity::kWarning, "signal_state_length",
          "its states have more letters than it has links: was a connection removed?",
          fmt::format("{} ({} letters, {} links)", name, p.phases.front().state.size(), used.size()));
    }
    double cycle = 0;
    for (signal_phase const& f : p.phases) cycle += f.duration_s;
    if (cycle <= 0)
      add(severity::kError, "signal_without_cycle", "its phases last 0 s together: give them durations", name);
    for (std::size_t link = 0; link < used.size(); ++link) {
      bool const opens = std::any_of(p.phases.begin(), p.phases.end(), [&](signal_phase const& f) {
        return std::string_view("GgoOs").find(f.state[link]) != std::string_view::npos;  // s: green arrow after a stop
      });
      if (used[link] && !opens) {
        add(severity::kWarning, "signal_never_green", "this link waits for ever: give it a green phase",
            fmt::format("{} link {}", name, link));
      }
    }
  }

  void check_junctions() {
    for (std::uint32_t i = 0; i < net_.junctions.name.size(); ++i) {
      junction_id const j(i);
      std::uint32_t const requests = net_.junctions.requests[j].size(), links = net_.junctions.internal_lanes[j].size();
      if (net_.junctions.type[j] == junction_type::kInternal || requests == links || requests == 0 || links == 0)
        continue;
      add(severity::kWarning, "right_of_way_incomplete",
          "not one request for each link: make the network again with netconvert", net_.junctions.name[j]);
    }
  }

  void check_roundabouts() {
    for (std::size_t i = 0; i < net_.roundabouts.size(); ++i) {
      auto const& edges = net_.roundabouts[i].edges;
      bool const ring = edges.size() > 1 && std::all_of(edges.begin(), edges.end(), [&](edge_id e) {
                          auto const next = net_.successors(e);
                          return std::any_of(next.begin(), next.end(), [&](edge_id n) {
                            return std::find(edges.begin(), edges.end(), n) != edges.end();
                          });
                        });
      if (!ring) {
        add(severity::kWarning, "broken_roundabout",
            "its edges do not lead around: check their directions and connections",
            edges.empty() ? fmt::format("roundabout {}", i + 1) : net_.edges.name[edges.front()]);
      }
    }
  }

  network const& net_;
  component_map const cars_;
  std::vector<lane_id> const lost_;  // sorted
  std::vector<network_finding> found_;
};

}  // namespace

std::vector<network_finding> validate(network const& net) { return checker(net).run(); }

network_summary summarise(network const& net) {
  network_summary s;
  std::unordered_set<std::string_view> roads;
  for (std::uint32_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e)) continue;
    ++s.edges;
    s.edge_km += net.length_m(e) / 1000;
    for (std::uint32_t l = net.edges.lanes[e].begin; l < net.edges.lanes[e].end; ++l) {
      ++s.lanes;
      s.lane_km += static_cast<double>(net.lanes.length_m[lane_id(l)]) / 1000;
    }
    if (!net.edges.road_name[e].empty()) roads.insert(net.edges.road_name[e]);
  }
  s.named_roads = roads.size();
  for (junction_type const t : net.junctions.type) s.junctions += t != junction_type::kInternal ? 1U : 0U;
  for (auto const& programs : net.signals.programs) s.signals += programs.empty() ? 0U : 1U;
  s.roundabouts = net.roundabouts.size();
  for (connection const& c : net.connections) {
    s.connections += net.is_normal(net.lanes.edge[c.from]) && net.is_normal(net.lanes.edge[c.to]) ? 1U : 0U;
  }
  return s;
}

}  // namespace gemeo
