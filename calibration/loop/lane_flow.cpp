#include "calibration/loop/lane_flow.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <vector>

#include "calibration/loop/simulate.h"
#include "sim/core/text_file.h"
#include "sim/run/run_folder.h"

namespace gemeo {

namespace {

constexpr double kFrom_s = 600, kEnd_s = 1800;  // the queue stands from then on; whole cycles
constexpr double kMost_veh_per_h = 2400;        // a lane, that want to pass
constexpr int kGreen_s = 20, kYellow_s = 3, kCycle_s = 60;

std::string lanes_text(char const* edge, int n, double length_m, double from_m, double limit_mps) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += fmt::format("<lane id=\"{}_{}\" index=\"{}\" speed=\"{:.6f}\" length=\"{}\" shape=\"{},{} {},{}\"/>\n", edge,
                       i, i, limit_mps, length_m, from_m, 3.2 * i, from_m + length_m, 3.2 * i);
  return out;
}

// Two lanes go on; 1,500 m before, so that drivers who enter standing have reached the limit. Without a signal a third
// one, on the right, ends.
std::string scene_text(lane_scene const& s) {
  int const ending = s.at_signal ? 0 : 1;
  std::string coming, ways;
  for (int i = 0; i < 2 + ending; ++i) coming += fmt::format("{}before_{}", i == 0 ? "" : " ", i);
  for (int i = 0; i < 2; ++i)
    ways += fmt::format(
        "<connection from=\"before\" to=\"behind\" fromLane=\"{}\" toLane=\"{}\" via=\":c_0_{}\" {}dir=\"s\" "
        "state=\"{}\"/>\n<connection from=\":c_0\" to=\"behind\" fromLane=\"{}\" toLane=\"{}\" dir=\"s\" "
        "state=\"M\"/>\n",
        i + ending, i, i, s.at_signal ? fmt::format("tl=\"c\" linkIndex=\"{}\" ", i) : "", s.at_signal ? 'o' : 'M', i,
        i);
  std::string const signal =
      !s.at_signal ? ""
                   : fmt::format(
                         "<tlLogic id=\"c\" type=\"static\" programID=\"0\" offset=\"0\">\n<phase duration=\"{}\" "
                         "state=\"GG\"/>\n"
                         "<phase duration=\"{}\" state=\"yy\"/>\n<phase duration=\"{}\" state=\"rr\"/>\n</tlLogic>\n",
                         kGreen_s, kYellow_s, kCycle_s - kGreen_s - kYellow_s);
  return "<net version=\"1.9\">\n<edge id=\":c_0\" function=\"internal\">\n" +
         lanes_text(":c_0", 2, 8, 1500, s.limit_mps) +
         "</edge>\n<edge id=\"before\" from=\"b\" to=\"c\" priority=\"12\">\n" +
         lanes_text("before", 2 + ending, 1500, 0, s.limit_mps) +
         "</edge>\n<edge id=\"behind\" from=\"c\" to=\"d\" priority=\"12\">\n" +
         lanes_text("behind", 2, 500, 1508, s.limit_mps) + "</edge>\n" + signal +
         "<junction id=\"b\" type=\"dead_end\" x=\"0\" y=\"0\" incLanes=\"\" intLanes=\"\" shape=\"0,0 0,9\"/>\n"
         "<junction id=\"c\" type=\"" +
         (s.at_signal ? "traffic_light" : "priority") + "\" x=\"1500\" y=\"0\" incLanes=\"" + coming +
         "\" intLanes=\":c_0_0 :c_0_1\" shape=\"1500,0 1508,0 1508,9 1500,9\">\n"
         "<request index=\"0\" response=\"00\" foes=\"00\" cont=\"0\"/>\n"
         "<request index=\"1\" response=\"00\" foes=\"00\" cont=\"0\"/>\n</junction>\n"
         "<junction id=\"d\" type=\"dead_end\" x=\"2008\" y=\"0\" incLanes=\"behind_0 behind_1\" intLanes=\"\" "
         "shape=\"2008,0 2008,9\"/>\n" +
         ways + "</net>\n";
}

bool drives(demand const& d, vehicle_id v, network const& scene) {
  vehicle_type const& t = d.types[d.vehicles.type[v]];
  return !d.vehicles.line[v].valid() && t.cls != vclass::kPedestrian && t.cls != vclass::kBicycle &&
         (scene.lanes.allowed[lane_id(0U)] & mask_of(t.cls)) != 0;
}

drawn_trips scene_trips(demand const& drivers, network const& scene) {
  std::vector<vehicle_id> who;
  for (std::size_t i = 0; i < drivers.size(); ++i) {
    if (drives(drivers, vehicle_id(i), scene)) who.emplace_back(i);
  }
  drawn_trips out;
  if (who.empty()) return out;
  demand& d = out.who;
  d.types = drivers.types;
  edge_id const from = scene.find_edge("before").value(), to = scene.find_edge("behind").value();
  std::vector<edge_id> const way{from, to};
  route_id const route = d.add_route(way);
  auto const n = static_cast<std::size_t>(3 * kMost_veh_per_h * kEnd_s / 3600);
  vehicle_table& v = d.vehicles;
  for (std::size_t i = 0; i < n; ++i) {
    vehicle_id const like = who[i % who.size()];
    v.key.push_back(entity_key(fmt::format("lane flow {}", i)));
    v.name.push_back(fmt::format("{}", i));
    v.depart_s.push_back(static_cast<double>(i) * 3600 / (3 * kMost_veh_per_h));
    v.type.push_back(drivers.vehicles.type[like]);
    v.speed_factor.push_back(drivers.vehicles.speed_factor[like]);
    v.from.push_back(from);
    v.to.push_back(to);
    v.route.push_back(route);
    v.from_zone.push_back({});
    v.to_zone.push_back({});
    v.why.push_back(purpose::kOther);
    v.line.push_back({});
    v.stops.push_back({});
    out.cell.push_back(0);
  }
  return out;
}

}  // namespace

double lane_flow_veh_per_h(demand const& drivers, lane_scene const& s, stop_function const& stop_requested) {
  scenario base;
  base.name = "lane_flow";
  run_folder const scratch({});  // SUMO reads files alone
  std::filesystem::path const file = scratch.path() / "lane_flow.net.xml";
  write_text_file(file, scene_text(s));
  base.net = read_network(file);
  base.programs.resize(base.net->signals.name.size());
  base.end_s = kEnd_s;
  base.step_s = s.step_s;
  drawn_trips trips = scene_trips(drivers, *base.net);
  if (trips.cell.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  std::vector<count_station> const beyond{
      {.name = "beyond", .edge = base.net->find_edge("behind").value(), .lanes = {}, .corridor = {}}};
  simulated const r =
      simulate_trips(base, beyond, std::move(trips), 1,
                     {.engine = s.engine, .seed = s.seed, .threads = 1, .times = false}, stop_requested);
  if (!r.complete) return std::numeric_limits<double>::quiet_NaN();
  double passed = 0;
  for (passing const& p : r.passings) passed += static_cast<double>(p.time_s) >= kFrom_s ? 1 : 0;
  double const share = s.at_signal ? static_cast<double>(kGreen_s) / kCycle_s : 1.0;
  return passed / 2 * 3600 / (kEnd_s - kFrom_s) / share;
}

}  // namespace gemeo
