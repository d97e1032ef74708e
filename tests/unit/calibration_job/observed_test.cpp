// What a station's records say of the traffic: how full its road was, whatever its loop's settings.
#include "calibration/job/observed.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Twelve periods of five minutes from 8:00 on, the last one a jam; vehicles and loop together are so long.
std::string records(double length_m, bool speeds, double lanes = 1) {
  std::string out = speeds ? "station,begin,period_s,count,speed_kmh,occupancy_pct\n"
                           : "station,begin,period_s,count,occupancy_pct\n";
  for (int i = 0; i < 12; ++i) {
    bool const jams = i == 11;
    double const speed_kmh = jams ? 18 : 72 + i % 3, n = (jams ? 90 : 60) * lanes;
    double const occupancy = n / 300 / (speed_kmh / 3.6) * length_m / lanes;
    out += fmt::format("s,2024-11-04T08:{:02}:00,300,{:.0f},", 5 * i, n);
    if (speeds) out += fmt::format("{:.1f},", speed_kmh);
    out += fmt::format("{:.4f}\n", 100 * occupancy);
  }
  return out;
}

constexpr double kVehicle_m = 4.5;  // of the base's

observed_counts observed(std::string const& records) {
  tiny_network const t("A-------B-------C\n");
  write_text(t.folder.path() / "counts.csv", records);
  write_text(t.folder.path() / "places.csv", "id,station,edge,lane,pos_m\ns,s,AB,,200\n");
  calibration_job job;
  job.files = {t.folder.path() / "counts.csv"};
  job.detectors = t.folder.path() / "places.csv";
  return observe(job, t.net, nullptr, 8 * 3600, 9 * 3600, kVehicle_m);
}

}  // namespace

TEST_CASE(
    "observed: free flow says how long vehicles and loop are, and occupancies become those of the base's vehicles") {
  for (double const length_m : {5.0, 9.0, 12.0}) {
    observed_counts const o = observed(records(length_m, true));
    REQUIRE(o.periods.size() == 12);
    for (int i = 0; i < 12; ++i) {
      double const speed_kmh = i == 11 ? 18 : 72 + i % 3, n = i == 11 ? 90 : 60;
      CHECK(o.periods[static_cast<std::size_t>(i)].occupancy ==
            Approx(n / 300 / (speed_kmh / 3.6) * kVehicle_m).epsilon(0.01));
    }
  }
}

TEST_CASE("observed: without speeds, or with what no loop tells, the job's length of loops holds") {
  observed_counts const without = observed(records(9, false));
  CHECK(without.periods[0].occupancy == Approx(60.0 / 300 / 20 * 9 * kVehicle_m / (kVehicle_m + 2)).epsilon(0.01));
  observed_counts const absurd = observed(records(40, true));
  CHECK(absurd.periods[0].occupancy == Approx(60.0 / 300 / 20 * 40 * kVehicle_m / (kVehicle_m + 2)).epsilon(0.01));
}
