#include "calibration/job/supply.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/fit/folds.h"
#include "sim/demand/vtypes.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::vector<std::uint32_t> const kFolds{0, 0, 1, 1, 2, 2, 3, 3, fold_result::kNoFold};

job_supply wanted() {
  job_supply j;
  j.tau = {0.7, 1.5};
  j.speed_factor = {0.8, 1.2};
  j.evaluations = 40;
  return j;
}

}  // namespace

TEST_CASE("supply: where all stations agree on other drivers, they are found and taken") {
  std::size_t asked = 0;
  supply_result const r = fit_supply(wanted(), 1, kFolds, [&](supply_factors const& f) {
    ++asked;
    std::vector<double> e(kFolds.size());
    for (std::size_t i = 0; i < e.size(); ++i) {
      double const a = f.tau - 1.2, b = f.speed_factor - 0.9;
      e[i] = 1 + (1 + 0.1 * static_cast<double>(i)) * (40 * a * a + 60 * b * b);
    }
    return e;
  });
  CHECK(asked == r.trials.size());
  CHECK(r.trials.size() <= 41);
  CHECK(r.trials[0].what.says_nothing());
  CHECK(r.taken);
  CHECK(r.kept.tau == Approx(1.2).margin(0.08));
  CHECK(r.kept.speed_factor == Approx(0.9).margin(0.06));
  CHECK(r.kept.min_gap == 1);
  CHECK(r.fold_error < r.own_fold_error);
}

TEST_CASE("supply: what helps one corridor and harms the others is not taken, however low its error") {
  // The first fold's counts fall a lot with tau, the others' rise: the mean falls.
  supply_result const r = fit_supply(wanted(), 1, kFolds, [&](supply_factors const& f) {
    std::vector<double> e;
    for (std::uint32_t const fold : kFolds)
      e.push_back(fold == 0 ? 20 - 20 * (f.tau - 0.7) : 1 + 2 * std::abs(f.tau - 1) + std::abs(f.speed_factor - 1));
    return e;
  });
  double least = r.trials[0].error;
  for (supply_trial const& t : r.trials) least = std::min(least, t.error);
  CHECK(least < r.trials[0].error);
  CHECK_FALSE(r.taken);
  CHECK(r.kept.says_nothing());
}

TEST_CASE("supply: a simulation that was stopped ends the search") {
  std::size_t asked = 0;
  supply_result const r = fit_supply(wanted(), 1, kFolds, [&](supply_factors const&) {
    return ++asked == 3 ? std::vector<double>{} : std::vector<double>(kFolds.size(), 1.0);
  });
  CHECK(asked == 3);
  CHECK_FALSE(r.taken);
  CHECK(std::isinf(r.trials.back().error));
}

TEST_CASE("supply: a city's types read back with cars changed alone, mixes as they were, no headway below a tick") {
  temp_folder const dir;
  tiny_city const made(dir / "tiny");
  city const town = read_city(dir / "tiny");
  write_text(dir / "changed.add.xml", vtypes_with(town, {.tau = 0.8, .speed_factor = 1.1, .min_gap = 1.5}, 1));
  id_vector<vtype_id, vehicle_type> types;
  std::vector<type_mix> mixes;
  read_vtypes(dir / "changed.add.xml", types, mixes);
  REQUIRE(types.size() == town.types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    vehicle_type const &was = town.types[vtype_id(i)], &is = types[vtype_id(i)];
    CAPTURE(was.name);
    bool const car = was.cls == vclass::kPassenger;
    CHECK(is.name == was.name);
    CHECK(is.tau_s == Approx(car ? std::max(1.0, 0.8 * was.tau_s) : was.tau_s));
    CHECK(is.speed_factor == Approx(car ? 1.1 * was.speed_factor : was.speed_factor));
    CHECK(is.min_gap_m == Approx(car ? 1.5 * was.min_gap_m : was.min_gap_m));
    CHECK(is.length_m == was.length_m);
    CHECK(is.sigma == was.sigma);
    CHECK(is.other == was.other);
    CHECK(is.emission_class == was.emission_class);
  }
  REQUIRE(mixes.size() == town.mixes.size());
  for (std::size_t m = 0; m < mixes.size(); ++m) {
    CHECK(mixes[m].name == town.mixes[m].name);
    CHECK(mixes[m].types == town.mixes[m].types);
    CHECK(mixes[m].weight == town.mixes[m].weight);
  }
}

TEST_CASE("supply: factors that no headway follows, as it would go below a tick, are not tried, and that is told") {
  demand d;
  vehicle_type car, slow, bus;
  car.tau_s = 1;
  slow.tau_s = 1.25;
  bus.cls = vclass::kBus;
  bus.tau_s = 4;
  for (vehicle_type const& t : {car, slow, bus}) d.types.push_back(t);
  std::vector<bilingual> notes;
  job_supply j = wanted();
  CHECK(within_ticks(j, d, 1, notes).tau == std::vector<double>{0.8, 1.5});  // those of 1.25 s follow to 1 s
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0].en, Catch::Contains("tau is tried from 0.80 on (asked for: from 0.7 to 1.5)") &&
                              Catch::Contains("tick of 1 s"));
  CHECK_THAT(notes[0].pt, Catch::Contains("a partir de 0.80"));
  CHECK(within_ticks(j, d, 0.5, notes).tau == j.tau);
  j.tau = {0.5, 0.8};
  CHECK(within_ticks(j, d, 1, notes).tau.empty());
  REQUIRE(notes.size() == 2);
  CHECK_THAT(notes[1].en, Catch::Contains("tau is not tried"));
  j.tau = {};
  CHECK(within_ticks(j, d, 1, notes).tau.empty());
  CHECK(notes.size() == 2);
}

TEST_CASE("supply: how much drivers dawdle is a factor on cars' sigma, never beyond 1") {
  demand d;
  vehicle_type car, bus;
  car.sigma = 0.5;
  bus.sigma = 0.5;
  bus.cls = vclass::kBus;
  d.types.push_back(car);
  d.types.push_back(bus);
  apply_supply(d, {.sigma = 0.4}, 1);
  CHECK(d.types[vtype_id(0U)].sigma == Approx(0.2));
  CHECK(d.types[vtype_id(1U)].sigma == 0.5);
  apply_supply(d, {.sigma = 50}, 1);
  CHECK(d.types[vtype_id(0U)].sigma == 1);
  job_supply j;
  j.sigma = {0, 1};
  j.evaluations = 20;
  CHECK(j.wanted());
  supply_result const r = fit_supply(j, 1, kFolds, [&](supply_factors const& f) {
    return std::vector<double>(kFolds.size(), 1 + 9 * (f.sigma - 0.3) * (f.sigma - 0.3));
  });
  CHECK(r.taken);
  CHECK(r.kept.sigma == Approx(0.3).margin(0.05));
  CHECK(r.kept.min_gap == 1);
}
