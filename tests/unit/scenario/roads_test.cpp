#include <algorithm>

#include "sim/core/text_file.h"
#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
vclass_mask const kCar = mask_of(vclass::kPassenger);

std::set<std::string> users(compiled const& c, char const* edge_name, double begin, double end) {
  std::set<std::string> out;
  edge_id const e = edge(c, edge_name);
  demand const& d = *c.ready.travellers;
  std::vector<double> times;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (!d.vehicles.route[v].valid()) continue;
    auto const way = d.route(d.vehicles.route[v]);
    c.ready.ways->times_s(way,
                          {d.vehicles.from[v], d.vehicles.to[v], d.vehicles.depart_s[v],
                           d.types[d.vehicles.type[v]].cls, d.vehicles.key[v], d.vehicles.type[v]},
                          c.ready.way_options, times);
    for (std::size_t k = 0; k < way.size(); ++k) {
      if (way[k] == e && times[k] >= begin && times[k] < end) out.insert(d.vehicles.name[v]);
    }
  }
  return out;
}
}  // namespace

TEST_CASE("close: its lanes close in the window and open again, and only its users choose another route") {
  scene const s;
  compiled const base = s.base();
  compiled const c =
      s.with("[[close]]\nedges = [\"FG\"]\nclasses = [\"passenger\"]\nbegin = \"07:30\"\nend = \"08:30\"\n");
  auto const changes = commands<set_lane_permissions>(c);
  REQUIRE(changes.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    lane_id const l = lane(c, i % 2 == 0 ? "FG_0" : "FG_1");
    CHECK(changes[i].first == (i < 2 ? 27000 : 30600));
    CHECK(changes[i].second.lane == l);
    vclass_mask const before = c.ready.net->lanes.allowed[l];
    CHECK(changes[i].second.allowed == (i < 2 ? before & ~kCar : before));
  }
  auto const touched_trips = users(base, "FG", 27000, 30600);
  REQUIRE(touched_trips.size() > 50);
  difference const d = differ(base, c);
  CHECK(d.gone.empty());
  CHECK(d.added.empty());
  // Lorries and buses are not passenger cars.
  std::set<std::string> cars;
  auto const all = by_name(base);
  for (std::string const& name : touched_trips) {
    if (base.ready.travellers->types[all.at(name).type].cls == vclass::kPassenger) cars.insert(name);
  }
  CHECK(d.changed == cars);
  CHECK(c.report.at(0).trips == cars.size());
  CHECK(c.trips_rerouted + c.trips_without_route == cars.size());
  CHECK(users(c, "FG", 27000, 30600).size() == touched_trips.size() - cars.size());
  CHECK(c.report[0].edges == std::vector<edge_id>{edge(c, "FG")});
  CHECK(c.report[0].lanes == std::vector<lane_id>{lane(c, "FG_0"), lane(c, "FG_1")});
  // Whoever is under way when it closes is asked again, then.
  auto const asked = commands<reroute>(c);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].first == 27000);
  CHECK(asked[0].second.edges == c.report[0].edges);
  CHECK(asked[0].second.classes == kCar);
}

TEST_CASE("close: a window that covers the whole scenario sets the state at the begin and never undoes it") {
  scene const s;
  compiled const c = s.with("[[close]]\nedges = [\"BF\"]\n");
  auto const changes = commands<set_lane_permissions>(c);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].first == 25200);
  CHECK(changes[0].second.allowed == 0);
  CHECK(commands<reroute>(c).empty());
}

TEST_CASE("close: nobody's route meets what is closed, and a trip that ends there ends elsewhere in its zone") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with("[[close]]\nedges = [\"KL\"]\n");  // trips of zone south begin and end there
  CHECK(users(c, "KL", 0, 1e9).empty());
  CHECK(c.trips_moved > 0);
  CHECK(c.trips_without_route == 0);
  auto const before = by_name(base), after = by_name(c);
  for (auto const& [name, t] : after) {
    if (before.at(name).to == edge(c, "KL")) CHECK((t.to == edge(c, "KJ") || t.to == edge(c, "LK")));
  }
}

TEST_CASE("close: a trip without any way stays in the demand, has no route, and is counted and listed") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with("[[close]]\nedges = [\"DH\", \"DC\", \"CD\"]\nclasses = [\"passenger\", \"truck\"]\n");
  CHECK(c.ready.travellers->size() == base.ready.travellers->size());
  std::size_t without = 0;
  for (route_id const r : c.ready.travellers->vehicles.route) without += !r.valid();
  CHECK(without > 100);
  CHECK(without == c.trips_without_route);
  CHECK(std::any_of(c.warnings.begin(), c.warnings.end(),
                    [](std::string const& w) { return w.find("trips have no route") != std::string::npos; }));
}

TEST_CASE("close_lane: one lane closes, the road stays open, and nobody changes the route") {
  scene const s;
  compiled const base = s.base();
  compiled const c =
      s.with("[[close_lane]]\nedges = [\"FG\"]\nlanes = [-1]\nclasses = [\"passenger\"]\nend = \"08:00\"\n");
  auto const changes = commands<set_lane_permissions>(c);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].second.lane == lane(c, "FG_1"));
  CHECK(c.report[0].lanes == std::vector<lane_id>{lane(c, "FG_1")});
  CHECK(c.trips_without_route == 0);
  difference const d = differ(base, c);
  CHECK((d.gone.empty() && d.added.empty()));
  // Who turns where only the left lane leads, onto the road or off it, goes another way; nobody else.
  auto const turn_needs_lane = [&](edge_id from, edge_id to) {
    bool needs = false, other = false;
    for (connection const& k : c.ready.net->connections) {
      if (c.ready.net->lanes.edge[k.from] != from || c.ready.net->lanes.edge[k.to] != to) continue;
      bool const by_it = k.from == lane(c, "FG_1") || k.to == lane(c, "FG_1");
      needs = needs || by_it;
      other = other || !by_it;
    }
    return needs && !other;
  };
  auto const before = by_name(base), after = by_name(c);
  std::size_t turned = 0;
  for (std::string const& name : d.changed) {
    bool lost = false;
    auto const& way = before.at(name).route;
    for (std::size_t i = 1; i < way.size(); ++i) lost = lost || turn_needs_lane(way[i - 1], way[i]);
    CHECK(lost);
    auto const& now = after.at(name).route;
    for (std::size_t i = 1; i < now.size(); ++i) CHECK_FALSE(turn_needs_lane(now[i - 1], now[i]));
    turned += lost;
  }
  CHECK(turned > 5);
}

TEST_CASE("speed_limit: lanes get the limit and what was before it; of several the lowest counts, factors multiply") {
  scene const s;
  std::string const slow = "[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 36\nbegin = \"07:30\"\nend = \"08:30\"\n";
  std::string const slower = "[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 18\nbegin = \"08:00\"\nend = \"08:45\"\n";
  std::string const half = "[[speed_limit]]\nedges = [\"FG\"]\nfactor = 0.5\nbegin = \"08:15\"\nend = \"08:50\"\n";
  compiled const c = s.with(slow + slower + half);
  std::vector<std::pair<double, double>> of_lane;
  for (auto const& [t, k] : commands<set_lane_speed>(c)) {
    if (k.lane == lane(c, "FG_0")) of_lane.emplace_back(t, k.speed_mps);
  }
  double const v = static_cast<double>(c.ready.net->lanes.speed_mps[lane(c, "FG_0")]);
  std::vector<std::pair<double, double>> const expected = {
      {27000, 10}, {28800, 5}, {29700, 2.5}, {31500, v / 2}, {31800, v}};
  REQUIRE(of_lane.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(of_lane[i].first == expected[i].first);
    CHECK(of_lane[i].second == Approx(expected[i].second));
  }
  CHECK(of_lane.back().second == v);  // undone to the bit
  for (std::string const& text : {slower + half + slow, half + slow + slower}) {
    compiled const o = s.with(text);
    CHECK(scenario_hash(o.ready) == scenario_hash(c.ready));
  }
}

TEST_CASE("lane_permission: a bus lane keeps cars off it and lets the base come back") {
  scene const s;
  compiled const c = s.with(
      "[[lane_permission]]\nedges = [\"GF\"]\nlanes = [0]\nallow = [\"bus\", \"taxi\"]\nbegin = \"07:10\"\nend = "
      "\"08:10\"\n");
  auto const changes = commands<set_lane_permissions>(c);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].second.lane == lane(c, "GF_0"));
  CHECK(changes[0].second.allowed == (mask_of(vclass::kBus) | mask_of(vclass::kTaxi)));
  CHECK(changes[1].second.allowed == c.ready.net->lanes.allowed[lane(c, "GF_0")]);
}

TEST_CASE(
    "overlapping interventions compose in any order: permissions intersect, closures take away, each undoes only "
    "itself") {
  scene const s;
  std::vector<std::string> const parts = {
      "[[lane_permission]]\nedges = [\"FG\"]\nlanes = [0]\nallow = [\"bus\", \"passenger\"]\nbegin = \"07:10\"\nend = "
      "\"08:10\"\n",
      "[[lane_permission]]\nedges = [\"FG\"]\nlanes = [0]\nallow = [\"bus\", \"truck\"]\nbegin = \"07:40\"\nend = "
      "\"08:40\"\n",
      "[[close]]\nedges = [\"FG\"]\nclasses = [\"bus\"]\nbegin = \"08:00\"\nend = \"08:50\"\n"};
  compiled const c = s.with(parts[0] + parts[1] + parts[2]);
  vclass_mask const bus = mask_of(vclass::kBus), truck = mask_of(vclass::kTruck),
                    before = c.ready.net->lanes.allowed[lane(c, "FG_0")];
  std::vector<std::pair<double, vclass_mask>> const expected = {
      {25800, bus | kCar}, {27600, bus}, {28800, 0}, {29400, truck}, {31200, before & ~bus}, {31800, before}};
  std::vector<std::pair<double, vclass_mask>> found;
  for (auto const& [t, k] : commands<set_lane_permissions>(c)) {
    if (k.lane == lane(c, "FG_0")) found.emplace_back(t, k.allowed);
  }
  CHECK(found == expected);
  CHECK(scenario_hash(s.with(parts[2] + parts[0] + parts[1]).ready) == scenario_hash(c.ready));
  CHECK(scenario_hash(s.with(parts[1] + parts[2] + parts[0]).ready) == scenario_hash(c.ready));
}

TEST_CASE(
    "incident: lanes are blocked for a time drawn by seed, the same for the same seed; only those who hear of it "
    "change") {
  scene const s;
  std::string const text =
      "[[incident]]\nname = \"crash\"\nbegin = \"08:00\"\nedge = \"FG\"\nlanes = [0]\nposition = 0.25\nduration_min = "
      "20\nduration_sd_min = 8\n"
      "informed_share = 0.4\nannounced_delay_min = 30\n";
  compiled const base = s.base();
  compiled const c = s.with(text);
  auto const blocked = commands<block_lane>(c);
  auto const freed = commands<unblock_lane>(c);
  REQUIRE(blocked.size() == 1);
  REQUIRE(freed.size() == 1);
  CHECK(blocked[0].first == 28800);
  CHECK(blocked[0].second.lane == lane(c, "FG_0"));
  CHECK(blocked[0].second.pos_m == Approx(0.25 * static_cast<double>(c.ready.net->lanes.length_m[lane(c, "FG_0")])));
  CHECK(freed[0].second.obstacle == blocked[0].second.obstacle);
  CHECK(freed[0].first == c.report[0].end_s);
  CHECK(s.with(text).ready.commands.size() == c.ready.commands.size());
  CHECK(s.with(text).report[0].end_s == c.report[0].end_s);
  std::set<double> ends;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    double const end = s.with(text + "[time]\nbegin = \"07:59\"\nend = \"08:01\"\n", {}, seed).report[0].end_s;
    ends.insert(end);
    sum += end - 28800;
  }
  CHECK(ends.size() > 6);
  CHECK(sum / 12 == Approx(1200).margin(4 * 480 / std::sqrt(12.0)));
  difference const d = differ(base, c);
  auto const users_then = users(base, "FG", 28800, c.report[0].end_s);
  CHECK_FALSE(d.changed.empty());
  auto const before = by_name(base);
  for (std::string const& name : d.changed) {
    CHECK(users_then.count(name) == 1);
    CHECK(before.at(name).depart_s >= 28800);
    CHECK(random_uniform(1, before.at(name).key, 0, draw::kRerouteShare) < 0.4);
  }
  auto const asked = commands<reroute>(c);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].second.share == 0.4);
}

TEST_CASE(
    "low_emission_zone: banned types go round it, exempt drivers and the rest drive as before, and no lane changes") {
  scene const s;
  std::string const zone = "[[low_emission_zone]]\nedges = [\"FG\", \"GF\"]\ntypes = [\"calm\"]\n";
  compiled const base = s.base();
  compiled const c = s.with(zone);
  CHECK(c.ready.commands.empty());
  auto const before = by_name(base), after = by_name(c);
  vtype_id const calm(1U);
  std::size_t moved = 0;
  for (auto const& [name, t] : before) {
    bool const inside =
        t.to == edge(c, "FG") || t.to == edge(c, "GF") || t.from == edge(c, "FG") || t.from == edge(c, "GF");
    bool const meets = std::find(t.route.begin(), t.route.end(), edge(c, "FG")) != t.route.end() ||
                       std::find(t.route.begin(), t.route.end(), edge(c, "GF")) != t.route.end();
    bool const bound = t.type == calm && meets && !inside;
    CHECK((after.at(name) == t) == !bound);
    moved += bound;
  }
  CHECK(moved > 10);
  CHECK(c.report[0].trips >= moved);
  // Exempt drivers: nested sets, by traveller.
  difference const all = differ(base, c), half = differ(base, s.with(zone + "exempt_share = 0.5\n"));
  CHECK(half.changed.size() < all.changed.size());
  CHECK(std::includes(all.changed.begin(), all.changed.end(), half.changed.begin(), half.changed.end()));
  CHECK(differ(base, s.with(zone + "exempt_share = 1\n")).changed.empty());
  // Who ends inside gets another vehicle, or is not on the road.
  compiled const replaced = s.with(zone + "inside = \"replace\"\nreplace_with = \"brisk\"\n");
  compiled const removed = s.with(zone + "inside = \"remove\"\n");
  difference const r = differ(base, removed), other = differ(base, replaced);
  CHECK_FALSE(r.gone.empty());
  for (std::string const& name : r.gone) {
    CHECK(before.at(name).type == calm);
    CHECK(by_name(replaced).at(name).type == vtype_id(0U));
    CHECK(other.changed.count(name) == 1);
  }
  CHECK(removed.trips_removed == r.gone.size());
}

TEST_CASE("road_price: who pays weighs it as time; a price of nothing changes nobody, a high one moves all who can") {
  scene const s;
  std::string const toll = "[[road_price]]\nedges = [\"FG\"]\nvalue_of_time_eur_per_h = 9\nclasses = [\"passenger\"]\n";
  compiled const base = s.base();
  compiled const free = s.with(toll + "price_eur = 0\n");
  CHECK(differ(base, free).changed.empty());
  compiled const dear = s.with(toll + "price_eur = 50\n");
  difference const d = differ(base, dear);
  auto const before = by_name(base), after = by_name(dear);
  for (std::string const& name : d.changed) {
    auto const& way = before.at(name).route;
    CHECK(std::find(way.begin(), way.end(), edge(base, "FG")) != way.end());
    auto const& now = after.at(name).route;
    CHECK(std::find(now.begin(), now.end(), edge(base, "FG")) == now.end());
  }
  CHECK(d.changed.size() > 100);
  CHECK(dear.ready.commands.empty());
  // 9 EUR an hour: 0.025 EUR are 10 s.
  compiled const cheap = s.with(toll + "price_eur = 0.025\n");
  REQUIRE(cheap.lasting.size() == 1);
  CHECK(cheap.lasting[0].toll_s == Approx(10));
  compiled const by_km = s.with(toll + "price_eur = 1\ncharge = \"km\"\n");
  CHECK(by_km.lasting[0].toll_s == Approx(400 * base.ready.net->length_m(edge(base, "FG")) / 1000));
}

TEST_CASE("targets: roads, zones, polygons, direction, within and exceptions name exactly the edges they say") {
  scene const s(true);
  auto const edges_of = [&](std::string const& target) {
    compiled const c =
        s.with("[routes]\nresponse = \"fixed\"\n[time]\nbegin = \"07:00\"\nend = \"07:01\"\n[[close]]\n" + target);
    std::set<std::string> out;
    for (edge_id const e : c.report.at(0).edges) out.insert(c.ready.net->edges.name[e]);
    return out;
  };
  using set = std::set<std::string>;
  CHECK(edges_of("edges = [\"AB\", \"BA\"]\n") == set{"AB", "BA"});
  CHECK(edges_of("zones = [\"west\"]\n") == set{"AB", "AE", "EA", "BA"});
  CHECK(edges_of("zones = [\"P\"]\n") == set{"AB", "AE", "EA", "BA", "DH", "DC", "CD"});  // a parish
  CHECK(edges_of("zones = [\"west\"]\ndirection = \"south\"\n") == set{"AE"});
  CHECK(edges_of("zones = [\"west\"]\ndirection = \"east\"\n") == set{"AB"});
  CHECK(edges_of("zones = [\"west\"]\nexcept_edges = [\"AB\"]\n") == set{"AE", "EA", "BA"});
  CHECK(edges_of("polygon = " + s.polygon(10, 250, 290, 350) + "\n") == set{"AB", "BA"});
  CHECK(edges_of("zones = [\"P\"]\nwithin = " + s.polygon(-50, -50, 290, 350) + "\n") == set{"AB", "AE", "EA", "BA"});
  write_text(s.dir / "scenarios/tiny/area.geojson",
             R"({"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[)" +
                 s.polygon(10, 250, 290, 350) + "]}}");
  CHECK(edges_of("polygon = \"area.geojson\"\n") == set{"AB", "BA"});
  std::string net = read_text_file(s.city.folder / "net.net.xml");
  for (char const* id : {"AB", "BC", "CD"}) {
    std::string const tag = std::string("<edge id=\"") + id + "\"";
    net.replace(net.find(tag), tag.size(), tag + " name=\"Avenida São João\"");
  }
  s.city.write("net.net.xml", net);
  CHECK(edges_of("roads = [\"Avenida São João\"]\n") == set{"AB", "BC", "CD"});
  CHECK(edges_of("roads = \"avenida sao*\"\n") == set{"AB", "BC", "CD"});
  CHECK(edges_of("roads = [\"*joao\"]\nexcept_edges = [\"BC\"]\n") == set{"AB", "CD"});
  CHECK_THAT(s.message("[[close]]\nroads = [\"Joao\"]\n"),  // people say a part of the name
             Catch::Contains("with that in their name: 'Avenida São João'; \"*Joao*\" takes them all"));
}

TEST_CASE("road_price: a cordon is due where its polygon is entered, and nowhere else") {
  scene const s(true);
  compiled const c =
      s.with("[[road_price]]\nprice_eur = 2\nvalue_of_time_eur_per_h = 10\ncharge = \"cordon\"\npolygon = " +
             s.polygon(200, 100, 700, 200) + "\n");
  std::set<std::string> edges;
  for (edge_id const e : c.report[0].edges) edges.insert(c.ready.net->edges.name[e]);
  CHECK(edges == std::set<std::string>{"EF", "BF", "JF", "HG", "CG", "KG"});
  auto const with = [&](std::string const& more) {
    compiled const some =
        s.with("[[road_price]]\nprice_eur = 2\nvalue_of_time_eur_per_h = 10\ncharge = \"cordon\"\npolygon = " +
               s.polygon(200, 100, 700, 200) + "\n" + more);
    std::set<std::string> names;
    for (edge_id const e : some.report[0].edges) names.insert(some.ready.net->edges.name[e]);
    return names;
  };
  CHECK(with("except_edges = [\"EF\", \"KG\"]\n") == std::set<std::string>{"BF", "JF", "HG", "CG"});
  CHECK(with("direction = \"east\"\n") == std::set<std::string>{"EF"});
  CHECK(with("within = " + s.polygon(0, 100, 450, 200) + "\n").count("HG") == 0);
  CHECK_THROWS_WITH(with("edges = [\"AB\"]\n"), Catch::Contains("cordon") && Catch::Contains("add nothing"));
  CHECK_THROWS_WITH(with("direction = \"east\"\nexcept_edges = [\"EF\"]\n"), Catch::Contains("no edge crosses"));
}
