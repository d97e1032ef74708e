// Trips without a route choose their way as SUMO's do: when they depart, by the speeds of that moment.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sim/engine_tbb/engine_tbb.h"
#include "sim/scenario/sumo_config.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

namespace fs = std::filesystem;

// From X to Y by B, by its signal, or further by D, E and F; nothing is drawn by lot. More come than B lets through:
// the way by D pays after a while, and then some who could not enter choose anew as they do.
fs::path two_ways(fs::path const& folder) {
  draw_network(folder,
               "X------A---B---C------Y\n"
               "       |       |       \n"
               "       D---E---F       \n",
               {.signals = "B"});
  std::string trips = "<routes>\n<vType id=\"car\" sigma=\"0\" speedDev=\"0\"/>\n";
  for (int i = 0; i < 250; ++i) {
    // Halves of seconds: the way is chosen in the tick in which the trip's time lies, before it may enter.
    std::string const start = fmt::format("id=\"{}\" type=\"car\" depart=\"{:.1f}\" departSpeed=\"{}\"", i, 1.5 * i,
                                          i % 3 == 0 ? "max" : "0");
    trips += fmt::format("<trip {} from=\"XA\" to=\"CY\"{}/>\n", start, i % 7 == 0 ? " via=\"EF\"" : "");
  }
  write_text(folder / "trips.rou.xml", trips + "</routes>\n");
  write_text(folder / "ways.sumocfg",
             "<configuration>\n<input><net-file value=\"net.net.xml\"/><route-files value=\"trips.rou.xml\"/></input>\n"
             "<time><begin value=\"0\"/><end value=\"1500\"/></time>\n</configuration>\n");
  return folder / "ways.sumocfg";
}

struct way_driven {
  double depart_s = 0, duration_s = 0;
  long length_m = 0;
  friend bool operator==(way_driven const&, way_driven const&) = default;
};

using ways_driven = std::map<std::string, way_driven>;

template <typename Name>
ways_driven by_name(outcome const& o, Name const& name) {
  ways_driven out;
  for (trip_record const& t : o.seen.trips)
    out[name(t.vehicle.index())] = {t.depart_s, t.duration_s, std::lround(static_cast<double>(t.route_length_m))};
  return out;
}

}  // namespace

TEST_CASE("both engines: a trip without route takes the way that the speeds at its departure make the quickest") {
  temp_folder const folder;
  fs::path const file = two_ways(folder.path());
  compile_options options;
  outcome const theirs = drive(open_sumo_config(file, options), every(300));
  scenario const s = read_sumo_scenario(file, options).ready;
  drive_options mine = every(300);
  mine.make = make_engine_tbb;
  outcome const ours = drive(s, mine);
  ways_driven const sumo = by_name(theirs, [&](std::size_t i) { return theirs.seen.new_vehicle_names.at(i); });
  ways_driven const tbb = by_name(ours, [&](std::size_t i) { return s.travellers->vehicles.name[vehicle_id(i)]; });
  std::map<long, int> lengths;
  std::size_t late = 0, same = 0;
  for (auto const& [name, w] : tbb) {
    ++lengths[w.length_m];
    late += w.depart_s > 1.5 * std::stod(name) + 60 ? 1 : 0;
    auto const found = sumo.find(name);
    same += found != sumo.end() && found->second == w ? 1 : 0;
  }
  CHECK(same == 250);
  CHECK(sumo.size() == 250);
  CHECK(lengths.size() >= 2);
  CHECK(std::count_if(lengths.begin(), lengths.end(), [](auto const& l) { return l.second > 30; }) >= 2);
  CHECK(late > 20);
}

TEST_CASE("tbb: restored in the middle of a queue, trips yet to depart choose the ways of the uninterrupted run") {
  temp_folder const folder;
  scenario const s = read_sumo_scenario(two_ways(folder.path()), {}).ready;
  drive_options o = every(300);
  o.frames = true;
  o.run.emissions = false;
  o.make = make_engine_tbb;
  outcome const whole = drive(s, o);
  o.until_s = 211;
  auto const first = make_engine_tbb();
  first->load(s, o.run);
  std::size_t const before = drive_loaded(*first, s, o).frames.size();
  snapshot saved;
  first->save(saved);
  o.until_s = 1e18;
  o.run.threads = 3;
  auto const second = make_engine_tbb();
  second->load(s, o.run);
  second->restore(saved);
  outcome const rest = drive_loaded(*second, s, o);
  REQUIRE(before + rest.frames.size() == whole.frames.size());
  for (std::size_t i = 0; i < rest.frames.size(); ++i)
    REQUIRE(hash_frame(rest.frames[i]) == hash_frame(whole.frames[before + i]));
}
