// gemeo import on a small town: what comes out is a city, the same from every packing of the data, or nothing at all.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <osmium/io/any_compression.hpp>
#include <osmium/io/any_input.hpp>
#include <osmium/io/pbf_output.hpp>
#include <osmium/io/xml_output.hpp>

#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/demand/city.h"
#include "sim/network/projection.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/tiny_osm.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

// Imports town.osm, or what is named, into "city"; fails the test when that fails.
nlohmann::json import_town(temp_folder const& t, std::vector<std::string> more = {},
                           std::string const& osm = "town.osm") {
  if (!fs::exists(t / "town.osm")) write_text(t / "town.osm", tiny_osm());
  std::vector<std::string> a{"import", osm, "-o", "city", "--json"};
  a.insert(a.end(), more.begin(), more.end());
  process_result const r = run_gemeo(a, t.path());
  INFO(r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK(r.error_output.empty());
  return parse_json(r.output);
}

void repack(fs::path const& from, fs::path const& to, std::string const& format) {
  osmium::io::Reader reader(from.string());
  osmium::io::Writer writer(osmium::io::File(to.string(), format), reader.header(), osmium::io::overwrite::allow);
  while (osmium::memory::Buffer b = reader.read()) writer(std::move(b));
  writer.close();
}

}  // namespace

TEST_CASE("import: a town becomes a city that read_city accepts, with zones, gates and a manifest") {
  temp_folder const t;
  auto const j = import_town(t, {"--label", "Tiny \"Town\"", "--time-zone", "Europe/Lisbon"});
  city const c = read_city(t / "city");
  CHECK(c.name == "city");
  CHECK(c.label == "Tiny \"Town\"");
  CHECK(c.time_zone == "Europe/Lisbon");
  CHECK_THAT(c.of_data.attribution, Catch::Contains("OpenStreetMap contributors"));
  CHECK(c.od.empty());
  CHECK(j["osm"]["ways"] == 9);
  CHECK(j["osm"]["restrictions"] == 1);
  CHECK(j["osm"]["signal_nodes"] == 1);
  CHECK(j["osm"]["left_out"]["highway=footway"] == 1);
  CHECK(j["osm"]["left_out"]["service=driveway"] == 1);
  CHECK(j["osm"]["left_out"]["highway=construction"] == 1);
  network const& net = *c.net;
  CHECK(net.signals.name.size() == 1);
  // Names as people write them, although netconvert escapes them twice.
  CHECK(std::count(net.edges.road_name.begin(), net.edges.road_name.end(), "Avenida Central & D'Ouro") >= 2);
  std::size_t edges = 0, zones = 0, gates = 0;
  for (std::uint32_t e = 0; e < net.edge_count(); ++e) edges += net.is_normal(edge_id(e)) ? 1U : 0U;
  CHECK(j["network"]["edges"] == edges);
  for (zone const& z : c.zones) {
    (z.kind == "gate" ? gates : zones) += 1;
    CHECK(z.lat_deg == Approx(38.7027).margin(0.004));
    CHECK(z.lon_deg == Approx(-9.395).margin(0.02));
    CHECK_FALSE(z.edges.empty());
  }
  CHECK(gates == 2);  // where the avenue leaves in the west and in the east
  CHECK(zones == j["zones"]["cells"]);
  CHECK(c.zones[*c.find_zone("gate01")].label.find("Avenida Central & D'Ouro (") == 0);
  projection const map(net);  // the town lies where it was drawn
  CHECK(map.to_xy({-9.40, 38.70}).x == Approx(net.bounds.min_x + 3 * 0.0023 * 86990).margin(40));
  std::string const manifest = read_text_file(t / "city/MANIFEST.toml");
  for (char const* text : {"ODbL", "town.osm", "netconvert_options", "--tls.join"})
    CHECK_THAT(manifest, Catch::Contains(text));
  CHECK_THAT(manifest, Catch::Contains(to_hex(hash_file(t / "town.osm"))));
  CHECK_THAT(read_text_file(t / "city/README.md"), Catch::Contains("no trips"));
  CHECK(contents(t.path()).size() == 1 + 1 + 10);  // town.osm, city, ten files in it, nothing beside it
}

TEST_CASE("import: every packing of the same data gives the same city, byte for byte, and so does a second time") {
  temp_folder const t;
  import_town(t);
  auto const first = contents(t / "city");
  struct packing {
    char const *file, *format;
  };
  for (packing const p : {packing{"town.osm.gz", "osm.gz"},
                          {"town.osm.bz2", "osm.bz2"},
                          {"town.osm.pbf", "osm.pbf"},
                          {"misnamed.xml", "osm.pbf"},
                          {"town.osm", "osm"}}) {
    INFO(p.file);
    if (std::string(p.file) != "town.osm") repack(t / "town.osm", t / p.file, p.format);
    import_town(t, {"--force"}, p.file);
    auto again = contents(t / "city"), expected = first;
    if (std::string(p.file) != "town.osm") {  // the manifest names the source
      again.erase("MANIFEST.toml");
      expected.erase("MANIFEST.toml");
    }
    CHECK(again == expected);
  }
}

TEST_CASE("import: a box or a polygon keeps the streets that touch it and their whole length") {
  temp_folder const t;
  // Around four crossings in the south-west: two streets each way touch it, the others do not.
  auto const j = import_town(t, {"--box=-9.4005,38.6995,-9.3970,38.7025"});
  CHECK(j["osm"]["ways"] == 4);
  CHECK(j["osm"]["outside"] == 6);  // five streets and the construction site
  write_text(
      t / "area.geojson",
      R"({"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[-9.4005,38.6995],[-9.3970,38.6995],[-9.3970,38.7025],[-9.4005,38.7025],[-9.4005,38.6995]]]}})");
  auto const k = import_town(t, {"--polygon", "area.geojson", "--force"});
  CHECK(k["network"] == j["network"]);
}

TEST_CASE(
    "import: a street that crosses a box or a polygon without a node inside comes too, one that passes by does not") {
  temp_folder const t;
  // The motorway runs between two rows of crossings. The trunk road passes north-west of the area: their extents
  // overlap, they do not meet.
  auto const way = [](char const* id, char const* nodes, std::string const& highway, std::string const& name) {
    return "<way id=\"" + std::string(id) + "\" version=\"1\">" + nodes + "<tag k=\"highway\" v=\"" + highway +
           "\"/><tag k=\"name\" v=\"" + name + "\"/></way>\n";
  };
  write_text(t / "town.osm",
             tiny_osm({.more = "<node id=\"2001\" lat=\"38.7010\" lon=\"-9.4100\" version=\"1\"/>\n"
                               "<node id=\"2002\" lat=\"38.7010\" lon=\"-9.3850\" version=\"1\"/>\n"
                               "<node id=\"2003\" lat=\"38.7000\" lon=\"-9.4060\" version=\"1\"/>\n"
                               "<node id=\"2004\" lat=\"38.7100\" lon=\"-9.3990\" version=\"1\"/>\n" +
                               way("2005", "<nd ref=\"2001\"/><nd ref=\"2002\"/>", "motorway", "Autoestrada") +
                               way("2006", "<nd ref=\"2003\"/><nd ref=\"2004\"/>", "trunk", "Variante")}));
  auto const check = [&](nlohmann::json const& j) {
    CHECK(j["osm"]["ways"] == 5);
    CHECK(j["osm"]["outside"] == 7);
    CHECK(j["osm"]["kept"]["motorway"] == 1);
    CHECK_FALSE(j["osm"]["kept"].contains("trunk"));
    city const c = read_city(t / "city");
    auto const& names = c.net->edges.road_name;
    CHECK(std::count(names.begin(), names.end(), "Autoestrada") == 1);
    CHECK(std::count(names.begin(), names.end(), "Variante") == 0);
  };
  auto const box = import_town(t, {"--box=-9.4005,38.6995,-9.3970,38.7025"});
  check(box);
  write_text(
      t / "area.geojson",
      R"({"type":"Polygon","coordinates":[[[-9.4020,38.7009],[-9.3989,38.6975],[-9.3960,38.7009],[-9.3989,38.7034],[-9.4020,38.7009]]]})");
  auto const diamond = import_town(t, {"--polygon", "area.geojson", "--force"});
  check(diamond);
  CHECK(diamond["network"] == box["network"]);
  // A ring around the town holds no node: only the motorway and the avenue cross it.
  write_text(
      t / "ring.geojson",
      R"({"type":"Polygon","coordinates":[[[-9.4090,38.6900],[-9.3860,38.6900],[-9.3860,38.7200],[-9.4090,38.7200]],[[-9.4080,38.6910],[-9.3870,38.6910],[-9.3870,38.7190],[-9.4080,38.7190]]]})");
  auto const hole = import_town(t, {"--polygon", "ring.geojson", "--force"});
  CHECK(hole["osm"]["kept"] == nlohmann::json{{"motorway", 1}, {"primary", 1}});
}

TEST_CASE("import: placeholder trips add up, none leaves by a way in, and the folder says that they are not real") {
  temp_folder const t;
  import_town(t, {"--placeholder-trips", "5000", "--zone-size", "300"});
  city const c = read_city(t / "city");
  double total = 0, gate_to_gate = 0;
  for (od_flow const& f : c.od) {
    total += f.trips_per_day;
    CHECK(f.from != f.to);
    if (c.zones[f.from].kind == "gate" && c.zones[f.to].kind == "gate") {
      gate_to_gate += f.trips_per_day;
      CHECK(f.why == purpose::kThrough);
    }
  }
  CHECK(total == Approx(5000).margin(1));
  CHECK(gate_to_gate > 0);
  CHECK(draw_demand(c, 1, 0, 86400).size() == Approx(5000).epsilon(0.1));
  CHECK_THAT(read_text_file(t / "city/MANIFEST.toml"), Catch::Contains("NOT REAL"));
  CHECK_THAT(read_text_file(t / "city/README.md"), Catch::Contains("PLACEHOLDER"));
  CHECK_THAT(c.of_data.caution, Catch::Contains("placeholders, 5000 a day"));
  CHECK_THAT(read_text_file(t / "city/README.md"), Catch::Contains("take `caution` and `caution_pt` out of city.toml"));
  CHECK_THAT(c.of_data.caution_pt, Catch::Contains("fictícias, 5000 por dia"));
}

TEST_CASE("import: an imported city runs as it comes, and nobody collides") {
  temp_folder const t;
  import_town(t, {"--placeholder-trips", "8000", "--zone-size", "300"});
  for (char const* const folder : {"data", "scenarios"}) fs::create_directories(t / folder);
  fs::rename(t / "city", t / "data/city");
  write_text(t / "scenarios/peak.toml", "city = \"city\"\n[time]\nbegin = \"08:00\"\nend = \"08:30\"\n");
  process_result const r = run_gemeo({"run", "scenarios/peak.toml", "--seed", "1", "--json", "-o", "out"}, t.path());
  INFO(r.error_output);
  REQUIRE(r.exit_code == 0);
  auto const j = parse_json(r.output);
  CHECK(j.at("departed") > 100);
  CHECK(j.at("teleports") == 0);
  CHECK_THAT(run_gemeo({"info", "out/peak/seed_0001.h5"}, t.path()).output, Catch::Contains("; 0 collisions"));
}

TEST_CASE("import: footways come when asked for, and the user's option of netconvert wins over ours") {
  temp_folder const t;
  auto const j = import_town(t, {"--footways", "--netconvert=--tls.default-type=actuated", "--left-hand"});
  CHECK(j["osm"]["kept"]["footway"] == 1);
  city const c = read_city(t / "city");
  REQUIRE(c.net->signals.programs.size() == 1);
  CHECK(c.net->signals.programs[signal_id(0U)][0].type == "actuated");
  CHECK(c.net->left_hand);
}

TEST_CASE("import: asked to stop, it leaves nothing behind and says so") {
  temp_folder const t;
  write_text(t / "town.osm", tiny_osm());
  // A netconvert that takes its time, found first in PATH.
  fs::create_directories(t / "bin");
  write_text(t / "bin/netconvert", "#!/bin/sh\n: > \"${0%/*}/started\"\nexec sleep 60\n");
  fs::permissions(t / "bin/netconvert", fs::perms::owner_all);
  auto const before = contents(t.path());
  process_options o;
  o.environment = {{"PATH", (t / "bin").string() + ":/usr/bin:/bin"}};
  bool sent = false;
  o.signal_to_send = [&] {
    if (sent || !fs::exists(t / "bin/started")) return 0;
    sent = true;
    return SIGINT;
  };
  process_result const r = run_gemeo({"import", "town.osm", "-o", "city"}, t.path(), o);
  CHECK(r.exit_code == 1);
  CHECK_THAT(r.error_output, Catch::Contains("interrupted"));
  fs::remove(t / "bin/started");
  CHECK(contents(t.path()) == before);
}

TEST_CASE("import: real extracts come in with their signals and roundabouts") {
  GEMEO_NEED_SHARED(file, "osm/monaco.osm.gz");
  temp_folder const t;
  auto const j = import_town(t, {}, file.string());
  CHECK(j["network"]["edges"].get<int>() > 700);
  CHECK(j["network"]["signals"].get<int>() >= 3);
  CHECK(j["network"]["roundabouts"].get<int>() >= 8);
  CHECK(read_city(t / "city").zones.size() > 20);
}
