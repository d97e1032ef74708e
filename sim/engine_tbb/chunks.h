// Which lanes are worked on together: those that lead to the same junctions or cross them, junctions in the order of a
// curve that stays in a neighbourhood. So what a thread touches in one stage, and again in the next, lies together on
// the map and, by order_by_lane, in memory. Nothing that is decided depends on it.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

// Where (x, y) is on the curve of Hilbert (1891) through a square of 65,536 by 65,536 fields.
std::uint64_t hilbert_place(std::uint32_t x, std::uint32_t y);

// Fills world::chunks and changing_edges.
void make_chunks(world& w);

// Makes `parts` runs of chunks, and of these `shares` with about as much work each; the parts of a share get smaller
// towards its end. parts: as many as when it was first called since world::parts was empty; at least `shares`.
void balance(world& w, std::size_t parts, std::size_t shares);

void find_active(world& w, part& p);
// Of a part's active lanes, what will soon be asked for when the next one of `left` is worked on.
void fetch_ahead(world const& w, lane_id const* next, std::size_t left);

// Edges on which somebody may want to change lanes.
void change_edges(world& w, part& p, chunk& c);

}  // namespace gemeo::micro
