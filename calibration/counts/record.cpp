#include "calibration/counts/record.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/error.h"
#include "sim/core/hash.h"

namespace gemeo {

std::string describe(detector_key const& k) {
  std::string out = k.source.empty() ? k.site : k.source + "/" + k.site;
  if (k.index != kNoIndex) out += fmt::format(" [{}]", k.index);
  if (!k.direction.empty()) out += " " + k.direction;
  if (k.lane != kAllLanes) out += fmt::format(" lane {}", k.lane);
  if (!k.vclass.empty()) out += " " + k.vclass;
  return out;
}

std::size_t count_catalog::key_hash::operator()(detector_key const& k) const noexcept {
  std::uint64_t h = 0;
  for (std::string const* s : {&k.source, &k.site, &k.version, &k.direction, &k.vclass})
    h = hash_bytes(s->data(), s->size(), h + 0x9E3779B97F4A7C15ULL);
  std::int32_t const numbers[2] = {k.index, k.lane};
  return static_cast<std::size_t>(hash_bytes(numbers, sizeof numbers, h));
}

std::uint32_t count_catalog::intern(detector_key const& k) {
  if (auto const at = by_key_.find(k); at != by_key_.end()) return at->second;
  if (keys_.size() >= kMostSeries) {
    throw_input(describe(k), fmt::format("is the detector number {}", kMostSeries + 1),
                "is the column of the site's name the right one? It is another in almost every row");
  }
  auto const n = static_cast<std::uint32_t>(keys_.size());
  detector_key without = k;
  without.version.clear();
  first_.push_back(by_detector_.emplace(std::move(without), n).first->second);
  keys_.push_back(k);
  by_key_.emplace(k, n);
  return n;
}

void count_catalog::add_site(count_site const& s) {
  auto const [at, is_new] = sites_.try_emplace({s.source, s.id}, s);
  if (is_new) return;
  count_site& old = at->second;
  bool const newer = !s.version.empty() && s.version != old.version;
  auto const text = [&](std::string& to, std::string const& from) {
    if (!from.empty() && (newer || to.empty())) to = from;
  };
  auto const number = [&](double& to, double from) {
    if (std::isfinite(from) && (newer || !std::isfinite(to))) to = from;
  };
  text(old.name, s.name);
  text(old.road_name, s.road_name);
  text(old.edge, s.edge);
  number(old.lon_deg, s.lon_deg);
  number(old.lat_deg, s.lat_deg);
  number(old.heading_deg, s.heading_deg);
  number(old.pos_m, s.pos_m);
  if (s.lanes > 0 && (newer || old.lanes == 0)) old.lanes = s.lanes;
  if (newer) old.version = s.version;
}

count_catalog::site_meanings const* count_catalog::meanings(std::string const& source, std::string const& site,
                                                            std::string const& version) const {
  auto const at = meanings_.find({source, site, version});
  return at == meanings_.end() ? nullptr : &at->second;
}

void count_catalog::set_meanings(std::string const& source, std::string const& site, std::string const& version,
                                 site_meanings m) {
  if (meanings_.size() >= kMostSeries) throw_input(source + "/" + site, "is one site too many", "is this one feed?");
  meanings_[{source, site, version}] = std::move(m);
}

count_site const* count_catalog::site(std::string const& source, std::string const& id) const {
  auto const at = sites_.find({source, id});
  return at == sites_.end() ? nullptr : &at->second;
}

}  // namespace gemeo
