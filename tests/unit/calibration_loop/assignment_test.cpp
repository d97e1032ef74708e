#include "calibration/loop/assignment.h"

#include <catch2/catch.hpp>

using namespace gemeo;

namespace {

simulated made(std::vector<std::uint32_t> departures, std::vector<passing> passings) {
  simulated s;
  s.departures = std::move(departures);
  s.passings = std::move(passings);
  s.complete = true;
  return s;
}

double at(sparse_rows const& a, std::size_t row, std::uint32_t column) {
  for (std::size_t k = a.begin[row]; k < a.begin[row + 1]; ++k) {
    if (a.column[k] == column) return a.value[k];
  }
  return 0;
}

std::vector<station_count> const kQuarters{
    {0, 0, 900, 5, 0}, {0, 900, 1800, 5, 0}, {1, 0, 900, 5, 0}, {1, 900, 1800, 5, 0}};

}  // namespace

TEST_CASE("assignment: without borrowing a cell's share is its crossings per departure") {
  assignment log({0, 900, 2}, 2, {.borrowed = 0});
  // Of 4 departures of pair 0 in slot 0, two pass station 0 in time, one only in the next quarter; pair 1 passes
  // station 1.
  log.add(made({4, 0, 0, 2}, {{0, 0, 100, 300}, {0, 0, 200, 400}, {0, 0, 800, 1000}, {3, 1, 900, 950}}));
  sparse_rows const a = log.rows(kQuarters, 1);
  CHECK(at(a, 0, 0) == 0.5);
  CHECK(at(a, 1, 0) == 0.25);
  CHECK(at(a, 3, 3) == 0.5);
  CHECK(a.entries() == 3);
}

TEST_CASE("assignment: a slot without travellers borrows from its neighbours, moved in time by what the way took") {
  assignment log({0, 900, 2}, 1, {.borrowed = 3, .near_slots = 1});
  log.add(made({2, 0}, {{0, 0, 0, 450}, {0, 0, 450, 900}}));  // 450 s to the station
  sparse_rows const a = log.rows({{0, 0, 900, 1, 0}, {0, 900, 1800, 1, 0}, {0, 1800, 2700, 1, 0}}, 1);
  CHECK(at(a, 1, 1) == Approx(0.5));  // half of the slot's travellers would come in time, half in the next quarter
  CHECK(at(a, 2, 1) == Approx(0.5));
}

TEST_CASE("assignment: offsets are what passed beyond what the shares say, as of travellers nobody estimates") {
  assignment log({0, 900, 1}, 1, {.borrowed = 0});
  log.add(made({2}, {{0, 0, 10, 100}, {0, 0, 20, 200}, {kNoCell, 0, 0, 300}, {kNoCell, 0, 0, 1000}}));
  std::vector<station_count> const wanted(kQuarters.begin(), kQuarters.begin() + 2);
  sparse_rows const a = log.rows(wanted, 1);
  CHECK(log.offsets(a, wanted) == std::vector<double>{1, 1});
}

TEST_CASE("assignment: simulations count alike, or those before less; counts of 5 and 15 minutes stand side by side") {
  std::vector<station_count> const wanted{{0, 0, 300, 1, 0}, {0, 0, 900, 1, 0}};
  for (double const keep : {1.0, 0.5}) {
    assignment log({0, 900, 1}, 1, {.borrowed = 0});
    log.add(made({10}, {{0, 0, 0, 100}, {0, 0, 0, 400}}));
    log.add(made({10}, {}), keep);
    sparse_rows const a = log.rows(wanted, 1);
    CHECK(at(a, 0, 0) == Approx(keep / (10 + 10 * keep)));
    CHECK(at(a, 1, 0) == Approx(2 * keep / (10 + 10 * keep)));
  }
}
