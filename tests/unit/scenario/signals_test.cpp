#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
double cycle(signal_program const& p) {
  double sum = 0;
  for (signal_phase const& f : p.phases) sum += f.duration_s;
  return sum;
}
std::vector<double> greens(signal_program const& p) {
  std::vector<double> out;
  for (signal_phase const& f : p.phases) {
    if (f.state.find_first_of("gG") != std::string::npos && f.state.find_first_of("yY") == std::string::npos)
      out.push_back(f.duration_s);
  }
  return out;
}
}  // namespace

TEST_CASE("signal_program: the new program runs in its window and the network's own comes back") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with(
      "[[signal_program]]\nsignals = [\"F\"]\ncycle_s = 120\noffset_s = 12\nbegin = \"07:30\"\nend = \"08:30\"\n");
  signal_id const f = c.ready.net->find_signal("F").value();
  auto const switches = commands<set_signal_program>(c);
  REQUIRE(switches.size() == 2);
  CHECK((switches[0].first == 27000 && switches[0].second.signal == f && switches[0].second.program == 1));
  CHECK((switches[1].first == 30600 && switches[1].second.signal == f && switches[1].second.program == 0));
  auto const& list = c.ready.programs[f];
  REQUIRE(list.size() == 2);
  signal_program const& own = c.ready.net->signals.programs[f].back();
  CHECK(list[0].name == own.name);
  CHECK(cycle(list[1]) == 120);
  CHECK(list[1].offset_s == 12);
  // Yellow stays as it was; greens keep their proportion to a second.
  auto const before = greens(own), after = greens(list[1]);
  REQUIRE(before.size() == after.size());
  double total = 0, total_after = 0;
  for (double const g : before) total += g;
  for (double const g : after) total_after += g;
  CHECK(total_after - total == Approx(120 - cycle(own)));
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == Approx(before[i] / total * total_after).margin(1));
  difference const d = differ(base, c);
  CHECK((d.changed.empty() && d.gone.empty() && d.added.empty()));
  CHECK(c.report[0].signals == std::vector<signal_id>{f});
  CHECK(c.report[0].edges.size() == 4);
  CHECK(c.report[0].trips > 0);
}

TEST_CASE("signal_program: splits, greens, actuated and a program of one's own") {
  scene const s;
  signal_id const f = s.base().ready.net->find_signal("F").value();
  signal_program const own = s.base().ready.net->signals.programs[f].back();
  std::size_t const n = greens(own).size();
  std::string list, shares;
  for (std::size_t i = 0; i < n; ++i) {
    list += (i == 0 ? "" : ", ") + std::to_string(20 + i);
    shares += (i == 0 ? "" : ", ") + std::string(i == 0 ? "1" : "0");
  }
  auto const program = [&](std::string const& keys) {
    return s.with("[[signal_program]]\nsignals = [\"F\"]\n" + keys).ready.programs[f].at(1);
  };
  auto const by_greens = greens(program("green_s = [" + list + "]\n"));
  for (std::size_t i = 0; i < n; ++i) CHECK(by_greens[i] == 20 + static_cast<double>(i));
  signal_program const actuated = program("mode = \"actuated\"\nmin_green_s = 6\nmax_green_s = 40\n");
  CHECK(actuated.type == "actuated");
  for (signal_phase const& p : actuated.phases) {
    bool const green =
        p.state.find_first_of("yY") == std::string::npos && p.state.find_first_of("gG") != std::string::npos;
    CHECK((green ? p.min_s == 6 && p.max_s == 40 : p.min_s == p.max_s || p.duration_s > 0));
  }
  std::string const red(own.phases[0].state.size(), 'r'), green(own.phases[0].state.size(), 'G');
  signal_program const mine =
      program("phases = [{state = \"" + green + "\", duration_s = 33}, {state = \"" + red + "\", duration_s = 7}]\n");
  REQUIRE(mine.phases.size() == 2);
  CHECK(mine.phases[1].state == red);
  CHECK(cycle(mine) == 40);
  using Catch::Contains;
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\nphases = [{state = \"Gr\", duration_s = 30}]\n"),
             Contains("links, but the state 'Gr' names 2"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\ncycle_s = 10\n"),
             Contains("cannot have a cycle of 10 s"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\ngreen_s = [10]\n"),
             Contains("green phases, but 'green_s' lists 1"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\nmode = \"actuated\"\n"),
             Contains("give min_green_s and max_green_s"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"X\"]\ncycle_s = 90\n"), Contains("no traffic light 'X'"));
}

TEST_CASE("signal_program: windows may follow each other, but two programs at once are refused") {
  scene const s;
  auto const of = [](char const* begin, char const* end, int cycle_s) {
    return "[[signal_program]]\nsignals = [\"G\"]\ncycle_s = " + std::to_string(cycle_s) + "\nbegin = \"" + begin +
           "\"\nend = \"" + end + "\"\n";
  };
  compiled const c = s.with(of("08:00", "08:30", 100) + of("07:30", "08:00", 110));
  auto const switches = commands<set_signal_program>(c);
  REQUIRE(switches.size() == 3);
  CHECK((switches[0].first == 27000 && switches[0].second.program == 1));
  CHECK((switches[1].first == 28800 && switches[1].second.program == 2));
  CHECK((switches[2].first == 30600 && switches[2].second.program == 0));
  CHECK(scenario_hash(s.with(of("07:30", "08:00", 110) + of("08:00", "08:30", 100)).ready) == scenario_hash(c.ready));
  CHECK_THAT(s.message(of("07:30", "08:10", 100) + of("08:00", "08:30", 110)), Catch::Contains("two programs at once"));
}
