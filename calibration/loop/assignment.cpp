#include "calibration/loop/assignment.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/core/error.h"
#include "sim/core/parallel.h"

namespace gemeo {

// The counts of one station in order of time, to find those that a moment or a span of time falls into.
struct assignment::times_of_station {
  struct span_of_time {
    double begin_s, end_s;
    std::uint32_t row;
  };
  std::vector<span_of_time> counts;
  double longest_s = 0;

  // f(row, share of [from, to] inside); from == to: a moment.
  template <typename F>
  void each(double from_s, double to_s, F const& f) const {
    auto const first = std::lower_bound(counts.begin(), counts.end(), from_s - longest_s,
                                        [](span_of_time const& c, double t) { return c.begin_s < t; });
    for (auto c = first; c != counts.end() && c->begin_s <= to_s; ++c) {
      if (to_s > from_s) {
        double const inside = std::min(to_s, c->end_s) - std::max(from_s, c->begin_s);
        if (inside > 0) f(c->row, inside / (to_s - from_s));
      } else if (from_s >= c->begin_s && from_s < c->end_s) {
        f(c->row, 1.0);
      }
    }
  }
};

namespace {

template <typename Times>
std::vector<Times> by_station(std::vector<station_count> const& counts) {
  std::vector<Times> out;
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    station_count const& c = counts[i];
    if (c.station >= out.size()) out.resize(c.station + 1);
    out[c.station].counts.push_back({c.begin_s, c.end_s, i});
    out[c.station].longest_s = std::max(out[c.station].longest_s, c.end_s - c.begin_s);
  }
  for (Times& t : out) {
    std::stable_sort(t.counts.begin(), t.counts.end(),
                     [](auto const& a, auto const& b) { return a.begin_s < b.begin_s; });
  }
  return out;
}

}  // namespace

assignment::assignment(departure_slots slots, std::size_t pairs, assignment_options o)
    : slots_(slots), pairs_(pairs), options_(o), of_pair_(pairs), departures_(pairs * slots.count) {}

void assignment::add(simulated s, double keep) {
  verify(s.departures.size() == departures_.size(), "a simulation is of the same cells");
  for (logged& l : log_) l.weight *= keep;
  for (double& d : departures_) d *= keep;
  for (auto& shares : of_pair_) {
    for (share& one : shares) one.weight *= static_cast<float>(keep);
  }
  for (passing const& p : s.passings) {
    if (p.cell == kNoCell) continue;
    of_pair_[p.cell / slots_.count].push_back(
        {static_cast<std::uint32_t>(p.cell % slots_.count), p.station, p.departed_s, p.time_s, 1});
  }
  for (std::size_t c = 0; c < departures_.size(); ++c) departures_[c] += s.departures[c];
  log_.push_back({std::move(s), 1});
}

void assignment::add_pair(std::size_t pair, std::vector<times_of_station> const& wanted,
                          std::vector<sparse_entry>& out) const {
  std::size_t const slots = slots_.count;
  std::vector<double> const departures(departures_.begin() + static_cast<std::ptrdiff_t>(pair * slots),
                                       departures_.begin() + static_cast<std::ptrdiff_t>((pair + 1) * slots));
  std::vector<std::map<std::uint32_t, double>> own(slots), pooled(slots);
  auto const near = [&](std::size_t s, std::size_t o) {
    std::size_t const apart = s > o ? s - o : o - s;
    return apart > options_.near_slots ? 0.0 : 1.0 / (1.0 + static_cast<double>(apart));
  };
  auto const repeated_of = [&](std::size_t s) {  // how much of a slot the warm-up repeats
    return std::clamp(options_.warm_up_s - static_cast<double>(s) * slots_.length_s, 0.0, slots_.length_s);
  };
  for (share const& p : of_pair_[pair]) {
    if (p.station >= wanted.size()) continue;
    double const w = static_cast<double>(p.weight), t = static_cast<double>(p.time_s);
    wanted[p.station].each(t, t, [&](std::uint32_t row, double) { own[p.slot][row] += w; });
    double const departed = static_cast<double>(p.departed_s), delay = t - departed;
    if (departed < slots_.begin_s) continue;  // his delay is lent by who left the same way later
    std::size_t const first = p.slot - std::min<std::size_t>(p.slot, options_.near_slots);
    for (std::size_t s = first; s < std::min(slots, p.slot + options_.near_slots + 1); ++s) {
      double const begin = slots_.begin_of(s) + delay;
      wanted[p.station].each(begin, begin + slots_.length_s,
                             [&](std::uint32_t row, double part) { pooled[s][row] += near(s, p.slot) * w * part; });
      double const repeated_s = repeated_of(s), earlier = begin - options_.warm_up_s;
      if (repeated_s <= 0) continue;
      wanted[p.station].each(earlier, earlier + repeated_s, [&](std::uint32_t row, double part) {
        pooled[s][row] += near(s, p.slot) * w * part * repeated_s / slots_.length_s;
      });
    }
  }
  for (std::size_t s = 0; s < slots; ++s) {
    double lent = 0;
    for (std::size_t o = 0; o < slots; ++o) lent += near(s, o) * departures[o];
    double const k = lent > 0 ? options_.borrowed : 0;
    auto const column = static_cast<std::uint32_t>(pair * slots + s);
    if (departures[s] + k <= 0) continue;
    if (k > 0) {
      for (auto const& [row, n] : pooled[s]) own[s][row] += k * n / lent;
    }
    for (auto const& [row, n] : own[s]) out.push_back({row, column, n / (departures[s] + k)});
  }
}

sparse_rows assignment::rows(std::vector<station_count> const& counts, std::size_t threads) const {
  auto const wanted = by_station<times_of_station>(counts);
  std::vector<std::vector<sparse_entry>> found(pairs_);
  thread_team const team(threads);
  team.run(pairs_, 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) add_pair(p, wanted, found[p]);
  });
  std::vector<sparse_entry> all;
  for (auto const& f : found) all.insert(all.end(), f.begin(), f.end());
  return rows_of_entries(counts.size(), pairs_ * slots_.count, all);
}

std::vector<double> assignment::offsets(sparse_rows const& a, std::vector<station_count> const& counts) const {
  std::vector<double> b(counts.size()), fitted(counts.size());
  double weights = 0;
  for (logged const& l : log_) {
    std::vector<double> const n(l.what.departures.begin(), l.what.departures.end());
    multiply(a, n, fitted, {});
    std::vector<double> const q = counted_in(l.what, counts);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] += l.weight * (q[i] - fitted[i]);
    weights += l.weight;
  }
  if (weights > 0) {
    for (double& x : b) x /= weights;
  }
  return b;
}

std::vector<double> counted_in(simulated const& s, std::vector<station_count> const& counts) {
  struct moments {
    std::vector<float> times;
  };
  std::vector<moments> at;
  for (passing const& p : s.passings) {
    if (p.station >= at.size()) at.resize(p.station + 1);
    at[p.station].times.push_back(p.time_s);
  }
  for (moments& m : at) std::sort(m.times.begin(), m.times.end());
  std::vector<double> out;
  for (station_count const& c : counts) {
    if (c.station >= at.size()) {
      out.push_back(0);
      continue;
    }
    auto const& t = at[c.station].times;
    auto const before = [&](double s_) {
      return std::lower_bound(t.begin(), t.end(), s_, [](float x, double y) { return static_cast<double>(x) < y; }) -
             t.begin();
    };
    out.push_back(static_cast<double>(before(c.end_s) - before(c.begin_s)));
  }
  return out;
}

std::vector<double> occupancies_in(simulated const& s, std::vector<station_count> const& counts) {
  std::vector<std::vector<station_state>> at;
  for (station_state const& o : s.states) {
    if (o.station >= at.size()) at.resize(o.station + 1);
    at[o.station].push_back(o);
  }
  std::vector<double> out;
  for (station_count const& c : counts) {
    double covered_s = 0, time_s = 0;
    for (std::size_t k = 0; c.station < at.size() && k < at[c.station].size(); ++k) {
      station_state const& o = at[c.station][k];
      double const both_s = std::min(c.end_s, o.end_s) - std::max(c.begin_s, o.begin_s);
      if (both_s <= 0) continue;
      covered_s += both_s * o.occupancy;
      time_s += both_s;
    }
    out.push_back(time_s > 0 ? covered_s / time_s : NAN);
  }
  return out;
}

}  // namespace gemeo
