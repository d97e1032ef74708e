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

using mean_count = double (*)(observed_period const&);
double of_fitted_days(observed_period const& p) { return p.mean(); }
double of_held_out_days(observed_period const& p) { return p.held_out_mean(); }
double of_any_days(observed_period const& p) { return std::isnan(p.mean()) ? p.held_out_mean() : p.mean(); }

// Flows by station and clock hour; without stations held out where those are named.
struct station_hours {
  station_hours(observed_counts const& o, mean_count mean, std::vector<bool> const& held_out) {
    std::map<std::pair<std::uint32_t, double>, hour_sum> sums;
    for (observed_period const& p : o.periods) {
      if (!held_out.empty() && held_out[p.station]) continue;
      double const counted = mean(p);
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
  // What is fitted must hang neither on stations nor on days held out.
  station_hours const all(o, of_any_days, {}), fitted(o, of_fitted_days, held_out);
  out.hours = all.hours;
  out.report = check_carried(roads, ends, out.places, all.hours);
  out.contradicted = find_contradictions(roads, ends, out.places, out.hours, out.report, counting_band, stop);
  out.never_below_geh5 = find_contradictions(
                             roads, ends, out.places, out.hours, out.report,
                             [](counted_hour const& h) { return geh_band(h.flow_veh_per_h); }, stop)
                             .size();
  auto const mark = [&](station_hours const& hours, std::vector<contradiction> const& found, std::vector<bool>& marks) {
    std::set<std::uint32_t> contradicting;
    for (contradiction const& c : found) {
      contradicting.insert(c.more.begin(), c.more.end());
      contradicting.insert(c.less.begin(), c.less.end());
    }
    for (observed_period const& p : o.periods) marks.push_back(hours.among(contradicting, p));
  };
  mark(all, out.contradicted, out.contradicts);
  station_hours const others(o, of_held_out_days, {});
  mark(others,
       find_contradictions(roads, ends, out.places, others.hours, check_carried(roads, ends, out.places, others.hours),
                           counting_band, stop),
       out.contradicts_on_other_days);
  carried_report const of_fitted = check_carried(roads, ends, out.places, fitted.hours);
  for (observed_period const& p : o.periods) {
    out.beyond.push_back(all.holds_not(out.report, p));
    out.not_fitted.push_back(fitted.holds_not(of_fitted, p));
  }
  return out;
}

}  // namespace gemeo
