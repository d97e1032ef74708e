// Names resolved, flows expanded, everybody in order of departure.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/core/random.h"
#include "sim/demand/city.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

struct row {  // one vehicle that departs in time
  raw_vehicle const* what = nullptr;
  std::string name;                  // of a flow's; empty: the vehicle's own
  double depart_s = 0, later_s = 0;  // later_s: than the flow's first one, in time with which `until` moves
  std::uint64_t key = 0;
  bool of_flow = false;
};

class builder {
 public:
  explicit builder(state& s) : s_(s), net_(s.net), d_(s.out.travellers) {}

  void run() {
    std::vector<row> rows = in_time();
    // SUMO adds those of flows in the step of their departure, after the others.
    std::stable_sort(rows.begin(), rows.end(), [](row const& a, row const& b) {
      return a.depart_s != b.depart_s ? a.depart_s < b.depart_s : a.of_flow < b.of_flow;
    });
    for (row const& r : rows) add(r);
  }

 private:
  [[nodiscard]] std::vector<row> in_time() {
    std::vector<row> rows;
    for (raw_vehicle const& v : s_.vehicles) {
      if (v.depart_s < s_.options.begin_s || v.depart_s >= s_.options.end_s) continue;
      rows.push_back({&v, "", v.depart_s, 0, entity_key(v.name), false});
    }
    for (raw_flow const& f : s_.flows) {
      std::uint64_t number = 0;  // SUMO counts from the first that departs in the run's time
      for (flow_departure const& at : departures_of(f, s_)) {
        if (rows.size() >= s_.options.most_vehicles)
          s_.fail(f.what.where, f.what.name, fmt::format("there are more than {} vehicles", s_.options.most_vehicles),
                  "look at the flows' numbers and periods");
        row r{&f.what,
              fmt::format("{}.{}", f.what.name, number++),
              at.depart_s,
              0,
              entity_key(fmt::format("{}.{}", f.what.name, at.index)),
              true};
        if (f.kind == flow_kind::kNumber || f.kind == flow_kind::kPeriod) r.later_s = at.depart_s - f.begin_s;
        if (s_.vehicle_names.find(r.name) != s_.vehicle_names.end())
          s_.fail(f.what.where, f.what.name, fmt::format("makes a vehicle '{}', which exists already", r.name),
                  "give one of them another id");
        rows.push_back(std::move(r));
      }
    }
    return rows;
  }

  void add(row const& r) {
    raw_vehicle const& v = *r.what;
    vtype_id const type = draw_type_of(r);
    vclass const cls = d_.types[type].cls;
    route_id const route = route_of(r);
    if (route.valid()) check_route(v, route, cls);
    edge_id const from = route.valid() ? d_.route(route).front() : v.from;
    edge_id const to = route.valid() ? d_.route(route).back() : v.to;
    if (!route.valid()) check_ends(v, cls);
    range const stops = add_stops(r, route, cls);
    vehicle_table& t = d_.vehicles;
    vehicle_id const id = t.key.push_back(r.key);
    t.name.push_back(r.of_flow ? r.name : v.name);
    t.depart_s.push_back(r.depart_s);
    t.type.push_back(type);
    t.speed_factor.push_back(speed_factor_of(r, type));
    t.from.push_back(from);
    t.to.push_back(to);
    t.route.push_back(route);
    t.from_zone.push_back(zone_id());
    t.to_zone.push_back(zone_id());
    t.why.push_back(purpose_of(cls));
    t.line.push_back(line_of(v.line));
    t.stops.push_back(stops);
    t.start.push_back(start_of(v, from, to, type));
    if (!route.valid()) remember_via(id, v, stops);
  }

  vtype_id draw_type_of(row const& r) {
    raw_vehicle const& v = *r.what;
    if (!s_.types.knows(v.type)) add_default_type(s_, v.type);
    auto const& mix = s_.types.resolve(v.type, s_.where(v.where, v.name));
    if (mix.leaves.size() == 1) return vtype_id(mix.leaves.front());
    double const u = random_uniform(s_.options.seed, r.key, 0, draw::kVehicleType);
    return vtype_id(mix.leaves[pick_weighted(mix.weights, u)]);
  }

  route_id route_of(row const& r) {
    raw_vehicle const& v = *r.what;
    if (v.own_route.valid()) return v.own_route;
    if (v.route_name.empty()) return route_id();
    auto const& mix = s_.routes.resolve(v.route_name, s_.where(v.where, v.name));
    if (mix.leaves.size() == 1) return route_id(mix.leaves.front());
    double const u = random_uniform(s_.options.seed, r.key, 0, draw::kRouteChoice);
    return route_id(mix.leaves[pick_weighted(mix.weights, u)]);
  }

  // Normal, drawn again outside its bounds, as SUMO does; to four digits, and nobody wishes for less than a fifth.
  [[nodiscard]] float speed_factor_of(row const& r, vtype_id type) const {
    if (r.what->speed_factor > 0) return static_cast<float>(r.what->speed_factor);
    vehicle_type const& t = d_.types[type];
    speed_bounds const& b = s_.bounds[type.index()];
    double v = t.speed_factor;
    if (t.speed_factor_dev > 0) {
      constexpr std::uint64_t kTries = 100;
      for (std::uint64_t i = 0; i < kTries; ++i) {
        v = t.speed_factor + t.speed_factor_dev * random_normal(s_.options.seed, r.key, i, draw::kSpeedFactor);
        if (v >= b.least && v <= b.most) break;
      }
      v = std::clamp(v, b.least, b.most);
    }
    return static_cast<float>(std::max(0.2, std::round(v * 1e4) / 1e4));
  }

  // Whether a lane of the one edge that permits the class leads to a lane of the other that does.
  [[nodiscard]] bool leads(edge_id from, edge_id to, vclass cls) const {
    range const lanes = net_.edges.lanes[from];
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
      if (!permits(net_.lanes.allowed[lane_id(l)], cls)) continue;
      range const out = net_.lanes.out[lane_id(l)];
      for (std::uint32_t c = out.begin; c < out.end; ++c) {
        lane_id const next = net_.connections[c].to;
        if (net_.lanes.edge[next] == to && permits(net_.lanes.allowed[next], cls)) return true;
      }
    }
    return false;
  }

  void check_edge(raw_vehicle const& v, edge_id e, vclass cls) const {
    if (permits(net_.allowed(e), cls)) return;
    s_.fail(v.where, v.name, fmt::format("no lane of edge '{}' permits class '{}'", net_.edges.name[e], name_of(cls)),
            "give the vehicle another route or another type");
  }
  void check_ends(raw_vehicle const& v, vclass cls) const {
    check_edge(v, v.from, cls);
    check_edge(v, v.to, cls);
    for (edge_id const e : v.via) check_edge(v, e, cls);
  }

  void check_route(raw_vehicle const& v, route_id route, vclass cls) {
    if (!checked_.emplace(route.value, static_cast<int>(cls)).second) return;
    auto const edges = d_.route(route);
    check_edge(v, edges.front(), cls);
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
      if (leads(edges[i], edges[i + 1], cls)) continue;
      check_edge(v, edges[i + 1], cls);
      s_.fail(v.where, v.name,
              fmt::format("its route is broken: no connection for class '{}' leads from edge '{}' to edge '{}'",
                          name_of(cls), net_.edges.name[edges[i]], net_.edges.name[edges[i + 1]]),
              "correct the route, or let duarouter --repair it");
    }
  }

  range add_stops(row const& r, route_id route, vclass cls) {
    auto const begin = static_cast<std::uint32_t>(d_.stop_calls.size());
    std::size_t at = 0;  // on the route
    double pos_m = 0;
    auto const add_one = [&](raw_stop const& stop, double until_offset_s) {
      stop_id const id = stop_of(stop);
      bus_stop const& b = d_.stops[id];
      if (!permits(net_.lanes.allowed[b.lane], cls))
        s_.fail(stop.where, "",
                fmt::format("lane '{}' does not permit class '{}' of vehicle '{}'", net_.lane_name(b.lane),
                            name_of(cls), r.what->name),
                "stop on another lane");
      if (route.valid()) seek(r, route, stop, b, at, pos_m);
      d_.stop_calls.push_back({id, stop.duration_s, stop.until_s < 0 ? -1 : stop.until_s + until_offset_s});
    };
    if (route.valid()) {
      for (raw_stop const& stop : s_.stops_of[route.index()]) add_one(stop, r.depart_s);
    }
    for (raw_stop const& stop : r.what->stops) add_one(stop, r.later_s);
    return {begin, static_cast<std::uint32_t>(d_.stop_calls.size())};
  }

  // Moves on along the route to where the stop is.
  void seek(row const& r, route_id route, raw_stop const& stop, bus_stop const& b, std::size_t& at,
            double& pos_m) const {
    auto const edges = d_.route(route);
    edge_id const there = net_.lanes.edge[b.lane];
    bool const passed = edges[at] == there && b.end_m < pos_m - 1e-3;
    auto const it = std::find(edges.begin() + static_cast<std::ptrdiff_t>(at) + (passed ? 1 : 0), edges.end(), there);
    if (it == edges.end())
      s_.fail(stop.where, "",
              fmt::format("vehicle '{}' does not come to edge '{}' on the rest of its route", r.what->name,
                          net_.edges.name[there]),
              "stops stand in order of the route");
    at = static_cast<std::size_t>(it - edges.begin());
    pos_m = b.end_m;
  }

  stop_id stop_of(raw_stop const& stop) {
    std::string name = stop.at;
    if (name.empty()) {  // a place on a lane: one stop for all who use it
      name = fmt::format("{}:{:g}-{:g}", net_.lane_name(stop.lane), stop.begin_m, stop.end_m);
      auto const [it, is_new] = s_.stops.try_emplace(name, stop_id(d_.stops.size()));
      if (is_new) d_.stops.push_back({name, "", stop.lane, stop.begin_m, stop.end_m});
      return it->second;
    }
    auto const it = s_.stops.find(name);
    if (it == s_.stops.end())
      s_.fail(stop.where, "", fmt::format("names the unknown stop '{}'", name),
              "define the <busStop> in one of the files");
    return it->second;
  }

  departure start_of(raw_vehicle const& v, edge_id from, edge_id to, vtype_id type) const {
    departure d = v.start;
    std::uint32_t const lanes = net_.edges.lanes[from].size(), end_lanes = net_.edges.lanes[to].size();
    if (d.lane == depart_lane::kGiven && d.lane_index >= lanes)
      s_.fail(v.where, v.name,
              fmt::format("departs on lane {}, but edge '{}' has {}", d.lane_index, net_.edges.name[from], lanes),
              "lanes count from 0");
    if (d.end_lane >= static_cast<std::int32_t>(end_lanes))
      s_.fail(v.where, v.name,
              fmt::format("arrives on lane {}, but edge '{}' has {}", d.end_lane, net_.edges.name[to], end_lanes),
              "lanes count from 0");
    double const length_m = net_.length_m(from), end_length_m = net_.length_m(to);
    if (d.pos == depart_pos::kGiven) {
      if (d.pos_m < 0) d.pos_m += length_m;
      if (d.pos_m < 0 || d.pos_m > length_m)
        s_.fail(v.where, v.name,
                fmt::format("departs at {:g} m, but edge '{}' is {:g} m long", v.start.pos_m, net_.edges.name[from],
                            length_m),
                "positions below 0 count from the edge's end");
    }
    if (d.end == arrival_pos::kGiven) {  // SUMO moves what lies outside
      if (d.end_pos_m < 0) d.end_pos_m += end_length_m;
      d.end_pos_m = std::clamp(d.end_pos_m, 0.0, end_length_m);
    }
    vehicle_type const& t = d_.types[type];
    if (d.speed == depart_speed::kGiven && d.speed_mps > t.max_speed_mps)
      s_.fail(v.where, v.name,
              fmt::format("departs at {:g} m/s, but type '{}' reaches {:g} m/s", d.speed_mps, t.name, t.max_speed_mps),
              "departSpeed=\"max\" is as fast as can be");
    return d;
  }

  void remember_via(vehicle_id id, raw_vehicle const& v, range stops) {
    std::vector<edge_id> via = v.via;
    for (std::uint32_t c = stops.begin; c < stops.end; ++c) {
      edge_id const there = net_.lanes.edge[d_.stops[d_.stop_calls[c].stop].lane];
      edge_id const before = via.empty() ? v.from : via.back();
      bool const last = c + 1 == stops.end && there == v.to;
      if (there != before && !last) via.push_back(there);
    }
    if (!via.empty()) s_.out.via.emplace(id, std::move(via));
  }

  line_id line_of(std::string const& name) {
    if (name.empty()) return line_id();
    auto const [it, is_new] = lines_.try_emplace(name, line_id(d_.lines.size()));
    if (is_new) d_.lines.push_back({name, name});
    return it->second;
  }

  static purpose purpose_of(vclass cls) {
    if (cls == vclass::kBus || cls == vclass::kCoach) return purpose::kBus;
    bool const freight = cls == vclass::kTruck || cls == vclass::kTrailer || cls == vclass::kDelivery;
    return freight ? purpose::kFreight : purpose::kOther;
  }

  state& s_;
  network const& net_;
  demand& d_;
  std::set<std::pair<std::uint32_t, int>> checked_;
  std::unordered_map<std::string, line_id> lines_;
};

}  // namespace

void build(state& s) {
  builder(s).run();
  build_passengers(s);
  s.out.ignored = s.ignored.take();
  s.out.unsupported = s.unsupported.take();
  s.out.notes = s.notes.take();
}

}  // namespace gemeo::sumo_files

namespace gemeo {

sumo_inputs read_sumo_demand(network const& net, std::vector<std::filesystem::path> const& files,
                             sumo_reading const& o) {
  sumo_files::state s(net, o);
  for (std::filesystem::path const& f : files) sumo_files::read_file(f, s);
  sumo_files::build(s);
  return std::move(s.out);
}

sumo_inputs parse_sumo_demand(network const& net, std::string_view text, std::filesystem::path const& name,
                              sumo_reading const& o) {
  sumo_files::state s(net, o);
  s.may_include = false;
  sumo_files::read_text(text, name, s);
  sumo_files::build(s);
  return std::move(s.out);
}

}  // namespace gemeo
