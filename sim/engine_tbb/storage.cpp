// Where vehicles are kept: those that drive behind each other lie behind each other in memory.
#include "sim/core/error.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

template <typename T>
void reorder(std::vector<T>& v, std::vector<slot> const& from, std::size_t each) {
  std::vector<T> sorted;
  make_room(sorted, from.size() * each);  // and some for who enters next, who would else have all of it copied again
  for (slot const old : from) {
    auto const begin = v.begin() + static_cast<std::ptrdiff_t>(old * each);
    sorted.insert(sorted.end(), begin, begin + static_cast<std::ptrdiff_t>(each));
  }
  v.swap(sorted);
}

}  // namespace

bool is_loose(world const& w) {
  std::size_t const used = w.cars.size() - w.free_slots.size();
  return w.cars.size() > used + used / 48;  // not by capacity, which no checkpoint holds
}

std::vector<slot> order_by_lane(world& w) {
  std::vector<slot> from;  // by new slot
  from.reserve(w.cars.size());
  for (chunk const& c : w.chunks) {
    for (lane_id const l : c.lanes) from.insert(from.end(), w.lanes[l].cars.begin(), w.lanes[l].cars.end());
  }
  for (teleporting const& t : w.teleports) from.push_back(t.who);
  from.insert(from.end(), w.left_slots.begin(), w.left_slots.end());
  verify(from.size() + w.free_slots.size() == w.cars.size(),
         "every slot is on a lane, underway beside the road, or free");
  w.free_slots.clear();
  std::vector<slot> to(w.cars.size(), kNone);
  for (std::size_t i = 0; i < from.size(); ++i) to[from[i]] = static_cast<slot>(i);
  reorder(w.cars, from, 1);
  reorder(w.pasts, from, 1);
  reorder(w.logs, from, 1);
  if (!w.emitted_by.empty()) reorder(w.emitted_by, from, 1);
  reorder(w.choices, from, w.map->max_lanes);
  if (!w.far_ways.empty()) reorder(w.far_ways, from, w.map->max_lanes);
  for (lane_state& s : w.lanes) {
    for (slot& k : s.cars) k = to[k];
  }
  for (partial& p : w.partials) p.who = p.who == kNone ? kNone : to[p.who];  // some are nobody's
  for (teleporting& t : w.teleports) t.who = to[t.who];
  for (slot& k : w.standing) k = to[k];
  for (slot& k : w.left_slots) k = to[k];
  w.approaches.each([&](approach& a) { a.who = to[a.who] & (kMostSlots - 1); });
  for (chunk& c : w.chunks) {
    for (change_notes& n : c.notes) n.who = n.who == kNone ? kNone : to[n.who];
  }
  return to;
}

engine_memory memory_of(world const& w) {
  static constexpr std::size_t kMapNode = 32 + 8 + sizeof(bus_calls);
  auto const bytes = [](auto const& v) { return v.capacity() * sizeof(*v.data()); };
  engine_memory m{bytes(w.cars) + bytes(w.pasts) + bytes(w.logs) + bytes(w.choices) + bytes(w.far_ways) +
                      bytes(w.free_slots) + bytes(w.changes.slot_of.raw()) + bytes(w.left_slots) + bytes(w.emitted_by) +
                      kMapNode * (w.calls.size() + w.teleported.size()) + w.approaches.bytes() + w.details.bytes() +
                      w.restored.index_bytes() + w.restored_details.index_bytes() + bytes(w.teleports) +
                      bytes(w.partials),
                  0};
  for (auto const& pool : w.blocks) m.vehicles += pool->bytes();
  for (part const& p : w.parts) {
    m.vehicles += sizeof p + bytes(p.active) + bytes(p.finished) + p.turned_rears.index_bytes() +
                  p.steps.index_bytes() + p.links.index_bytes() + p.planned.index_bytes() + p.told.index_bytes() +
                  p.planned_details.index_bytes() + p.details.index_bytes() + p.passages.index_bytes() +
                  p.passed.index_bytes() + p.changed.index_bytes() + p.ordered.index_bytes() + bytes(p.hints) +
                  bytes(p.far_approaches) + bytes(p.far_passages) + bytes(p.halted) + bytes(p.crossings);
  }
  for (chunk const& c : w.chunks) {
    m.vehicles += bytes(c.notes);
    m.lanes += sizeof c + bytes(c.lanes) + bytes(c.with_cars) + bytes(c.may_change) + bytes(c.edge_at);
  }
  m.lanes += w.map->bytes() + bytes(w.lanes.raw()) + bytes(w.occupants.raw()) + bytes(w.allowed.raw()) +
             bytes(w.loops_on.raw()) + bytes(w.chunk_of.raw()) + bytes(w.sums.raw()) + bytes(w.counts.raw()) +
             bytes(w.emissions.raw()) + bytes(w.taken.raw()) + bytes(w.taken_m.raw()) + bytes(w.beside.raw()) +
             bytes(w.open_to.raw()) + bytes(w.approach_head) + bytes(w.changing_edges) + bytes(w.full) +
             bytes(w.letters);
  for (share const& s : w.shares) m.lanes += sizeof s + bytes(s.with_rears) + bytes(s.approached) + bytes(s.crossings);
  for (lane_state const& s : w.lanes) m.lanes += s.cars.far_bytes();
  return m;
}

}  // namespace gemeo::micro
