#include "calibration/counts/site_totals.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "sim/core/xml.h"

namespace gemeo {
namespace {

struct length_range {
  double from_m = 0, to_m = INFINITY;
};

// "greaterThan 5.2 lessThanOrEqualTo 6.6"; nullopt for a class of another kind.
std::optional<length_range> range_of(std::string const& vclass) {
  length_range r;
  bool any = false;
  for (std::size_t at = 0; at < vclass.size();) {
    std::size_t const space = vclass.find(' ', at);
    if (space == std::string::npos) return std::nullopt;
    std::size_t const end = std::min(vclass.find(' ', space + 1), vclass.size());
    std::string const word = vclass.substr(at, space - at);
    auto const v = parse_number(std::string_view(vclass).substr(space + 1, end - space - 1));
    if (!v) return std::nullopt;
    if (word.starts_with("lessThan"))
      r.to_m = *v;
    else if (word.starts_with("greaterThan"))
      r.from_m = *v;
    else
      return std::nullopt;
    any = true;
    at = end + 1;
  }
  return any ? std::optional(r) : std::nullopt;
}

struct period_key {
  std::int32_t day = 0;
  double begin_s = 0, end_s = 0;
  friend auto operator<=>(period_key const&, period_key const&) = default;
};

struct part_sum {
  std::size_t parts = 0, speeds = 0, occupancies = 0;
  double count = 0, speed = 0, speed_weight = 0, occupancy = 0;
  bool ok = true;
};

void add_verdicts(detector_series const& from, std::map<std::int32_t, day_verdict>& days) {
  for (day_verdict const& v : from.verdicts) {
    auto const [at, is_new] = days.try_emplace(v.day, v);
    if (is_new) continue;
    day_verdict& sum = at->second;
    sum.total += v.total;
    sum.samples = std::min(sum.samples, v.samples);
    sum.z = std::nan("");
    if (v.verdict > sum.verdict) {
      sum.verdict = v.verdict;
      sum.reason = v.reason;
    }
  }
}

// lanes_side_by_side: parts are lanes, whose occupancies have a mean; else classes, which share one occupancy.
detector_series sum_of(std::vector<detector_series const*> const& parts, bool lanes_side_by_side) {
  detector_series out;
  out.key = parts.front()->key;
  out.match = parts.front()->match;
  std::map<period_key, part_sum> sums;
  std::map<std::int32_t, day_verdict> days;
  std::set<std::uint32_t> lanes;
  for (detector_series const* d : parts) {
    lanes.insert(d->lanes.begin(), d->lanes.end());
    add_verdicts(*d, days);
    for (std::size_t i = 0; i < d->size(); ++i) {
      part_sum& s = sums[{d->day[i], d->begin_s[i], d->end_s[i]}];
      ++s.parts;
      s.count += static_cast<double>(d->count[i]);
      s.ok = s.ok && d->ok[i] != 0;
      if (std::isfinite(d->speed_kmh[i]) && d->count[i] > 0) {
        s.speed += static_cast<double>(d->speed_kmh[i] * d->count[i]);
        s.speed_weight += static_cast<double>(d->count[i]);
      }
      if (std::isfinite(d->occ_frac[i])) {
        s.occupancy += static_cast<double>(d->occ_frac[i]);
        ++s.occupancies;
      }
    }
  }
  for (auto const& [k, s] : sums) {
    bool const whole = s.parts == parts.size();
    out.day.push_back(k.day);
    out.begin_s.push_back(k.begin_s);
    out.end_s.push_back(k.end_s);
    out.count.push_back(whole ? static_cast<float>(s.count) : kAbsent);
    out.speed_kmh.push_back(s.speed_weight > 0 ? static_cast<float>(s.speed / s.speed_weight) : kAbsent);
    bool const occupancy = lanes_side_by_side ? s.occupancies == parts.size() : s.occupancies > 0;
    out.occ_frac.push_back(occupancy ? static_cast<float>(s.occupancy / static_cast<double>(s.occupancies)) : kAbsent);
    out.ok.push_back(whole && s.ok && std::isfinite(s.count) ? 1 : 0);
  }
  out.lanes.assign(lanes.begin(), lanes.end());
  for (auto& [day, v] : days) out.verdicts.push_back(std::move(v));
  return out;
}

bool counts_vehicles(detector_series const& d) {
  return std::any_of(d.count.begin(), d.count.end(), [](float c) { return std::isfinite(c); });
}

// All vehicles of one lane (or of all lanes at once); nothing where they cannot be formed.
std::optional<detector_series> all_vehicles(std::vector<detector_series const*> const& of_lane) {
  std::vector<detector_series const*> totals, classes;
  std::vector<std::string> names;
  for (detector_series const* d : of_lane) {
    if (!counts_vehicles(*d)) continue;
    (d->key.vclass.empty() ? totals : classes).push_back(d);
    if (!d->key.vclass.empty()) names.push_back(d->key.vclass);
  }
  if (totals.size() == 1) return *totals.front();
  if (!totals.empty() || !cover_all_lengths(names)) return std::nullopt;
  return sum_of(classes, false);
}

}  // namespace

bool cover_all_lengths(std::vector<std::string> const& classes) {
  std::vector<length_range> ranges;
  for (std::string const& c : classes) {
    auto const r = range_of(c);
    if (!r) return false;
    ranges.push_back(*r);
  }
  std::sort(ranges.begin(), ranges.end(), [](length_range a, length_range b) { return a.from_m < b.from_m; });
  double reached_m = 0;
  for (length_range const& r : ranges) {
    if (r.from_m != reached_m || !(r.to_m > r.from_m)) return false;
    reached_m = r.to_m;
  }
  return std::isinf(reached_m);
}

count_series site_totals(count_series const& s, std::vector<std::string>* left_out) {
  std::map<std::tuple<std::string, std::string, std::string>,
           std::map<std::int32_t, std::vector<detector_series const*>>>
      sites;
  for (detector_series const& d : s.detectors)
    sites[{d.key.source, d.key.site, d.key.direction}][d.key.lane].push_back(&d);
  count_series out;
  out.alarms = s.alarms;
  out.files = s.files;
  out.duplicates = s.duplicates;
  out.conflicts = s.conflicts;
  for (auto const& [key, lanes] : sites) {
    auto const whole = lanes.find(kAllLanes);
    std::optional<detector_series> total;
    if (whole != lanes.end()) total = all_vehicles(whole->second);
    if (!total && whole == lanes.end()) {
      std::vector<detector_series> parts;
      for (auto const& [lane, of_lane] : lanes) {
        if (auto p = all_vehicles(of_lane)) parts.push_back(std::move(*p));
      }
      std::vector<detector_series const*> pointers;
      for (detector_series const& p : parts) pointers.push_back(&p);
      if (parts.size() == lanes.size()) total = sum_of(pointers, true);
    }
    if (!total) {
      if (left_out != nullptr) left_out->push_back(std::get<0>(key) + "/" + std::get<1>(key));
      continue;
    }
    total->key.lane = kAllLanes;
    total->key.vclass.clear();
    total->key.index = kNoIndex;
    out.detectors.push_back(std::move(*total));
  }
  return out;
}

}  // namespace gemeo
