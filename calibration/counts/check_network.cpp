#include "calibration/counts/check_network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "calibration/counts/same_road.h"
#include "calibration/counts/site_totals.h"
#include "sim/demand/city.h"
#include "sim/demand/toml_input.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

void take_doubts(count_series const& s, std::vector<site_match>& matches) {
  for (detector_series const& d : s.detectors) {
    auto const at = std::find_if(matches.begin(), matches.end(), [&](site_match const& m) {
      return m.source == d.key.source && m.site == d.key.site && m.direction == d.key.direction;
    });
    if (at == matches.end()) continue;
    at->part_of_road = d.match.part_of_road;
    if (d.match.confidence >= at->confidence && d.match.doubt == at->doubt) continue;
    at->confidence = d.match.confidence;
    at->doubt = d.match.doubt;
  }
}

bool believed(detector_series const& d, std::size_t i) {
  return d.ok[i] != 0 && !std::isnan(d.count[i]) && d.end_s[i] > d.begin_s[i];
}
bool on_working_day(detector_series const& d, std::size_t i) { return weekday_of(d.day[i]) < 5; }

struct mean_count {
  double vehicles = 0, days = 0;
};
struct hour_sum {
  double vehicles = 0, seconds = 0;
  hashed_periods periods;
};

void add_hours(detector_series const& d, std::uint32_t place, bool working_days_alone, std::vector<counted_hour>& out) {
  std::map<std::pair<double, double>, mean_count> periods;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (!believed(d, i) || (working_days_alone && !on_working_day(d, i))) continue;
    mean_count& m = periods[{d.begin_s[i], d.end_s[i]}];
    m.vehicles += static_cast<double>(d.count[i]);
    m.days += 1;
  }
  std::map<int, hour_sum> by_hour;
  for (auto const& [when, m] : periods) {
    hour_sum& h = by_hour[static_cast<int>(when.first / 3600)];
    h.vehicles += m.vehicles / m.days;
    h.seconds += when.second - when.first;
    h.periods.add(when.first, when.second);
  }
  for (auto const& [hour, h] : by_hour)
    out.push_back({place, hour * 3600.0, h.vehicles * 3600 / h.seconds, h.seconds, h.periods.value});
}

std::optional<open_ends> ends_beside(fs::path const& network_file) {
  std::error_code ec;
  fs::path const folder = network_file.has_parent_path() ? network_file.parent_path() : fs::path(".");
  if (!fs::is_regular_file(folder / "city.toml", ec)) return std::nullopt;
  std::string const named = text_or(folder / "city.toml", read_toml(folder / "city.toml"), "network", "");
  if (named.empty() || !fs::equivalent(folder / named, network_file, ec)) return std::nullopt;
  open_ends const ends = ends_of_city(read_city(folder));
  return ends.begin.empty() || ends.end.empty() ? std::nullopt : std::optional(ends);
}

// Nobody says where trips begin and end: on every road that nobody counts, so that only roads that are counted all
// around can contradict each other; and where a counted road begins or ends with the network.
open_ends ends_off_counted_roads(network const& net, std::vector<counted_place> const& places) {
  std::set<edge_id> counted;
  for (counted_place const& p : places) counted.insert(p.edge);
  open_ends out;
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e)) continue;
    if (!counted.contains(e) || net.predecessors(e).empty()) out.begin.push_back(e);
    if (!counted.contains(e) || net.successors(e).empty()) out.end.push_back(e);
  }
  return out;
}

}  // namespace

open_ends ends_of_city(city const& town) {
  std::set<edge_id> begin, end;
  for (zone const& z : town.zones.raw()) {
    for (std::size_t i = 0; i < z.edges.size(); ++i) {
      if (z.origin_weight[i] > 0) begin.insert(z.edges[i]);
      if (z.destination_weight[i] > 0) end.insert(z.edges[i]);
    }
  }
  for (line_plan const& l : town.lines) {
    if (l.edges.empty()) continue;
    begin.insert(l.edges.front());
    end.insert(l.edges.back());
  }
  return {{begin.begin(), begin.end()}, {end.begin(), end.end()}};
}

network_findings check_network(loaded_counts& c, series_request const& r, fs::path const& network_file,
                               std::function<bool()> const& stop) {
  network_findings out;
  count_series s = site_totals(series_of(c, r));
  out.roads = settle_same_roads(s, *r.net);
  take_doubts(s, c.matches);
  std::vector<detector_series const*> sure;
  bool working_days = false;
  for (detector_series const& d : s.detectors) {
    if (!d.match.edge || d.match.confidence < kSureMatch) continue;
    sure.push_back(&d);
    for (std::size_t i = 0; i < d.size(); ++i) working_days = working_days || (believed(d, i) && on_working_day(d, i));
  }
  for (detector_series const* d : sure) {
    std::size_t const before = out.hours.size();
    add_hours(*d, static_cast<std::uint32_t>(out.places.size()), working_days, out.hours);
    if (out.hours.size() == before) continue;
    counted_place p{d->key.direction.empty() ? d->key.site : d->key.site + " " + d->key.direction, *d->match.edge, {}};
    for (std::uint32_t const l : d->lanes) p.lanes.emplace_back(r.net->edges.lanes[p.edge].begin + l);
    out.places.push_back(std::move(p));
  }
  std::optional<open_ends> const of_city = ends_beside(network_file);
  out.ends_known = of_city.has_value();
  open_ends const ends = of_city ? *of_city : ends_off_counted_roads(*r.net, out.places);
  road_capacity const roads(r.net, {}, {});
  out.carried = check_carried(roads, ends, out.places, out.hours);
  out.contradicted = find_contradictions(roads, ends, out.places, out.hours, out.carried, counting_band, stop);
  out.stopped = stop && stop();
  return out;
}

}  // namespace gemeo
