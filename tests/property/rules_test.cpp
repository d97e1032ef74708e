// What must hold of engine_tbb's traffic whatever the network, the demand and the draws: on networks, vehicles and
// signals drawn from numbers. A failing case tells its number and how to make its network again; with
// GEMEO_RANDOM_CASES=FIRST-LAST in the environment other numbers are tried.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <utility>

#include "sim/core/random.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/property/random_traffic.h"
#include "tests/property/tick_hashes.h"
#include "tests/property/watcher.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

struct watched {
  explicit watched(scenario const& s) : eye(s) {}
  watcher eye;
  counters total;
};

watched drive_watched(scenario const& s) {
  watched out(s);
  auto const e = make_engine_tbb();
  run_options o;
  o.emissions = false;
  e->load(s, o);
  observations seen;
  frame f;
  while (!e->done()) {
    e->step();
    e->observe(f);
    out.eye.see(f, e->count());
    e->drain(seen);
  }
  out.total = e->count();
  e->finish();
  e->drain(seen);
  out.eye.end(seen, out.total);
  return out;
}

std::pair<std::uint64_t, std::uint64_t> cases(std::uint64_t first, std::uint64_t last) {
  char const* const set = std::getenv("GEMEO_RANDOM_CASES");  // NOLINT: one thread
  if (set == nullptr) return {first, last};
  std::string const text = set;
  std::size_t const dash = text.find('-');
  return {std::stoull(text), std::stoull(dash == std::string::npos ? text : text.substr(dash + 1))};
}

// bodies: also that nobody brakes harder than anybody can, or drives through another.
void check_rules(std::uint64_t first, std::uint64_t last, bool bodies, bool more_kinds = false) {
  std::size_t updates = 0, green = 0, overlaps = 0, put = 0;
  std::string deepest;
  for (std::uint64_t number = first; number <= last; ++number) {
    random_traffic const t(number, {.static_signals_only = true, .more_kinds = more_kinds});
    INFO(t.told);
    watched const w = drive_watched(t.ready);
    CHECK(w.eye.wrong() == "");
    INFO("braked beyond what an emergency allows " << w.eye.first_braking);
    if (bodies) CHECK(w.eye.hard_brakings <= static_cast<std::size_t>(w.total.emergency_stops));
    CHECK(w.eye.put <= static_cast<std::size_t>(w.total.teleports));
    updates += w.eye.updates;
    green += w.eye.entered_on_green;
    overlaps += w.eye.overlaps;
    put += w.eye.put;
    if (w.eye.overlaps > 0) deepest = t.told + ": " + w.eye.first_overlap;
  }
  INFO(overlaps << " overlaps in " << updates << " vehicle ticks, e.g. " << deepest);
  // In the same networks SUMO's vehicles collide as often where two lanes of a spider's arms meet; it takes them off.
  if (bodies) CHECK(overlaps * 80000 <= updates);
  CHECK(updates > 40000 * (last - first + 1));
  CHECK(green > 20 * (last - first + 1));
  CHECK(put > 0);  // jams were among them
}

void check_threads(std::uint64_t first, std::uint64_t last, bool more_kinds = false) {
  for (std::uint64_t number = first; number <= last; ++number) {
    random_traffic const t(number, {.length_s = 300, .more_kinds = more_kinds});
    auto const below = [&](std::uint64_t n, std::uint64_t counter) {
      return static_cast<std::size_t>(random_uniform(number, 1, counter, draw::kEvent) * static_cast<double>(n));
    };
    hash_run const one{.seed = number}, many{.seed = number, .threads = 2 + below(15, 0)};
    hash_run const restored{.seed = number,
                            .threads = 1 + below(4, 1),
                            .restored_at = 1 + static_cast<std::int64_t>(below(298, 2)),
                            .other_threads = 1 + below(4, 3)};
    INFO(t.told);
    INFO(many.threads << " threads; or saved at tick " << restored.restored_at << " on " << restored.threads
                      << " threads and restored on " << restored.other_threads);
    auto const expected = tick_hashes(t.ready, one);
    CHECK(expected.size() == static_cast<std::size_t>(300 / t.ready.step_s));
    CHECK(first_difference(expected, tick_hashes(t.ready, many)) == 0);
    CHECK(first_difference(expected, tick_hashes(t.ready, restored)) == 0);
  }
}

}  // namespace

TEST_CASE("property: on random networks nobody is lost, drives backwards, through a red light or through another") {
  auto const [first, last] = cases(1, 24);
  check_rules(first, last, true);
}

TEST_CASE("property: any random traffic is the same on one thread, on many, and after a restore, at every tick") {
  auto const [first, last] = cases(101, 116);
  check_threads(first, last);
}

TEST_CASE("property: two hundred more random networks, nobody lost, backwards or through a red light", "[.slow]") {
  check_rules(1001, 1200, false);
}

// Known to fail where arms of a spider meet: 518 pairs overlap in 13.3 million vehicle ticks, and some brake beyond an
// emergency. engine_tbb has no collisions yet, as SUMO has, which takes such vehicles off.
TEST_CASE("property: the same networks, nobody brakes beyond an emergency or drives through another",
          "[.slow][!mayfail]") {
  check_rules(1001, 1200, true);
}

TEST_CASE("property: a hundred more, the same on any number of threads and after a restore", "[.slow]") {
  check_threads(2001, 2100);
}

TEST_CASE("property: two hundred networks of more kinds, nobody lost, backwards or through a red light", "[.slow]") {
  auto const [first, last] = cases(3001, 3200);
  check_rules(first, last, false, true);
}

TEST_CASE("property: networks of more kinds, the same on any number of threads and after a restore", "[.slow]") {
  auto const [first, last] = cases(3001, 3200);
  check_threads(first, last, true);
}

// Known to fail: 1,411 pairs overlap in 16.1 million vehicle ticks, most of them where junctions have no rules or no
// lanes inside and where a spider's arms meet, and some brake beyond an emergency. SUMO's vehicles overlap there as
// often, where it does not take them off.
TEST_CASE("property: networks of more kinds, nobody brakes beyond an emergency or drives through another",
          "[.slow][!mayfail]") {
  auto const [first, last] = cases(3001, 3200);
  check_rules(first, last, true, true);
}
