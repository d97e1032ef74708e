// User equilibrium by repeated simulation on libsumo, where theory says what it is: two ways from A to G, a short one
// through a signal that lets 600 vehicles an hour pass, and a way round that costs more and holds any number. With
// 1,200 vehicles an hour the queue at the signal grows until both ways take the same time (Wardrop 1952, first
// principle), and then the short way carries what its signal lets pass, the way round the rest.
//
//   C-----------------D
//   |                 |
//   A--B--------E--------F--G        (C hangs at B, D at F)
//               |
//               H
#include "sim/run/equilibrium.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "sim/engine_sumo/engine_sumo.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kHour = 3600;

struct two_ways {
  temp_folder dir;
  tiny_city city{dir / "data/two"};

  explicit two_ways(double trips = 1200) {
    auto const made = draw_network(dir.path(),
                                   "   C-----------------D   \n"
                                   "   |                 |   \n"
                                   "   |                 |   \n"
                                   "   |                 |   \n"
                                   "   |                 |   \n"
                                   "   |                 |   \n"
                                   "A==B--------E--------F==G\n"
                                   "            |            \n"
                                   "            |            \n"
                                   "            H            \n",
                                   {.cell_m = 80, .signals = "E"});
    std::filesystem::copy_file(made, city.folder / "net.net.xml", std::filesystem::copy_options::overwrite_existing);
    city.write("zones.csv",
               "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\nwest,West,P,gate,38.7,-9.4,\neast,East,P,gate,"
               "38.7,-9.3,\n");
    city.write("zone_edges.csv", "zone_id,edge_id,weight\nwest,AB,1\neast,FG,1\n");
    city.write("od.csv",
               "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,east,work,brisk," + std::to_string(trips) + "\n");
    std::string profile = "purpose,begin_s,share\n";
    for (int i = 0; i < 96; ++i)
      profile += "work," + std::to_string(i * 900) + (i >= 28 && i < 32 ? ",0.25\n" : ",0\n");  // 07:00 to 08:00
    city.write("profiles.csv", profile);
    city.write("city.toml",
               "name = \"two\"\nnetwork = \"net.net.xml\"\nzones = \"zones.csv\"\nzone_edges = \"zone_edges.csv\"\nod "
               "= \"od.csv\"\nprofiles = \"profiles.csv\"\nvtypes = \"vtypes.add.xml\"\n");
    std::filesystem::create_directories(dir / "scenarios");
    write_text(dir / "scenarios/peak.toml", scenario());
  }

  // The short way has green for 27 of 90 s, with the 3 s of yellow about 15 vehicles a cycle.
  [[nodiscard]] std::string scenario() const {
    auto const net = read_network(city.folder / "net.net.xml");
    signal_id const light = net->find_signal("E").value();
    std::string green(net->signals.links[light], 'r'), yellow = green, cross = green;
    for (connection const& k : net->connections) {
      if (k.signal != light) continue;
      bool const main = net->edges.name[net->lanes.edge[k.from]] == "BE";
      (main ? green : cross)[static_cast<std::size_t>(k.link)] = 'G';
      if (main) yellow[static_cast<std::size_t>(k.link)] = 'y';
    }
    return "city = \"two\"\n[time]\nbegin = \"07:00\"\nend = \"08:10\"\n[routes]\nresponse = \"equilibrium\"\ntaste_sd "
           "= 0\n[equilibrium]\nrelative_gap = 0.04\nmax_iterations = 25\n[[signal_program]]\nsignals = "
           "[\"E\"]\nphases = [{state = \"" +
           green + "\", duration_s = 27}, {state = \"" + yellow + "\", duration_s = 3}, {state = \"" + cross +
           "\", duration_s = 60}]\n";
  }
  [[nodiscard]] compiled make(std::vector<std::string> set = {}) const {
    return compile_scenario(dir / "scenarios/peak.toml", {.set = std::move(set), .seed = 7, .threads = 2, .data = {}});
  }
};

struct settled {
  equilibrium_result result;
  std::vector<std::string> told;
};

settled settle(compiled& c) {
  temp_folder const scratch;
  run_request r;
  r.seed = 7;
  r.interval_s = 300;
  r.scratch = scratch.path();
  settled s;
  s.result = find_equilibrium(
      c, r, [] { return make_engine_sumo(); }, {}, {}, [&](std::string const& line) { s.told.push_back(line); });
  return s;
}

bool uses(compiled const& c, vehicle_id v, char const* name) {
  auto const way = c.ready.travellers->route(c.ready.travellers->vehicles.route[v]);
  return std::find(way.begin(), way.end(), c.ready.net->find_edge(name).value()) != way.end();
}

// Departures an hour by the short way in [from_s, to_s).
double flow_by(compiled const& c, char const* name, double from_s, double to_s) {
  double n = 0;
  for (std::size_t i = 0; i < c.ready.travellers->size(); ++i) {
    double const t = c.ready.travellers->vehicles.depart_s[vehicle_id(i)];
    if (t >= from_s && t < to_s && uses(c, vehicle_id(i), name)) ++n;
  }
  return n * kHour / (to_s - from_s);
}

std::vector<std::uint32_t> routes(compiled const& c) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < c.ready.travellers->size(); ++i) out.push_back(uses(c, vehicle_id(i), "BE") ? 1 : 0);
  return out;
}

}  // namespace

TEST_CASE("equilibrium: two ways take the same time, and the short one carries what its signal lets pass") {
  two_ways const t;
  compiled c = t.make();
  REQUIRE(flow_by(c, "BE", 7 * kHour, 8 * kHour) > 1100);  // by free flow everybody takes the short way
  settled const s = settle(c);
  for (std::string const& line : s.told) INFO(line);
  REQUIRE(s.result.iterations.size() >= 3);
  CHECK(s.result.reached);
  CHECK(s.result.relative_gap() <= 0.04);
  CHECK(s.result.iterations.front().relative_gap > 3 * s.result.relative_gap());
  REQUIRE(s.told.size() == s.result.iterations.size());
  CHECK_THAT(s.told.front(), Catch::Contains("iteration 1 of at most 25, relative gap"));
  CHECK_THAT(s.told.back(), Catch::Contains("reached"));

  // Capacity: 15 to 16 vehicles pass in 30 s of each 90 s. The queue that makes the ways equal is there after a
  // quarter of an hour.
  double const short_way = flow_by(c, "BE", 7.25 * kHour, 8 * kHour);
  INFO("by the short way " << short_way << " veh/h");
  CHECK(short_way > 500);
  CHECK(short_way < 760);

  // Wardrop: in the times that the last simulation showed, both ways take the same within a tenth.
  temp_folder const scratch;
  run_request r;
  r.seed = 7;
  r.interval_s = 300;
  r.scratch = scratch.path();
  auto const e = make_engine_sumo();
  edge_costs const costs = measure_costs(*e, c.ready, r, {}, {});
  auto const time_s = [&](std::vector<char const*> const& way, double at) {
    double const from = at;
    for (char const* name : way) at += static_cast<double>(costs.at(at, c.ready.net->find_edge(name).value()));
    return at - from;
  };
  double direct = 0, round = 0;
  for (double at = 7.3 * kHour; at < 7.9 * kHour; at += 300) {
    direct += time_s({"BE", "EF"}, at);
    round += time_s({"BC", "CD", "DF"}, at);
  }
  double const free_direct = 1440 / 13.89;
  INFO("direct " << direct / 7.2 << " s, round " << round / 7.2 << " s");
  CHECK(direct / round > 0.85);
  CHECK(direct / round < 1.15);
  CHECK(direct / 7.2 > 1.3 * free_direct);
}

TEST_CASE("equilibrium: the same seed gives the same gaps and the same routes, bit for bit") {
  two_ways const t(900);
  std::vector<double> gaps[2];
  std::vector<std::uint32_t> ways[2];
  for (int i = 0; i < 2; ++i) {
    compiled c = t.make({"equilibrium.max_iterations=3", "equilibrium.relative_gap=0.000001"});
    for (equilibrium_iteration const& k : settle(c).result.iterations) gaps[i].push_back(k.relative_gap);
    ways[i] = routes(c);
  }
  CHECK(gaps[0].size() == 3);
  CHECK(gaps[0] == gaps[1]);
  CHECK(ways[0] == ways[1]);
  CHECK(std::count(ways[0].begin(), ways[0].end(), 0U) > 50);
}

TEST_CASE("equilibrium: when the iterations are used up it ends, and says how far it came") {
  two_ways const t;
  compiled c = t.make({"equilibrium.max_iterations=2"});
  settled const s = settle(c);
  CHECK_FALSE(s.result.reached);
  CHECK_FALSE(s.result.stopped);
  CHECK(s.result.iterations.size() == 2);
  REQUIRE(s.told.size() == 3);
  CHECK_THAT(s.told.back(), Catch::Contains("NOT reached: after 2 iterations the relative gap is"));
}

TEST_CASE("equilibrium: without congestion nobody gains by another way, and one simulation says so") {
  two_ways const t(200);
  compiled c = t.make({"equilibrium.relative_gap=0.02"});
  settled const s = settle(c);
  CHECK(s.result.reached);
  CHECK(s.result.iterations.size() == 1);
  CHECK(flow_by(c, "BC", 7 * kHour, 8 * kHour) == 0);
}
