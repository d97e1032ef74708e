#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/text_file.h"
#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
struct facts {
  purpose why;
  zone_id from, to;
  double depart_s;
  bool bus;
};
std::map<std::string, facts> facts_of(compiled const& c) {
  std::map<std::string, facts> out;
  vehicle_table const& t = c.ready.travellers->vehicles;
  for (std::size_t i = 0; i < c.ready.travellers->size(); ++i) {
    vehicle_id const v(i);
    out[t.name[v]] = {t.why[v], t.from_zone[v], t.to_zone[v], t.depart_s[v], t.line[v].valid()};
  }
  return out;
}
}  // namespace

TEST_CASE("demand: scaling touches the trips it names in its window, and no other") {
  scene const s;
  compiled const base = s.base();
  auto const who = facts_of(base);
  for (double const factor : {0.0, 0.4, 1.6}) {
    compiled const c =
        s.with("[[demand]]\npurposes = [\"work\"]\nto = [\"east\"]\nbegin = \"07:20\"\nend = \"08:05\"\nscale = " +
               std::to_string(factor) + "\n");
    difference const d = differ(base, c);
    auto const now = facts_of(c);
    CHECK(d.changed.empty());
    std::size_t in_scope = 0;
    auto const named = [&](facts const& f) {
      return f.why == purpose::kWork && f.to.valid() && f.to == zone_id(1U) && f.depart_s >= 26400 &&
             f.depart_s < 29100;
    };
    for (auto const& [name, f] : who) in_scope += named(f);
    for (std::string const& name : d.gone) CHECK(named(who.at(name)));
    for (std::string const& name : d.added) CHECK(named(now.at(name)));
    CHECK((factor < 1 ? d.added : d.gone).empty());
    double const expected = static_cast<double>(in_scope) * factor;
    double const got = static_cast<double>(in_scope + d.added.size() - d.gone.size());
    CHECK(got == Approx(expected).margin(4 * std::sqrt(static_cast<double>(in_scope) * std::abs(1 - factor)) + 1));
    CHECK(c.report[0].trips == d.gone.size() + d.added.size());
    CHECK(c.trips_added == d.added.size());
    CHECK(c.trips_removed == d.gone.size());
    CHECK(c.ready.commands.empty());
  }
}

TEST_CASE("demand: scales multiply, whatever their order, and undo each other exactly") {
  scene const s;
  std::string const a = "[[demand]]\nscale = 1.7\nbegin = \"07:05\"\n",
                    b = "[[demand]]\npurposes = [\"work\"]\nscale = 0.3\nend = \"08:10\"\n";
  CHECK(s.with(a + b).ready.demand_hash == s.with(b + a).ready.demand_hash);
  CHECK(s.with("[[demand]]\nscale = 2\n[[demand]]\nscale = 0.5\n").ready.demand_hash == s.base().ready.demand_hash);
}

TEST_CASE("demand: mode shift takes a share of travellers off the road, the same ones first for any share") {
  scene const s;
  compiled const base = s.base();
  auto const who = facts_of(base);
  auto const shifted = [&](double share) {
    return differ(base, s.with("[[demand]]\nfrom = [\"west\"]\nmode_shift_share = " + std::to_string(share) +
                               "\nmode_shift_to = \"train\"\n"));
  };
  difference const little = shifted(0.2), much = shifted(0.5), all = shifted(1);
  for (difference const* d : {&little, &much, &all}) {
    CHECK((d->changed.empty() && d->added.empty()));
    for (std::string const& name : d->gone) CHECK((who.at(name).from == zone_id(0U) && !who.at(name).bus));
  }
  CHECK(std::includes(much.gone.begin(), much.gone.end(), little.gone.begin(), little.gone.end()));
  double const n = static_cast<double>(all.gone.size());
  CHECK(static_cast<double>(little.gone.size()) == Approx(0.2 * n).margin(4 * std::sqrt(0.16 * n)));
  std::size_t from_west = 0;
  for (auto const& [name, f] : who) from_west += f.from.valid() && f.from == zone_id(0U);
  CHECK(all.gone.size() == from_west);
}

TEST_CASE("demand: a shift of departures moves who is named, also into and out of the scenario's time") {
  scene const s;
  compiled const base = s.base();
  compiled const c =
      s.with("[[demand]]\npurposes = [\"home\"]\ndeparture_shift_min = 30\nbegin = \"06:00\"\nend = \"10:00\"\n");
  compiled const early = compile_scenario(
      s.file("base"), {.set = {"time.begin=06:30", "time.end=08:30"}, .seed = 1, .threads = 2, .data = {}});
  auto const source = facts_of(early), now = facts_of(c), before = facts_of(base);
  std::size_t home = 0, moved = 0;
  for (auto const& [name, f] : now) {
    if (f.why != purpose::kHome) {
      CHECK(before.at(name).depart_s == f.depart_s);
      continue;
    }
    ++home;
    REQUIRE(source.count(name) == 1);
    CHECK(f.depart_s == source.at(name).depart_s + 1800);
  }
  for (auto const& [name, f] : source) moved += f.why == purpose::kHome;
  CHECK(home == moved);
  difference const d = differ(base, c);
  CHECK(c.trips_added == d.added.size());
  CHECK(c.trips_removed == d.gone.size());
}

TEST_CASE(
    "park_and_ride: trips end at the station while it has spaces, first come first served; everybody else is as "
    "before") {
  scene const s;
  compiled const base = s.base();
  std::string const text =
      "[[park_and_ride]]\nfrom = [\"west\"]\nto = [\"east\"]\npurposes = [\"work\"]\nstations = [\"mid\"]\nreturns = "
      "false\n";
  compiled const c = s.with(text);
  auto const before = by_name(base), after = by_name(c);
  auto const who = facts_of(base), now = facts_of(c);
  difference const d = differ(base, c);
  CHECK((d.gone.empty() && d.added.empty()));
  CHECK(d.changed.size() == 20);  // the spaces of zones.csv
  CHECK(c.trips_changed == 20);
  double last = 0;
  for (std::string const& name : d.changed) {
    traveller const& t = after.at(name);
    CHECK((who.at(name).why == purpose::kWork && who.at(name).from == zone_id(0U) && who.at(name).to == zone_id(1U)));
    CHECK((t.to == edge(c, "FG") || t.to == edge(c, "GF")));
    CHECK((t.depart_s == before.at(name).depart_s && t.from == before.at(name).from && t.type == before.at(name).type));
    CHECK(t.route.back() == t.to);
    last = std::max(last, t.depart_s);
  }
  // Nobody who left earlier was passed over.
  for (auto const& [name, f] : who) {
    if (f.why == purpose::kWork && f.from.valid() && f.from == zone_id(0U) && f.to == zone_id(1U) && f.depart_s < last)
      CHECK(d.changed.count(name) == 1);
  }
  CHECK(differ(base, s.with(text + "spaces = 7\n")).changed.size() == 7);
  difference const some = differ(base, s.with(text + "spaces = 5000\nshare = 0.3\n")),
                   most = differ(base, s.with(text + "spaces = 5000\nshare = 0.9\n"));
  CHECK(std::includes(most.changed.begin(), most.changed.end(), some.changed.begin(), some.changed.end()));
  CHECK(differ(base, s.with(text + "share = 0\n")).changed.empty());
}

TEST_CASE("park_and_ride: neither goods nor lorries go on by train, and through traffic only where it is named") {
  scene const s;
  // West to east also drive some who only pass through.
  std::filesystem::path const od = s.city.folder / "od.csv", profiles = s.city.folder / "profiles.csv";
  write_text(od, read_text_file(od) + "west,east,through,car,2000\n");
  std::string day = read_text_file(profiles);
  for (int i = 0; i < 96; ++i) day += fmt::format("through,{},{}\n", i * 900, 1.0 / 96);
  write_text(profiles, day);
  compiled const base = s.base();
  auto const who = facts_of(base);
  auto const changed = [&](std::string const& more) {
    std::map<purpose, int> out;
    for (std::string const& name :
         differ(base, s.with("[[park_and_ride]]\nspaces = 5000\nmax_detour_min = 600\n" + more)).changed)
      ++out[who.at(name).why];
    return out;
  };
  auto const all = changed("");
  CHECK(all.count(purpose::kFreight) == 0);
  CHECK(all.count(purpose::kWork) == 1);
  CHECK(all.count(purpose::kThrough) == 0);
  CHECK(changed("purposes = [\"freight\"]\n").empty());
  auto const through = changed("purposes = [\"through\"]\n");
  CHECK(through.count(purpose::kThrough) == 1);
  CHECK(through.count(purpose::kWork) + through.count(purpose::kFreight) == 0);  // others may fetch the cars again
}

TEST_CASE("park_and_ride: trips back begin at the station, no more than have parked, and free the spaces") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with("[[park_and_ride]]\nfrom = [\"west\"]\nto = [\"east\"]\nspaces = 30\nride_min = 5\n");
  auto const before = by_name(base);
  auto const who = facts_of(base);
  std::vector<std::pair<double, int>> moves;
  auto const after = by_name(c);
  for (auto const& [name, old] : before) {
    if (after.count(name) == 0) {  // leaves the station after the scenario's end
      CHECK(old.depart_s >= 32400 - 300);
      moves.emplace_back(old.depart_s, -1);
      continue;
    }
    traveller const& t = after.at(name);
    if (old == t) continue;
    bool const parks = t.to != before.at(name).to;
    if (!parks) {
      CHECK(who.at(name).why == purpose::kHome);
      CHECK(t.depart_s == before.at(name).depart_s + 300);
      CHECK((t.from == edge(c, "FG") || t.from == edge(c, "GF")));
    }
    moves.emplace_back(before.at(name).depart_s, parks ? 1 : -1);
  }
  std::sort(moves.begin(), moves.end());
  int taken = 0, returned = 0;
  for (auto const& [t, m] : moves) {
    taken += m;
    returned += m < 0;
    CHECK((taken >= 0 && taken <= 30));
  }
  CHECK(returned > 10);
}

TEST_CASE("bus_frequency: buses run more often in the window and exactly as before outside it") {
  scene const s;
  compiled const base = s.base();
  auto const buses = [](compiled const& c) {
    std::vector<double> out;
    for (auto const& [name, f] : facts_of(c)) {
      if (f.bus) out.push_back(f.depart_s);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  REQUIRE(buses(base) == std::vector<double>{25200, 26400, 27600, 28800, 30000, 31200});
  compiled const twice = s.with("[[bus_frequency]]\nlines = [\"1\"]\nfactor = 2\nbegin = \"07:30\"\nend = \"08:30\"\n");
  CHECK(buses(twice) == std::vector<double>{25200, 26400, 27000, 27600, 28200, 28800, 29400, 30000, 31200});
  CHECK(twice.report[0].trips == 3);
  CHECK(buses(s.with("[[bus_frequency]]\nfactor = 0.5\n")) == std::vector<double>{26400, 28800, 31200});
  CHECK(buses(s.with("[[bus_frequency]]\nfactor = 0\nend = \"08:00\"\n")) == std::vector<double>{28800, 30000, 31200});
  CHECK(buses(s.with("[[bus_frequency]]\nlines = [\"A to D\"]\nheadway_min = 30\nbegin = \"08:00\"\n")) ==
        std::vector<double>{25200, 26400, 27600, 28800, 30600});
  difference const d = differ(base, twice);
  CHECK((d.changed.empty() && d.gone.empty() && d.added.size() == 3));
}

TEST_CASE("event: visitors come and go in their times, from where people live, and nobody else changes") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with(
      "[[event]]\nto = \"mid\"\nvisitors = 300\ncar_share = 0.5\npersons_per_car = 2.5\narrive_begin = "
      "\"07:30\"\narrive_end = \"08:00\"\n"
      "leave_begin = \"08:15\"\nleave_end = \"08:45\"\n");
  difference const d = differ(base, c);
  CHECK((d.changed.empty() && d.gone.empty()));
  CHECK(d.added.size() == 120);  // 60 cars, there and back
  auto const now = facts_of(c);
  std::size_t back = 0;
  for (std::string const& name : d.added) {
    facts const& f = now.at(name);
    CHECK(f.why == purpose::kEvent);
    bool const leaves = f.from == zone_id(3U);
    back += leaves;
    CHECK((leaves ? f.depart_s >= 29700 && f.depart_s < 31500
                  : f.depart_s >= 26500 && f.depart_s < 28800 && f.to == zone_id(3U)));
    CHECK((leaves || f.from == zone_id(0U) || f.from == zone_id(1U) || f.from == zone_id(2U)));
  }
  CHECK(back == 60);
  // A larger event is the smaller one and more.
  compiled const more = s.with(
      "[[event]]\nto = \"mid\"\nvisitors = 600\ncar_share = 0.5\npersons_per_car = 2.5\narrive_begin = "
      "\"07:30\"\narrive_end = \"08:00\"\n"
      "leave_begin = \"08:15\"\nleave_end = \"08:45\"\n");
  difference const grown = differ(c, more);
  CHECK((grown.gone.empty() && grown.changed.empty() && grown.added.size() == 120));
}

TEST_CASE("demand: drivers by the empty network keep away from no jam, and from a closure like everybody") {
  scene const s;
  s.city.write("travel_times.csv", "begin_s,edge_id,travel_time_s\n0,FG,900\n");
  s.city.write("city.toml",
               read_text_file(s.city.folder / "city.toml", 1U << 20U) + "travel_times = \"travel_times.csv\"\n");
  std::filesystem::create_directories(s.dir / "fits");
  auto const on_main_road = [&](char const* share, std::string const& more, char const* until = "28800") {
    write_text(s.dir / "fits/factors.csv", std::string("from_zone,to_zone,begin_s,end_s,factor,free_flow_share\n") +
                                               "west,east,25200," + until + ",1," + share + "\n");
    compiled const c = s.with("calibrated = \"../../fits/factors.csv\"\n" + more);
    std::size_t n = 0;
    for (auto const& [name, t] : by_name(c))
      n += std::find(t.route.begin(), t.route.end(), edge(c, "FG")) != t.route.end();
    return n;
  };
  std::size_t const nobody = on_main_road("0", ""), some = on_main_road("0.5", ""), all = on_main_road("1", "");
  CHECK(some > nobody + 20);
  CHECK(all > some + 20);
  CHECK(on_main_road("1", "[[close]]\nedges = [\"FG\"]\n") == 0);
  // The same man after his departure is shifted out of the time that the share is of.
  std::string const later = "[[demand]]\ndeparture_shift_min = 30\nbegin = \"07:00\"\nend = \"07:30\"\n";
  std::size_t const early = on_main_road("1", "", "27000");
  CHECK(early > nobody + 20);
  CHECK(on_main_road("1", later, "27000") == early);
}

TEST_CASE("demand: a scenario and its heirs, wherever they lie, start from the calibrated demand that is named") {
  scene const s;
  std::filesystem::create_directories(s.dir / "fits");
  write_text(s.dir / "fits/factors.csv", "from_zone,to_zone,begin_s,end_s,factor\nwest,east,25200,28800,1.8\n");
  write_text(s.dir / "fits/calibrated.toml", "base = \"../scenarios/tiny/base.toml\"\ncalibrated = \"factors.csv\"\n");
  compiled const base = s.base();
  s.write("heir", "base = \"../../fits/calibrated\"\n");
  compile_options o;
  o.seed = 1;
  compiled const heir = compile_scenario(s.file("heir"), o);
  difference const d = differ(base, heir);
  CHECK(d.gone.empty());
  CHECK(d.changed.empty());
  CHECK(d.added.size() > 100);
  auto const now = facts_of(heir);
  for (std::string const& name : d.added)
    CHECK((now.at(name).from == zone_id(0U) && now.at(name).to == zone_id(1U) && now.at(name).depart_s >= 25200 &&
           now.at(name).depart_s < 28800));
  CHECK(heir.calibrated.begin_s == 25200);
  CHECK(heir.calibrated.end_s == 28800);

  SECTION("its file is one of the scenario's inputs") {
    auto const inputs = read_outline(s.file("heir"), o).inputs;
    CHECK(std::any_of(inputs.begin(), inputs.end(), [](auto const& f) { return f.filename() == "factors.csv"; }));
  }
  SECTION("scales of [[demand]] compose with it, and 1 / 1.8 undoes it to the traveller") {
    s.write("undone",
            "base = \"heir\"\n[[demand]]\nfrom = [\"west\"]\nto = [\"east\"]\nbegin = \"07:00\"\nend = "
            "\"08:00\"\nscale = 0.5555555555555556\n");
    difference const none = differ(base, compile_scenario(s.file("undone"), o));
    CHECK(none.gone.size() + none.added.size() + none.changed.size() <= 1);  // one on the edge of rounding
  }
  SECTION("what is not there is refused by file and line") {
    CHECK_THAT(s.message("calibrated = \"nowhere.csv\"\n"),
               Catch::Matchers::Contains("nowhere.csv") && Catch::Matchers::Contains("gemeo calibrate"));
    CHECK_THAT(s.message("calibrate = \"x\"\n"), Catch::Matchers::Contains("calibrated"));
  }
}

TEST_CASE(
    "demand: of a folder of likely demands each seed takes one, the same in every scenario that names the folder") {
  scene const s;
  std::filesystem::create_directories(s.dir / "fit/members");
  for (auto const& [name, factor] :
       {std::pair("member_001.csv", "1.5"), {"member_002.csv", "0.5"}, {"member_003.csv", "1"}})
    write_text(s.dir / "fit/members" / name,
               std::string("from_zone,to_zone,begin_s,end_s,factor\nwest,east,25200,28800,") + factor + "\n");
  std::string const key = "members = \"../../fit/members\"\n";
  compiled const first = s.with(key, {}, 1), second = s.with(key, {}, 2), third = s.with(key, {}, 3),
                 fourth = s.with(key, {}, 4);
  CHECK(first.calibrated.file.filename() == "member_001.csv");
  CHECK(second.calibrated.file.filename() == "member_002.csv");
  CHECK(fourth.calibrated.file.filename() == "member_001.csv");
  CHECK(first.calibrated.members == 3);
  CHECK(first.ready.demand_member == fourth.ready.demand_member);
  CHECK(first.ready.demand_member != second.ready.demand_member);
  difference const more = differ(s.base(1), first), less = differ(s.base(2), second), same = differ(s.base(3), third);
  CHECK((more.gone.empty() && more.added.size() > 50));
  CHECK((less.added.empty() && less.gone.size() > 50));
  CHECK((same.gone.empty() && same.added.empty() && same.changed.empty()));
  compiled const closed = s.with(key + "[[close]]\nedges = [\"FG\"]\n", {}, 2);
  CHECK(closed.ready.demand_member == second.ready.demand_member);

  SECTION("all of them are inputs of a run, whatever its seed") {
    s.write("heir", "base = \"base\"\n" + key);
    auto const inputs = read_outline(s.file("heir"), {}).inputs;
    CHECK(std::count_if(inputs.begin(), inputs.end(),
                        [](auto const& f) { return f.filename().string().starts_with("member_00"); }) == 3);
  }
  SECTION("they take the place of one calibrated demand; of another calibration's, it is said") {
    write_text(s.dir / "fit/factors.csv", "from_zone,to_zone,begin_s,end_s,factor\nwest,east,25200,28800,3\n");
    write_text(s.dir / "other.csv", "from_zone,to_zone,begin_s,end_s,factor\nwest,east,25200,28800,3\n");
    compiled const both = s.with("calibrated = \"../../fit/factors.csv\"\n" + key, {}, 3);
    CHECK(differ(both, third).added.empty());
    auto const of_two = [](compiled const& c) {
      return std::count_if(c.warnings.begin(), c.warnings.end(),
                           [](std::string const& w) { return w.find("two calibrations") != std::string::npos; });
    };
    CHECK(of_two(both) == 0);
    compiled const mixed = s.with("calibrated = \"../../other.csv\"\n" + key, {}, 3);
    CHECK(of_two(mixed) == 1);
  }
  SECTION("fewer than two are no ensemble, and a folder that is not there is named") {
    std::filesystem::remove(s.dir / "fit/members/member_001.csv");
    std::filesystem::remove(s.dir / "fit/members/member_002.csv");
    CHECK_THAT(s.message(key), Catch::Matchers::Contains("holds 1 files") && Catch::Matchers::Contains("fit.refits"));
    CHECK_THAT(s.message("members = \"../nowhere\"\n"), Catch::Matchers::Contains("no folder"));
  }
}
