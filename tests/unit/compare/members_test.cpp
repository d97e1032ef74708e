// Pairs of runs that each have one of several likely demands of a calibration: what is said of their spread.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/results/compare.h"
#include "sim/results/report.h"
#include "sim/results/report_words.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
using Catch::Matchers::Contains;

namespace {

// Runs whose mean travel time and member are by seed.
made_run with_members(made_run r, std::vector<double> values, std::vector<std::string> members) {
  r.edit = [values = std::move(values), members = std::move(members)](made_data& d) {
    d.kpis = {{"mean_travel_time", "s", "all", "", values.at(d.description.seed - 1)}};
    d.summary.total.arrived = d.summary.total.departed;  // all of them: the mean is of all trips
    d.summary.total.running = 0;
    if (!members.empty()) d.description.demand_member = members.at(d.description.seed - 1);
  };
  return r;
}

comparison compare_members(std::vector<double> const& changes, std::vector<std::string> const& base,
                           std::vector<std::string> const& other) {
  made_city const city;
  temp_folder const dir;
  std::vector<std::uint64_t> seeds;
  std::vector<double> before, after;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    seeds.push_back(i + 1);
    before.push_back(300 + 10 * static_cast<double>(i % 2));
    after.push_back(before.back() + changes[i]);
  }
  make_ensemble(city.net(), dir / "base", seeds, with_members(small_run(), before, base));
  make_ensemble(city.net(), dir / "closed", seeds, with_members(closed_run(), after, other));
  return compare_ensembles(dir / "base", dir / "closed");
}

notice const* notice_of(comparison const& c, notice_kind kind) {
  for (notice const& n : c.notices) {
    if (n.kind == kind) return &n;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("members: two seeds of each tell what demands and what seeds spread, and a demand counts once") {
  // By member 1 3 | 5 7 | 9 11: within 2, between 32, of two pairs each: (32 - 2) / 2 = 15.
  std::vector<std::string> const members{"a of 3, 1", "b of 3, 2", "c of 3, 3", "a of 3, 1", "b of 3, 2", "c of 3, 3"};
  comparison const c = compare_members({1, 5, 9, 3, 7, 11}, members, members);
  REQUIRE(c.kpis.size() == 1);
  REQUIRE(c.kpis[0].over_members);
  member_spread const& m = *c.kpis[0].over_members;
  CHECK(m.members == 3);
  CHECK(m.pairs == 6);
  CHECK(m.seed_sd == Approx(std::sqrt(2.0)));
  CHECK(m.member_sd == Approx(std::sqrt(15.0)));
  CHECK(m.low == Approx(2.4));
  CHECK(m.high == Approx(9.6));
  // Means 2, 6, 10 over three, not six values: t(0.975; 2) = 4.302653, sd 4.
  CHECK(c.kpis[0].value.pairs == 3);
  CHECK(c.kpis[0].value.low == Approx(6 - 4.302653 * 4 / std::sqrt(3.0)).epsilon(1e-6));
  CHECK(notice_of(c, notice_kind::kMembersDiffer) == nullptr);
  REQUIRE(notice_of(c, notice_kind::kMembers) != nullptr);
  CHECK_THAT(notice_text(*notice_of(c, notice_kind::kMembers), c, language::kEnglish),
             Contains("one of 3 likely demands"));
  std::string const said = headline(c, language::kEnglish).uncertainty;
  CHECK_THAT(said, Contains("Over the 3 likely demands") && Contains("between demands") && Contains("between seeds"));
  CHECK_THAT(headline(c, language::kPortuguese).uncertainty, Contains("Nas 3 procuras prováveis"));
  CHECK_THAT(report_json(c), Contains("\"sd_between_members\""));
}

TEST_CASE("members: of demands that ran once each the two are not told apart, and it is said") {
  std::vector<std::string> const members{"a", "b", "c", "d"};
  comparison const c = compare_members({1, 2, 4, 8}, members, members);
  REQUIRE(c.kpis.at(0).over_members);
  CHECK(std::isnan(c.kpis[0].over_members->seed_sd));
  CHECK(c.kpis[0].value.pairs == 4);
  REQUIRE(notice_of(c, notice_kind::kMembers) != nullptr);
  CHECK_THAT(notice_text(*notice_of(c, notice_kind::kMembers), c, language::kEnglish),
             Contains("cannot be told") && Contains("--seeds 8"));
}

TEST_CASE("members: where the sides of a pair have different demands nothing else can be trusted") {
  comparison const c = compare_members({1, 2, 4}, {"a", "b", "c"}, {"a", "b", "d"});
  REQUIRE(notice_of(c, notice_kind::kMembersDiffer) != nullptr);
  CHECK(notice_of(c, notice_kind::kMembersDiffer)->numbers == std::vector<double>{1});
  CHECK_FALSE(c.trustworthy());
  CHECK_FALSE(c.kpis.at(0).over_members);
  SECTION("one side alone has members") {
    comparison const one = compare_members({1, 2, 4}, {}, {"a", "b", "c"});
    CHECK(notice_of(one, notice_kind::kMembersDiffer)->numbers == std::vector<double>{3});
  }
  SECTION("none has") {
    comparison const none = compare_members({1, 2, 4}, {}, {});
    CHECK(notice_of(none, notice_kind::kMembersDiffer) == nullptr);
    CHECK(notice_of(none, notice_kind::kMembers) == nullptr);
    CHECK(none.trustworthy());
  }
}
