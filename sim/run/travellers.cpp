#include "sim/run/travellers.h"

#include <algorithm>

#include "sim/scenario/closures.h"

namespace gemeo {

namespace {

// The mode of travel that a mobility survey would record: people drive vans, too; without a purpose a van is freight.
std::string_view mode_of(vclass c, purpose why) {
  if (c == vclass::kDelivery && why != purpose::kFreight && why != purpose::kOther) return "car";
  switch (c) {
    case vclass::kPassenger:
    case vclass::kPrivate:
    case vclass::kHov:
    case vclass::kTaxi:
    case vclass::kVip:
    case vclass::kEvehicle:
      return "car";
    case vclass::kBus:
    case vclass::kCoach:
      return "bus";
    case vclass::kDelivery:
    case vclass::kTruck:
    case vclass::kTrailer:
      return "truck";
    case vclass::kMotorcycle:
    case vclass::kMoped:
      return "motorcycle";
    default:
      return name_of(c);
  }
}

template <typename Id, typename Table>
std::string name_or_empty(Id id, Table const& table) {
  return table.contains(id) ? table[id].name : std::string();
}

void add_vehicles(demand const& d, traveller_table& t) {
  vehicle_table const& v = d.vehicles;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const id(i);
    vehicle_type const& type = d.types[v.type[id]];
    t.name.push_back(v.name[id]);
    t.type.push_back(type.name);
    t.purpose.emplace_back(name_of(v.why[id]));
    t.mode.emplace_back(mode_of(type.cls, v.why[id]));
    t.from_zone.push_back(name_or_empty(v.from_zone[id], d.zones));
    t.to_zone.push_back(name_or_empty(v.to_zone[id], d.zones));
    t.line.push_back(name_or_empty(v.line[id], d.lines));
    t.planned_depart_s.push_back(v.depart_s[id]);
  }
}

// An edge belongs to the zone in which it weighs most as an origin or destination, the first of equals.
void add_zones(demand const& d, network const& net, traveller_table& t) {
  std::vector<double> best(net.edge_count(), -1.0);
  t.edge_zone.assign(net.edge_count(), 0xffffffffU);
  for (std::size_t z = 0; z < d.zones.size(); ++z) {
    zone const& here = d.zones[zone_id(z)];
    t.zone_names.push_back(here.name);
    t.zone_labels.push_back(here.label.empty() ? here.name : here.label);
    for (std::size_t i = 0; i < here.edges.size(); ++i) {
      double const origin = i < here.origin_weight.size() ? here.origin_weight[i] : 0;
      double const destination = i < here.destination_weight.size() ? here.destination_weight[i] : 0;
      std::size_t const e = here.edges[i].index();
      if (double const weight = std::max(origin, destination); weight > best[e]) {
        best[e] = weight;
        t.edge_zone[e] = static_cast<std::uint32_t>(z);
      }
    }
  }
}

}  // namespace

traveller_table make_traveller_table(scenario const& s) {
  traveller_table t;
  t.closures = closures_to_cars(s);
  if (s.travellers) {
    add_vehicles(*s.travellers, t);
    if (!s.travellers->zones.empty()) add_zones(*s.travellers, *s.net, t);
    for (bus_stop const& stop : s.travellers->stops) t.stop_names.push_back(stop.name);
    for (passenger const& p : s.travellers->passengers) t.passenger_names.push_back(p.name);
  }
  for (detector_place const& d : s.detectors) t.detector_names.push_back(d.name);
  for (lane_area const& d : s.areas) t.area_names.push_back(d.name);
  t.signal_names = s.net->signals.name.raw();
  return t;
}

run_description describe_run(scenario const& s, run_request const& r, engine_info const& e) {
  run_description d;
  d.scenario_name = s.name;
  d.scenario_title = s.title;
  d.scenario_text = s.text;
  d.scenario_title_pt = s.title_pt;
  d.attribution = s.of_data.attribution;
  d.attribution_pt = s.of_data.attribution_pt;
  d.caution = s.of_data.caution;
  d.caution_pt = s.of_data.caution_pt;
  d.time_zone = s.time_zone;
  d.effective_config = s.effective_config;
  d.engine = e.name;
  d.engine_version = e.version;
  d.software_version = software_version();
  d.commit = software_commit();
  d.seed = r.seed;
  d.network_hash = s.network_hash;
  d.demand_hash = s.demand_hash;
  d.demand_member = s.demand_member;
  d.input_hash = r.input_hash;
  d.begin_s = s.begin_s;
  d.end_s = s.end_s;
  d.step_s = s.step_s;
  d.interval_s = r.interval_s;
  d.warm_up_s = s.warm_up_s;
  d.threads = r.threads;
  d.emissions = r.emissions;
  d.trajectories = r.trajectories;
  return d;
}

}  // namespace gemeo
