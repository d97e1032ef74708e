#include "sim/demand/pair_factors.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/city.h"
#include "sim/demand/csv.h"

namespace gemeo {

namespace {

constexpr char const* kShareColumn = "free_flow_share";
constexpr double kMostFactor = 1e6;  // a pair of hardly any trips may get some

using zone_numbers = std::unordered_map<std::string, zone_id>;

zone_id zone_in(csv_row const& r, char const* column, city const& c, zone_numbers const& numbers) {
  auto const found = numbers.find(r.text(column));
  if (found != numbers.end()) return found->second;
  std::vector<std::string> names;
  for (zone const& z : c.zones) names.push_back(z.name);
  r.fail(fmt::format("the city has no zone '{}'", r.text(column)), did_you_mean(r.text(column), names));
}

std::size_t quarter_in(csv_row const& r, char const* column) {
  double const quarters = r.not_negative(column) / pair_factors::kSlotS;
  if (quarters != std::floor(quarters) || quarters > static_cast<double>(pair_factors::kSlots))
    r.fail(fmt::format("'{}' is {}, which is no quarter-hour of two days", column, r.text(column)),
           "multiples of 900, from 0 to 172800");
  return static_cast<std::size_t>(quarters);
}

// A file that broke off, or a row that was begun by hand: nothing of it is guessed.
void refuse_empty_cells(csv_row const& r, bool with_shares) {
  auto const full = [&](char const* column, char const* hint) {
    if (!r.has(column)) r.fail(fmt::format("'{}' is empty", column), hint);
  };
  for (char const* column : {"from_zone", "to_zone", "begin_s", "end_s", "factor"})
    full(column, "a row says all of its columns; pairs and times that are left out keep factor 1");
  if (with_shares) full(kShareColumn, "0 where nobody chooses routes by the empty network");
}

}  // namespace

void pair_factors::set(zone_id from, zone_id to, std::size_t begin, std::size_t end, double factor,
                       double free_flow_share) {
  verify(begin < end && end <= kSlots && factor >= 0, "factors are of a span of time, and not negative");
  verify(free_flow_share >= 0 && free_flow_share <= 1, "a share is between 0 and 1");
  auto& spans = rows_[{from, to}];
  auto const at = std::find_if(spans.begin(), spans.end(), [&](span const& s) { return s.begin >= end; });
  verify(at == spans.begin() || std::prev(at)->end <= begin, "factors of one pair do not overlap");
  spans.insert(at, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), factor, free_flow_share});
  some_by_free_flow_ = some_by_free_flow_ || free_flow_share > 0;
  first_ = std::min(first_, begin);
  last_ = std::max(last_, end);
}

void pair_factors::copy_missing(pair_factors& to) const {
  for (auto const& [pair, spans] : rows_) {
    for (span const& s : spans) {
      std::uint32_t q = s.begin;
      while (q < s.end) {
        std::uint32_t end = q;
        while (end < s.end && to.find(pair.first, pair.second, end) == nullptr) ++end;
        if (end > q) to.set(pair.first, pair.second, q, end, s.factor, s.free_flow_share);
        q = end + 1;
      }
    }
  }
}

pair_factors::span const* pair_factors::find(zone_id from, zone_id to, std::size_t slot) const {
  auto const found = rows_.find({from, to});
  if (found == rows_.end()) return nullptr;
  for (span const& s : found->second) {
    if (slot >= s.begin && slot < s.end) return &s;
  }
  return nullptr;
}

double pair_factors::at(zone_id from, zone_id to, std::size_t slot) const {
  span const* const s = find(from, to, slot);
  return s == nullptr ? 1 : s->factor;
}

double pair_factors::free_flow_share(zone_id from, zone_id to, std::size_t slot) const {
  span const* const s = find(from, to, slot);
  return s == nullptr ? 0 : s->free_flow_share;
}

free_flow_shares pair_factors::free_flow() const {
  free_flow_shares out;
  std::set<std::uint32_t> quarters;
  for (auto const& [pair, spans] : rows_) {
    bool some = false;
    for (span const& s : spans) {
      if (s.free_flow_share == 0) continue;
      out.least = quarters.empty() ? s.free_flow_share : std::min(out.least, s.free_flow_share);
      out.most = std::max(out.most, s.free_flow_share);
      for (std::uint32_t q = s.begin; q < s.end; ++q) quarters.insert(q);
      some = true;
    }
    out.pairs += some ? 1U : 0U;
  }
  out.quarters = quarters.size();
  return out;
}

std::vector<std::pair<zone_id, zone_id>> pair_factors::pairs_without_trips(city const& c) const {
  std::set<std::pair<zone_id, zone_id>> with;
  for (od_flow const& f : c.od) {
    if (f.trips_per_day > 0) with.insert({f.from, f.to});
  }
  std::vector<std::pair<zone_id, zone_id>> out;
  for (auto const& [pair, spans] : rows_) {
    if (!with.contains(pair)) out.push_back(pair);
  }
  return out;
}

pair_factors pair_factors::read(std::filesystem::path const& file, city const& c) {
  pair_factors out;
  zone_numbers numbers;
  for (std::size_t i = 0; i < c.zones.size(); ++i) numbers.emplace(c.zones[zone_id(i)].name, zone_id(i));
  csv_table const table(file, {"from_zone", "to_zone", "begin_s", "end_s", "factor"}, {kShareColumn});
  bool const with_shares = table.has_column(kShareColumn);
  table.for_each([&](csv_row const& r) {
    refuse_empty_cells(r, with_shares);
    zone_id const from = zone_in(r, "from_zone", c, numbers), to = zone_in(r, "to_zone", c, numbers);
    std::size_t const begin = quarter_in(r, "begin_s"), end = quarter_in(r, "end_s");
    if (end <= begin) r.fail("'end_s' is not after 'begin_s'");
    double const factor = r.not_negative("factor");
    if (factor > kMostFactor) r.fail(fmt::format("'factor' is {}, more than {}", factor, kMostFactor));
    double const by_free_flow = with_shares ? r.not_negative(kShareColumn) : 0;
    if (by_free_flow > 1)
      r.fail(fmt::format("'{}' is {}, more than 1", kShareColumn, by_free_flow), "a share, not a percentage");
    auto const same = out.rows_.find({from, to});
    if (same != out.rows_.end()) {
      for (span const& s : same->second) {
        if (s.begin < end && begin < s.end)
          r.fail(
              fmt::format("the pair '{}' to '{}' has two factors at one time", r.text("from_zone"), r.text("to_zone")),
              "rows of one pair follow each other in time");
      }
    }
    out.set(from, to, begin, end, factor, by_free_flow);
  });
  if (out.says_nothing()) throw_input(file.string(), "has no row", "gemeo calibrate writes such files");
  return out;
}

void pair_factors::write(std::filesystem::path const& file, city const& c) const {
  std::string text =
      std::string("from_zone,to_zone,begin_s,end_s,factor") + (some_by_free_flow_ ? ",free_flow_share" : "") + "\n";
  auto const field = [](std::string const& name) {
    if (name.find_first_of(",\"\n\r") == std::string::npos) return name;
    std::string quoted = "\"";
    for (char const ch : name) quoted += ch == '"' ? std::string("\"\"") : std::string(1, ch);
    return quoted + "\"";
  };
  for (auto const& [pair, spans] : rows_) {
    for (span const& s : spans) {
      text += fmt::format("{},{},{},{},{}", field(c.zones[pair.first].name), field(c.zones[pair.second].name),
                          s.begin * static_cast<std::uint32_t>(kSlotS), s.end * static_cast<std::uint32_t>(kSlotS),
                          s.factor);
      if (some_by_free_flow_) text += fmt::format(",{}", s.free_flow_share);
      text += '\n';
    }
  }
  write_text_file(file, text);
}

}  // namespace gemeo
