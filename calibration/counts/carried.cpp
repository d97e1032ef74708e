#include "calibration/counts/carried.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "calibration/counts/road_graph.h"
#include "sim/core/error.h"
#include "sim/core/number_text.h"

namespace gemeo {

namespace {

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
  static double look(road_graph& g, std::uint32_t from, std::uint32_t to, double wanted, std::vector<bilingual>& cut) {
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
    std::map<std::pair<double, std::uint64_t>, std::vector<std::uint32_t>> by_time;
    for (std::uint32_t h = 0; h < hours_.size(); ++h) {
      if (out_.holds(h) && on_a_road(h)) by_time[hours_[h].when()].push_back(h);
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

  static constexpr double kSlack = 0.01;  // of sums of many flows

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

std::string joined(std::vector<bilingual> const& words, language l) {
  std::string out;
  for (bilingual const& w : words) out += (out.empty() ? "" : ", ") + w.in(l);
  return out;
}

std::string describe(beyond_capacity const& b, std::vector<counted_place> const& places) {
  std::string const cut = b.cut.empty() ? "" : ": " + joined(b.cut, language::kEnglish);
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

}  // namespace gemeo
