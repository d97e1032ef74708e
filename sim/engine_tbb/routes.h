// Routes that are no longer the demand's: who changes his way on the road, or before he enters it, has his own edges
// behind the demand's in world::route_edges. Beside them, who is in which slot. Part of the world's state; nothing that
// is decided depends on where a route lies. Thread rule: one thread writes, between the parallel stages.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "sim/core/bytes.h"
#include "sim/core/ids.h"
#include "sim/network/network.h"

namespace gemeo::micro {

struct world;

struct early_change {  // of a traveller who waits to enter: the way he will take, in world::route_edges
  range way;
  std::uint32_t reroutes = 0;
};

struct route_changes {
  std::map<vehicle_id, early_change> waiting;
  id_vector<vehicle_id, std::uint32_t> slot_of;  // kNone: not in the network; empty: nobody asks
  std::uint64_t kept = 0;                        // edges of changed routes when they were last tidied up
};

// The route with which the traveller enters, in world::route_edges.
range entry_route(world const& w, vehicle_id v);
void note_entered(world& w, std::uint32_t k);  // the vehicle of that slot, and counts what it changed before
void note_left(world& w, vehicle_id v);
void note_slots(world& w);   // all anew; from then on they are kept
void note_order(world& w);   // the vehicles' slots, right after order_by_lane
void tidy_routes(world& w);  // from time to time, right after order_by_lane: drops routes that nobody drives any more
// Replaces what is left of a route, from the edge now driven on; of one who waits, all of it. The answer says where the
// way cannot be driven, as SUMO's check of a route does; empty: it is his way now.
std::string change_route(world& w, vehicle_id v, bool in_network, std::span<edge_id const> way);

// The way with which a traveller who waits will enter, where he has none to change: it does not count as a change.
void choose_entry_route(world& w, vehicle_id v, std::span<edge_id const> way);

void save_routes(world const& w, byte_writer& out);
void restore_routes(world& w, byte_reader& in);  // after the vehicles

}  // namespace gemeo::micro
