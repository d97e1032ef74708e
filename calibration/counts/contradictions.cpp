#include "calibration/counts/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibration/counts/road_graph.h"
#include "sim/core/error.h"
#include "sim/core/number_text.h"

namespace gemeo {

namespace {

constexpr double kSlack = 0.01;  // of sums of many flows

// Whether a place counts all lanes that vehicles with an engine may use: only then no more can have passed.
bool counts_whole_edge(road_capacity const& roads, counted_place const& p) {
  if (p.lanes.empty()) return true;
  range const r = roads.net().edges.lanes[p.edge];
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    lane_id const lane(l);
    if (roads.for_engines(lane) && std::find(p.lanes.begin(), p.lanes.end(), lane) == p.lanes.end()) return false;
  }
  return true;
}

// Flows between bounds, as a flow from what must come out of arcs to what must go into them. The places of an edge are
// arcs one after the other, so that two that count it may contradict each other, too.
class counted_flows {
 public:
  counted_flows(road_capacity const& roads, open_ends const& ends, std::vector<counted_place> const& places,
                std::vector<counted_hour> const& hours, count_band (*band)(counted_hour const&),
                std::function<bool()> const& stop)
      : roads_(roads), places_(places), hours_(hours), band_(band), stop_(stop), g_(roads, ends), arcs_(places.size()) {
    flow_graph& g = g_.graph();
    g_.add_bare(g_.sink, g_.source, kUnlimitedFlow);
    from_ = g.add_node();
    to_ = g.add_node();
    std::map<std::uint32_t, std::vector<std::uint32_t>> of_edge;
    for (std::uint32_t p = 0; p < places.size(); ++p) {
      if (roads.net().is_normal(places[p].edge)) of_edge[places[p].edge.value].push_back(p);
    }
    for (auto const& [edge, on] : of_edge) {
      edge_id const e(edge);
      g.set_capacity(g_.along(e), 0);
      std::uint32_t begin = road_graph::begin_of(e);
      for (std::uint32_t const p : on) {
        std::uint32_t const end = p == on.back() ? road_graph::end_of(e) : g.add_node();
        arcs_[p] = {begin, end, g_.add_bare(begin, end, 0), g_.add_bare(from_, end, 0), g_.add_bare(begin, to_, 0)};
        begin = end;
      }
    }
  }

  // Hours of one time, one a place.
  std::vector<contradiction> find(std::vector<std::uint32_t> const& at_once) {
    least_.assign(places_.size(), kNoHour);
    most_.assign(places_.size(), kNoHour);
    for (std::uint32_t const h : at_once) {
      std::uint32_t const p = hours_[h].place;
      least_[p] = h;
      if (counts_whole_edge(roads_, places_[p])) most_[p] = h;
    }
    std::vector<contradiction> out;
    while (!(stop_ && stop_()) && !agree()) {
      contradiction const c = irreducible();
      for (auto const* const hours : {&c.more, &c.less}) {  // what they say is not believed again
        for (std::uint32_t const h : *hours) least_[hours_[h].place] = most_[hours_[h].place] = kNoHour;
      }
      out.push_back(c);
    }
    return out;
  }

 private:
  static constexpr std::uint32_t kNoHour = 0xFFFFFFFF;
  struct place_arcs {
    std::uint32_t begin = 0, end = 0, along = 0, comes_out = 0, goes_in = 0;
  };

  [[nodiscard]] double least_of(std::uint32_t p) const {
    return least_[p] == kNoHour ? 0 : std::max(0.0, band_(hours_[least_[p]]).least);
  }
  [[nodiscard]] double most_of(std::uint32_t p) const {
    double const carried = roads_.edge(places_[p].edge);
    return most_[p] == kNoHour ? carried : std::min(carried, band_(hours_[most_[p]]).most);
  }

  // Whether flows within all bounds exist; the part of the network that forbids them otherwise.
  bool agree() {
    flow_graph& g = g_.graph();
    double wanted = 0;
    std::size_t believed = 1;
    for (std::uint32_t p = 0; p < places_.size(); ++p) {
      believed += least_[p] != kNoHour || most_[p] != kNoHour ? 1U : 0U;
      if (arcs_[p].along == arcs_[p].comes_out) continue;  // inside a junction
      double const least = least_of(p);
      g.set_capacity(arcs_[p].along, std::max(0.0, most_of(p) - least));
      g.set_capacity(arcs_[p].comes_out, least);
      g.set_capacity(arcs_[p].goes_in, least);
      wanted += least;
    }
    if (g.maximize(from_, to_) + kSlack * static_cast<double>(believed) >= wanted) return true;
    set_ = g.source_side(from_);
    return false;
  }

  [[nodiscard]] bool into_set(std::uint32_t p) const { return set_[arcs_[p].end] && !set_[arcs_[p].begin]; }
  [[nodiscard]] bool out_of_set(std::uint32_t p) const { return set_[arcs_[p].begin] && !set_[arcs_[p].end]; }

  void believe_around_set() {  // no bound elsewhere is needed
    for (std::uint32_t p = 0; p < places_.size(); ++p) {
      if (!into_set(p)) least_[p] = kNoHour;
      if (!out_of_set(p)) most_[p] = kNoHour;
    }
  }

  // Of the bounds around that part only those that are needed: each is left out in turn, and stays out where the
  // others contradict each other without it.
  contradiction irreducible() {
    std::vector<std::uint32_t> const least = least_, most = most_;
    believe_around_set();
    for (std::vector<std::uint32_t>* const bounds : {&least_, &most_}) {
      for (std::uint32_t& h : *bounds) {
        if (h == kNoHour) continue;
        if (stop_ && stop_()) return told();  // nobody reads it any more
        std::uint32_t const was = h;
        h = kNoHour;
        if (agree())
          h = was;
        else
          believe_around_set();
      }
    }
    verify(!agree(), "what contradicts itself does so without what is not needed for it");
    contradiction const c = told();
    least_ = least;
    most_ = most;
    return c;
  }

  [[nodiscard]] contradiction told() const {
    contradiction c;
    std::tie(c.cut, c.most) = g_.out_of(set_);
    for (std::uint32_t p = 0; p < places_.size(); ++p) {
      if (into_set(p) && least_[p] != kNoHour) {
        c.more.push_back(least_[p]);
        c.least += least_of(p);
      }
      if (!out_of_set(p)) continue;
      c.most += most_of(p);
      if (most_[p] != kNoHour)
        c.less.push_back(most_[p]);
      else
        c.cut.push_back(same_in_both(fmt::format("{} ({:.0f})", roads_.net().edges.name[places_[p].edge], most_of(p))));
    }
    for (auto* const hours : {&c.more, &c.less}) std::sort(hours->begin(), hours->end());
    c.begin_s = hours_[c.more.front()].begin_s;
    return c;
  }

  road_capacity const& roads_;
  std::vector<counted_place> const& places_;
  std::vector<counted_hour> const& hours_;
  count_band (*band_)(counted_hour const&);
  std::function<bool()> const& stop_;
  road_graph g_;
  std::vector<place_arcs> arcs_;  // by place
  std::uint32_t from_ = 0, to_ = 0;
  std::vector<std::uint32_t> least_, most_;  // by place: hours whose bands are believed
  std::vector<bool> set_;                    // nodes
};

}  // namespace

count_band counting_band(counted_hour const& h) {
  constexpr double kTolerated = 0.1, kDeviations = 2, kHour_s = 3600;
  double const flow = h.flow_veh_per_h, an_hour = kHour_s / h.counted_s;
  double const chance = kDeviations * std::sqrt(std::max(flow / an_hour, 1.0)) * an_hour;  // of those counted
  return {flow - chance, (1 + kTolerated) * flow + chance};
}

count_band geh_band(double flow, double geh) {  // 2 (m - c)^2 = geh^2 (m + c), for m
  double const g = geh * geh, middle = flow + g / 4, half = std::sqrt(g * flow + g * g / 16);
  return {middle - half, middle + half};
}

std::vector<contradiction> find_contradictions(road_capacity const& roads, open_ends const& ends,
                                               std::vector<counted_place> const& places,
                                               std::vector<counted_hour> const& counted, carried_report const& beyond,
                                               count_band (*band)(counted_hour const&),
                                               std::function<bool()> const& stop) {
  if (ends.begin.empty() || ends.end.empty()) return {};
  std::map<std::pair<double, std::uint64_t>, std::vector<std::uint32_t>> by_time;
  for (std::uint32_t h = 0; h < counted.size(); ++h) {
    if (beyond.holds(h) && roads.net().is_normal(places[counted[h].place].edge))
      by_time[counted[h].when()].push_back(h);
  }
  counted_flows flows(roads, ends, places, counted, band, stop);
  std::vector<contradiction> out;
  for (auto const& [when, at_once] : by_time) {
    for (contradiction& c : flows.find(at_once)) out.push_back(std::move(c));
  }
  return out;
}

std::vector<repeated_contradiction> by_places(std::vector<contradiction> const& all,
                                              std::vector<counted_hour> const& counted) {
  auto const places_of = [&](std::vector<std::uint32_t> const& hours) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t const h : hours) out.push_back(counted[h].place);
    std::sort(out.begin(), out.end());
    return out;
  };
  auto const excess = [&](std::uint32_t i) { return all[i].least - all[i].most; };
  std::map<std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>>, std::size_t> known;
  std::vector<repeated_contradiction> out;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    auto const [at, is_new] = known.try_emplace({places_of(all[i].more), places_of(all[i].less)}, out.size());
    if (is_new) out.push_back({i, 0});
    repeated_contradiction& r = out[at->second];
    ++r.hours;
    if (excess(i) > excess(r.worst)) r.worst = i;
  }
  return out;
}

std::string first_named(std::vector<std::uint32_t> const& hours, std::vector<counted_place> const& places,
                        std::vector<counted_hour> const& counted, language l) {
  constexpr std::size_t kMostNamed = 6;
  number_format const number{l};
  std::string out;
  for (std::size_t i = 0; i < std::min(kMostNamed, hours.size()); ++i) {
    counted_hour const& h = counted[hours[i]];
    out += fmt::format("{}{} ({})", i == 0 ? "" : ", ", places[h.place].name, number.plain(h.flow_veh_per_h, 0));
  }
  if (hours.size() > kMostNamed)
    out += fmt::format(fmt::runtime(phrase{" and {} more", " e mais {}"}.in(l)), hours.size() - kMostNamed);
  return out;
}

std::string describe(repeated_contradiction const& r, std::vector<contradiction> const& all,
                     std::vector<counted_place> const& places, std::vector<counted_hour> const& counted) {
  contradiction const& worst = all[r.worst];
  std::size_t const others = r.hours - 1;
  return fmt::format("{}{}: {}", time_of_day(worst.begin_s),
                     others == 0   ? ""
                     : others == 1 ? " and another hour"
                                   : fmt::format(" and {} other hours", others),
                     describe(worst, places, counted));
}

std::string describe(contradiction const& c, std::vector<counted_place> const& places,
                     std::vector<counted_hour> const& counted) {
  std::string others = first_named(c.less, places, counted, language::kEnglish);
  if (!c.cut.empty()) others += (others.empty() ? "" : ", ") + joined(c.cut, language::kEnglish);
  return fmt::format(
      "{} against {}: whoever passes {} passes {}, too, but {} veh/h at least stand against {} at most; a count is "
      "wrong, or the network lacks a road there, or a place where trips begin or end",
      first_named(c.more, places, counted, language::kEnglish), others.empty() ? "nobody" : others,
      c.more.size() > 1 ? "the first" : "it", c.less.size() + c.cut.size() > 1 ? "one of the others" : "the other",
      grouped(c.least), grouped(c.most));
}

}  // namespace gemeo
