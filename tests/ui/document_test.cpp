#include "viewer/model/document.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "sim/core/error.h"
#include "tests/support/tiny_network.h"
#include "tests/ui/synthetic_result.h"
#include "viewer/model/loader.h"

using namespace gemeo;
using namespace gemeo::view;

namespace {

test::traffic rising() {
  return [](edge_id, std::size_t i) {
    return test::road_state{.speed_mps = 10, .density_veh_per_km = 10 + 10 * static_cast<float>(i)};
  };
}
std::vector<std::string> keys(series_map const& m) {
  std::vector<std::string> k;
  for (auto const& [name, s] : m) k.push_back(name);
  return k;
}

}  // namespace

TEST_CASE("document: shares are those the run's own table shows, and counted from vehicles while it runs") {
  run_summary s;
  s.total.loaded = 200, s.total.departed = 180, s.total.backlog = 20, s.total.teleports = 2, s.total.running = 50;
  trip_shares const counted = shares_of(s, {});
  CHECK(counted.never_inserted == Approx(0.1));
  CHECK(counted.teleported == Approx(0.01));
  CHECK(counted.unfinished == Approx(0.25));
  trip_shares const told = shares_of(s, {{"share_unfinished", "1", "all", "", 0.6},
                                         {"share_unfinished", "1", "mode", "car", 0.7},
                                         {"share_teleported", "1", "all", "", 0.02},
                                         {"share_never_inserted", "1", "all", "", 0.11}});
  CHECK(told.unfinished == 0.6);
  CHECK(told.teleported == 0.02);
  CHECK(told.never_inserted == 0.11);
}

TEST_CASE("document: facts, network and values of a finished run come back as they were written") {
  test::tiny_network const t("A--B--C\n");
  test::synthetic_options o;
  o.title = "Marginal fechada ao trânsito";
  auto const file = test::write_synthetic(t.folder / "run.h5", *t.net, rising(), o);
  auto const d = load_document(file, {quantity::kSpeed});
  CHECK(d->title() == "Marginal fechada ao trânsito");
  CHECK(d->description.seed == 42);
  CHECK(d->summary.complete);
  CHECK(d->shares.never_inserted == Approx(0.01));
  CHECK(d->shares.teleported == Approx(0.003));
  CHECK(d->shares.unfinished == Approx(0.04));
  CHECK(d->map->net.name.size() == t.net->edge_count());
  CHECK(d->begin_s == 7 * 3600);
  CHECK(d->end_s == 9 * 3600);
  CHECK(d->holds(quantity::kFlow));
  CHECK_FALSE(d->holds(quantity::kDelay));
  CHECK(d->offers(quantity::kDelay));
  CHECK_FALSE(d->offers(quantity::kCo2));
  edge_id const ab = *t.net->find_edge("AB");
  field const f(quantity::kFlow, d->series, d->map->net);
  CHECK(f.intervals() == 8);
  CHECK(f.at(3, ab) == Approx(40 * 36).epsilon(1e-3));
}

TEST_CASE("document: the network's totals are vehicles driving and their mean speed; the busiest interval is found") {
  test::tiny_network const t("A--B--C\n");
  auto const file = test::write_synthetic(t.folder / "run.h5", *t.net, rising());
  auto const d = load_document(file, {});
  double km = 0;
  for (std::size_t i = 0; i < t.net->edge_count(); ++i) {
    if (t.net->is_normal(edge_id(i))) km += t.net->length_m(edge_id(i)) / 1000;
  }
  REQUIRE(d->totals.vehicles.size() == 8);
  CHECK(d->totals.vehicles[0] == Approx(10 * km).epsilon(1e-3));
  CHECK(d->totals.vehicles[7] == Approx(80 * km).epsilon(1e-3));
  CHECK(d->totals.speed_kmh[5] == Approx(36).epsilon(1e-3));
  CHECK(d->busiest_time_s() == 7 * 3600 + 7 * 900);
}

TEST_CASE("document: a run still being written is found by its final name, and a finished one by its partial name") {
  test::tiny_network const t("A--B\n");
  test::synthetic_options o;
  o.finish = false;
  auto const partial = test::write_synthetic(t.folder / "run.h5", *t.net, rising(), o);
  CHECK(existing_file(t.folder / "run.h5") == partial);
  auto const d = load_document(t.folder / "run.h5", {quantity::kSpeed});
  CHECK_FALSE(d->summary.complete);
  std::filesystem::rename(partial, t.folder / "run.h5");
  CHECK(has_changed(*d));
  CHECK(existing_file(partial) == t.folder / "run.h5");
  auto const again = load_document(partial, {quantity::kSpeed}, d);
  CHECK(again->map == d->map);  // the network has not changed: it is not read again
}

TEST_CASE("document: asking for more of an unchanged file reads only what is new") {
  test::tiny_network const t("A--B\n");
  auto const file = test::write_synthetic(t.folder / "run.h5", *t.net, rising());
  auto const d = load_document(file, {quantity::kSpeed});
  auto const more = load_document(file, {quantity::kSpeed, quantity::kDelay}, d);
  CHECK(keys(more->series).size() == keys(d->series).size() + 1);
  for (auto const& [name, s] : d->series) CHECK(more->series.at(name) == s);
}

TEST_CASE("document: missing files, folders and files that are no result are refused with exit code 2") {
  test::temp_folder const f;
  std::ofstream(f / "text.h5") << "no HDF5 at all";
  std::ofstream(f / "empty.h5");
  std::filesystem::create_directory(f / "folder");
  for (char const* name : {"nothing.h5", "text.h5", "empty.h5", "folder"}) {
    INFO(name);
    try {
      load_document(f / name, {quantity::kSpeed});
      FAIL("was read");
    } catch (error const& e) {
      CHECK(e.exit_code() == 2);
      CHECK_THAT(e.what(), Catch::Contains(name));
    }
  }
}

TEST_CASE("trajectories: the steps around a time are found, in any order of asking") {
  test::tiny_network const t("A--B\n");
  lane_id const lane(t.net->edges.lanes[*t.net->find_edge("AB")].begin);
  test::synthetic_options o;
  o.steps = 50;
  o.trajectory = [&](std::size_t k) {
    frame f;
    f.tick = static_cast<std::int64_t>(k);
    f.time_s = 25200 + static_cast<double>(k);
    f.vehicle = {vehicle_id(3U)};
    f.lane = {lane};
    f.pos_m = {static_cast<float>(k)};
    f.speed_mps = {1};
    return f;
  };
  auto const file = test::write_synthetic(t.folder / "run.h5", *t.net, rising(), o);
  trajectory_source s(file);
  REQUIRE(s.steps() == 50);
  for (double const time : {25210.5, 25211.2, 25205.0, 25248.9, 25200.0, 25249.0, 25300.0, 25100.0, 25220.999}) {
    auto const p = s.around(time);
    REQUIRE(p != nullptr);
    double const expected = std::clamp(std::floor(time), 25200.0, 25249.0);
    CHECK(p->before.time_s == Approx(expected).margin(1e-6));
    CHECK(p->has_after == (expected < 25249));
    if (p->has_after) CHECK(p->after.time_s == Approx(expected + 1).margin(1e-6));
    REQUIRE(p->before.vehicle.size() == 1);
    CHECK(p->before.pos_m[0] == Approx(expected - 25200).margin(0.06));
  }
}

namespace {

template <typename F>
bool within(double seconds, F const& done) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("loader: reads beside the caller, more when asked, and again when the file has grown") {
  test::tiny_network const t("A--B\n");
  test::synthetic_options o;
  o.finish = false;
  auto const file = t.folder / "run.h5";
  test::write_synthetic(file, *t.net, rising(), o);
  loader l({file}, {quantity::kSpeed}, nullptr);
  std::shared_ptr<document const> d;
  auto const take = [&] {
    if (auto const n = l.poll(); n && n->base) d = n->base;
  };
  REQUIRE(within(10, [&] {
    take();
    return d != nullptr;
  }));
  CHECK(d->totals.vehicles.size() == 8);
  l.want(quantity::kDelay);
  REQUIRE(within(10, [&] {
    take();
    return d->holds(quantity::kDelay);
  }));
  o.intervals = 12;
  o.finish = true;
  test::write_synthetic(file, *t.net, rising(), o);
  REQUIRE(within(15, [&] {
    take();
    return d->summary.complete;
  }));
  CHECK(d->totals.vehicles.size() == 12);
  CHECK(d->holds(quantity::kDelay));
}

TEST_CASE("loader: a file that cannot be read is reported, with its exit code") {
  test::temp_folder const f;
  std::ofstream(f / "bad.h5") << "no HDF5 at all";
  loader l({f / "bad.h5"}, {quantity::kSpeed}, nullptr);
  std::optional<loader::news> n;
  REQUIRE(within(10, [&] {
    n = l.poll();
    return n.has_value();
  }));
  CHECK(n->failed_first);
  CHECK(n->exit_code == 2);
  CHECK_THAT(n->problem, Catch::Contains("bad.h5"));
}
