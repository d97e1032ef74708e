#include "sim/run/loop.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "tests/support/fake_engine.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

scenario short_scenario(double begin_s, double end_s, double step_s = 1) {
  scenario s;
  s.name = "short";
  s.file = "short.toml";
  s.net = read_network_text(tiny_net_text(), "tiny.net.xml");
  s.begin_s = begin_s;
  s.end_s = end_s;
  s.step_s = step_s;
  return s;
}

struct diary : run_sink {
  std::vector<std::pair<double, double>> intervals;
  std::vector<double> sampled_s, recorded_s, commanded_s;
  std::size_t trips = 0;
  bool begun = false;
  void begin(engine const&) override { begun = true; }
  void observed(observations& o, double begin_s, double end_s) override {
    intervals.emplace_back(begin_s, end_s);
    trips += o.trips.size();
  }
  void sampled(frame const& f) override { sampled_s.push_back(f.time_s); }
  void recorded(frame const& f) override { recorded_s.push_back(f.time_s); }
  void commanded(double time_s, command const&) override { commanded_s.push_back(time_s); }
};

loop_result run(fake_engine& e, scenario const& s, run_request const& r, diary& d, stop_function const& stop = {},
                progress_function const& progress = {}) {
  return run_loop(e, s, {.seed = r.seed, .interval_s = r.interval_s, .scratch = {}}, r, d, progress, stop);
}

command speed(double mps) { return set_lane_speed{lane_id(0U), mps}; }

}  // namespace

TEST_CASE("loop: a command is applied before the first tick that starts at or after its time") {
  fake_engine e;
  diary d;
  scenario s = short_scenario(100, 110, 0.5);
  s.commands = {{50, speed(1)},  {100, speed(2)},   {103.2, speed(3)}, {104, speed(4)},
                {104, speed(5)}, {109.9, speed(6)}, {200, speed(7)}};
  run(e, s, {}, d);
  std::vector<std::pair<double, double>> got;
  for (auto const& [t, c] : e.applied) got.emplace_back(t, std::get<set_lane_speed>(c).speed_mps);
  // 109.9 would be before a tick that starts at 110, where the run has ended.
  CHECK(got == std::vector<std::pair<double, double>>{{100, 1}, {100, 2}, {103.5, 3}, {104, 4}, {104, 5}});
  CHECK(d.commanded_s == std::vector<double>{100, 100, 103.5, 104, 104});
}

TEST_CASE("loop: step lengths that are no binary fractions do not move a command") {
  fake_engine e;
  diary d;
  scenario s = short_scenario(0, 100, 0.1);
  for (int i = 1; i < 100; ++i) s.commands.push_back({static_cast<double>(i), speed(i)});
  run(e, s, {}, d);
  REQUIRE(e.applied.size() == 99);
  for (auto const& [t, c] : e.applied) CHECK(t == Approx(std::get<set_lane_speed>(c).speed_mps).margin(1e-6));
}

TEST_CASE("loop: intervals are drained as they end, the cut last one at the end") {
  fake_engine e;
  diary d;
  auto const r = run(e, short_scenario(1000, 3500), {}, d);
  CHECK(r.complete);
  CHECK(d.intervals == std::vector<std::pair<double, double>>{{1000, 1900}, {1900, 2800}, {2800, 3500}});
  CHECK(e.drained_s == std::vector<double>{1900, 2800, 3500});
  CHECK(e.finished == 1);
  CHECK(d.trips == 250);  // one every 10 s from 1002 on, as 42 % 10 = 2; none lost at the end
  CHECK(r.total.departed == 250);
}

TEST_CASE("loop: frames are observed for hashes every minute and once more at the end") {
  fake_engine e;
  diary d;
  run(e, short_scenario(0, 200), {}, d);
  CHECK(d.sampled_s == std::vector<double>{60, 120, 180, 200});
  CHECK(d.recorded_s.empty());
  CHECK(e.observed_s == d.sampled_s);
}

TEST_CASE("loop: an end on a full minute is hashed once") {
  fake_engine e;
  diary d;
  run(e, short_scenario(0, 120), {}, d);
  CHECK(d.sampled_s == std::vector<double>{60, 120});
}

TEST_CASE("loop: trajectories start at the beginning and share frames with the hash") {
  fake_engine e;
  diary d;
  run_request r;
  r.trajectories = true;
  r.trajectory_interval_s = 20;
  run(e, short_scenario(0, 130), r, d);
  CHECK(d.recorded_s == std::vector<double>{0, 20, 40, 60, 80, 100, 120});
  CHECK(d.sampled_s == std::vector<double>{60, 120, 130});
  CHECK(e.observed_s == std::vector<double>{0, 20, 40, 60, 80, 100, 120, 130});
}

TEST_CASE("loop: the frame hash is that of the frames, in order, and nothing else") {
  fake_engine e, again, other;
  diary d, d2, d3;
  scenario const s = short_scenario(0, 120);
  auto const r = run(e, s, {}, d);
  CHECK(run(again, s, {}, d2).frame_hash == r.frame_hash);
  run_request seed;
  seed.seed = 43;
  CHECK(run(other, s, seed, d3).frame_hash != r.frame_hash);

  fake_engine by_hand;
  by_hand.load(s, {.interval_s = 900, .scratch = {}});
  hasher h;
  frame f;
  for (int tick = 1; tick <= 120; ++tick) {
    by_hand.step();
    if (tick % 60 != 0) continue;
    by_hand.observe(f);
    h.add_value(hash_frame(f));
  }
  CHECK(r.frame_hash == h.value());
}

TEST_CASE("loop: trajectories do not change the frame hash") {
  fake_engine e, with;
  diary d, d2;
  run_request r;
  r.trajectories = true;
  r.trajectory_interval_s = 7;
  scenario const s = short_scenario(0, 500);
  CHECK(run(e, s, {}, d).frame_hash == run(with, s, r, d2).frame_hash);
}

TEST_CASE("loop: a stop ends at the next tick, whole intervals and unfinished trips delivered") {
  fake_engine e;
  diary d;
  int asked = 0;
  auto const r = run(e, short_scenario(0, 86400), {}, d, [&] { return ++asked > 1000; });
  CHECK_FALSE(r.complete);
  CHECK(r.total.tick == 1000);
  CHECK(d.intervals == std::vector<std::pair<double, double>>{{0, 900}, {900, 1000}});
  CHECK(d.sampled_s.back() == 1000);
  CHECK(d.trips == 100);
  CHECK(e.finished == 1);
}

TEST_CASE("loop: a stop before the first tick still ends in order") {
  fake_engine e;
  diary d;
  auto const r = run(e, short_scenario(0, 100), {}, d, [] { return true; });
  CHECK_FALSE(r.complete);
  CHECK(r.total.tick == 0);
  CHECK(e.finished == 1);
}

TEST_CASE("loop: what an engine cannot simulate is refused before loading, all of it named") {
  fake_engine e;
  e.refuses = {"a tram on edge x", "a ship"};
  diary d;
  try {
    run(e, short_scenario(0, 100), {}, d);
    FAIL("not refused");
  } catch (error const& refusal) {
    CHECK(refusal.exit_code() == 2);
    CHECK(std::string(refusal.what()).find("a tram on edge x") != std::string::npos);
    CHECK(std::string(refusal.what()).find("a ship") != std::string::npos);
    CHECK(refusal.where() == "short.toml");
  }
  CHECK_FALSE(d.begun);
}

TEST_CASE("loop: an engine's failure is passed on as it is") {
  fake_engine e;
  e.fails_at_s = 50;
  diary d;
  CHECK_THROWS_WITH(run(e, short_scenario(0, 100), {}, d), Catch::Contains("the engine broke"));
}

TEST_CASE("loop: a run without an end goes on until the engine is done") {
  fake_engine e;
  diary d;
  e.empty_at_s = 777;
  auto const r = run(e, short_scenario(0, HUGE_VAL), {}, d);
  CHECK(r.complete);
  CHECK(r.total.tick == 777);
}

TEST_CASE("loop: progress ends with the last state") {
  fake_engine e;
  diary d;
  run_progress last;
  run(e, short_scenario(0, 1000), {}, d, {}, [&](run_progress const& p) { last = p; });
  CHECK(last.time_s == 1000);
  CHECK(last.end_s == 1000);
  CHECK(last.vehicle_updates > 0);
}
