// Two folders of result files, compared from end to end: which runs make pairs, what their differences are, and what
// cannot be compared.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "sim/results/compare.h"
#include "sim/results/ensemble.h"
#include "sim/results/report.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

struct folders {
  made_city city;
  temp_folder dir;
  fs::path base = dir / "base", other = dir / "closed";

  void make(std::vector<std::uint64_t> const& b, std::vector<std::uint64_t> const& o, made_run like_b = small_run(),
            made_run like_o = closed_run()) const {
    make_ensemble(city.net(), base, b, std::move(like_b));
    make_ensemble(city.net(), other, o, std::move(like_o));
  }
  [[nodiscard]] comparison compare(compare_options const& o = {}) const { return compare_ensembles(base, other, o); }
};

notice const* find(comparison const& c, notice_kind kind, std::string const& side = "") {
  for (notice const& n : c.notices) {
    if (n.kind == kind && (side.empty() || n.names.at(0) == side)) return &n;
  }
  return nullptr;
}

// "message | hint" of the error that it must throw.
template <typename F>
std::string refused(F const& f) {
  try {
    f();
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return std::string(e.what());
  }
  FAIL("nothing was refused");
  return "";
}

made_run with_kpis(made_run r, std::vector<kpi_row> rows, std::vector<double> values) {
  r.edit = [rows = std::move(rows), values = std::move(values)](made_data& d) {
    d.kpis = rows;
    for (kpi_row& k : d.kpis) k.value = values.at(d.description.seed - 1);
  };
  return r;
}

edge_id edge_named(result_network const& net, std::string const& name) {
  for (std::size_t e = 0; e < net.name.size(); ++e) {
    if (net.name[edge_id(e)] == name) return edge_id(e);
  }
  FAIL("no edge " << name);
  return {};
}

}  // namespace

TEST_CASE("compare: an indicator's difference is the mean of the pairs', its interval Student's") {
  // Differences 4, 3, 6, 7: mean 5, standard deviation sqrt(10/3), t(0.975; 3) = 3.182446: 5 -+ 2.905153.
  folders const f;
  std::vector<kpi_row> const rows = {{"mean_travel_time", "s", "all", "", 0}};
  f.make({1, 2, 3, 4}, {1, 2, 3, 4}, with_kpis(small_run(), rows, {100, 110, 120, 130}),
         with_kpis(closed_run(), rows, {104, 113, 126, 137}));
  comparison const c = f.compare();
  REQUIRE(c.kpis.size() == 1);
  paired_estimate const& e = c.kpis[0].value;
  CHECK(e.pairs == 4);
  CHECK(e.base == Approx(115));
  CHECK(e.other == Approx(120));
  CHECK(e.difference == Approx(5));
  CHECK(e.sd == Approx(std::sqrt(10.0 / 3)));
  CHECK(e.low == Approx(5 - 3.182446 * std::sqrt(10.0 / 3) / 2).epsilon(1e-6));
  CHECK(e.high == Approx(5 + 3.182446 * std::sqrt(10.0 / 3) / 2).epsilon(1e-6));
  CHECK(e.up == 4);
  CHECK(e.says == verdict::kClear);
  CHECK(e.change() == Approx(5.0 / 115));
}

TEST_CASE("compare: an edge's flow is what entered and departed there in an hour, its speed metres by seconds") {
  folders const f;
  auto const set = [&](double factor) {
    return [&f, factor](made_data& d) {
      for (observations& o : d.intervals) {
        edge_interval& i = o.edges.at(0);
        for (std::size_t k = 0; k < i.edge.size(); ++k) {
          if (f.city.net().edges.name[i.edge[k]] != "AB") continue;
          auto const seed = static_cast<float>(d.description.seed);
          i.entered[k] = (100 + seed) * static_cast<float>(factor);
          i.departed[k] = 10;
          i.sampled_s[k] = 500;
          i.speed_mps[k] = 10 + seed;
          i.time_loss_s[k] = 360 * static_cast<float>(factor);
        }
      }
    };
  };
  made_run b = small_run(), o = closed_run();  // two intervals of 15 min
  b.edit = set(1);
  o.edit = set(2);
  f.make({1, 2, 3}, {1, 2, 3}, b, o);
  comparison const c = f.compare();
  edge_values const& v = c.edges[edge_named(c.net, "AB").index()];
  CHECK(v.flow_veh_per_h.base == Approx(2 * (102 + 10) / 0.5));
  CHECK(v.flow_veh_per_h.other == Approx(2 * (204 + 10) / 0.5));
  CHECK(v.flow_veh_per_h.low == Approx(4 * 102 - 4.302653 * 4 / std::sqrt(3.0)).epsilon(1e-6));
  CHECK(v.speed_mps.base == Approx(12));
  CHECK(v.speed_mps.says == verdict::kUnchanged);
  CHECK(v.base_speed_mps == Approx(12));
  CHECK(v.delay_h.base == Approx(0.2));
  CHECK(v.delay_h.difference == Approx(0.2));
  edge_values const& gone = c.edges[edge_named(c.net, "FG").index()];
  CHECK(gone.flow_veh_per_h.base > 0);
  CHECK(gone.flow_veh_per_h.other == 0);
  CHECK(std::isnan(gone.other_speed_mps));
  CHECK(gone.speed_mps.pairs == 0);
}

TEST_CASE("compare: travellers are followed one by one, buses are not") {
  folders const f;
  auto const durations = [](bool other) {
    return [other](made_data& d) {
      for (observations& o : d.intervals) {
        for (trip_record& t : o.trips) {
          t.state = trip_state::kArrived;
          t.depart_s = d.travellers.planned_depart_s[t.vehicle.index()] + 5;
          t.depart_delay_s = 5;
          double const change[] = {60, -60, 59, 59};
          t.duration_s = 200 + (other ? change[t.vehicle.index() % 4] : 0);
        }
      }
    };
  };
  made_run b = small_run(), o = closed_run();
  b.edit = durations(false);
  o.edit = durations(true);
  f.make({1, 2, 3}, {1, 2, 3}, b, o);
  comparison const c = f.compare();
  auto const all = std::find_if(c.travellers.begin(), c.travellers.end(), [](auto& v) { return v.group == "all"; });
  REQUIRE(all != c.travellers.end());
  CHECK(all->travellers.mean == 95);  // of 100, every twentieth drives a bus
  CHECK(all->share_slower.mean == Approx(25.0 / 95));
  CHECK(all->share_faster.mean == Approx(25.0 / 95));
  CHECK(all->change_s.mean == Approx(45.0 * 59 / 95));
  CHECK(all->bins[kChangeBinCount / 2].mean == Approx(45.0 / 95));
}

TEST_CASE("compare: only seeds that both have and runs that reached their end make pairs; the rest is said") {
  folders const f;
  f.make({1, 2, 3, 5, 6}, {2, 3, 4, 5});
  made_run killed = small_run();
  killed.seed = 9;
  killed.complete = false;
  make_result(f.city.net(), made_file(f.base, 9), killed);
  write_text(f.base / "notes.txt", "not a result");
  fs::create_directories(f.base / "more.h5.d");
  write_ensemble(f.base / "ensemble.h5", {made_file(f.base, 1), made_file(f.base, 2)});
  comparison const c = f.compare();
  CHECK(c.seeds == std::vector<std::uint64_t>{2, 3, 5});
  CHECK(c.find("mean_travel_time")->value.pairs == 3);
  REQUIRE(find(c, notice_kind::kSeedsIgnored, "BASE") != nullptr);
  CHECK(find(c, notice_kind::kSeedsIgnored, "BASE")->names[1] == "1, 6");
  REQUIRE(find(c, notice_kind::kSeedsIgnored, "OTHER") != nullptr);
  CHECK(find(c, notice_kind::kSeedsIgnored, "OTHER")->names[1] == "4");
  REQUIRE(find(c, notice_kind::kRunsSkipped, "BASE") != nullptr);
  CHECK(find(c, notice_kind::kRunsSkipped, "BASE")->names[1] == "seed_0009.h5.partial");
  CHECK(find(c, notice_kind::kFewPairs) == nullptr);
  CHECK(find(c, notice_kind::kSameScenario) == nullptr);
  std::string const text = report_terminal(c);
  CHECK_THAT(text, Catch::Contains("Seeds 1, 6 exist only for 'Base'"));
  CHECK_THAT(text, Catch::Contains("seed_0009.h5.partial was left out"));
}

TEST_CASE("compare: with one pair or two nothing is found, and every report says that there are not enough seeds") {
  for (std::size_t const n : {1, 2}) {
    folders const f;
    std::vector<std::uint64_t> seeds;
    for (std::uint64_t s = 1; s <= n; ++s) seeds.push_back(s);
    f.make(seeds, seeds);
    comparison const c = f.compare();
    REQUIRE(find(c, notice_kind::kFewPairs) != nullptr);
    for (kpi_comparison const& k : c.kpis) {
      INFO(k.name);
      CHECK((k.value.says == verdict::kTooFew || k.value.says == verdict::kNoData));
      CHECK(std::isnan(k.value.low) == (n == 1));
    }
    for (edge_values const& v : c.edges) CHECK(v.flow_veh_per_h.says != verdict::kClear);
    CHECK_THAT(headline(c, language::kEnglish).sentence, Catch::StartsWith("Too few runs for a finding."));
    CHECK_THAT(report_terminal(c), Catch::Contains("Not enough seeds: " + std::to_string(n) + " common"));
    CHECK_THAT(report_terminal(c), Catch::Contains("too few pairs"));
    std::string const page = report_html(c);
    CHECK_THAT(page, Catch::Contains("Not enough seeds: "));
    CHECK_THAT(page, Catch::Contains("Sementes insuficientes: "));
    std::string const chip = "class=\"v clear\"";  // once a language: in the explanation
    std::size_t chips = 0;
    for (std::size_t at = 0; (at = page.find(chip, at)) != std::string::npos; at += chip.size()) ++chips;
    CHECK(chips == 2);
    CHECK_THAT(report_json(c), Catch::Contains("too_few_pairs"));
  }
}

TEST_CASE("compare: a scenario against itself has no difference anywhere, and says what it is") {
  folders const f;
  f.make({1, 2, 3}, {});
  comparison const c = compare_ensembles(f.base, f.base);
  CHECK(find(c, notice_kind::kSameScenario) != nullptr);
  REQUIRE(find(c, notice_kind::kIdenticalRuns) != nullptr);
  CHECK(find(c, notice_kind::kIdenticalRuns)->numbers.at(0) == 3);
  for (kpi_comparison const& k : c.kpis) {
    INFO(k.name);
    CHECK(k.value.says == verdict::kUnchanged);
    CHECK(k.value.difference == 0);
  }
  for (edge_values const& v : c.edges) {
    CHECK((v.flow_veh_per_h.says == verdict::kUnchanged || v.flow_veh_per_h.pairs == 0));
    CHECK((v.speed_mps.says == verdict::kUnchanged || v.speed_mps.pairs == 0));
  }
  CHECK(c.flow_family.tested == 0);
  CHECK(c.trustworthy());
  CHECK_THAT(headline(c, language::kEnglish).sentence, Catch::StartsWith("Nothing changes"));
  CHECK_THAT(report_terminal(c), Catch::Contains("unchanged"));
  CHECK_THAT(report_html(c), Catch::Contains("Os dois lados são simulações do mesmo cenário."));
}

TEST_CASE("compare: other networks are refused, or allowed by name and then said; other cities are refused for good") {
  folders const f;
  tiny_network const wider(
      "A-----B-----C-----D\n"
      "|     |     |     |\n"
      "|     |     |     |\n"
      "E-----F=====G-----H-----M\n"
      "|     |     |     |\n"
      "|     |     |     |\n"
      "I-----J-----K-----L\n",
      {.cell_m = 50, .signals = "FG"});
  tiny_network const elsewhere("P-----Q-----R\n", {.cell_m = 50});
  make_ensemble(f.city.net(), f.base, {1, 2, 3}, small_run());
  make_ensemble(*wider.net, f.other, {1, 2, 3}, closed_run());
  fs::path const far = make_ensemble(*elsewhere.net, f.dir / "far", {1, 2, 3}, closed_run());
  std::string const message = refused([&] { (void)f.compare(); });
  CHECK_THAT(message, Catch::Contains("their networks differ"));
  CHECK_THAT(message, Catch::Contains("--allow network"));
  compare_options allowed;
  allowed.allow_network = true;
  comparison const c = f.compare(allowed);
  REQUIRE(find(c, notice_kind::kNetworksDiffer) != nullptr);
  CHECK(find(c, notice_kind::kNetworksDiffer)->numbers.at(1) >= 2);  // HM and MH, and what lies inside the junctions
  CHECK_FALSE(c.trustworthy());
  edge_values const& added = c.edges[edge_named(c.net, "HM").index()];
  CHECK(added.flow_veh_per_h.base == 0);
  CHECK_THAT(report_html(c), Catch::Contains("redes viárias diferentes"));
  CHECK_THAT(refused([&] { (void)compare_ensembles(f.base, far, allowed); }), Catch::Contains("two different places"));
}

TEST_CASE("compare: other windows and other engines are refused, or allowed by name and then said in both languages") {
  folders const f;
  made_run later = closed_run();
  later.begin_s += 900;
  f.make({1, 2, 3}, {1, 2, 3}, small_run(), later);
  std::string message = refused([&] { (void)f.compare(); });
  CHECK_THAT(message, Catch::Contains("time windows differ"));
  CHECK_THAT(message, Catch::Contains("07:00 to 07:30"));
  CHECK_THAT(message, Catch::Contains("07:15 to 07:30"));
  CHECK_THAT(message, Catch::Contains("--allow window"));
  compare_options allowed;
  allowed.allow_window = true;
  comparison const c = f.compare(allowed);
  notice const* const n = find(c, notice_kind::kWindowsDiffer);
  REQUIRE(n != nullptr);
  CHECK_FALSE(c.trustworthy());
  CHECK_THAT(notice_text(*n, c, language::kEnglish), Catch::Contains("07:00 to 07:30") && Catch::Contains("07:15"));
  CHECK_THAT(notice_text(*n, c, language::kPortuguese), Catch::Contains("das 07:00 às 07:30") &&
                                                            Catch::Contains("das 07:15 às 07:30") &&
                                                            !Catch::Contains("steps") && !Catch::Contains(" to "));

  folders const g;
  made_run newer = closed_run();
  newer.edit = [](made_data& d) { d.description.engine_version = "2"; };
  g.make({1, 2, 3}, {1, 2, 3}, small_run(), newer);
  message = refused([&] { (void)g.compare(); });
  CHECK_THAT(message, Catch::Contains("engines differ: made 1 and made 2"));
  CHECK_THAT(message, Catch::Contains("--allow engine"));
  allowed.allow_engine = true;
  CHECK(find(g.compare(allowed), notice_kind::kEnginesDiffer) != nullptr);
}

TEST_CASE("compare: a folder that mixes scenarios, networks or seeds is refused; one that mixes settings is said") {
  folders const f;
  f.make({1, 2, 3}, {1, 2, 3});
  made_run stranger = closed_run();
  stranger.seed = 4;
  make_result(f.city.net(), made_file(f.base, 4), stranger);
  CHECK_THAT(refused([&] { (void)f.compare(); }), Catch::Contains("BASE holds runs of two scenarios"));
  fs::remove(made_file(f.base, 4));

  fs::copy_file(made_file(f.base, 2), f.base / "again.h5");
  CHECK_THAT(refused([&] { (void)f.compare(); }), Catch::Contains("two runs have seed 2"));
  fs::remove(f.base / "again.h5");

  made_run tuned = small_run();
  tuned.seed = 3;
  tuned.edit = [](made_data& d) { d.description.effective_config += "scale = 1.1\n"; };
  fs::remove(made_file(f.base, 3));
  make_result(f.city.net(), made_file(f.base, 3), tuned);
  comparison const c = f.compare();
  REQUIRE(find(c, notice_kind::kConfigsVary, "BASE") != nullptr);
  CHECK_FALSE(c.trustworthy());
}

TEST_CASE("compare: what is missing, empty, damaged or foreign is refused by name, with what to do") {
  folders const f;
  f.make({1, 2, 3}, {1, 2, 3});
  auto const with = [&](fs::path const& other) { return refused([&] { (void)compare_ensembles(f.base, other); }); };
  CHECK_THAT(with(f.dir / "nowhere"), Catch::Contains("nowhere") && Catch::Contains("OTHER does not exist"));
  fs::create_directories(f.dir / "empty");
  CHECK_THAT(with(f.dir / "empty"), Catch::Contains("holds no result file"));
  CHECK_THAT(with(f.dir.path()), Catch::Contains((f.dir / "base").string() + " inside it does"));
  write_text(f.other / "table.h5", "speed,density\n");
  CHECK_THAT(with(f.other), Catch::Contains("table.h5"));
  fs::remove(f.other / "table.h5");
  fs::resize_file(made_file(f.other, 2), fs::file_size(made_file(f.other, 2)) / 2);
  CHECK_THAT(with(f.other), Catch::Contains("seed_0002.h5"));
  fs::path const apart = make_ensemble(f.city.net(), f.dir / "apart", {7, 8}, closed_run());
  CHECK_THAT(with(apart), Catch::Contains("shares no seed with") && Catch::Contains("7, 8") && Catch::Contains("1-3"));
  made_run killed = closed_run();
  killed.complete = false;
  fs::path const unfinished = make_ensemble(f.city.net(), f.dir / "unfinished", {1}, killed);
  CHECK_THAT(with(unfinished), Catch::Contains("holds no result file") || Catch::Contains("no run that reached"));
  write_ensemble(f.base / "ensemble.h5", {made_file(f.base, 1), made_file(f.base, 2)});
  CHECK_THAT(with(f.base / "ensemble.h5"), Catch::Contains("ensemble.h5"));
}

TEST_CASE("compare: two files are a comparison of one pair") {
  folders const f;
  f.make({1, 2}, {1, 2});
  comparison const c = compare_ensembles(made_file(f.base, 2), made_file(f.other, 2));
  CHECK(c.seeds == std::vector<std::uint64_t>{2});
  CHECK(c.find("mean_travel_time")->value.says == verdict::kTooFew);
}

TEST_CASE("compare: the warm-up and what lies outside --from and --to are not in the maps") {
  folders const f;
  made_run b = small_run(), o = closed_run();
  b.end_s = o.end_s = b.begin_s + 3600;
  auto const warm = [](made_data& d) { d.description.warm_up_s = 900; };
  b.edit = o.edit = warm;
  f.make({1, 2, 3}, {1, 2, 3}, b, o);
  comparison const whole = f.compare();
  CHECK(whole.edges_begin_s == b.begin_s + 900);
  CHECK(whole.edges_end_s == b.end_s);
  compare_options part;
  part.from_s = b.begin_s + 1800;
  part.to_s = b.begin_s + 2700;
  comparison const c = f.compare(part);
  CHECK(c.edges_begin_s == part.from_s);
  CHECK(c.edges_end_s == part.to_s);
  part.from_s = 20 * 3600;
  part.to_s = 21 * 3600;
  CHECK_THAT(refused([&] { (void)f.compare(part); }), Catch::Contains("no interval lies wholly between 20:00"));
  part.to_s = 10 * 3600;
  CHECK_THAT(refused([&] { (void)f.compare(part); }), Catch::Contains("--from is not before --to"));
}

TEST_CASE("compare: shares of stuck trips above the bar, or unlike on the two sides, are warned of") {
  folders const f;
  made_run stuck = closed_run();
  stuck.edit = [](made_data& d) { d.summary.total.teleports = d.summary.total.departed / 50; };
  f.make({1, 2, 3}, {1, 2, 3}, small_run(), stuck);
  comparison const c = f.compare();
  REQUIRE(find(c, notice_kind::kTeleports) != nullptr);
  CHECK(find(c, notice_kind::kTeleports)->numbers.at(1) == Approx(0.01).margin(0.011));
  CHECK(find(c, notice_kind::kTeleports, "differ") != nullptr);
  CHECK_FALSE(c.trustworthy());
  CHECK_THAT(report_html(c), Catch::Contains("Read with care") && Catch::Contains("Ler com cautela"));
}

TEST_CASE("compare: trips that cannot start on one side are said beside the mean that leaves them out") {
  folders const f;
  made_run shut = closed_run();
  shut.edit = [](made_data& d) {
    d.summary.total.loaded = 100;
    d.summary.total.departed = 90;
    d.summary.total.backlog = 10;
  };
  made_run open = small_run();
  open.edit = [](made_data& d) {
    d.summary.total.loaded = d.summary.total.departed = 100;
    d.summary.total.backlog = 0;
  };
  f.make({1, 2, 3}, {1, 2, 3}, open, shut);
  comparison const c = f.compare();
  std::string const said = headline(c, language::kEnglish).caveat;
  CHECK_THAT(said, Catch::StartsWith("10\u202f% of the trips cannot start, against 0.0\u202f% in the base"));
  CHECK_THAT(headline(c, language::kPortuguese).caveat, Catch::StartsWith("10\u202f% das viagens não podem começar"));
  CHECK_THAT(report_html(c), Catch::Contains(said));
  CHECK_THAT(report_json(c), Catch::Contains("of the trips cannot start"));
  f.make({1, 2, 3}, {1, 2, 3}, open, [&] {
    made_run alike = closed_run();
    alike.edit = open.edit;
    return alike;
  }());
  CHECK(headline(f.compare(), language::kEnglish).caveat.empty());
}
