// Any text as a SUMO demand or additional file: refused with an error(kInput), or what comes out can be used: vehicles
// in order of departure inside the run's time, each with a type, ends, a start and, where it has a route, one that
// joins up.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/core/error.h"
#include "sim/demand/sumo_demand.h"
#include "tests/fuzz/must.h"

namespace {

// Two edges in line with a signal between them, two lanes on the first, of which buses have one.
constexpr char const* kNet = R"(<net version="1.9">
<location netOffset="0,0" convBoundary="0,0,200,0" origBoundary="0,0,200,0" projParameter="!"/>
<edge id="a" from="W" to="J"><lane id="a_0" index="0" allow="bus" speed="13.89" length="99" shape="0,-4.8 99,-4.8"/><lane id="a_1" index="1" speed="13.89" length="99" shape="0,-1.6 99,-1.6"/></edge>
<edge id="b" from="J" to="E"><lane id="b_0" index="0" speed="8.33" length="99" shape="101,-1.6 200,-1.6"/></edge>
<tlLogic id="J" type="static" programID="0" offset="5"><phase duration="30" state="GG"/><phase duration="5" state="yy"/></tlLogic>
<junction id="W" type="dead_end" x="0" y="0" incLanes="" intLanes="" shape="0,0 0,-6.4"/>
<junction id="J" type="traffic_light" x="100" y="0" incLanes="a_0 a_1" intLanes="" shape="99,0 99,-3"/>
<junction id="E" type="dead_end" x="200" y="0" incLanes="b_0" intLanes="" shape="200,-3 200,0"/>
<connection from="a" to="b" fromLane="0" toLane="0" tl="J" linkIndex="0" dir="s" state="O"/>
<connection from="a" to="b" fromLane="1" toLane="0" tl="J" linkIndex="1" dir="s" state="O"/>
</net>
)";

constexpr double kEnd_s = 100;

void check_vehicle(gemeo::demand const& d, gemeo::vehicle_id v, gemeo::network const& net) {
  using namespace gemeo;
  vehicle_table const& t = d.vehicles;
  must(t.depart_s[v] >= 0 && t.depart_s[v] < kEnd_s, "a departure outside the time");
  must(t.type[v].index() < d.types.size(), "a vehicle of no type");
  must(t.from[v].valid() && t.to[v].valid(), "a vehicle without ends");
  must(std::isfinite(t.speed_factor[v]) && t.speed_factor[v] > 0, "a vehicle that never moves");
  departure const& s = t.start[v];
  must(s.pos_m >= 0 && s.pos_m <= net.length_m(t.from[v]), "a departure beside its edge");
  must(s.end_pos_m >= 0 && s.end_pos_m <= net.length_m(t.to[v]), "an arrival beside its edge");
  must(s.lane != depart_lane::kGiven || s.lane_index < net.edges.lanes[t.from[v]].size(), "a lane that is none");
  for (std::uint32_t c = t.stops[v].begin; c < t.stops[v].end; ++c) {
    must(d.stop_calls.at(c).stop.index() < d.stops.size(), "a stop that is none");
    must(d.stop_calls[c].duration_s >= 0, "a stop that ends before it begins");
  }
  if (!t.route[v].valid()) return;
  auto const route = d.route(t.route[v]);
  must(!route.empty() && route.front() == t.from[v] && route.back() == t.to[v], "a route with other ends");
}

void check(gemeo::sumo_inputs const& in, gemeo::network const& net) {
  using namespace gemeo;
  demand const& d = in.travellers;
  must(d.vehicles.start.size() == d.size() && d.vehicles.stops.size() == d.size(), "columns of different lengths");
  double last_s = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    check_vehicle(d, vehicle_id(i), net);
    must(d.vehicles.depart_s[vehicle_id(i)] >= last_s, "vehicles out of order");
    last_s = d.vehicles.depart_s[vehicle_id(i)];
  }
  for (vehicle_type const& t : d.types)
    must(t.length_m > 0 && t.max_speed_mps > 0 && t.accel_mps2 > 0 && t.tau_s > 0, "a type that cannot drive");
  for (induction_loop const& l : in.loops)
    must(l.pos_m >= 0 && l.pos_m <= static_cast<double>(net.lanes.length_m[l.lane]), "a loop beside its lane");
  for (auto const& list : in.programs) {
    for (signal_program const& p : list) must(!p.phases.empty(), "a program without phases");
  }
  (void)d.hash();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace gemeo;
  static auto const net = read_network_text(kNet, "fuzz.net.xml");
  try {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    check(parse_sumo_demand(*net, text, "fuzz.rou.xml", {0, kEnd_s, 1, 3, 20000}), *net);
  } catch (error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
    must(std::string_view(e.what()).find('\n') == std::string_view::npos, "a message of several lines");
  }
  return 0;
}
