#include "calibration/counts/series.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <set>

#include "calibration/counts/balance.h"
#include "calibration/counts/store.h"
#include "sim/core/error.h"

namespace gemeo {
namespace {

std::string zone_of(series_request const& r) {
  if (!r.time_zone.empty()) return r.time_zone;
  return r.reading.mapping ? r.reading.mapping->time_zone : r.reading.time_zone;
}

// What is asked for, and six weeks around it, by which its days are judged; all where no days are named.
std::pair<std::int64_t, std::int64_t> part_of_store(series_request const& r) {
  if (r.days.empty()) return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  constexpr std::int64_t kAround = 43, kDay_ms = 86'400'000;
  std::int64_t first = days_of(r.days.front()), last = first;
  for (civil_date const& d : r.days) {
    first = std::min(first, days_of(d));
    last = std::max(last, days_of(d));
  }
  return {(first - kAround) * kDay_ms, (last + kAround) * kDay_ms};
}

void read_all(series_request const& r, loaded_counts& out, std::vector<count_record>& records) {
  if (r.files.empty()) throw_usage("no file of counts is named", "name files, or a store");
  auto const keep = [&](std::span<count_record const> batch) {
    records.insert(records.end(), batch.begin(), batch.end());
  };
  read_options reading = r.reading;
  if (!r.time_zone.empty()) reading.time_zone = r.time_zone;
  for (std::filesystem::path const& f : r.files) {
    if (!is_count_store(f)) {
      out.files.push_back(read_counts(f, reading, out.catalog, keep));
      continue;
    }
    read_report report;
    report.file = f;
    report.kind = "store";
    std::size_t const before = records.size();
    auto const [begin_ms, end_ms] = part_of_store(r);
    read_store(f, begin_ms, end_ms, out.catalog, keep);
    report.records = records.size() - before;
    for (std::size_t i = before; i < records.size(); ++i) {
      report.first_ms =
          report.first_ms == kNoTime ? records[i].begin_ms : std::min(report.first_ms, records[i].begin_ms);
      report.last_ms = std::max(report.last_ms, records[i].end_ms());
      report.nulls += (records[i].flags & kNull) != 0 ? 1U : 0U;
    }
    out.files.push_back(report);
  }
}

std::string with_index(detector_key const& k) { return fmt::format("{}[{}]", k.site, k.index); }

// Which detectors are asked for; a name that fits none is an error.
std::set<std::uint32_t> chosen(series_request const& r, count_catalog const& catalog) {
  std::set<std::uint32_t> out;
  std::set<std::string> met;
  for (std::uint32_t s = 0; s < catalog.size(); ++s) {
    detector_key const& k = catalog.key(s);
    bool take = r.sites.empty();
    for (std::string const& name : r.sites) {
      if (name != k.site && name != with_index(k)) continue;
      met.insert(name);
      take = true;
    }
    if (take) out.insert(catalog.same_detector(s));
  }
  for (std::string const& name : r.sites) {
    if (met.contains(name)) continue;
    std::vector<std::string> known;
    for (std::uint32_t s = 0; s < catalog.size(); ++s) known.push_back(catalog.key(s).site);
    throw_input(r.files.front().string(), fmt::format("no detector is called '{}'", name), did_you_mean(name, known));
  }
  return out;
}

bool before(detector_series const& a, detector_series const& b) {
  auto const key = [](detector_series const& d) {
    return std::tie(d.key.source, d.key.site, d.key.direction, d.key.lane, d.key.vclass, d.key.index);
  };
  return key(a) < key(b);
}

void add_record(detector_series& d, quality_report const& q, std::size_t i, local_clock const& clock) {
  count_record const& r = q.records[i];
  double const begin = static_cast<double>(clock.local_of(r.begin_ms / 1000) - std::int64_t{q.day[i]} * 86400) +
                       static_cast<double>(r.begin_ms % 1000) / 1000;
  d.day.push_back(q.day[i]);
  d.begin_s.push_back(begin);
  d.end_s.push_back(begin + r.period_ms / 1000.0);
  d.count.push_back(r.count);
  d.speed_kmh.push_back(r.speed_kmh);
  d.occ_frac.push_back(r.occ_frac);
  d.ok.push_back(q.ok[i]);
}

}  // namespace

loaded_counts load_counts(series_request const& r) {
  loaded_counts out;
  out.time_zone = zone_of(r);
  std::vector<count_record> records;
  read_all(r, out, records);
  if (r.net) {
    match_options o;
    if (!r.detectors.empty()) o.detectors = read_detectors(r.detectors);
    if (r.reading.mapping) o.detector_pattern = r.reading.mapping->detector_pattern;
    out.matches = match_sites(out.catalog, *r.net, o);
    if (!r.matches.empty()) read_matches(r.matches, *r.net, out.matches);
  } else if (!r.detectors.empty() || !r.matches.empty()) {
    throw_usage("detectors can be placed on a network only", "--network NET.net.xml");
  }
  local_clock const clock(out.time_zone, "time zone");
  auto const lanes = [&](std::uint32_t series) -> std::int32_t {
    detector_key const& k = out.catalog.key(series);
    if (k.lane != kAllLanes) return 1;
    site_match const* const m = find_match(out.matches, k);
    if (m != nullptr && m->edge && m->confidence >= kSureMatch) return static_cast<std::int32_t>(m->lanes.size());
    count_site const* const s = out.catalog.site(k.source, k.site);
    return s == nullptr ? 0 : s->lanes;
  };
  out.quality = assess(std::move(records), out.catalog, clock, lanes, r.quality);
  if (r.net) {
    auto const found = check_balance(out.quality, clock, balance_areas(out.catalog, out.matches, *r.net), lanes);
    out.quality.alarms.insert(out.quality.alarms.end(), found.begin(), found.end());
  }
  return out;
}

count_series load_series(series_request const& r) { return series_of(load_counts(r), r); }

count_series series_of(loaded_counts const& c, series_request const& r) {
  local_clock const clock(c.time_zone, "time zone");
  std::set<std::uint32_t> const wanted = chosen(r, c.catalog);
  std::set<std::int64_t> days;
  for (civil_date const& d : r.days) days.insert(days_of(d));
  quality_report const& q = c.quality;
  count_series out;
  out.alarms = q.alarms;
  out.duplicates = q.duplicates;
  out.conflicts = q.conflicts;
  out.files = c.files;
  for (std::size_t a = 0; a < q.records.size();) {
    std::size_t b = a;
    while (b < q.records.size() && q.detector[b] == q.detector[a]) ++b;
    std::size_t const first = a;
    a = b;
    std::uint32_t const detector = q.detector[first];
    if (!wanted.contains(detector)) continue;
    detector_series d;
    d.key = c.catalog.key(detector);
    if (site_match const* const m = find_match(c.matches, d.key)) d.match = *m;
    if (r.net && d.match.edge) d.lanes = lanes_of(d.match, d.key, c.catalog.site(d.key.source, d.key.site), *r.net);
    for (std::size_t i = first; i < b; ++i) {
      if (!days.empty() && !days.contains(q.day[i])) continue;
      bool const new_day = d.verdicts.empty() || d.verdicts.back().day != q.day[i];
      if (new_day) d.verdicts.push_back(*q.find(detector, q.day[i]));
      std::size_t const at = d.size();
      add_record(d, q, i, clock);
      if (d.begin_s[at] >= r.begin_s && d.end_s[at] <= r.end_s) continue;
      d.day.pop_back();
      d.begin_s.pop_back();
      d.end_s.pop_back();
      d.count.pop_back();
      d.speed_kmh.pop_back();
      d.occ_frac.pop_back();
      d.ok.pop_back();
    }
    if (!d.verdicts.empty()) out.detectors.push_back(std::move(d));
  }
  std::sort(out.detectors.begin(), out.detectors.end(), before);
  return out;
}

}  // namespace gemeo
