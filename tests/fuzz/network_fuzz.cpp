// Any text as a SUMO network: either it is refused with an error(kInput), or what comes out can be used: names look up
// to themselves, validation, components, spatial index and projection work on it.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/core/error.h"
#include "sim/network/network.h"
#include "sim/network/projection.h"
#include "sim/network/spatial_index.h"
#include "sim/network/validate.h"
#include "tests/fuzz/must.h"

namespace {

void use(gemeo::network const& net) {
  using namespace gemeo;
  must(net.edge_count() > 0, "a network without edges was accepted");
  for (std::uint32_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    must(net.find_edge(net.edges.name[e]) == e, "an edge is not found by its name");
    must(net.edges.lanes[e].size() > 0, "an edge has no lanes");
    for (edge_id const next : net.successors(e)) must(next.index() < net.edge_count(), "a successor is no edge");
  }
  for (std::uint32_t i = 0; i < net.lane_count(); ++i) {
    must(net.shape(lane_id(i)).size() >= 2, "a lane has no shape");
    must(net.lanes.length_m[lane_id(i)] >= 0, "a lane has a negative length");
  }
  for (connection const& c : net.connections)
    must(c.from.index() < net.lane_count() && c.to.index() < net.lane_count(), "a connection of no lane");
  must(summarise(net).edges <= net.edge_count(), "more edges counted than there are");
  for (network_finding const& f : validate(net))
    must(f.count > 0 && f.examples.size() <= 10, "a network_finding of nothing");
  spatial_index const index(net);
  for (lane_hit const& h : index.near(net.bounds.min_x, net.bounds.min_y, 1000))
    must(h.distance_m <= 1000, "a lane beyond the radius");
  try {
    projection const map(net);
    must(std::abs(map.to_lon_lat(net.bounds.min_x, net.bounds.min_y).lat_deg) <= 90, "a latitude beyond the pole");
  } catch (error const& e) {
    must(e.kind() == error_kind::kInput, "a projection fails with something else than an input error");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  try {
    use(*gemeo::read_network_text({reinterpret_cast<char const*>(data), size}, "fuzz.net.xml"));
  } catch (gemeo::error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
  }
  return 0;
}
