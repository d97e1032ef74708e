#include "calibration/loop/entries.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// A fit of one count of all trips, asked to be three times as many.
fit_problem three_times(od_source const& s) {
  fit_problem p;
  p.pairs = s.streams();
  p.slots = 4;
  double sum = 0;
  std::vector<std::uint32_t> cells;
  for (std::uint32_t c = 0; c < s.prior().size(); ++c) {
    p.prior.push_back(s.prior()[c]);
    p.prior_sd.push_back(0.5 * s.prior()[c]);
    sum += s.prior()[c];
    cells.push_back(c);
  }
  p.crossings.columns = p.cells();
  p.crossings.add_row(cells, std::vector<double>(cells.size(), 1.0));
  p.count = {3 * sum};
  p.detector = {0};
  return p;
}

double from(od_source const& s, std::vector<double> const& x, std::uint32_t place) {
  double sum = 0;
  for (std::size_t c = 0; c < x.size(); ++c) sum += s.origin_of(s.pair_of(c / 4)) == place ? x[c] : 0;
  return sum;
}

// Of each place's trips: so many enter, the others do not.
simulated entered(od_source const& s, std::vector<double> const& share_of_place) {
  simulated r;
  for (std::size_t c = 0; c < s.prior().size(); ++c) {
    double const in = share_of_place[s.origin_of(s.pair_of(c / 4))] * 100;
    r.departures.push_back(static_cast<std::uint32_t>(in));
    r.kept_out.push_back(static_cast<std::uint32_t>(100 - in));
  }
  return r;
}

struct eager_fit {  // of a town whose counts ask for three times its trips
  small_town t;
  od_source s = t.source(t.table.trips, one_habit());
  map_estimator e{three_times(s)};
  thread_team team{1};
  fit_options o = [] {
    fit_options out;
    out.scale_prior = false;
    return out;
  }();
  [[nodiscard]] fits_within within(entry_room const& room) const { return fit_within(e, room.rows(s), o, team); }
};

}  // namespace

TEST_CASE("entries: no more is asked for from a place than gets in there, and other places answer for what is left") {
  eager_fit const f;
  od_source const& s = f.s;
  std::uint32_t const full = s.origin_of(0), other = s.origin_of(11);
  REQUIRE(full != other);
  entry_room room;
  auto const free = f.within(room);
  CHECK(free.full.empty());
  CHECK(free.within.x == free.free.x);
  std::vector<double> shares(8, 1.0);
  shares[full] = 0.5;
  simulated const seen = entered(s, shares);
  double most = 0;
  for (std::size_t c = 0; c < seen.departures.size(); ++c)
    most += s.origin_of(s.pair_of(c / 4)) == full ? seen.departures[c] : 0;
  REQUIRE(from(s, free.free.x, full) > 0);
  // As much as half of what is asked for.
  simulated scaled = seen;
  double const factor = from(s, free.free.x, full) / (2 * most);
  for (std::size_t c = 0; c < scaled.departures.size(); ++c)
    scaled.departures[c] = static_cast<std::uint32_t>(factor * scaled.departures[c]);
  room.learn(scaled, s);
  auto const held = f.within(room);
  REQUIRE(held.full.size() == 1);
  CHECK(room.places()[held.full[0].row] == full);
  CHECK(held.full[0].wanted == Approx(from(s, free.free.x, full)));
  CHECK(room.rows(s)[held.full[0].row].most == Approx(from(s, free.free.x, full) / 2).epsilon(0.05));
  CHECK(held.free.x == free.free.x);
  double const in = from(s, held.within.x, full);
  CHECK(in == Approx(from(s, free.free.x, full) / 2).epsilon(0.05));
  CHECK(from(s, held.within.x, other) > 1.02 * from(s, free.free.x, other));
  // A place that lets everybody in may take a tenth more the next time.
  room.learn(entered(s, std::vector<double>(8, 1.0)), s);
  CHECK(from(s, f.within(room).within.x, full) == Approx(1.1 * in).epsilon(0.02));
}

TEST_CASE("entries: a network that stands still does not make a place smaller than it was seen to be") {
  eager_fit const f;
  od_source const& s = f.s;
  std::vector<double> most(8, 0.9), jam(8, 0.05);
  entry_room flowing, stuck;
  flowing.learn(entered(s, most), s);
  stuck.learn(entered(s, most), s);
  stuck.learn(entered(s, jam), s);
  CHECK(f.within(stuck).within.x == f.within(flowing).within.x);
}

TEST_CASE("entries: the few who are under way to their road when time is over limit nothing") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  map_estimator const e(three_times(s));
  entry_room room;
  room.learn(entered(s, std::vector<double>(8, 0.99)), s);
  CHECK(fit_within(e, room.rows(s), {}, thread_team(1)).full.empty());
}

TEST_CASE("entries: a road whose counts ask for four times what gets in is not asked for it again") {
  small_town const t;
  od_source s = t.source(t.table.trips, one_habit());
  std::uint32_t const be = 2;
  calibration_input in = t.counted(s, t.table.trips, {0, 2, 4, 6, 8, 10});
  for (station_count& c : in.fitted) c.count *= c.station == be ? 14 : 1;
  calibration_options o;
  o.iterations = 3;
  o.simulation.threads = 1;
  calibration_result const r = calibrate(s, in, o, {});
  REQUIRE(r.iterates[1].never_inserted > 100);
  CHECK(r.iterates[1].full_entries > 0);
  REQUIRE(!r.full_entries.empty());
  CHECK(r.full_entries[0].wanted > 1.2 * r.full_entries[0].lets_in);
  CHECK(s.origin_name(0) + " >" == s.pair_name(0).substr(0, s.origin_name(0).size() + 2));
  double asked = 0, free = 0;
  for (double const x : r.wished) free += x;
  asked = r.iterates[2].trips;
  CHECK(asked < 0.9 * free);
  CHECK(r.iterates[2].never_inserted < r.iterates[1].never_inserted / 2);
}
