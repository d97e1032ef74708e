#include "calibration/fit/score.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/core/error.h"

using namespace gemeo;

TEST_CASE("scores: GEH of textbook flows, and it is of hourly flows") {
  CHECK(geh(0, 0) == 0);
  CHECK(geh(1100, 1000) == Approx(std::sqrt(2 * 1e4 / 2100)));  // 3.086
  CHECK(geh(1000, 1100) == geh(1100, 1000));
  CHECK(geh(100, 0) == Approx(std::sqrt(200.0)));
  // 15 minutes of 130 for 100 each: read as they stand GEH would be 2.8, as hourly flows it is 5.6.
  std::vector<scored_count> counts;
  for (int k = 0; k < 4; ++k) counts.push_back({7, 900.0 * k, 900, 100, 130});
  for (hourly_basis const basis : {hourly_basis::kSummed, hourly_basis::kScaled}) {
    count_score const s = score_counts(counts, basis);
    CHECK(s.hours == (basis == hourly_basis::kSummed ? 1 : 4));
    CHECK(s.geh_mean == Approx(std::sqrt(2 * 120.0 * 120 / 920)));
    CHECK(s.geh_below_5 == 0);
  }
}

TEST_CASE("scores: counts of an hour are added up by detector and clock hour, and scaled where some are missing") {
  std::vector<scored_count> const counts{{1, 3600, 900, 10, 12},
                                         {1, 4500, 900, 20, 18},  // half an hour of 1
                                         {1, 7200, 3600, 50, 60},
                                         {2, 3600, 300, 5, 4},         // an hour; 5 minutes of 2
                                         {2, 10800, 7200, 300, 200}};  // two hours: a case alone
  std::vector<scored_hour> const hours = hourly_flows(counts, hourly_basis::kSummed);
  REQUIRE(hours.size() == 4);
  CHECK(hours[0].detector == 1);
  CHECK(hours[0].begin_s == 3600);
  CHECK(hours[0].covered_s == 1800);
  CHECK(hours[0].observed_veh_per_h == Approx(60));
  CHECK(hours[0].modelled_veh_per_h == Approx(60));
  CHECK(hours[1].observed_veh_per_h == Approx(50));
  CHECK(hours[2].observed_veh_per_h == Approx(60));
  CHECK(hours[2].modelled_veh_per_h == Approx(48));
  CHECK(hours[3].observed_veh_per_h == Approx(150));
  CHECK(hours[3].modelled_veh_per_h == Approx(100));
}

TEST_CASE("scores: RMSE, RMSN, NRMSE of detectors' totals, and sums, by hand") {
  std::vector<scored_count> const counts{
      {1, 0, 900, 10, 13}, {1, 900, 900, 30, 26}, {2, 0, 900, 20, 20}, {2, 900, 900, 40, 45}};
  count_score const s = score_counts(counts);
  CHECK(s.counts == 4);
  CHECK(s.detectors == 2);
  CHECK(s.rmse == Approx(std::sqrt((9.0 + 16 + 0 + 25) / 4)));
  CHECK(s.rmsn == Approx(std::sqrt(4 * 50.0) / 100));
  CHECK(s.nrmse == Approx(std::sqrt(2 * (1.0 + 25)) / 100));  // totals 39 for 40, 65 for 60
  CHECK(s.mean_error == Approx(1));
  CHECK(s.sum_error == Approx(0.04));
}

TEST_CASE("scores: the flow bands of TAG M3.1 at their edges") {
  CHECK(within_flow_band(799.9, 699.9));
  CHECK_FALSE(within_flow_band(799.9, 699.8));
  CHECK(within_flow_band(805, 700));  // 15 % from 700 on
  CHECK_FALSE(within_flow_band(806, 700));
  CHECK(within_flow_band(3105, 2700));
  CHECK_FALSE(within_flow_band(3106, 2700));
  CHECK(within_flow_band(2301, 2701));  // 400 above 2,700
  CHECK_FALSE(within_flow_band(2300, 2701));
}

TEST_CASE("scores: a test of TAG or FHWA passes above 85 % of cases, not at it") {
  std::vector<scored_count> counts;
  for (std::uint32_t d = 0; d < 20; ++d) counts.push_back({d, 0, 3600, 400, d < 3 ? 600.0 : 400.0});
  count_score s = score_counts(counts);
  CHECK(s.geh_below_5 == Approx(0.85));
  CHECK_FALSE(s.tag_geh);
  CHECK_FALSE(s.tag_flows);
  counts[0].modelled = 400;
  s = score_counts(counts);
  CHECK(s.tag_geh);
  CHECK(s.tag_flows);
  CHECK(s.sum_error == Approx(0.05));
  CHECK(s.fhwa_2004);
  counts[19].modelled = 402;  // the sum is off by more than 5 %
  CHECK_FALSE(score_counts(counts).fhwa_2004);
}

TEST_CASE("scores: demand, by hand") {
  std::vector<double> const truth{10, 0, 20, 10}, estimate{12, 1, 16, 10};
  demand_score const s = score_demand(estimate, truth);
  CHECK(s.nrmse == Approx(std::sqrt(21.0 / 4) / 10));
  CHECK(s.total_error == Approx(-1.0 / 40));
  CHECK(score_demand(truth, truth).correlation == Approx(1));
  CHECK_THROWS_AS(score_demand(estimate, std::vector<double>{1}), error);
}

TEST_CASE("scores: the four criteria of FHWA 2019, by hand") {
  // Day 1 is nearest to the mean (10, 20); sd over the days is (2, 4).
  std::vector<std::vector<double>> const days{{8, 16}, {10, 20}, {12, 24}};
  std::vector<double> simulated{11, 22};
  fhwa_2019_score s = score_fhwa_2019(days, simulated);
  CHECK(s.representative_day == 1);
  CHECK(s.in_one_sigma == 1);
  CHECK(s.absolute_error == Approx(1.5));
  CHECK(s.absolute_bound == Approx(3));
  CHECK(s.systematic_error == Approx(1.5));
  CHECK(s.systematic_bound == Approx(1));
  CHECK(s.outliers);
  CHECK(s.inliers);
  CHECK(s.absolute);
  CHECK_FALSE(s.systematic);
  simulated = {11, 19};  // the same size of error, but to both sides: mean error is 0
  s = score_fhwa_2019(days, simulated);
  CHECK(s.systematic_error == Approx(0).margin(1e-12));
  CHECK(s.all());
  simulated = {10 + 3.93, 20};  // outside two sigma: one interval of fewer than twenty may be
  s = score_fhwa_2019(days, simulated);
  CHECK(s.in_two_sigma == 0.5);
  CHECK(s.outliers);
  CHECK_FALSE(s.inliers);
  CHECK_THROWS_AS(score_fhwa_2019(std::vector<std::vector<double>>{{1, 2}}, simulated), error);
  CHECK_THROWS_AS(score_fhwa_2019(std::vector<std::vector<double>>{{1, 2}, {1}}, simulated), error);
}

TEST_CASE("scores: journey times within 15 % or a minute") {
  std::vector<double> const observed{100, 1000, 1000}, modelled{159, 1149, 1151};
  CHECK(score_route_times(modelled, observed).within == Approx(2.0 / 3));
  CHECK_FALSE(score_route_times(modelled, observed).tag_times);
}

TEST_CASE(
    "scores: hostile counts are errors, nothing counted is nothing, and traffic where none was is infinitely wrong") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (scored_count const& bad : {scored_count{1, 0, 900, -1, 2}, scored_count{1, 0, 900, nan, 2},
                                  scored_count{1, 0, 0, 1, 2}, scored_count{1, nan, 900, 1, 2}}) {
    CHECK_THROWS_AS(score_counts(std::vector{bad}), error);
  }
  CHECK(score_counts({}).hours == 0);
  CHECK(std::isinf(score_counts(std::vector{scored_count{1, 0, 900, 0, 2}}).rmsn));
  CHECK(score_counts(std::vector{scored_count{1, 0, 900, 0, 0}}).rmsn == 0);
}
