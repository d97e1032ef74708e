#include "tests/cross_engine/compare.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "sim/engine_tbb/engine_tbb.h"

namespace gemeo::test {

namespace {

outcome run(scenario const& s, bool emissions, std::unique_ptr<engine> (*make)()) {
  drive_options o = every(100);
  o.frames = true;
  o.run.emissions = emissions;
  o.make = make;
  return drive(s, o);
}

}  // namespace

both::both(scenario const& s, bool emissions)
    : sumo(run(s, emissions, make_engine_sumo)), tbb(run(s, emissions, make_engine_tbb)) {}

std::size_t different_ticks(both const& b, scenario const& s) {
  auto const one = trajectories(b.sumo, s), other = trajectories(b.tbb, s);
  std::size_t n = 0;
  std::multimap<double, std::string> first;
  auto const lane_of = [&](place const& p) { return p.lane.valid() ? s.net->lane_name(p.lane) : "no lane"; };
  for (auto const& [key, places] : one) {
    auto const found = other.find(key);
    std::vector<place> const none, &theirs = found == other.end() ? none : found->second;
    std::size_t const common = std::min(places.size(), theirs.size());
    n += std::max(places.size(), theirs.size()) - common;
    bool told = false;
    for (std::size_t i = 0; i < common; ++i) {
      auto const &x = places[i], &y = theirs[i];
      if (x.time_s == y.time_s && x.lane == y.lane && std::abs(x.pos_m - y.pos_m) < 0.011F &&
          std::abs(x.speed_mps - y.speed_mps) < 0.011F) {
        continue;
      }
      ++n;
      if (std::exchange(told, true)) continue;
      std::size_t id = 0;
      while (s.travellers->vehicles.key[vehicle_id(id)] != key) ++id;
      first.emplace(
          x.time_s,
          fmt::format("vehicle {} at {}: SUMO {} {:.2f} m {:.2f} m/s, tbb at {} {} {:.2f} m {:.2f} m/s", id, x.time_s,
                      lane_of(x), x.pos_m, x.speed_mps, y.time_s, lane_of(y), y.pos_m, y.speed_mps));
    }
  }
  std::size_t told = 0;
  for (auto const& [time, text] : first) {
    if (told++ < 4) UNSCOPED_INFO(text);
  }
  return n;
}

void check_exact(scenario const& s) {
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
}

double mean_duration(outcome const& o) {
  double sum = 0;
  std::size_t n = 0;
  for (trip_record const& t : o.seen.trips) {
    if (t.state != trip_state::kArrived) continue;
    sum += t.duration_s;
    ++n;
  }
  return n == 0 ? 0 : sum / static_cast<double>(n);
}

void check_alike(both const& b, double share) {
  REQUIRE(b.sumo.total.arrived > 20);
  CHECK(static_cast<double>(b.tbb.total.arrived) == Approx(static_cast<double>(b.sumo.total.arrived)).epsilon(0.01));
  CHECK(mean_duration(b.tbb) == Approx(mean_duration(b.sumo)).epsilon(share));
  CHECK(b.tbb.total.teleports == b.sumo.total.teleports);
}

}  // namespace gemeo::test
