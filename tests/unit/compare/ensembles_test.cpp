// Two folders of result files, compared from end to end: which runs make pairs, what their differences are, and what
// cannot be compared.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "sim/results/compare.h"
#include "sim/results/ensemble.h"
#include "sim/results/kpi.h"
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

void set_kpi(made_data& d, std::string const& name, double value) {
  for (kpi_row& k : d.kpis) {
    if (k.group == "all" && k.name == name) k.value = value;
  }
}

// A quarter of an hour of warm-up with 50 trips that all arrive, then 50 more: five cannot start, and of the vehicles
// with even numbers each every-th is still under way at the end. Indicators as a run works them out.
made_run warmed_up(made_run r, std::size_t every) {
  r.edit = [every](made_data& d) {
    d.description.warm_up_s = 900;
    for (std::size_t v = 0; v < d.travellers.planned_depart_s.size(); ++v)
      d.travellers.planned_depart_s[v] = d.description.begin_s + (v < 50 ? 100 : 1000);
    counters& total = d.summary.total;
    total.loaded = total.departed = total.arrived = total.running = total.backlog = 0;
    kpi_collector k(drawn_city().net(), d.travellers, d.description);
    for (observations& o : d.intervals) {
      for (trip_record& t : o.trips) {
        std::size_t const v = t.vehicle.index();
        bool const missing = v >= 50 && v % 10 == 1, late = v >= 50 && v % every == 0;
        t.teleports = v == 2 || (v >= 50 && v % 10 == 2) ? 2 : 0;
        t.state = missing ? trip_state::kNeverInserted : late ? trip_state::kRunning : trip_state::kArrived;
        ++total.loaded;
        ++(missing ? total.backlog : total.departed);
        if (!missing) ++(late ? total.running : total.arrived);
      }
      k.add(o);
    }
    d.kpis = k.rows(total);
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
  for (std::size_t const n : {std::size_t{1}, std::size_t{2}}) {
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

TEST_CASE("compare: runs of one side made from other input files are said, in both languages") {
  folders const f;
  f.make({1, 2, 3}, {1, 2, 3});
  made_run changed = closed_run();
  changed.seed = 3;
  changed.edit = [](made_data& d) { ++d.description.input_hash; };
  fs::remove(made_file(f.other, 3));
  make_result(f.city.net(), made_file(f.other, 3), changed);
  comparison const c = f.compare();
  notice const* const n = find(c, notice_kind::kInputsVary);
  REQUIRE(n != nullptr);
  CHECK(n->names == std::vector<std::string>{"OTHER", "seed_0001.h5", "seed_0003.h5"});
  CHECK(n->grave());
  CHECK(find(c, notice_kind::kConfigsVary) == nullptr);
  CHECK_THAT(notice_text(*n, c, language::kEnglish),
             Catch::Contains("not all made from the same input files: between seed_0001.h5 and seed_0003.h5"));
  CHECK_THAT(notice_text(*n, c, language::kPortuguese),
             Catch::Contains("mesmos ficheiros de entrada: entre seed_0001.h5 e seed_0003.h5"));
  CHECK_THAT(report_html(c), Catch::Contains("not all made from the same input files"));

  changed.edit = [](made_data& d) { d.description.input_hash = 0; };  // not known
  fs::remove(made_file(f.other, 3));
  make_result(f.city.net(), made_file(f.other, 3), changed);
  CHECK(find(f.compare(), notice_kind::kInputsVary) == nullptr);
}

TEST_CASE("compare: one scenario run from other input files is not the same scenario, and that is said") {
  auto const edited = [](std::function<void(run_description&)> edit) {
    made_run r = small_run();
    r.edit = [edit = std::move(edit)](made_data& d) { edit(d.description); };
    return r;
  };
  folders const f;
  f.make({1, 2, 3}, {1, 2, 3}, small_run(), edited([](run_description& d) { ++d.input_hash; }));
  comparison const c = f.compare();
  CHECK(find(c, notice_kind::kSameScenario) == nullptr);
  CHECK(find(c, notice_kind::kInputsVary) == nullptr);
  notice const* const n = find(c, notice_kind::kInputsDiffer);
  REQUIRE(n != nullptr);
  CHECK_FALSE(n->grave());
  CHECK_THAT(notice_text(*n, c, language::kEnglish),
             Catch::StartsWith("No setting differs between the two, but their"));
  CHECK_THAT(notice_text(*n, c, language::kPortuguese),
             Catch::StartsWith("Nenhum parâmetro difere entre as duas, mas"));

  // SUMO's configurations: all their settings are in the files.
  auto const bare = [](std::uint64_t hash) {
    return [hash](run_description& d) {
      d.effective_config.clear();
      d.input_hash = hash;
    };
  };
  f.make({1, 2, 3}, {1, 2, 3}, edited(bare(1)), edited(bare(2)));
  comparison const sumo = f.compare();
  REQUIRE(find(sumo, notice_kind::kInputsDiffer) != nullptr);
  for (language const l : {language::kEnglish, language::kPortuguese})
    CHECK_THAT(notice_text(*find(sumo, notice_kind::kInputsDiffer), sumo, l), Catch::Contains(" (config"));
  f.make({1, 2, 3}, {1, 2, 3}, edited(bare(1)), edited(bare(1)));
  CHECK(find(f.compare(), notice_kind::kSameScenario) != nullptr);

  // Of a hash that is not known nothing can be said, and another window changes it by itself.
  f.make({1, 2, 3}, {1, 2, 3}, edited(bare(1)), edited(bare(0)));
  CHECK(find(f.compare(), notice_kind::kSameScenario) == nullptr);
  CHECK(find(f.compare(), notice_kind::kInputsDiffer) == nullptr);
  made_run later = edited(bare(2));
  later.begin_s += 900;
  f.make({1, 2, 3}, {1, 2, 3}, edited(bare(1)), later);
  compare_options allowed;
  allowed.allow_window = true;
  CHECK(find(f.compare(allowed), notice_kind::kInputsDiffer) == nullptr);
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
  stuck.edit = [](made_data& d) { set_kpi(d, "share_teleported", 0.02); };
  f.make({1, 2, 3}, {1, 2, 3}, small_run(), stuck);
  comparison const c = f.compare();
  REQUIRE(find(c, notice_kind::kTeleports) != nullptr);
  CHECK(find(c, notice_kind::kTeleports)->numbers.at(1) == Approx(0.02));
  CHECK(find(c, notice_kind::kTeleports, "differ") != nullptr);
  CHECK_FALSE(c.trustworthy());
  CHECK_THAT(report_html(c), Catch::Contains("Read with care") && Catch::Contains("Ler com cautela"));
}

TEST_CASE("compare: shares of stuck trips are of the window that the indicators count, not of the warm-up") {
  folders const f;
  made_run jammed = warmed_up(closed_run(), 2);
  jammed.edit = [edit = jammed.edit](made_data& d) {
    edit(d);
    d.summary.total.teleports = 19;
  };
  f.make({1, 2, 3}, {1, 2, 3}, warmed_up(small_run(), 4), jammed);
  comparison const c = f.compare();
  // Of 95 vehicles that set out in the whole run, 12 and 25 are under way at the end; of the 50 trips counted as well.
  CHECK(c.window_shares);
  CHECK(c.base.share_unfinished == Approx(0.24));
  CHECK(c.other.share_unfinished == Approx(0.5));
  CHECK(c.other.share_never_inserted == Approx(0.1));
  CHECK(c.find("share_unfinished")->value.other == Approx(c.other.share_unfinished));
  CHECK(c.find("share_never_inserted")->value.other == Approx(c.other.share_never_inserted));
  CHECK(c.other.unfinished == Approx(25));
  CHECK(c.other.never_inserted == Approx(5));
  CHECK(c.other.vehicles == Approx(50));
  CHECK(c.other.share_teleported == Approx(5.0 / 45));  // of those that entered
  CHECK(c.other.teleported == Approx(5));
  auto const said = [&](comparison const& of, notice_kind kind, language l) {
    REQUIRE(find(of, kind) != nullptr);
    return notice_text(*find(of, kind), of, l);
  };
  CHECK_THAT(said(c, notice_kind::kUnfinished, language::kEnglish),
             Catch::StartsWith(
                 "Trips unfinished at the end: 24.00\u202f% \u201cBase\u201d, 50.00\u202f% \u201cThe bridge closed"));
  CHECK_THAT(said(c, notice_kind::kUnfinished, language::kPortuguese),
             Catch::StartsWith("Viagens por terminar no fim: 24,00\u202f% \u00abBase\u00bb, 50,00\u202f%"));
  CHECK_THAT(said(c, notice_kind::kNeverInserted, language::kEnglish), Catch::Contains("closed): 10.00\u202f%"));
  CHECK_THAT(said(c, notice_kind::kTeleports, language::kEnglish), Catch::Contains("moved on: 11.11\u202f%"));
  CHECK_THAT(report_json(c), Catch::Contains("\"window_shares\":true"));
  // So many are unfinished that only journeys known on both sides are held against each other.
  auto const same = std::find_if(c.travellers.begin(), c.travellers.end(), [](auto& v) { return v.group == "all"; });
  REQUIRE(same != c.travellers.end());
  CHECK(same->change_s.mean > 5);
  finding const first = headline(c, language::kEnglish);
  CHECK_THAT(first.sentence, Catch::StartsWith("The same travellers need ") && Catch::EndsWith("s longer on average."));
  CHECK_THAT(first.uncertainty, Catch::Contains("those who arrive on both sides"));
  CHECK(first.kpi == nullptr);
  CHECK_THAT(headline(c, language::kPortuguese).sentence,
             Catch::StartsWith("Em média, os mesmos viajantes demoram mais"));
  CHECK(find(c, notice_kind::kUnfinished)->grave());
  std::string const page = report_html(c);
  CHECK_THAT(page, Catch::Contains("(teleported)</th>") && Catch::Contains("(teleportados)</th>") &&
                       Catch::Contains("moved on are a share of those that set out") &&
                       Catch::Contains("All vehicles due after the warm-up</th><td class=\"n\">50<") &&
                       Catch::Contains("Unfinished at the end</th><td class=\"n\">12 <small>24.00"));

  // Files that do not say: the whole run, and every text says that it is.
  jammed.edit = [edit = jammed.edit](made_data& d) {
    edit(d);
    std::erase_if(d.kpis, [](kpi_row const& k) { return k.name == "share_unfinished"; });
  };
  f.make({1, 2, 3}, {2}, warmed_up(small_run(), 4), jammed);  // one run of three
  comparison const whole = f.compare();
  CHECK_FALSE(whole.window_shares);
  CHECK(whole.other.share_unfinished == Approx(25.0 / 95));
  CHECK(whole.other.share_teleported == Approx(19.0 / 95));
  CHECK(whole.other.share_never_inserted == Approx(0.05));
  CHECK(whole.other.vehicles == Approx(100));
  CHECK_THAT(said(whole, notice_kind::kUnfinished, language::kEnglish),
             Catch::Contains("at the end, of the whole run, warm-up included: 12.63\u202f%"));
  CHECK_THAT(report_json(whole), Catch::Contains("\"window_shares\":false"));
  CHECK_THAT(report_html(whole), Catch::Contains("All vehicles due, of the whole run, warm-up included</th>"));
}

TEST_CASE("compare: trips that cannot start on one side are said beside the mean that leaves them out") {
  folders const f;
  made_run shut = closed_run();
  shut.edit = [](made_data& d) { set_kpi(d, "share_never_inserted", 0.1); };
  made_run open = small_run();
  open.edit = [](made_data& d) { set_kpi(d, "share_never_inserted", 0); };
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
