#include "tests/bench/mesoscopic.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/run/run_folder.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;

namespace gemeo::bench {

namespace {

// Of vehroute output: who left which edge when; -1 for edges not left yet. A vehicle is numbered by its name.
class exit_times : public xml_handler {
 public:
  exit_times(demand const& who, drawn_trips const& trips, std::vector<std::uint32_t> const& station_of, simulated& out)
      : who_(who), trips_(trips), station_of_(station_of), out_(out), entered_(who.size(), false) {}

  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "vehicle") {
      v_ = vehicle_id(static_cast<std::size_t>(a.integer("id")));
      entered_[v_.index()] = true;
      double const arrival = a.number_or("arrival", -1);
      if (arrival < 0) return;
      ++out_.arrived;
      out_.mean_duration_s += arrival - a.number("depart");
    }
    if (element != "route" || !v_.valid()) return;
    std::istringstream words{std::string(a.text("exitTimes"))};
    float const departed = static_cast<float>(who_.vehicles.depart_s[v_]);
    double at = 0;
    for (edge_id const e : who_.route(who_.vehicles.route[v_])) {
      if (!(words >> at)) break;
      if (at >= 0 && station_of_[e.index()] != kNoCell)
        out_.passings.push_back({trips_.cell[v_], station_of_[e.index()], departed, static_cast<float>(at)});
    }
  }
  void end(std::string_view element) override {
    if (element == "vehicle") v_ = vehicle_id();
  }
  [[nodiscard]] std::vector<bool> const& entered() const { return entered_; }

 private:
  demand const& who_;
  drawn_trips const& trips_;
  std::vector<std::uint32_t> const& station_of_;
  simulated& out_;
  std::vector<bool> entered_;
  vehicle_id v_;
};

void write_routes(fs::path const& file, network const& net, demand const& who, std::string const& vtypes,
                  std::string const& type) {
  std::string text = "<routes>\n" + vtypes;
  for (std::size_t i = 0; i < who.size(); ++i) {
    vehicle_id const v(i);
    text += fmt::format(R"(<vehicle id="{}" type="{}" depart="{:.2f}" departLane="best"><route edges=")", i, type,
                        who.vehicles.depart_s[v]);
    char const* between = "";
    for (edge_id const e : who.route(who.vehicles.route[v])) {
      text.append(between).append(net.edges.name[e]);
      between = " ";
    }
    text += "\"/></vehicle>\n";
  }
  write_text_file(file, text + "</routes>\n");
}

}  // namespace

simulated simulate_mesoscopic(scenario const& base, std::vector<count_station> const& stations,
                              drawn_trips const& trips, std::size_t cells, std::uint64_t seed,
                              std::string const& vtypes, std::string const& type) {
  network const& net = *base.net;
  demand const& who = trips.who;
  run_folder const scratch({});
  fs::path const routes = scratch.path() / "meso.rou.xml", exits = scratch.path() / "meso.exits.xml";
  write_routes(routes, net, who, vtypes, type);
  must({"sumo",
        "--net-file",
        net.file.string(),
        "--routes",
        routes.string(),
        "--begin",
        fmt::format("{}", base.begin_s),
        "--end",
        fmt::format("{}", base.end_s),
        "--mesosim",
        "true",
        "--seed",
        std::to_string(seed),
        "--no-warnings",
        "--no-step-log",
        "--xml-validation",
        "never",
        "--ignore-route-errors",
        "true",
        "--vehroute-output",
        exits.string(),
        "--vehroute-output.exit-times",
        "true",
        "--vehroute-output.write-unfinished",
        "true"});
  std::vector<std::uint32_t> station_of(net.edge_count(), kNoCell);
  for (std::uint32_t i = 0; i < stations.size(); ++i) station_of[stations[i].edge.index()] = i;
  simulated out;
  exit_times handler(who, trips, station_of, out);
  read_xml(exits, handler);
  std::stable_sort(out.passings.begin(), out.passings.end(),
                   [](passing const& a, passing const& b) { return a.time_s < b.time_s; });
  out.departures.assign(cells, 0);
  out.kept_out.assign(cells, 0);
  for (std::size_t i = 0; i < who.size(); ++i) {
    ++out.trips;
    bool const entered = handler.entered()[i];
    if (!entered) ++out.never_inserted;
    std::uint32_t const cell = trips.cell[vehicle_id(i)];
    if (cell != kNoCell) ++(entered ? out.departures : out.kept_out)[cell];
  }
  out.mean_duration_s /= static_cast<double>(std::max<std::int64_t>(1, out.arrived));
  out.complete = true;
  return out;
}

}  // namespace gemeo::bench
