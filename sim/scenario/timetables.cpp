// Bus lines that run more or less often: the service periods of the city's lines, changed before buses are made.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/core/error.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

struct change {
  bus_frequency_config const* what;
  double begin_s, end_s;
};

std::vector<double> departures(line_plan const& l, double begin_s, double end_s) {
  std::vector<double> out;
  for (service_period const& p : l.service) {
    for (double t = p.begin_s; t < p.end_s; t += p.headway_s) {
      if (t >= begin_s && t < end_s) out.push_back(t);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

double next_departure(service_period const& p, double t) {
  return t <= p.begin_s ? p.begin_s : p.begin_s + std::ceil((t - p.begin_s) / p.headway_s - 1e-9) * p.headway_s;
}

// Between two neighbouring moments the same changes hold. Outside all windows every bus leaves when it did; a factor
// keeps the rhythm of the timetable and thins or fills it; a headway starts a rhythm of its own where its window
// begins.
std::vector<service_period> changed_service(line_plan const& l, std::vector<change> const& changes) {
  std::set<double> moments;
  for (service_period const& p : l.service) moments.insert({p.begin_s, p.end_s});
  for (change const& c : changes) moments.insert({c.begin_s, c.end_s});
  std::vector<service_period> out;
  for (auto it = moments.begin(); std::next(it) != moments.end(); ++it) {
    double const begin = *it, end = *std::next(it);
    double headway = 0, own_rhythm = 0;
    std::vector<double> factors;
    for (change const& c : changes) {
      if (c.begin_s > begin || c.end_s < end) continue;
      if (c.what->headway_min && (headway == 0 || *c.what->headway_min * 60 < headway)) {
        headway = *c.what->headway_min * 60;
        own_rhythm = c.begin_s;
      }
      if (c.what->factor) factors.push_back(*c.what->factor);
    }
    std::sort(factors.begin(), factors.end());
    double factor = 1;
    for (double const f : factors) factor *= f;
    if (factor <= 0) continue;
    std::vector<service_period> base = l.service;
    if (headway > 0) base = {{own_rhythm, end, headway}};
    for (service_period const& p : base) {
      if (p.begin_s > begin || p.end_s < end) continue;
      service_period const dense{p.begin_s, p.end_s, factor == 1 ? p.headway_s : p.headway_s / factor};
      out.push_back({next_departure(factor == 1 ? p : dense, begin), end, dense.headway_s});
    }
  }
  std::erase_if(out, [](service_period const& p) { return p.begin_s >= p.end_s; });
  return out;
}

std::vector<std::size_t> named_lines(city const& c, bus_frequency_config const& b) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < c.lines.size() && b.lines.empty(); ++i) out.push_back(i);
  for (std::string const& name : b.lines) {
    auto const it = std::find_if(c.lines.begin(), c.lines.end(),
                                 [&](line_plan const& l) { return l.name == name || folded(l.label) == folded(name); });
    if (it == c.lines.end()) {
      std::vector<std::string> known;
      for (line_plan const& l : c.lines) known.push_back(l.name);
      throw_input(b.label.where, fmt::format("no bus line is called '{}'", name), did_you_mean(name, known));
    }
    out.push_back(static_cast<std::size_t>(it - c.lines.begin()));
  }
  if (out.empty()) throw_input(b.label.where, "the city has no bus lines");
  return out;
}

}  // namespace

void change_timetables(draft& d) {
  std::vector<std::vector<change>> of_line(d.town.lines.size());
  for (item& i : d.items) {
    auto const* const c = std::get_if<bus_frequency_config>(i.config);
    if (c == nullptr) continue;
    for (std::size_t const l : named_lines(d.town, *c)) of_line[l].push_back({c, i.begin_s, i.end_s});
  }
  double const begin = d.config.time.begin.s, end = d.config.time.end.s;
  for (std::size_t l = 0; l < of_line.size(); ++l) {
    if (of_line[l].empty()) continue;
    line_plan& line = d.town.lines[l];
    auto const before = departures(line, begin, end);
    line.service = changed_service(line, of_line[l]);
    auto const after = departures(line, begin, end);
    std::vector<double> gone, fresh;
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(gone));
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(fresh));
    d.out.trips_removed += gone.size();
    d.out.trips_added += fresh.size();
    for (item& i : d.items) {
      auto const* const c = std::get_if<bus_frequency_config>(i.config);
      if (c == nullptr ||
          std::none_of(of_line[l].begin(), of_line[l].end(), [&](change const& k) { return k.what == c; }))
        continue;
      auto const inside = [&](double t) { return t >= i.begin_s && t < i.end_s; };
      i.report.trips += static_cast<std::size_t>(std::count_if(gone.begin(), gone.end(), inside) +
                                                 std::count_if(fresh.begin(), fresh.end(), inside));
      if (gone.empty() && fresh.empty()) continue;
      i.report.notes.push_back(fmt::format("line {}: {} {} instead of {}", line.name, after.size(),
                                           after.size() == 1 ? "bus" : "buses", before.size()));
    }
  }
}

}  // namespace gemeo
