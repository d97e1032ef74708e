#include "calibration/counts/balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace gemeo {
namespace {

constexpr double kTolerance = 0.1, kLeastVehicles = 100;
constexpr double kCrossSection_m = 10;
constexpr std::size_t kLeastHours = 3;
constexpr double kLongest_m = 3000;  // of the uncounted roads of an area together: longer ones are full of driveways

struct pieces {  // union-find over junctions
  std::vector<std::uint32_t> parent;
  explicit pieces(std::size_t n) : parent(n) { std::iota(parent.begin(), parent.end(), 0U); }
  std::uint32_t root(std::uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) { parent[std::max(root(a), root(b))] = std::min(root(a), root(b)); }
};

bool for_cars(network const& net, edge_id e) { return net.is_normal(e) && permits(net.allowed(e), vclass::kPassenger); }

// Vehicles by hour of one day; NaN where a part of an hour is missing.
using hours = std::vector<double>;

hours hours_of(quality_report const& q, local_clock const& clock, std::uint32_t detector, std::int32_t day) {
  hours sum(24, 0), covered(24, 0);
  auto i =
      static_cast<std::size_t>(std::lower_bound(q.detector.begin(), q.detector.end(), detector) - q.detector.begin());
  for (; i < q.detector.size() && q.detector[i] == detector; ++i) {
    count_record const& r = q.records[i];
    if (q.day[i] != day || q.ok[i] == 0 || r.period_ms > 3'600'000) continue;
    std::int64_t const local = clock.local_of(r.begin_ms / 1000) - std::int64_t{day} * 86400;
    auto const h = static_cast<std::size_t>(local / 3600);
    if (h >= 24) continue;
    sum[h] += static_cast<double>(r.count);
    covered[h] += r.period_ms / 1000.0;
  }
  for (std::size_t h = 0; h < 24; ++h) {
    if (covered[h] != 3600) sum[h] = std::nan("");
  }
  return sum;
}

}  // namespace

std::vector<balance_area> balance_areas(count_catalog const& catalog, std::vector<site_match> const& matches,
                                        network const& net) {
  std::map<edge_id, std::uint32_t> counted;                    // the first detector of an edge
  std::vector<std::pair<std::uint32_t, std::uint32_t>> again;  // that one, and another one of its edge
  for (std::uint32_t s = 0; s < catalog.size(); ++s) {
    detector_key const& k = catalog.key(s);
    site_match const* const m = find_match(matches, k);
    if (catalog.same_detector(s) != s || !k.vclass.empty() || k.lane != kAllLanes || m == nullptr || !m->edge) continue;
    std::size_t cars = 0;
    range const lanes = net.edges.lanes[*m->edge];
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l)
      cars += permits(net.lanes.allowed[lane_id(l)], vclass::kPassenger) ? 1U : 0U;
    if (m->confidence < kSureMatch || m->lanes.size() < cars) continue;
    auto const [first, is_new] = counted.emplace(*m->edge, s);
    if (is_new) continue;
    site_match const& other = *find_match(matches, catalog.key(first->second));
    // Loops side by side may count a lane each: same_road.h.
    if (!(std::abs(other.pos_m - m->pos_m) <= kCrossSection_m)) again.emplace_back(first->second, s);
  }
  pieces p(net.junctions.name.size());
  std::vector<double> length(net.junctions.name.size(), 0);
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (for_cars(net, e) && !counted.contains(e)) p.join(net.edges.from[e].value, net.edges.to[e].value);
  }
  std::set<std::uint32_t> open;  // areas where traffic may begin or end
  std::map<std::uint32_t, std::pair<std::size_t, std::size_t>> degree;
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!for_cars(net, e)) continue;
    if (!counted.contains(e)) length[p.root(net.edges.from[e].value)] += net.length_m(e);
    ++degree[net.edges.from[e].value].second;
    ++degree[net.edges.to[e].value].first;
  }
  for (auto const& [junction, in_out] : degree) {
    if (in_out.first == 0 || in_out.second == 0 || net.junctions.type[junction_id(junction)] == junction_type::kDeadEnd)
      open.insert(p.root(junction));
  }
  std::map<std::uint32_t, balance_area> areas;
  for (auto const& [e, detector] : counted) {
    areas[p.root(net.edges.from[e].value)].out.push_back(detector);
    areas[p.root(net.edges.to[e].value)].in.push_back(detector);
  }
  std::vector<balance_area> out;
  for (auto const& [first, other] : again)
    out.push_back({{first}, {other}, describe(catalog.key(first)) + " = " + describe(catalog.key(other))});
  for (auto& [root, a] : areas) {
    if (open.contains(root) || a.in.empty() || a.out.empty() || length[root] > kLongest_m) continue;
    std::sort(a.in.begin(), a.in.end());
    std::sort(a.out.begin(), a.out.end());
    auto const list = [&](std::vector<std::uint32_t> const& ds) {
      std::string text;
      for (std::uint32_t const d : ds) text += (text.empty() ? "" : " + ") + describe(catalog.key(d));
      return text;
    };
    a.name = list(a.in) + " = " + list(a.out);
    out.push_back(std::move(a));
  }
  std::sort(out.begin(), out.end(), [](balance_area const& a, balance_area const& b) { return a.name < b.name; });
  return out;
}

double implied_length_m(quality_report const& q, std::uint32_t detector, std::int32_t day, std::int32_t lanes) {
  std::vector<double> lengths;
  auto i =
      static_cast<std::size_t>(std::lower_bound(q.detector.begin(), q.detector.end(), detector) - q.detector.begin());
  for (; i < q.detector.size() && q.detector[i] == detector; ++i) {
    count_record const& r = q.records[i];
    // Occupancies are rounded: those of next to no traffic say nothing.
    if (q.day[i] != day || q.ok[i] == 0 || !(r.count >= 5) || !(r.speed_kmh > 0) || !(r.occ_frac > 0.01)) continue;
    lengths.push_back(static_cast<double>(r.occ_frac) * lanes * static_cast<double>(r.speed_kmh) / 3.6 * r.period_ms /
                      1000 / static_cast<double>(r.count));
  }
  if (lengths.size() < 5 || lanes < 1) return std::nan("");
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
  return lengths[lengths.size() / 2];
}

namespace {

constexpr double kOddLength = 1.4, kUsualLength = 1.2;  // ratios to the median of all detectors

class balance_check {
 public:
  balance_check(quality_report& q, local_clock const& clock, std::function<std::int32_t(std::uint32_t)> const& lanes_of)
      : q_(q), clock_(clock), lanes_of_(lanes_of) {}

  void run(balance_area const& a) {
    std::vector<std::uint32_t> all = a.in;
    all.insert(all.end(), a.out.begin(), a.out.end());
    std::set<std::int32_t> days;
    for (day_verdict const& d : q_.days) {
      if (std::find(all.begin(), all.end(), d.detector) != all.end()) days.insert(d.day);
    }
    for (std::int32_t const day : days) {
      bilingual const text = imbalance(a, day);
      if (!text.empty()) blame(a, all, day, text);
    }
  }
  std::vector<bilingual> found;

 private:
  [[nodiscard]] hours sum_of(std::vector<std::uint32_t> const& detectors, std::int32_t day) const {
    hours sum(24, 0);
    for (std::uint32_t const d : detectors) {
      hours const h = hours_of(q_, clock_, d, day);
      for (std::size_t i = 0; i < 24; ++i) sum[i] += h[i];
    }
    return sum;
  }

  [[nodiscard]] bilingual imbalance(balance_area const& a, std::int32_t day) const {
    hours const in = sum_of(a.in, day), out = sum_of(a.out, day);
    std::size_t compared = 0, off = 0;
    double sum_in = 0, sum_out = 0;
    for (std::size_t i = 0; i < 24; ++i) {
      double const most = std::max(in[i], out[i]);
      if (!std::isfinite(in[i]) || !std::isfinite(out[i]) || most < kLeastVehicles) continue;
      ++compared;
      // Ten percent, and what two Poisson counts differ by.
      off += std::abs(in[i] - out[i]) > kTolerance * most + 2 * std::sqrt(in[i] + out[i]) ? 1U : 0U;
      sum_in += in[i];
      sum_out += out[i];
    }
    if (compared < kLeastHours || off * 2 <= compared) return {};
    return in_both("out of balance in {} of {} hours: {:.0f} in, {:.0f} out",
                   "desequilíbrio em {} de {} horas: entram {:.0f}, saem {:.0f}", off, compared, sum_in, sum_out);
  }

  // The usual length on that day, over all detectors that can tell.
  [[nodiscard]] double usual_length(std::int32_t day) {
    auto const [at, is_new] = usual_.try_emplace(day, std::nan(""));
    if (!is_new) return at->second;
    std::vector<double> lengths;
    for (day_verdict const& d : q_.days) {
      if (d.day != day || d.verdict == count_verdict::kBad) continue;
      double const l = implied_length_m(q_, d.detector, day, lanes_of_(d.detector));
      if (std::isfinite(l)) lengths.push_back(l);
    }
    if (lengths.size() >= 3) {
      std::sort(lengths.begin(), lengths.end());
      at->second = lengths[lengths.size() / 2];
    }
    return at->second;
  }

  void blame(balance_area const& a, std::vector<std::uint32_t> const& all, std::int32_t day, bilingual const& text) {
    double const usual = usual_length(day);
    std::vector<std::pair<std::uint32_t, double>> odd;
    bool others_usual = std::isfinite(usual);
    for (std::uint32_t const d : all) {
      double const l = implied_length_m(q_, d, day, lanes_of_(d)), ratio = std::max(l / usual, usual / l);
      if (ratio > kOddLength)
        odd.emplace_back(d, l);
      else
        others_usual = others_usual && ratio <= kUsualLength;
    }
    bilingual line = in_both("{}: {}: {}", "{}: {}: {}", to_text(date_of(day)), a.name, text);
    if (odd.size() == 1 && others_usual) {
      bilingual const why =
          in_both("by its occupancy vehicles would be {:.1f} m long, elsewhere {:.1f} m",
                  "pela sua ocupação, os veículos teriam {:.1f} m de comprimento, noutros locais {:.1f} m",
                  odd[0].second, usual);
      worsen(q_, odd[0].first, day, count_verdict::kBad, in_both("{}, and {}", "{}, e {}", text, why));
      line += in_both("; the one with {} vehicles is wrong: {}", "; o que tem {} veículos está errado: {}",
                      odd[0].second > usual ? phrase{"fewer", "menos"} : phrase{"more", "mais"}, why);
    } else {
      for (std::uint32_t const d : all) worsen(q_, d, day, count_verdict::kDoubtful, text);
    }
    found.push_back(std::move(line));
  }

  quality_report& q_;
  local_clock const& clock_;
  std::function<std::int32_t(std::uint32_t)> const& lanes_of_;
  std::map<std::int32_t, double> usual_;
};

}  // namespace

std::vector<bilingual> check_balance(quality_report& q, local_clock const& clock,
                                     std::vector<balance_area> const& areas,
                                     std::function<std::int32_t(std::uint32_t)> const& lanes_of) {
  balance_check check(q, clock, lanes_of);
  for (balance_area const& a : areas) check.run(a);
  return std::move(check.found);
}

}  // namespace gemeo
