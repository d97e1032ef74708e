#include "tests/property/random_traffic.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/routing/router.h"
#include "tests/support/one_traveller.h"

namespace gemeo::test {

namespace {

class dice {
 public:
  explicit dice(std::uint64_t number) : number_(number) {}
  double between(double low, double high) {
    return low + (high - low) * random_uniform(number_, 0, count_++, draw::kEvent);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(between(0, static_cast<double>(n))); }
  bool share(double p) { return between(0, 1) < p; }
  template <std::size_t N>
  char const* one_of(std::array<char const*, N> const& all) {
    return all[below(N)];
  }

 private:
  std::uint64_t number_, count_ = 0;
};

std::string shape(dice& d) {
  switch (d.below(3)) {
    case 0:
      return fmt::format("--grid --grid.x-number {} --grid.y-number {} --grid.length {:.0f} --grid.attach-length 80",
                         3 + d.below(3), 2 + d.below(3), d.between(80, 220));
    case 1:
      return fmt::format("--spider --spider.arm-number {} --spider.circle-number {} --spider.space-radius {:.0f}",
                         3 + d.below(4), 2 + d.below(2), d.between(80, 160));
    default:
      return fmt::format("--rand --rand.iterations {} --rand.min-distance 70 --rand.max-distance 250 {}",
                         15 + d.below(20), d.share(0.5) ? "--rand.random-lanenumber" : "");
  }
}

std::string network_options(dice& d, bool static_only) {
  std::array<char const*, 6> const junctions = {"priority",    "traffic_light", "right_before_left",
                                                "allway_stop", "priority_stop", "traffic_light"};
  return fmt::format(
      "{} --default.lanenumber {} --default.speed {:.2f} -j {} --tls.default-type {} --tls.layout {} {} {}", shape(d),
      1 + d.below(3), d.between(8, 25), d.one_of(junctions), static_only || d.share(0.6) ? "static" : "actuated",
      d.share(0.5) ? "opposites" : "incoming", d.share(0.5) ? "--no-turnarounds" : "",
      d.share(0.3) ? "--turn-lanes 1 --turn-lanes.length 30" : "");
}

void add_more_options(std::string& out, dice& d) {
  std::array<char const*, 6> const junctions = {"zipper",        "left_before_right", "traffic_light_right_on_red",
                                                "priority_stop", "unregulated",       "traffic_light_unregulated"};
  auto const sometimes = [&](double p, std::string const& option) {
    if (d.share(p)) out += " " + option;
  };
  sometimes(0.3, "--lefthand");
  sometimes(0.4, "--roundabouts.guess");
  sometimes(0.3, "--junctions.join");
  if (out.find("random-lanenumber") == std::string::npos) sometimes(0.3, "--random-lanenumber");
  sometimes(0.3, "--random-priority");
  sometimes(0.2, "--no-internal-links");
  sometimes(0.2, "--default.junctions.keep-clear false");
  sometimes(0.2, "--check-lane-foes.all");
  sometimes(0.2, "--tls.guess");
  sometimes(0.5, fmt::format("--default.junctions.radius {:.1f}", d.between(1.5, 9)));
  if (!d.share(0.4)) return;
  std::size_t const kind = out.find("-j ") + 3;
  out.replace(kind, out.find(' ', kind) - kind, d.one_of(junctions));
}

std::shared_ptr<network const> make_network(temp_folder const& in, std::string const& options, std::uint64_t number) {
  std::vector<std::string> a = {"netgenerate", "-o", (in / "net.net.xml").string(), "--seed", std::to_string(number)};
  std::istringstream words(options);
  for (std::string word; words >> word;) a.push_back(word);
  process_result const r = run_program(a);
  if (!r.ok()) throw std::runtime_error("netgenerate " + options + ": " + r.error_output);
  return read_network(in / "net.net.xml");
}

void add_types(demand& d, dice& by) {
  double const sigma = by.share(0.5) ? 0 : by.between(0.1, 0.8);
  struct kind {
    char const* name;
    vclass cls;
    double length_m, accel, decel, fastest;
  };
  for (kind const& k :
       {kind{"car", vclass::kPassenger, 4.6, 2.6, 4.5, 50}, kind{"lorry", vclass::kTruck, 12, 1.0, 4, 25},
        kind{"bus", vclass::kBus, 12, 1.2, 4, 24}, kind{"motorcycle", vclass::kMotorcycle, 2.2, 6, 10, 55}}) {
    vehicle_type t;
    t.name = k.name;
    t.cls = k.cls;
    t.length_m = k.length_m * by.between(0.9, 1.3);
    t.accel_mps2 = k.accel;
    t.decel_mps2 = k.decel;
    t.emergency_decel_mps2 = std::max(9.0, k.decel);
    t.max_speed_mps = k.fastest;
    t.tau_s = by.between(1, 1.6);
    t.min_gap_m = by.between(1, 3);
    t.sigma = sigma;
    t.speed_factor_dev = 0;
    d.types.push_back(t);
  }
}

std::uint32_t draw_type(dice& by) {
  double const x = by.between(0, 1);
  return x < 0.75 ? 0U : x < 0.85 ? 1U : x < 0.92 ? 2U : 3U;
}

void add_vehicles(demand& d, network const& n, dice& by, random_options const& o) {
  std::vector<edge_id> normal;
  for (std::uint32_t e = 0; e < n.edge_count(); ++e) {
    if (n.is_normal(edge_id(e))) normal.emplace_back(e);
  }
  for (std::size_t i = 0; i < o.vehicles; ++i) {
    plain_traveller t;  // drawn in this order
    t.key = 1000 + i;
    t.name = std::to_string(i);
    t.depart_s = std::floor(by.between(0, o.length_s * 2 / 3));
    t.type = vtype_id(draw_type(by));
    t.speed_factor = static_cast<float>(by.between(0.8, 1.2));
    t.from = normal[by.below(normal.size())];
    t.to = normal[by.below(normal.size())];
    add_traveller(d, std::move(t));
  }
}

// One stop for each bus, on an edge of its way.
void add_stops(demand& d, network const& n, dice& by) {
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (d.vehicles.type[v].value != 2 || !d.vehicles.route[v].valid()) continue;
    auto const way = d.route(d.vehicles.route[v]);
    edge_id const e = way[by.below(way.size())];
    double const length = n.length_m(e);
    if (length < 60) continue;
    bus_stop s;
    s.name = s.label = "stop" + std::to_string(i);
    s.lane = lane_id(n.edges.lanes[e].begin);
    s.begin_m = length - 40;
    s.end_m = length - 20;
    d.stops.push_back(s);
    auto const first = static_cast<std::uint32_t>(d.stop_calls.size());
    d.stop_calls.push_back({stop_id(d.stops.size() - 1), 10 + by.between(0, 20), -1});
    d.vehicles.stops[v] = {first, first + 1};
  }
}

}  // namespace

random_traffic::random_traffic(std::uint64_t number, random_options const& options) {
  dice by(number);
  dice more(number + (std::uint64_t{1} << 32U));
  std::string how = network_options(by, options.static_signals_only);
  if (options.more_kinds) add_more_options(how, more);
  ready.net = make_network(folder, how, number);
  auto d = std::make_shared<demand>();
  add_types(*d, by);
  bool const idm = options.more_kinds && more.share(0.25);
  if (idm) d->types[vtype_id(0U)].other["carFollowModel"] = "IDM";
  add_vehicles(*d, *ready.net, by, options);
  d->sort();
  ready.ways = std::make_shared<router const>(*ready.net, free_flow_costs(*ready.net));
  ready.way_options.seed = number;
  ready.way_options.threads = 1;
  plan_routes(*d, *ready.ways, ready.way_options, [](vehicle_id) { return true; });
  add_stops(*d, *ready.net, by);
  ready.name = "random";
  ready.file = folder / "random.toml";
  ready.travellers = d;
  ready.end_s = options.length_s;
  ready.time_to_teleport_s = by.share(0.5) ? 60 : 300;
  ready.programs.resize(ready.net->signals.name.size());
  if (options.more_kinds && more.share(0.25)) ready.step_s = 0.5;
  told = fmt::format(
      "number {}: netgenerate {} --seed {}; {} vehicles, sigma {:.2f}, teleports after {} s, ticks of {} s{}", number,
      how, number, options.vehicles, d->types[vtype_id(0U)].sigma, ready.time_to_teleport_s, ready.step_s,
      idm ? ", cars by IDM" : "");
}

}  // namespace gemeo::test
