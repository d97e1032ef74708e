#include "calibration/job/capacity_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "calibration/counts/check_network.h"
#include "calibration/loop/od_source.h"

namespace gemeo {

namespace {

constexpr double kHour_s = 3600;

struct hour_sum {
  double vehicles = 0, seconds = 0;
  hashed_periods periods;
  void add(observed_period const& p, double counted) {
    vehicles += counted;
    seconds += p.end_s - p.begin_s;
    periods.add(p.begin_s, p.end_s);
  }
};

// Flows by station and clock hour, by the mean of the days to fit, else of those held out; without stations held out
// where those are named, and then without held-out days, too: what is fitted must not hang on them.
struct station_hours {
  station_hours(observed_counts const& o, std::vector<bool> const& held_out) {
    std::map<std::pair<std::uint32_t, double>, hour_sum> sums;
    for (observed_period const& p : o.periods) {
      if (!held_out.empty() && held_out[p.station]) continue;
      double const counted = std::isnan(p.mean()) && held_out.empty() ? p.held_out_mean() : p.mean();
      if (std::isnan(counted)) continue;
      sums[{p.station, hour_of(p)}].add(p, counted);
    }
    for (auto const& [key, h] : sums) {
      number[key] = static_cast<std::uint32_t>(hours.size());
      hours.push_back({key.first, key.second, h.vehicles * kHour_s / h.seconds, h.seconds, h.periods.value});
    }
  }
  static double hour_of(observed_period const& p) { return std::floor(p.begin_s / kHour_s) * kHour_s; }
  [[nodiscard]] bool holds_not(carried_report const& r, observed_period const& p) const {
    auto const at = number.find({p.station, hour_of(p)});
    return at != number.end() && !r.holds(at->second);
  }
  [[nodiscard]] bool among(std::set<std::uint32_t> const& some, observed_period const& p) const {
    auto const at = number.find({p.station, hour_of(p)});
    return at != number.end() && some.contains(at->second);
  }
  std::vector<counted_hour> hours;
  std::map<std::pair<std::uint32_t, double>, std::uint32_t> number;  // of hours
};

}  // namespace

std::size_t capacity_findings::periods_beyond() const {
  return static_cast<std::size_t>(std::count(beyond.begin(), beyond.end(), true));
}

open_ends ends_of_trips(scenario const& base, city const* town, trip_source const& source) {
  std::set<edge_id> begin, end;
  if (base.travellers) {
    vehicle_table const& v = base.travellers->vehicles;
    for (std::size_t i = 0; i < base.travellers->size(); ++i) {
      if (edge_id const e = v.from[vehicle_id(i)]; e.valid()) begin.insert(e);
      if (edge_id const e = v.to[vehicle_id(i)]; e.valid()) end.insert(e);
    }
  }
  if (auto const* const pairs = dynamic_cast<od_source const*>(&source)) {
    for (auto const& [from, to] : pairs->ends()) {
      begin.insert(from);
      end.insert(to);
    }
  }
  if (town != nullptr) {
    open_ends const of_city = ends_of_city(*town);
    begin.insert(of_city.begin.begin(), of_city.begin.end());
    end.insert(of_city.end.begin(), of_city.end.end());
  }
  return {{begin.begin(), begin.end()}, {end.begin(), end.end()}};
}

driver_headway mean_headway(demand const& d) {
  double n = 0;
  driver_headway sum{0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_type const& t = d.types[d.vehicles.type[vehicle_id(i)]];
    if (t.cls == vclass::kPedestrian || t.cls == vclass::kBicycle || !(t.tau_s > 0)) continue;
    sum.tau_s += t.tau_s;
    sum.length_m += t.length_m;
    sum.min_gap_m += t.min_gap_m;
    sum.speed_factor = std::max(sum.speed_factor, t.speed_factor);
    sum.max_speed_mps = std::max(sum.max_speed_mps, t.max_speed_mps);
    n += 1;
  }
  if (n == 0) return {};
  return {sum.tau_s / n, sum.length_m / n, sum.min_gap_m / n, sum.max_speed_mps, sum.speed_factor};
}

shown_programs programs_shown(scenario const& s) {
  shown_programs out;
  out.resize(s.net->signals.name.size());
  std::map<std::uint32_t, std::set<std::uint32_t>> shown;
  for (std::size_t i = 0; i < s.programs.size(); ++i) {
    if (!s.programs[signal_id(i)].empty()) shown[static_cast<std::uint32_t>(i)].insert(0);
  }
  for (timed_command const& c : s.commands) {
    auto const* const p = std::get_if<set_signal_program>(&c.what);
    if (p == nullptr || c.time_s >= s.end_s) continue;
    if (c.time_s <= s.begin_s) shown[p->signal.value].clear();
    shown[p->signal.value].insert(p->program);
  }
  for (auto const& [signal, programs] : shown) {
    for (std::uint32_t const p : programs) out[signal_id(signal)].push_back(s.programs[signal_id(signal)][p]);
  }
  return out;
}

capacity_findings find_beyond_capacity(scenario const& base, open_ends const& ends, observed_counts const& o,
                                       std::vector<bool> const& held_out, std::optional<double> saturation,
                                       stop_function const& stop) {
  capacity_findings out;
  if (base.travellers) out.drivers = mean_headway(*base.travellers);
  for (count_station const& s : o.stations) out.places.push_back({s.name, s.edge, s.lanes});
  road_capacity const roads(base.net, programs_shown(base), out.drivers,
                            saturation.value_or(std::numeric_limits<double>::infinity()));
  station_hours const all(o, {}), fitted(o, held_out);
  out.hours = all.hours;
  out.report = check_carried(roads, ends, out.places, all.hours);
  out.contradicted = find_contradictions(roads, ends, out.places, out.hours, out.report, counting_band, stop);
  out.never_below_geh5 = find_contradictions(
                             roads, ends, out.places, out.hours, out.report,
                             [](counted_hour const& h) { return geh_band(h.flow_veh_per_h); }, stop)
                             .size();
  std::set<std::uint32_t> contradicting;
  for (contradiction const& c : out.contradicted) {
    contradicting.insert(c.more.begin(), c.more.end());
    contradicting.insert(c.less.begin(), c.less.end());
  }
  carried_report const of_fitted = check_carried(roads, ends, out.places, fitted.hours);
  for (observed_period const& p : o.periods) {
    out.contradicts.push_back(all.among(contradicting, p));
    out.beyond.push_back(all.holds_not(out.report, p));
    out.not_fitted.push_back(fitted.holds_not(of_fitted, p));
  }
  return out;
}

}  // namespace gemeo
