#include "sim/results/export.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "sim/core/error.h"
#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/network/projection.h"
#include "tests/support/background.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// The same drawing as a place near Lisbon.
made_city const& placed_city() {
  struct placed : made_city {
    placed() {
      std::string text = read_text_file(drawn.file);
      auto const change = [&](std::string const& what, std::string const& with) {
        std::size_t const at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), with);
      };
      change("projParameter=\"!\"", "projParameter=\"+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs\"");
      change("netOffset=\"0.00,0.00\"", "netOffset=\"-470000.00,-4285000.00\"");
      drawn.net = read_network_text(text, "placed.net.xml");
    }
  };
  static placed const c;
  return c;
}

struct scene {
  explicit scene(made_city const& c = drawn_city(), bool trajectories = false)
      : place(c),
        file([&] {
          made_run r;
          r.trajectories = trajectories;
          return make_result(c.net(), dir / "run.h5", r, &data);
        }()),
        read(file) {}
  std::string out(std::string const& format, std::string const& what, double from = -1, double to = -1) {
    rows = export_result(read, {format, what, from, to}, dir / "out");
    return read_text_file(dir / "out");
  }
  made_city const& place;
  temp_folder dir;
  made_data data;
  fs::path file;
  result_file read;
  std::size_t rows = 0;
};

std::vector<std::vector<std::string>> csv(std::string const& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells{""};
    bool quoted = false;
    for (char const c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        cells.emplace_back();
      else
        cells.back() += c;
    }
    rows.push_back(cells);
  }
  return rows;
}

struct edgedata : xml_handler {
  double begin = -1;
  std::map<std::pair<double, std::string>, std::map<std::string, double>> values;
  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "interval") begin = a.number("begin");
    if (element != "edge") return;
    for (char const* name : {"sampledSeconds", "traveltime", "density", "occupancy", "waitingTime", "timeLoss", "speed",
                             "departed", "arrived", "entered", "left", "CO2_abs", "NOx_abs", "PMx_abs", "fuel_abs"}) {
      if (a.find(name)) values[{begin, std::string(a.text("id"))}][name] = a.number(name);
    }
  }
  void end(std::string_view) override {}
};

}  // namespace

TEST_CASE("export: SUMO edgedata holds every value, to the two decimals SUMO itself writes") {
  scene s;
  std::string const xml = s.out("sumo-edgedata", "edges");
  edgedata read;
  parse_xml(xml, "out.xml", read);
  std::size_t checked = 0;
  for (observations const& o : s.data.intervals) {
    edge_interval const& i = o.edges.front();
    for (std::size_t k = 0; k < i.size(); ++k) {
      auto const& v = read.values.at({i.begin_s, drawn_city().net().edges.name[i.edge[k]]});
      CHECK(v.contains("speed") != std::isnan(i.speed_mps[k]));
      if (!v.contains("speed")) continue;
      CHECK(std::abs(v.at("speed") - static_cast<double>(i.speed_mps[k])) <= 0.00501);
      CHECK(std::abs(v.at("density") - static_cast<double>(i.density_veh_per_km[k])) <= 0.00501);
      CHECK(v.at("entered") == static_cast<double>(i.entered[k]));
      CHECK(v.at("CO2_abs") == Approx(static_cast<double>(i.co2_mg[k])).epsilon(1e-6));
      ++checked;
    }
  }
  CHECK(checked > 100);
  CHECK(xml.find("nan") == std::string::npos);
}

TEST_CASE("export: SUMO's own tools read the edgedata") {
  if (std::system("test -f /usr/share/sumo/tools/sumolib/output/__init__.py") != 0) {
    WARN("skipped: sumo-tools is not installed");
    return;
  }
  scene s;
  std::string const xml = s.out("sumo-edgedata", "edges");
  fs::rename(s.dir / "out", s.dir / "out.xml");
  write_text(s.dir / "check.py",
             "import sys\nsys.path.insert(0, '/usr/share/sumo/tools')\nimport sumolib\n"
             "n = 0\nfor i in sumolib.output.parse(sys.argv[1], 'interval'):\n    n += sum(float(e.entered) for e in "
             "i.edge)\nprint(int(n))\n");
  std::string const command = "/usr/bin/python3 '" + (s.dir / "check.py").string() + "' '" +
                              (s.dir / "out.xml").string() + "' > '" + (s.dir / "sum").string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  double entered = 0;
  for (observations const& o : s.data.intervals) {
    for (float const v : o.edges.front().entered) entered += static_cast<double>(v);
  }
  CHECK(std::stod(read_text_file(s.dir / "sum")) == entered);
}

TEST_CASE("export: CSV of edges, trips, indicators, detectors, stops and rides reads back as the numbers in the file") {
  scene s;
  auto const edges = csv(s.out("csv", "edges"));
  CHECK(edges[0][0] == "begin_s");
  auto const column = std::find(edges[0].begin(), edges[0].end(), "speed [m/s]") - edges[0].begin();
  edge_series const speed = s.read.edges("speed");
  for (std::size_t row = 1; row < edges.size(); row += 5) {
    auto const interval = static_cast<std::size_t>((std::stod(edges[row][0]) - 7 * 3600) / 900);
    float const v = speed.at(interval, drawn_city().net().find_edge(edges[row][2]).value());
    std::string const& cell = edges[row][static_cast<std::size_t>(column)];
    if (std::isnan(v))
      CHECK(cell.empty());
    else
      CHECK(std::stof(cell) == v);
  }
  auto const trips = csv(s.out("csv", "trips"));
  CHECK(trips.size() == 401);
  CHECK(trips[0][0] == "vehicle");
  CHECK(trips[1].size() == trips[0].size());
  CHECK(csv(s.out("csv", "kpi")).size() == s.data.kpis.size() + 1);
  CHECK(csv(s.out("csv", "detectors")).size() == 5);
  CHECK(csv(s.out("csv", "areas")).size() == 5);
  CHECK(csv(s.out("csv", "stops")).size() > 10);
  auto const rides = csv(s.out("csv", "rides"));
  CHECK(rides.size() > 10);
  CHECK(rides[0] == std::vector<std::string>{"passenger", "from_stop", "to_stop", "vehicle", "line",
                                             "ride_waits_since [s]", "ride_departed [s]", "ride_arrived [s]"});
  CHECK(rides[1][0] == "person 39");
  CHECK(csv(s.out("csv", "log")).size() == 3);
  CHECK(csv(s.out("csv", "network")).size() == drawn_city().net().edge_count() + 1);
}

TEST_CASE("export: a time window keeps what begins in it, and nothing else") {
  scene s;
  auto const edges = csv(s.out("csv", "edges", 7.25 * 3600, 7.5 * 3600));
  REQUIRE(edges.size() > 10);
  for (std::size_t row = 1; row < edges.size(); ++row) CHECK(edges[row][0] == "26100");
  CHECK(s.rows == edges.size() - 1);
}

TEST_CASE("export: GeoJSON is in WGS 84, one line a road, with the means of the window") {
  scene s(placed_city());
  json const g = parse_json(s.out("geojson", "edges"));
  REQUIRE(g["type"] == "FeatureCollection");
  network const& net = placed_city().net();
  CHECK(g["features"].size() == normal_edges(net).size());
  projection const map(net);
  for (json const& f : g["features"]) {
    edge_id const e = net.find_edge(f["properties"]["edge"].get<std::string>()).value();
    json const first = f["geometry"]["coordinates"][0];
    CHECK(first[0].get<double>() > -9.5);
    CHECK(first[0].get<double>() < -9.2);
    CHECK(first[1].get<double>() > 38.6);
    CHECK(first[1].get<double>() < 38.8);
    if (net.edges.lanes[e].size() == 1) {
      point const p = net.shape(lane_id(net.edges.lanes[e].begin)).front();
      lon_lat const expected = map.to_lon_lat(static_cast<double>(p.x), static_cast<double>(p.y));
      CHECK(first[0].get<double>() == Approx(expected.lon_deg).margin(1e-6));
      CHECK(first[1].get<double>() == Approx(expected.lat_deg).margin(1e-6));
    }
    double entered = 0, metres = 0, seconds = 0;
    for (observations const& o : s.data.intervals) {
      edge_interval const& i = o.edges.front();
      auto const k = static_cast<std::size_t>(std::find(i.edge.begin(), i.edge.end(), e) - i.edge.begin());
      entered += static_cast<double>(i.entered[k]);
      if (std::isnan(i.speed_mps[k])) continue;
      metres += static_cast<double>(i.speed_mps[k]) * static_cast<double>(i.sampled_s[k]);
      seconds += static_cast<double>(i.sampled_s[k]);
    }
    CHECK(f["properties"]["entered_veh"].get<double>() == Approx(entered));
    if (seconds > 0) CHECK(f["properties"]["speed_mps"].get<double>() == Approx(metres / seconds).epsilon(1e-5));
  }
  CHECK(parse_json(s.out("geojson", "network"))["features"].size() == normal_edges(net).size());
}

TEST_CASE("export: trajectories as CSV hold every vehicle and step") {
  scene s(drawn_city(), true);
  auto const rows = csv(s.out("csv", "trajectories", 7.25 * 3600, 7.25 * 3600 + 2));
  CHECK(rows.size() == s.data.frames[900].size() + s.data.frames[901].size() + 1);
  CHECK(rows[1][1] == s.data.travellers.name[s.data.frames[900].vehicle[0].index()]);
}

TEST_CASE("export: gzip where the name says so, and nothing is left where it fails") {
  scene s;
  export_result(s.read, {"csv", "kpi", -1, -1}, s.dir / "kpi.csv.gz");
  CHECK(csv(read_text_file(s.dir / "kpi.csv.gz")).size() == s.data.kpis.size() + 1);
  auto const code = [&](export_options const& o, fs::path const& out) {
    try {
      export_result(s.read, o, out);
    } catch (error const& e) {
      return e.exit_code();
    }
    return 0;
  };
  CHECK(code({"geojson", "edges", -1, -1}, s.dir / "a.geojson") == 2);  // the drawn network has no projection
  CHECK(code({"geojson", "trips", -1, -1}, s.dir / "a.geojson") == 2);
  CHECK(code({"cvs", "edges", -1, -1}, s.dir / "a") == 2);
  CHECK(code({"csv", "kpi", 0, 10}, s.dir / "a") == 2);
  CHECK(code({"csv", "trajectories", -1, -1}, s.dir / "a") == 2);
  CHECK(code({"csv", "edges", -1, -1}, s.dir.path()) == 2);
  CHECK(code({"csv", "edges", -1, -1}, s.dir / "no/folder") == 2);
  std::size_t files = 0;
  for (auto const& entry : fs::directory_iterator(s.dir.path())) files += entry.is_regular_file() ? 1 : 0;
  CHECK(files == 2);  // run.h5 and kpi.csv.gz
}

TEST_CASE("export: a pipe is written into, and stays one") {
  scene s;
  fs::path const pipe = s.dir / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = slurp(pipe); });
  export_result(s.read, {"csv", "kpi", -1, -1}, pipe);
  reader.join();
  CHECK(csv(read).size() == s.data.kpis.size() + 1);
  CHECK(fs::is_fifo(pipe));
}
