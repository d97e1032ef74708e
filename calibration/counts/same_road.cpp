#include "calibration/counts/same_road.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

namespace gemeo {

namespace {

constexpr double kDoubted = 0.3, kUndecided = 0.6;  // confidences

bool carries_cars(network const& net, edge_id e) {
  return net.is_normal(e) && permits(net.allowed(e), vclass::kPassenger);
}

bool turns_back(network const& net, edge_id from, edge_id to) {
  return net.edges.from[from] == net.edges.to[to] && net.edges.to[from] == net.edges.from[to];
}

// The only way on (or, of predecessors, the only way in) that is no turn back.
std::optional<edge_id> only(network const& net, edge_id e, std::span<edge_id const> others) {
  std::optional<edge_id> out;
  for (edge_id const o : others) {
    if (!carries_cars(net, o) || turns_back(net, e, o)) continue;
    if (out) return std::nullopt;
    out = o;
  }
  return out;
}

std::size_t car_lanes(network const& net, edge_id e) {
  std::size_t n = 0;
  range const r = net.edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l)
    n += permits(net.lanes.allowed[lane_id(l)], vclass::kPassenger) ? 1U : 0U;
  return n;
}

std::string site_name(detector_series const& d) {
  return d.key.direction.empty() ? d.key.site : d.key.site + " " + d.key.direction;
}

using day_and_time = std::tuple<std::int32_t, double, double>;  // day, begin, end: periods of one length are compared
using road_counts = std::map<day_and_time, double>;

road_counts counts_of(detector_series const& d) {
  road_counts out;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (d.ok[i] != 0 && !std::isnan(d.count[i]))
      out[{d.day[i], d.begin_s[i], d.end_s[i]}] = static_cast<double>(d.count[i]);
  }
  return out;
}

struct shared_periods {  // over the periods that both counted
  std::size_t periods = 0;
  double a = 0, b = 0;
  bool alike = true;  // the same number in each
};
shared_periods compare_counts(road_counts const& a, road_counts const& b) {
  shared_periods c;
  for (auto const& [when, n] : a) {
    auto const at = b.find(when);
    if (at == b.end()) continue;
    ++c.periods;
    c.a += n;
    c.b += at->second;
    c.alike = c.alike && n == at->second;
  }
  return c;
}

double sum_of(road_counts const& c) {
  double sum = 0;
  for (auto const& [when, n] : c) sum += n;
  return sum;
}

double mean_count(road_counts const& c) { return c.empty() ? 0 : sum_of(c) / static_cast<double>(c.size()); }

class road_settler {
 public:
  road_settler(count_series& s, network const& net, same_road_options const& o) : s_(s), net_(net), o_(o) {}

  std::vector<bilingual> run() {
    std::vector<std::uint32_t> const road = roads_without_exits(net_);
    std::map<std::uint32_t, std::vector<std::size_t>> on;
    for (std::size_t i = 0; i < s_.detectors.size(); ++i) {
      if (counts_whole_road(s_.detectors[i])) on[road[s_.detectors[i].match.edge->index()]].push_back(i);
    }
    gone_.assign(s_.detectors.size(), false);
    for (std::size_t i = 0; i < s_.detectors.size(); ++i) counts_.push_back(counts_of(s_.detectors[i]));
    for (auto& [number, sites] : on) {
      join_renamed(sites);
      if (sites.size() > 1) settle(sites);
    }
    for (std::size_t i = 0; i < s_.detectors.size(); ++i) {
      if (!gone_[i] && is_doubtful(s_.detectors[i])) find_part(i, on[road[s_.detectors[i].match.edge->index()]]);
    }
    std::vector<detector_series> kept;
    for (std::size_t i = 0; i < s_.detectors.size(); ++i) {
      if (!gone_[i]) kept.push_back(std::move(s_.detectors[i]));
    }
    s_.detectors = std::move(kept);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool counts_whole_road(detector_series const& d) const {
    return of_all_lanes(d) && d.match.confidence >= kSureMatch;
  }
  [[nodiscard]] bool is_doubtful(detector_series const& d) const {
    return of_all_lanes(d) && d.match.confidence < kSureMatch && !d.match.part_of_road;
  }
  // Of a place that is doubtful by itself: whether, if it is right, it sees a part of the road at most.
  void find_part(std::size_t i, std::vector<std::size_t> const& sure) {
    for (std::size_t const k : sure) {
      if (gone_[k] || k == i || s_.detectors[k].match.confidence < kSureMatch) continue;
      auto const s = share(counts_[i], counts_[k]);
      if (!s || *s >= o_.part) continue;
      s_.detectors[i].match.part_of_road = true;
      bilingual const words = in_both("counts {:.0f} % of what {} counts on the same road",
                                      "conta {:.0f} % do que {} conta na mesma via", 100 * *s, name(k));
      add_told(s_.detectors[i].match.doubt, words);
      found_.push_back(in_both("{} {}, if it lies there: a part of its lanes, or of its traffic",
                               "{} {}, se está aí: parte das suas vias de trânsito, ou do seu tráfego", name(i),
                               words));
      return;
    }
  }
  [[nodiscard]] bool of_all_lanes(detector_series const& d) const {
    return d.match.edge && d.match.how != "confirmed" && d.key.vclass.empty() && std::isfinite(d.match.pos_m) &&
           carries_cars(net_, *d.match.edge) && d.lanes.size() >= car_lanes(net_, *d.match.edge);
  }
  [[nodiscard]] bool together(std::size_t a, std::size_t b, double within_m) const {
    site_match const &x = s_.detectors[a].match, &y = s_.detectors[b].match;
    return *x.edge == *y.edge && std::abs(x.pos_m - y.pos_m) <= within_m;
  }
  [[nodiscard]] std::string name(std::size_t i) const { return site_name(s_.detectors[i]); }

  void join_renamed(std::vector<std::size_t>& sites) {
    for (std::size_t i = 0; i < sites.size(); ++i) {
      for (std::size_t k = i + 1; k < sites.size(); ++k) {
        std::size_t const a = sites[i], b = sites[k];
        shared_periods const c = compare_counts(counts_[a], counts_[b]);
        double const x = mean_count(counts_[a]), y = mean_count(counts_[b]);
        bool const near = std::min(x, y) >= (1 - o_.differ) * std::max(x, y);
        bool const told = std::min(sum_of(counts_[a]), sum_of(counts_[b])) >= o_.least_vehicles &&
                          (c.periods == 0 || c.periods >= o_.least_periods);
        if (!together(a, b, o_.one_place_m) || !c.alike || !near || !told) continue;
        found_.push_back(
            in_both("{} and {} are one loop under two names: they lie at one place and {}; they are one series",
                    "{} e {} são a mesma espira com dois nomes: estão no mesmo local e {}; formam uma só série",
                    name(a), name(b),
                    c.periods == 0 ? phrase{"never count at the same time", "nunca contam ao mesmo tempo"}
                                   : phrase{"count the same", "contam o mesmo"}));
        s_.detectors[a].key.site = name(a) + " = " + name(b);
        s_.detectors[a].key.direction.clear();
        for (auto const& [when, n] : counts_[b]) counts_[a].emplace(when, n);
        replace_counts(a, {a, b});
        gone_[b] = true;
        sites.erase(sites.begin() + static_cast<std::ptrdiff_t>(k));
        --k;
      }
    }
  }

  // Nothing comparable: nullopt.
  [[nodiscard]] std::optional<double> share(road_counts const& of, road_counts const& whole) const {
    shared_periods const c = compare_counts(of, whole);
    if (c.periods < o_.least_periods || std::max(c.a, c.b) < o_.least_vehicles) return std::nullopt;
    return c.b > 0 ? c.a / c.b : std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] bool agree(road_counts const& a, road_counts const& b) const {
    auto const s = share(a, b);
    return s && *s >= 1 - o_.agree && *s <= 1 / (1 - o_.agree);
  }

  void settle(std::vector<std::size_t> sites) {
    std::sort(sites.begin(), sites.end(), [&](std::size_t a, std::size_t b) {
      double const x = mean_count(counts_[a]), y = mean_count(counts_[b]);
      return x != y ? x > y : a < b;
    });
    join_side_by_side(sites);
    if (sites.size() < 2) return;
    std::size_t const top = sites.front();
    bool const upheld =
        std::any_of(sites.begin() + 1, sites.end(), [&](std::size_t i) { return agree(counts_[i], counts_[top]); });
    for (std::size_t i = 1; i < sites.size(); ++i) {
      auto const s = share(counts_[sites[i]], counts_[top]);
      if (!s || *s >= 1 - o_.differ) continue;
      bool const part = *s < o_.part;
      bilingual const words = in_both("counts {:.0f} % of what {} counts on the same road{}",
                                      "conta {:.0f} % do que {} conta na mesma via{}", 100 * *s, name(top),
                                      part ? phrase{": a part of its lanes, or of its traffic",
                                                    ": parte das suas vias de trânsito, ou do seu tráfego"}
                                           : phrase{", and nothing lies between them", ", e nada há entre eles"});
      doubt(sites[i], part || upheld ? kDoubted : kUndecided, words);
      s_.detectors[sites[i]].match.part_of_road = part;
      if (!part && !upheld)
        doubt(top, kUndecided,
              in_both("{} counts {:.0f} % of it on the same road, and nothing tells which is right",
                      "{} conta {:.0f} % dele na mesma via, e nada diz qual está certo", name(sites[i]), 100 * *s));
    }
  }

  // Loops of one cross-section, none of which counts what the road carries, but all together do.
  void join_side_by_side(std::vector<std::size_t>& sites) {
    for (std::size_t i = 0; i < sites.size(); ++i) {
      std::vector<std::size_t> members{sites[i]}, others;
      for (std::size_t const k : sites) {
        if (k == sites[i]) continue;
        (together(sites[i], k, o_.cross_section_m) ? members : others).push_back(k);
      }
      if (members.size() < 2 || members.size() > car_lanes(net_, *s_.detectors[sites[i]].match.edge)) continue;
      std::sort(members.begin(), members.end());
      road_counts sum = counts_[members[0]];
      for (std::size_t m = 1; m < members.size(); ++m) add_common(sum, counts_[members[m]]);
      bool const each_less = std::all_of(members.begin(), members.end(), [&](std::size_t m) {
        return std::all_of(others.begin(), others.end(), [&](std::size_t o) {
          auto const s = share(counts_[m], counts_[o]);
          return !s || *s < 1 - o_.differ;
        });
      });
      auto const witness =
          std::find_if(others.begin(), others.end(), [&](std::size_t o) { return agree(sum, counts_[o]); });
      if (!each_less || witness == others.end()) continue;
      join(members, std::move(sum), *witness);
      std::erase_if(sites, [&](std::size_t k) { return gone_[k]; });
      i = static_cast<std::size_t>(-1);  // from the first again: what is joined is another site
    }
  }

  static void add_common(road_counts& sum, road_counts const& more) {
    for (auto at = sum.begin(); at != sum.end();) {
      auto const m = more.find(at->first);
      if (m == more.end()) {
        at = sum.erase(at);
      } else {
        at->second += m->second;
        ++at;
      }
    }
  }

  void join(std::vector<std::size_t> const& members, road_counts sum, std::size_t witness) {
    std::size_t const first = members.front();
    std::string names;
    for (std::size_t const m : members) names += (names.empty() ? "" : " + ") + name(m);
    found_.push_back(in_both(
        "{} lie side by side and count a part of the road each: together they count what {} counts, and are "
        "one series",
        "{} estão lado a lado e cada um conta parte da via: em conjunto contam o que {} conta, e formam uma só série",
        names, name(witness)));
    counts_[first] = std::move(sum);
    for (std::size_t const m : members) gone_[m] = m != first;
    s_.detectors[first].key.site = names;
    s_.detectors[first].key.direction.clear();
    replace_counts(first, members);
  }

  struct traffic_state {  // sums over the loops of a cross-section
    double speed_kmh = 0, speed_weight = 0, occupancy = 0, occupancies = 0;
  };

  // The records of a joined series: what counts_ says; speeds are the vehicles' mean, occupancies that of the loops.
  void replace_counts(std::size_t into, std::vector<std::size_t> const& of) {
    std::map<std::int32_t, day_verdict> verdicts;
    std::map<day_and_time, traffic_state> states;
    for (std::size_t const m : of) {
      detector_series const& d = s_.detectors[m];
      for (std::size_t i = 0; i < d.size(); ++i) {
        if (d.ok[i] == 0 || std::isnan(d.count[i])) continue;
        traffic_state& t = states[{d.day[i], d.begin_s[i], d.end_s[i]}];
        if (!std::isnan(d.speed_kmh[i])) {
          t.speed_kmh += static_cast<double>(d.count[i] * d.speed_kmh[i]);
          t.speed_weight += static_cast<double>(d.count[i]);
        }
        if (!std::isnan(d.occ_frac[i])) {
          t.occupancy += static_cast<double>(d.occ_frac[i]);
          t.occupancies += 1;
        }
      }
      for (day_verdict const& v : d.verdicts) verdicts.emplace(v.day, v);
    }
    detector_series joined;
    joined.key = s_.detectors[into].key;
    joined.match = s_.detectors[into].match;
    joined.lanes = s_.detectors[into].lanes;
    for (auto const& [when, n] : counts_[into]) {
      auto const [day, begin_s, end_s] = when;
      joined.day.push_back(day);
      joined.begin_s.push_back(begin_s);
      joined.end_s.push_back(end_s);
      joined.count.push_back(static_cast<float>(n));
      traffic_state const& t = states.at(when);
      joined.speed_kmh.push_back(t.speed_weight > 0 ? static_cast<float>(t.speed_kmh / t.speed_weight) : kAbsent);
      joined.occ_frac.push_back(t.occupancies > 0 ? static_cast<float>(t.occupancy / t.occupancies) : kAbsent);
      joined.ok.push_back(1);
      if (joined.verdicts.empty() || joined.verdicts.back().day != day) joined.verdicts.push_back(verdicts.at(day));
    }
    s_.detectors[into] = std::move(joined);
  }

  void doubt(std::size_t i, double confidence, bilingual const& words) {
    site_match& m = s_.detectors[i].match;
    bool const worse = confidence < m.confidence;
    if (worse) m.confidence = confidence;
    if (!m.doubt.empty() && !worse) return;
    m.doubt = words;
    found_.push_back(in_both("{} {}", "{} {}", name(i), words));
  }

  count_series& s_;
  network const& net_;
  same_road_options const& o_;
  std::vector<road_counts> counts_;
  std::vector<bool> gone_;
  std::vector<bilingual> found_;
};

}  // namespace

std::vector<std::uint32_t> roads_without_exits(network const& net) {
  std::vector<std::uint32_t> root(net.edge_count());
  std::iota(root.begin(), root.end(), 0U);
  auto const of = [&](std::uint32_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!carries_cars(net, e)) continue;
    auto const next = only(net, e, net.successors(e));
    if (!next || *next == e) continue;
    auto const back = only(net, *next, net.predecessors(*next));
    if (!back || *back != e) continue;
    std::uint32_t const a = of(e.value), b = of(next->value);
    root[std::max(a, b)] = std::min(a, b);
  }
  for (std::uint32_t i = 0; i < root.size(); ++i) root[i] = of(i);
  return root;
}

std::vector<bilingual> settle_same_roads(count_series& s, network const& net, same_road_options const& o) {
  return road_settler(s, net, o).run();
}

}  // namespace gemeo
