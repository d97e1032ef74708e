#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/csv.h"
#include "sim/routing/router.h"

namespace gemeo {

float edge_costs::at(double time_s, edge_id e) const {
  auto const slot = std::min(static_cast<std::size_t>(std::max(0.0, time_s) / slot_s), slots - 1);
  return seconds[(slots == 1 ? 0 : slot * (seconds.size() / slots)) + e.index()];
}

edge_costs free_flow_costs(network const& net) {
  edge_costs c;
  c.seconds.resize(net.edge_count());
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    c.seconds[i] = net.is_normal(e) ? static_cast<float>(net.length_m(e) / std::max(0.1, net.speed_mps(e))) : 0.0F;
  }
  return c;
}

edge_costs read_costs(std::filesystem::path const& file, network const& net) {
  constexpr double kSlotS = 3600;
  constexpr std::size_t kMaxSlots = 48;
  edge_costs const free = free_flow_costs(net);
  edge_costs c;
  c.slot_s = kSlotS;
  c.slots = 0;
  csv_table const table(file, {"begin_s", "edge_id", "travel_time_s"});
  table.for_each([&](csv_row const& r) {
    double const begin = r.not_negative("begin_s");
    if (std::fmod(begin, kSlotS) != 0 || begin >= kSlotS * kMaxSlots)
      r.fail(fmt::format("'begin_s' is {}, not a full hour of the first two days", begin));
    auto const slot = static_cast<std::size_t>(begin / kSlotS);
    auto const e = net.find_edge(r.text("edge_id"));
    if (!e) r.fail(fmt::format("the network has no edge '{}'", r.text("edge_id")));
    double const t = r.not_negative("travel_time_s");
    if (t > 1e6) r.fail(fmt::format("'travel_time_s' is {}: nobody waits that long", t));
    for (; c.slots <= slot; ++c.slots) c.seconds.insert(c.seconds.end(), free.seconds.begin(), free.seconds.end());
    // Nobody is faster than free flow by more than rounding: measured times of few vehicles are kept above it.
    c.seconds[slot * net.edge_count() + e->index()] = std::max(static_cast<float>(t), free.seconds[e->index()]);
  });
  if (c.slots == 0) return free;
  return c;
}

void write_costs(std::filesystem::path const& file, edge_costs const& costs, network const& net) {
  edge_costs const free = free_flow_costs(net);
  std::string text = "begin_s,edge_id,travel_time_s\n";
  for (std::size_t slot = 0; slot < costs.slots; ++slot) {
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      float const t = costs.seconds[slot * net.edge_count() + i];
      if (!net.is_normal(edge_id(i)) || t <= free.seconds[i] * 1.05F)
        continue;  // free flow is what is read where nothing is said
      text +=
          fmt::format("{:.0f},{},{:.1f}\n", static_cast<double>(slot) * costs.slot_s, net.edges.name[edge_id(i)], t);
    }
  }
  write_text_file(file, text);
}

}  // namespace gemeo
