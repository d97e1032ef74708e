#include "calibration/counts/carried.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "calibration/counts/max_flow.h"
#include "sim/core/error.h"
#include "sim/core/number_text.h"

namespace gemeo {

namespace {

constexpr std::size_t kMostShown = 6;  // edges of a cut

// Roads as a graph of flows: an edge from its begin to its end by its lanes' capacity, from there over each lane's stop
// line, and over each turn to the next edge.
class road_graph {
 public:
  road_graph(road_capacity const& roads, open_ends const& ends)
      : roads_(roads), graph_(static_cast<std::uint32_t>(2 * roads.net().edge_count())) {
    network const& net = roads.net();
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      edge_id const e(i);
      if (!net.is_normal(e)) continue;
      along_.emplace(e.value, add(begin_of(e), end_of(e), roads.edge(e), net.edges.name[e]));
    }
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      if (net.is_normal(edge_id(i))) add_ends_of_lanes(edge_id(i));
    }
    source = graph_.add_node();
    sink = graph_.add_node();
    for (edge_id const e : ends.begin) add(source, begin_of(e), kUnlimitedFlow, "");
    for (edge_id const e : ends.end) add(end_of(e), sink, kUnlimitedFlow, "");
  }

  static std::uint32_t begin_of(edge_id e) { return 2 * e.value; }
  static std::uint32_t end_of(edge_id e) { return 2 * e.value + 1; }
  [[nodiscard]] std::uint32_t along(edge_id e) const { return along_.at(e.value); }
  flow_graph& graph() { return graph_; }
  std::uint32_t add_bare(std::uint32_t from, std::uint32_t to, double capacity) { return add(from, to, capacity, ""); }

  // What crosses a cut, in words; its capacity.
  std::pair<std::vector<std::string>, double> out_of(std::vector<bool> const& set) const {
    std::vector<std::string> words;
    double sum = 0;
    std::size_t more = 0;
    for (std::uint32_t a = 0; a < tails_.size(); ++a) {
      if (!set[tails_[a]] || set[heads_[a]] || names_[a].empty()) continue;
      sum += graph_.capacity(a);
      if (graph_.capacity(a) <= kLeastFlow) continue;
      if (words.size() < kMostShown)
        words.push_back(fmt::format("{} ({:.0f})", names_[a], graph_.capacity(a)));
      else
        ++more;
    }
    if (more > 0) words.push_back(fmt::format("and {} more", more));
    return {words, sum};
  }

  std::uint32_t source = 0, sink = 0;

 private:
  std::uint32_t add(std::uint32_t from, std::uint32_t to, double capacity, std::string name) {
    tails_.push_back(from);
    heads_.push_back(to);
    names_.push_back(std::move(name));
    return graph_.add_arc(from, to, std::min(capacity, kUnlimitedFlow));
  }

  void add_ends_of_lanes(edge_id e) {
    network const& net = roads_.net();
    range const r = net.edges.lanes[e];
    for (std::uint32_t l = r.begin; l < r.end; ++l) {
      range const out = net.lanes.out[lane_id(l)];
      if (out.size() == 0 || !roads_.for_engines(lane_id(l))) continue;
      std::uint32_t const line = graph_.add_node();
      add(end_of(e), line, roads_.stop_line(lane_id(l)), fmt::format("end of lane {}", net.lane_name(lane_id(l))));
      for (std::uint32_t c = out.begin; c < out.end; ++c) {
        lane_id const to = net.connections[c].to;
        edge_id const next = net.lanes.edge[to];
        if (!roads_.for_engines(to) || !net.is_normal(next)) continue;
        add(line, begin_of(next), roads_.turn(c),
            fmt::format("{} to {}", net.lane_name(lane_id(l)), net.edges.name[next]));
      }
    }
  }

  road_capacity const& roads_;
  flow_graph graph_;
  std::map<std::uint32_t, std::uint32_t> along_;  // arcs, by edge
  std::vector<std::uint32_t> tails_, heads_;
  std::vector<std::string> names_;  // empty: no road
};

class carried_check {
 public:
  carried_check(road_capacity const& roads, open_ends const& ends, std::vector<counted_place> const& places,
                std::vector<counted_hour> const& counted)
      : roads_(roads), ends_(ends), places_(places), hours_(counted), known_(!ends.begin.empty() && !ends.end.empty()) {
    for (counted_hour const& h : hours_) {
      verify(h.place < places_.size(), "an hour is one of a place");
      verify(h.flow_veh_per_h >= 0 && std::isfinite(h.flow_veh_per_h), "a flow is a number of at least 0");
    }
  }

  carried_report run() {
    look_at_places();
    for (std::uint32_t h = 0; h < hours_.size(); ++h) judge(h);
    if (known_) judge_together();
    if (known_) find_contradictions();
    std::sort(out_.beyond.begin(), out_.beyond.end(), [](auto const& a, auto const& b) { return a.hour < b.hour; });
    return std::move(out_);
  }

 private:
  void look_at_places() {
    std::vector<double> most(places_.size(), 0);
    for (counted_hour const& h : hours_) most[h.place] = std::max(most[h.place], h.flow_veh_per_h);
    for (std::uint32_t p = 0; p < places_.size(); ++p) {
      counted_place const& at = places_[p];
      place_capacity c;
      if (at.lanes.empty()) c.lanes = roads_.edge(at.edge);
      for (lane_id const l : at.lanes) c.lanes += roads_.lane(l);
      // Vehicles may change lanes before they get there: the whole edge's.
      c.stop_line = roads_.edge_stop_line(at.edge);
      c.known_up_to = most[p];
      c.coming = c.leaving = std::numeric_limits<double>::infinity();
      out_.places.push_back(std::move(c));
    }
    if (!known_) return;
    road_graph coming(roads_, ends_), leaving(roads_, ends_);
    for (std::uint32_t p = 0; p < places_.size(); ++p) {
      place_capacity& c = out_.places[p];
      c.coming = look(coming, coming.source, road_graph::end_of(places_[p].edge), c.known_up_to, c.coming_cut);
      c.leaving = look(leaving, road_graph::begin_of(places_[p].edge), leaving.sink, c.known_up_to, c.leaving_cut);
    }
  }

  // Not beyond what was counted: more is not asked for.
  static double look(road_graph& g, std::uint32_t from, std::uint32_t to, double wanted,
                     std::vector<std::string>& cut) {
    double const flow = g.graph().maximize(from, to, wanted);
    if (flow + kSlack >= wanted) return wanted;
    cut = g.out_of(g.graph().source_side(from)).first;
    return flow;
  }

  [[nodiscard]] bool on_a_road(std::uint32_t h) const {  // nothing is known of ways inside a junction
    return roads_.net().is_normal(places_[hours_[h].place].edge);
  }

  void judge(std::uint32_t h) {
    if (!on_a_road(h)) return;
    counted_hour const& hour = hours_[h];
    place_capacity const& c = out_.places[hour.place];
    double carried = std::numeric_limits<double>::infinity();
    carry_limit limit = carry_limit::kNone;
    auto const ask = [&](double capacity, carry_limit by) {
      if (hour.flow_veh_per_h <= capacity + kSlack || capacity >= carried) return;
      carried = capacity;
      limit = by;
    };
    ask(c.lanes, carry_limit::kLanes);
    edge_id const e = places_[hour.place].edge;  // who ends a trip on it needs no green: leaving says more then
    if (std::find(ends_.end.begin(), ends_.end.end(), e) == ends_.end.end()) ask(c.stop_line, carry_limit::kStopLine);
    ask(c.coming, carry_limit::kComing);
    ask(c.leaving, carry_limit::kLeaving);
    if (limit == carry_limit::kNone) return;
    beyond_capacity b{h, limit, hour.flow_veh_per_h, carried, {}, {}};
    if (limit == carry_limit::kComing) b.cut = c.coming_cut;
    if (limit == carry_limit::kLeaving) b.cut = c.leaving_cut;
    out_.beyond.push_back(std::move(b));
  }

  void judge_together() {
    std::map<double, std::vector<std::uint32_t>> by_time;
    for (std::uint32_t h = 0; h < hours_.size(); ++h) {
      if (out_.holds(h) && on_a_road(h)) by_time[hours_[h].begin_s].push_back(h);
    }
    for (auto& [when, at_once] : by_time) {
      while (!at_once.empty() && !fits(at_once)) {
      }
    }
  }

  // Whether flows exist that are at least what each place counted; where none do, those that ask too much of a cut are
  // told and taken out.
  bool fits(std::vector<std::uint32_t>& at_once) {
    road_graph g(roads_, ends_);
    std::map<std::uint32_t, double> least;  // by edge
    for (std::uint32_t const h : at_once) {
      double& l = least[places_[hours_[h].place].edge.value];
      l = std::max(l, hours_[h].flow_veh_per_h);
    }
    g.add_bare(g.sink, g.source, kUnlimitedFlow);
    std::uint32_t const from = g.graph().add_node(), to = g.graph().add_node();
    double wanted = 0;
    for (auto const& [e, l] : least) {
      std::uint32_t const arc = g.along(edge_id(e));
      g.graph().set_capacity(arc, std::max(0.0, g.graph().capacity(arc) - l));
      g.add_bare(from, road_graph::end_of(edge_id(e)), l);
      g.add_bare(road_graph::begin_of(edge_id(e)), to, l);
      wanted += l;
    }
    if (g.graph().maximize(from, to) + kSlack * static_cast<double>(least.size()) >= wanted) return true;
    std::vector<bool> const set = g.graph().source_side(from);
    // Whose own flow goes into the set, while too little can go out of it.
    auto const asks = [&](std::uint32_t h) {
      edge_id const e = places_[hours_[h].place].edge;
      return set[road_graph::end_of(e)] && !set[road_graph::begin_of(e)];
    };
    beyond_capacity b{0, carry_limit::kTogether, 0, 0, {}, {}};
    for (auto const& [e, l] : least) {
      if (set[road_graph::end_of(edge_id(e))] && !set[road_graph::begin_of(edge_id(e))]) b.seen += l;
    }
    std::tie(b.cut, b.carried) = g.out_of(set);
    for (auto const& [e, l] : least) {  // what a counted edge itself carries out of the set is not less for it
      if (set[road_graph::begin_of(edge_id(e))] && !set[road_graph::end_of(edge_id(e))]) b.carried += l;
    }
    for (std::uint32_t const h : at_once) {
      if (asks(h)) b.with.push_back(hours_[h].place);
    }
    verify(!b.with.empty(), "a cut that forbids counts is asked too much by some of them");
    for (std::uint32_t const h : at_once) {
      if (!asks(h)) continue;
      b.hour = h;
      out_.beyond.push_back(b);
    }
    std::erase_if(at_once, asks);
    return false;
  }

  // Whether a place counts all lanes that cars may use.
  [[nodiscard]] bool whole(counted_place const& p) const {
    if (p.lanes.empty()) return true;
    std::size_t cars = 0;
    range const r = roads_.net().edges.lanes[p.edge];
    for (std::uint32_t l = r.begin; l < r.end; ++l)
      cars += permits(roads_.net().lanes.allowed[lane_id(l)], vclass::kPassenger) ? 1U : 0U;
    return p.lanes.size() >= cars;
  }

  void find_contradictions() {
    std::vector<std::uint32_t> busiest(places_.size(), kNoHour);
    std::map<double, std::vector<std::uint32_t>> by_time;
    for (std::uint32_t h = 0; h < hours_.size(); ++h) {
      if (!out_.holds(h) || !on_a_road(h)) continue;
      by_time[hours_[h].begin_s].push_back(h);
      std::uint32_t& b = busiest[hours_[h].place];
      if (b == kNoHour || hours_[h].flow_veh_per_h > hours_[b].flow_veh_per_h) b = h;
    }
    for (auto const& [when, at_once] : by_time) {
      road_graph g(roads_, ends_);
      std::map<std::uint32_t, double> allowed;  // by edge
      for (std::uint32_t const h : at_once) {
        counted_place const& p = places_[hours_[h].place];
        double const f = hours_[h].flow_veh_per_h;
        if (!whole(p)) continue;
        double& a = allowed[p.edge.value];
        a = std::max(a, (1 + kTolerated) * f + 2 * std::sqrt(f));
      }
      for (auto const& [e, a] : allowed)
        g.graph().set_capacity(g.along(edge_id(e)), std::min(a, roads_.edge(edge_id(e))));
      for (std::uint32_t const h : at_once) {
        if (busiest[hours_[h].place] == h) contradict(g, h, at_once);
      }
    }
    std::sort(out_.contradicted.begin(), out_.contradicted.end(), [&](auto const& a, auto const& b) {
      return std::pair(hours_[a.hour].place, !a.coming) < std::pair(hours_[b.hour].place, !b.coming);
    });
  }

  void contradict(road_graph& g, std::uint32_t h, std::vector<std::uint32_t> const& at_once) {
    edge_id const e = places_[hours_[h].place].edge;
    double const own = g.graph().capacity(g.along(e)), seen = hours_[h].flow_veh_per_h,
                 wanted = seen - 2 * std::sqrt(seen);
    if (wanted <= 0) return;
    g.graph().set_capacity(g.along(e), roads_.edge(e));
    for (bool const coming : {true, false}) {
      std::uint32_t const from = coming ? g.source : road_graph::begin_of(e),
                          to = coming ? road_graph::end_of(e) : g.sink;
      double const most = g.graph().maximize(from, to, wanted);
      if (most + kSlack >= wanted) continue;
      contradicted_count c{h, coming, seen, most, {}};
      std::vector<bool> const set = g.graph().source_side(from);
      for (std::uint32_t const o : at_once) {
        counted_place const& p = places_[hours_[o].place];
        if (p.edge != e && whole(p) && set[road_graph::begin_of(p.edge)] && !set[road_graph::end_of(p.edge)])
          c.others.push_back(hours_[o].place);
      }
      if (!c.others.empty()) out_.contradicted.push_back(std::move(c));
    }
    g.graph().set_capacity(g.along(e), own);
  }

  static constexpr std::uint32_t kNoHour = 0xFFFFFFFF;
  static constexpr double kTolerated = 0.1;  // as of the balance of junctions
  static constexpr double kSlack = 0.01;     // of sums of many flows

  road_capacity const& roads_;
  open_ends const& ends_;
  std::vector<counted_place> const& places_;
  std::vector<counted_hour> const& hours_;
  bool known_;
  carried_report out_;
};

}  // namespace

char const* to_text(carry_limit l) {
  switch (l) {
    case carry_limit::kLanes:
      return "lanes";
    case carry_limit::kStopLine:
      return "stop line";
    case carry_limit::kComing:
      return "coming";
    case carry_limit::kLeaving:
      return "leaving";
    case carry_limit::kTogether:
      return "together";
    case carry_limit::kNone:
      break;
  }
  return "none";
}

bool carried_report::holds(std::uint32_t hour) const {
  return std::none_of(beyond.begin(), beyond.end(), [&](beyond_capacity const& b) { return b.hour == hour; });
}

carried_report check_carried(road_capacity const& roads, open_ends const& ends,
                             std::vector<counted_place> const& places, std::vector<counted_hour> const& counted) {
  return carried_check(roads, ends, places, counted).run();
}

std::string describe(beyond_capacity const& b, std::vector<counted_place> const& places) {
  std::string const cut = b.cut.empty() ? "" : fmt::format(": {}", fmt::join(b.cut, ", "));
  std::string const saw = fmt::format("cannot be carried: saw {} veh/h, ", grouped(b.seen));
  switch (b.limit) {
    case carry_limit::kLanes:
      return saw + "its lanes carry " + grouped(b.carried);
    case carry_limit::kStopLine:
      return saw + "the stop line behind it carries " + grouped(b.carried);
    case carry_limit::kComing:
      return saw + fmt::format("{} can come{}", grouped(b.carried), cut);
    case carry_limit::kLeaving:
      return saw + fmt::format("{} can go on{}", grouped(b.carried), cut);
    case carry_limit::kTogether:
      break;
    case carry_limit::kNone:
      return "";
  }
  std::vector<std::string> names;
  for (std::uint32_t const p : b.with) names.push_back(places[p].name);
  return fmt::format("cannot be carried: {} saw {} veh/h together, the roads between carry {}{}",
                     fmt::join(names, ", "), grouped(b.seen), grouped(b.carried), cut);
}

std::string describe(contradicted_count const& c, std::vector<counted_place> const& places,
                     std::vector<counted_hour> const& hours) {
  std::vector<std::string> names;
  for (std::uint32_t const p : c.others) names.push_back(places[p].name);
  return fmt::format(
      "{} saw {} veh/h, but by what {} counted no more than {} can {}: one of them is wrong, or the network "
      "lacks a road between",
      places[hours[c.hour].place].name, grouped(c.seen), fmt::join(names, ", "), grouped(c.most),
      c.coming ? "come" : "go on");
}

}  // namespace gemeo
