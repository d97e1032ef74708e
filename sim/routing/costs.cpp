#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/csv.h"
#include "sim/routing/router.h"

namespace gemeo {

float edge_costs::at(double time_s, edge_id e, std::size_t view) const {
  auto const slot = std::min(static_cast<std::size_t>(std::max(0.0, time_s) / slot_s), slots - 1);
  std::size_t const sets = slots * views;
  return seconds[(sets == 1 ? 0 : (view * slots + slot) * (seconds.size() / sets)) + e.index()];
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

std::vector<float> free_flow_turns(network const& net) {
  std::vector<float> out(net.edge_successors.size(), std::numeric_limits<float>::max());
  for (connection const& c : net.connections) {
    edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
    if (!net.is_normal(from) || !net.is_normal(to)) continue;
    float s = 0;
    int parts = 0;  // a turn that waits inside the junction has two
    for (lane_id l = c.via; l.valid() && net.edges.function[net.lanes.edge[l]] == edge_function::kInternal && parts < 8;
         ++parts) {
      s += net.lanes.length_m[l] / std::max(0.1F, net.lanes.speed_mps[l]);
      range const next = net.lanes.out[l];
      l = next.size() > 0 ? net.connections[next.begin].via : lane_id();
    }
    auto const successors = net.successors(from);
    auto const at = std::find(successors.begin(), successors.end(), to);
    if (at == successors.end()) continue;
    float& turn = out[net.edges.out[from].begin + static_cast<std::size_t>(at - successors.begin())];
    turn = std::min(turn, s);
  }
  for (float& s : out) s = s == std::numeric_limits<float>::max() ? 0 : s;
  return out;
}

namespace {

constexpr double kSlotS = 3600;
constexpr std::size_t kMaxSlots = 48, kMaxViews = 16;

// The times of one hour in one view, and who is told of by them.
struct told {
  std::size_t slot, view;
  edge_id edge;
  float seconds;
};

told read_row(csv_row const& r, network const& net) {
  double const begin = r.not_negative("begin_s");
  if (std::fmod(begin, kSlotS) != 0 || begin >= kSlotS * kMaxSlots)
    r.fail(fmt::format("'begin_s' is {}, not a full hour of the first two days", begin));
  auto const e = net.find_edge(r.text("edge_id"));
  if (!e) r.fail(fmt::format("the network has no edge '{}'", r.text("edge_id")));
  double const t = r.not_negative("travel_time_s");
  if (t > 1e6) r.fail(fmt::format("'travel_time_s' is {}: nobody waits that long", t));
  double const view = r.has("view") ? r.not_negative("view") : 0;
  if (std::fmod(view, 1) != 0 || view >= kMaxViews)
    r.fail(fmt::format("'view' is {}, not a whole number from 0 to {}", view, kMaxViews - 1));
  return {static_cast<std::size_t>(begin / kSlotS), static_cast<std::size_t>(view), *e, static_cast<float>(t)};
}

}  // namespace

edge_costs read_costs(std::filesystem::path const& file, network const& net) {
  edge_costs const free = free_flow_costs(net);
  std::vector<told> rows;
  std::vector<std::size_t> views_of;  // by slot
  csv_table const table(file, {"begin_s", "edge_id", "travel_time_s"}, {"view"});
  table.for_each([&](csv_row const& r) {
    told const t = read_row(r, net);
    if (views_of.size() <= t.slot) views_of.resize(t.slot + 1, 1);
    views_of[t.slot] = std::max(views_of[t.slot], t.view + 1);
    rows.push_back(t);
  });
  if (rows.empty()) return free;
  edge_costs c;
  c.slot_s = kSlotS;
  c.slots = views_of.size();
  c.views = *std::max_element(views_of.begin(), views_of.end());
  for (std::size_t i = 0; i < c.slots * c.views; ++i)
    c.seconds.insert(c.seconds.end(), free.seconds.begin(), free.seconds.end());
  for (told const& t : rows) {
    // An hour with fewer views than others repeats them.
    for (std::size_t view = t.view; view < c.views; view += views_of[t.slot]) {
      // Nobody is faster than free flow by more than rounding: measured times of few vehicles are kept above it.
      c.seconds[(view * c.slots + t.slot) * net.edge_count() + t.edge.index()] =
          std::max(t.seconds, free.seconds[t.edge.index()]);
    }
  }
  return c;
}

void write_costs(std::filesystem::path const& file, edge_costs const& costs, network const& net) {
  edge_costs const free = free_flow_costs(net);
  std::string text = "begin_s,edge_id,travel_time_s,view\n";
  for (std::size_t set = 0; set < costs.slots * costs.views; ++set) {
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      float const t = costs.seconds[set * net.edge_count() + i];
      if (!net.is_normal(edge_id(i)) || t <= free.seconds[i] * 1.05F)
        continue;  // free flow is what is read where nothing is said
      text += fmt::format("{:.0f},{},{:.1f},{}\n", static_cast<double>(set % costs.slots) * costs.slot_s,
                          net.edges.name[edge_id(i)], t, set / costs.slots);
    }
  }
  write_text_file(file, text);
}

}  // namespace gemeo
