// The watcher notices what it is there for: the same traffic, told wrongly.
#include "tests/property/watcher.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "sim/engine_tbb/engine_tbb.h"
#include "tests/property/random_traffic.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Drives the traffic and shows it to a watcher, changed on its way there.
watcher watch(scenario const& driven, scenario const& watched, std::function<void(frame&, counters&)> const& change) {
  watcher eye(watched);
  auto const e = make_engine_tbb();
  run_options o;
  o.emissions = false;
  e->load(driven, o);
  frame f;
  while (!e->done()) {
    e->step();
    e->observe(f);
    counters c = e->count();
    change(f, c);
    eye.see(f, c);
  }
  return eye;
}

// A vehicle on the road in the frame.
std::size_t driving(frame const& f) {
  std::size_t k = 0;
  while (k < f.size() && !(f.lane[k].valid() && f.speed_mps[k] > 5)) ++k;
  return k;
}

}  // namespace

TEST_CASE("property: the watcher sees vehicles lost, come back, slide, drive backwards, into each other, through red") {
  random_traffic const t(2, {.length_s = 200, .static_signals_only = true});
  INFO(t.told);
  auto const seen = [&](std::function<void(frame&, std::size_t)> const& wrong) {
    return watch(t.ready, t.ready, [&](frame& f, counters const& c) {
      if (c.tick == 100) wrong(f, driving(f));
    });
  };
  auto const finds = [](watcher const& w, char const* what) {
    INFO(w.wrong());
    CHECK(w.wrong().find(what) != std::string::npos);
  };
  CHECK(seen([](frame&, std::size_t) {}).wrong() == "");
  finds(seen([](frame& f, std::size_t k) { f.speed_mps[k] = -1; }), "a speed below zero");
  finds(seen([](frame& f, std::size_t k) { f.pos_m[k] -= 1; }), "less far than its speed");
  finds(seen([](frame& f, std::size_t k) { f.pos_m[k] += 1; }), "further than its speed");
  finds(seen([](frame& f, std::size_t k) { f.pos_m[k] += 1000; }), "a vehicle beside its lane");
  watcher const lost = seen([](frame& f, std::size_t k) {
    auto const at = static_cast<std::ptrdiff_t>(k);
    f.vehicle.erase(f.vehicle.begin() + at);
    f.lane.erase(f.lane.begin() + at);
    f.pos_m.erase(f.pos_m.begin() + at);
    f.speed_mps.erase(f.speed_mps.begin() + at);
  });
  finds(lost, "running is not what is seen");
  finds(lost, "a vehicle that had left is back");
  CHECK(seen([](frame&, std::size_t) {}).hard_brakings == 0);
  CHECK(seen([](frame& f, std::size_t) { std::fill(f.speed_mps.begin(), f.speed_mps.end(), 0.0F); }).hard_brakings > 0);
  CHECK(seen([](frame& f, std::size_t k) {
          f.lane[k + 1] = f.lane[k];
          f.pos_m[k + 1] = f.pos_m[k] - 1;
        }).overlaps > 0);
  finds(watch(t.ready, t.ready, [](frame&, counters& c) { c.arrived += c.tick == 50 ? 1 : 0; }),
        "entered is not running + arrived");
}

TEST_CASE("property: the watcher sees vehicles pass a light that is red by another clock") {
  std::uint64_t number = 1;
  while (random_traffic(number, {.vehicles = 1, .static_signals_only = true}).ready.net->signals.name.size() == 0)
    ++number;
  random_traffic const t(number, {.length_s = 200, .static_signals_only = true});
  INFO(t.told);
  auto late = std::make_shared<network>(*t.ready.net);
  for (auto& programs : late->signals.programs.raw()) {
    for (signal_program& p : programs) p.offset_s += 23;
  }
  scenario other = t.ready;
  other.net = late;
  auto const as_it_is = [](frame&, counters&) {};
  CHECK(watch(t.ready, t.ready, as_it_is).wrong() == "");
  CHECK(watch(t.ready, other, as_it_is).wrong().find("passes a red light") != std::string::npos);
}
