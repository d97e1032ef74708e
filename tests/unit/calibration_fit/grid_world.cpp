#include "tests/unit/calibration_fit/grid_world.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <queue>
#include <utility>

#include "sim/core/random.h"

namespace gemeo::test {

namespace {

enum : std::uint64_t {
  kZone = 1,
  kTime,
  kTaste,
  kOriginSize,
  kDestinationSize,
  kPair,
  kPeak,
  kPriorPair,
  kPriorOrigin,
  kPriorDestination,
  kPriorSlot,
  kDetector,
  kNoise,
  kTrips,
  kLeave
};

class maker {
 public:
  maker(std::uint64_t seed, grid_world_options const& o) : seed_(seed), o_(o) {}

  grid_world make() {
    lay_streets();
    choose_zones();
    find_routes();
    draw_demand();
    place_detectors();
    count();
    return std::move(out_);
  }

 private:
  struct street {
    std::size_t to = 0;
    double time_s = 0;
  };

  [[nodiscard]] double uniform(std::uint64_t what, std::uint64_t a, std::uint64_t b = 0) const {
    return random_uniform(seed_, entity_key(what, a), b, draw::kTripCount);
  }
  [[nodiscard]] double normal(std::uint64_t what, std::uint64_t a, std::uint64_t b = 0) const {
    return random_normal(seed_, entity_key(what, a), b, draw::kTripCount);
  }

  void lay_streets() {
    std::size_t const n = o_.side;
    first_.push_back(0);
    for (std::size_t y = 0; y < n; ++y) {
      for (std::size_t x = 0; x < n; ++x) {
        auto const add = [&](std::size_t to) { streets_.push_back({to, 25 + 40 * uniform(kTime, streets_.size())}); };
        if (x + 1 < n) add(y * n + x + 1);
        if (x > 0) add(y * n + x - 1);
        if (y + 1 < n) add((y + 1) * n + x);
        if (y > 0) add((y - 1) * n + x);
        first_.push_back(streets_.size());
      }
    }
  }

  void choose_zones() {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t k = 0; k < o_.side * o_.side; ++k) order.emplace_back(uniform(kZone, k), k);
    std::sort(order.begin(), order.end());
    for (std::size_t z = 0; z < o_.zones; ++z) nodes_.push_back(order[z].second);
    for (std::size_t a = 0; a < o_.zones; ++a) {
      for (std::size_t b = 0; b < o_.zones; ++b) {
        if (a == b || (o_.pairs > 0 && out_.origin.size() == o_.pairs)) continue;
        out_.origin.push_back(static_cast<std::uint32_t>(a));
        out_.destination.push_back(static_cast<std::uint32_t>(b));
      }
    }
  }

  // Streets on the ways from one node to all others, by times that one taste sees.
  [[nodiscard]] std::vector<std::size_t> tree(std::size_t from, std::size_t taste) const {
    std::size_t const n = o_.side * o_.side, none = streets_.size();
    std::vector<double> best(n, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> by(n, none);
    std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>, std::greater<>>
        next;
    best[from] = 0;
    next.emplace(0.0, from);
    while (!next.empty()) {
      auto const [at, node] = next.top();
      next.pop();
      if (at > best[node]) continue;
      for (std::size_t e = first_[node]; e < first_[node + 1]; ++e) {
        double const seen = streets_[e].time_s * (taste == 0 ? 1 : 1 + 0.6 * uniform(kTaste, e, taste));
        if (at + seen >= best[streets_[e].to]) continue;
        best[streets_[e].to] = at + seen;
        by[streets_[e].to] = e;
        next.emplace(at + seen, streets_[e].to);
      }
    }
    return by;
  }

  void find_routes() {
    std::size_t const n = o_.side * o_.side;
    std::vector<std::size_t> from_of;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t e = first_[k]; e < first_[k + 1]; ++e) from_of.push_back(k);
    }
    std::vector<std::vector<std::size_t>> trees;  // [zone][taste]
    for (std::size_t z = 0; z < o_.zones; ++z) {
      for (std::size_t t = 0; t < o_.routes; ++t) trees.push_back(tree(nodes_[z], t));
    }
    out_.route_begin.push_back(0);
    for (std::size_t p = 0; p < out_.origin.size(); ++p) {
      std::vector<std::vector<std::size_t>> found;
      std::vector<double> weight;
      for (std::size_t t = 0; t < o_.routes; ++t) {
        auto const& by = trees[out_.origin[p] * o_.routes + t];
        std::vector<std::size_t> way;
        double time = 0;
        for (std::size_t at = nodes_[out_.destination[p]]; at != nodes_[out_.origin[p]]; at = from_of[by[at]]) {
          way.push_back(by[at]);
          time += streets_[by[at]].time_s;
        }
        std::reverse(way.begin(), way.end());
        if (std::find(found.begin(), found.end(), way) != found.end()) continue;
        found.push_back(way);
        weight.push_back(std::exp(-time / 60));
      }
      double all = 0;
      for (double const w : weight) all += w;
      for (std::size_t r = 0; r < found.size(); ++r) {
        ways_.push_back(found[r]);
        out_.route_share.push_back(weight[r] / all);
      }
      out_.route_begin.push_back(ways_.size());
    }
  }

  void draw_demand() {
    std::size_t const pairs = out_.origin.size(), slots = o_.slots;
    std::vector<double> mean(pairs * slots);
    double all = 0;
    for (std::size_t p = 0; p < pairs; ++p) {
      std::size_t const a = out_.origin[p], b = out_.destination[p];
      double const far = static_cast<double>(ways_[out_.route_begin[p]].size()) / static_cast<double>(o_.side);
      double const size =
          std::exp(0.5 * normal(kOriginSize, a) + 0.5 * normal(kDestinationSize, b) + 0.6 * normal(kPair, p) - far);
      double const peak = 0.3 + 0.4 * uniform(kPeak, a);  // as a share of the time looked at
      for (std::size_t s = 0; s < slots; ++s) {
        double const off = (static_cast<double>(s) + 0.5) / static_cast<double>(slots) - peak;
        all += mean[p * slots + s] = size * (0.4 + std::exp(-off * off / 0.08));
      }
    }
    fit_problem& problem = out_.problem;
    problem.pairs = pairs;
    problem.slots = slots;
    for (std::size_t j = 0; j < mean.size(); ++j) {
      std::size_t const p = j / slots, s = j % slots;
      double const x = mean[j] * o_.vehicles / all;
      // Whole trips, without more noise than rounding has: the truth is a demand, not a draw from one.
      out_.truth.push_back(o_.trips ? std::floor(x + uniform(kTrips, j)) : x);
      double const zone = normal(kPriorOrigin, out_.origin[p]) + normal(kPriorDestination, out_.destination[p]);
      problem.prior.push_back(o_.prior_factor * x *
                              std::exp(o_.prior_log_sd * normal(kPriorPair, p) + o_.zone_log_sd * zone +
                                       o_.slot_log_sd * normal(kPriorSlot, s)));
      problem.prior_sd.push_back(std::max(0.05, o_.prior_cv * problem.prior.back()));
    }
  }

  void place_detectors() {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t e = 0; e < streets_.size(); ++e) order.emplace_back(uniform(kDetector, e), e);
    std::sort(order.begin(), order.end());
    detector_of_.assign(streets_.size(), kNone);
    for (std::size_t k = 0; k < o_.seen + o_.held_out; ++k) detector_of_[order[k].second] = k;
  }

  // Who leaves evenly over slot s and drives t seconds to a detector crosses it in these slots, with these shares.
  template <typename Body>
  void crossed(std::size_t s, double t, Body const& body) const {
    double const whole = std::floor(t / o_.slot_s), late = t / o_.slot_s - whole;
    std::size_t const slot = s + static_cast<std::size_t>(whole);
    if (slot < o_.slots && late < 1) body(slot, 1 - late);
    if (slot + 1 < o_.slots && late > 0) body(slot + 1, late);
  }

  void count() {
    std::size_t const slots = o_.slots, all = o_.seen + o_.held_out;
    std::vector<sparse_entry> seen, other, by_route;
    std::vector<double> flow(all * slots, 0.0);
    for (std::size_t p = 0; p < out_.origin.size(); ++p) {
      for (std::size_t r = out_.route_begin[p]; r < out_.route_begin[p + 1]; ++r) {
        double t = 0;
        for (std::size_t const e : ways_[r]) {
          t += streets_[e].time_s;
          std::size_t const d = detector_of_[e];
          if (d == kNone) continue;
          for (std::size_t s = 0; s < slots; ++s) {
            crossed(s, t, [&](std::size_t slot, double share) {
              bool const calibrates = d < o_.seen;
              auto const row = static_cast<std::uint32_t>((calibrates ? d : d - o_.seen) * slots + slot);
              auto const cell = static_cast<std::uint32_t>(p * slots + s);
              (calibrates ? seen : other).push_back({row, cell, share * out_.route_share[r]});
              if (calibrates) by_route.push_back({row, static_cast<std::uint32_t>(r * slots + s), share});
              if (!o_.trips) flow[d * slots + slot] += out_.truth[cell] * share * out_.route_share[r];
            });
          }
        }
      }
    }
    if (o_.trips) drive(flow);
    std::size_t const pairs = out_.origin.size();
    out_.problem.crossings = rows_of_entries(o_.seen * slots, pairs * slots, seen);
    out_.held_out = rows_of_entries(o_.held_out * slots, pairs * slots, other);
    out_.route_crossings = rows_of_entries(o_.seen * slots, ways_.size() * slots, by_route);
    out_.slot_s = o_.slot_s;
    for (std::size_t i = 0; i < flow.size(); ++i) {
      double const c = std::max(0.0, std::round(flow[i] * (1 + o_.count_noise * normal(kNoise, i))));
      auto const d = static_cast<std::uint32_t>(i / slots);
      (d < o_.seen ? out_.problem.count : out_.held_out_count).push_back(c);
      (d < o_.seen ? out_.problem.detector : out_.held_out_detector).push_back(d);
    }
  }

  // Every trip leaves at a moment of its own, on a route of its own.
  void drive(std::vector<double>& flow) const {
    for (std::size_t j = 0; j < out_.truth.size(); ++j) {
      std::size_t const p = j / o_.slots, s = j % o_.slots;
      for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(out_.truth[j]); ++k) {
        double left = uniform(kTrips, j, 2 * k + 1), t = (static_cast<double>(s) + uniform(kLeave, j, k)) * o_.slot_s;
        std::size_t r = out_.route_begin[p];
        while (r + 1 < out_.route_begin[p + 1] && left >= out_.route_share[r]) left -= out_.route_share[r++];
        for (std::size_t const e : ways_[r]) {
          t += streets_[e].time_s;
          auto const slot = static_cast<std::size_t>(t / o_.slot_s);
          if (detector_of_[e] != kNone && slot < o_.slots) flow[detector_of_[e] * o_.slots + slot] += 1;
        }
      }
    }
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::uint64_t seed_;
  grid_world_options const& o_;
  grid_world out_;
  std::vector<street> streets_;
  std::vector<std::size_t> first_, nodes_, detector_of_;
  std::vector<std::vector<std::size_t>> ways_;
};

}  // namespace

std::vector<prior_factor> grid_world::zone_factors(double zone_sd, double slot_sd) const {
  return {{"origin", origin, 0, zone_sd}, {"destination", destination, 0, zone_sd}, {"slot", {}, 1, slot_sd}};
}

grid_world make_grid_world(std::uint64_t seed, grid_world_options const& options) {
  return maker(seed, options).make();
}

}  // namespace gemeo::test
