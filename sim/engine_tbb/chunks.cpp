#include "sim/engine_tbb/chunks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sim/core/error.h"

namespace gemeo::micro {

namespace {

constexpr std::size_t kLanesAChunk = 64;
constexpr std::size_t kLanesAVehicle = 32;  // looking at so many empty lanes takes as long as a vehicle

class places {  // of junctions on the curve
 public:
  explicit places(network const& n) : n_(n) {
    bool first = true;
    for (point const& p : n.junctions.position) {
      least_.x = first ? p.x : std::min(least_.x, p.x);
      least_.y = first ? p.y : std::min(least_.y, p.y);
      most_.x = first ? p.x : std::max(most_.x, p.x);
      most_.y = first ? p.y : std::max(most_.y, p.y);
      first = false;
    }
  }
  [[nodiscard]] std::uint64_t of(junction_id j) const {
    point const p = n_.junctions.position[j];
    double const size = std::max({double(most_.x) - double(least_.x), double(most_.y) - double(least_.y), 1.0});
    auto const field = [&](double at, double least) {
      return static_cast<std::uint32_t>(std::clamp((at - least) / size, 0.0, 1.0) * 65535);
    };
    return hilbert_place(field(double(p.x), double(least_.x)), field(double(p.y), double(least_.y)));
  }

 private:
  network const& n_;
  point least_{}, most_{};
};

// Of 64 bits those of places from `least` on.
std::uint64_t from_bit(std::uint64_t bits, std::size_t word, std::size_t least) {
  if (least <= word * 64) return bits;
  return least >= (word + 1) * 64 ? 0 : bits & ~std::uint64_t{0} << least % 64;
}

void note_changing(world const& w, chunk& c) {
  c.may_change.assign(c.with_cars.size(), 0);
  c.edge_at.assign(c.lanes.size(), 0);
  for (std::uint32_t i = c.changing.begin; i < c.changing.end; ++i) {
    changing_edge const& e = w.changing_edges[i];
    for (std::uint32_t at = e.place; at < e.place + e.lanes.size(); ++at) {
      c.may_change[at / 64] |= std::uint64_t{1} << at % 64;
      c.edge_at[at] = static_cast<std::uint16_t>(i - c.changing.begin);
    }
  }
}

}  // namespace

std::uint64_t hilbert_place(std::uint32_t x, std::uint32_t y) {
  std::uint64_t d = 0;
  for (std::uint32_t s = 32768; s > 0; s /= 2) {
    bool const right = (x & s) != 0, upper = (y & s) != 0;
    d += std::uint64_t{s} * s * (right ? (upper ? 2 : 3) : (upper ? 1 : 0));
    if (upper) continue;
    if (right) {
      x = 65535 - x;
      y = 65535 - y;
    }
    std::swap(x, y);
  }
  return d;
}

void make_chunks(world& w) {
  network const& n = w.map->net();
  places const where(n);
  struct entry {
    std::uint64_t place;
    junction_id junction;
    edge_id edge;
  };
  std::vector<entry> order;
  for (std::uint32_t e = 0; e < n.edge_count(); ++e) {
    junction_id const j = n.edges.to[edge_id(e)];
    order.push_back({j.valid() ? where.of(j) : 0, j, edge_id(e)});
  }
  std::sort(order.begin(), order.end(), [](entry const& a, entry const& b) {
    if (a.place != b.place) return a.place < b.place;
    return a.junction != b.junction ? a.junction < b.junction : a.edge < b.edge;
  });
  w.chunks.clear();
  w.chunk_of.resize(n.lane_count());
  w.changing_edges.clear();
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool const elsewhere = i == 0 || order[i].junction != order[i - 1].junction;
    if (i == 0 || (elsewhere && w.chunks.back().lanes.size() >= kLanesAChunk)) {
      w.chunks.emplace_back();
      w.chunks.back().changing.begin = static_cast<std::uint32_t>(w.changing_edges.size());
    }
    chunk& c = w.chunks.back();
    range const lanes = n.edges.lanes[order[i].edge];
    auto const place = static_cast<std::uint32_t>(c.lanes.size());
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
      verify(c.lanes.size() < 65536, "a junction has fewer than 65,536 lanes");
      w.lanes[lane_id(l)].place = static_cast<std::uint16_t>(c.lanes.size());
      c.lanes.emplace_back(l);
      w.chunk_of[lane_id(l)] = static_cast<std::uint32_t>(w.chunks.size() - 1);
    }
    if (lanes.size() > 1 && w.map->allows_changes(order[i].edge))
      w.changing_edges.push_back({order[i].edge, lanes, place, !n.is_normal(order[i].edge)});
    c.changing.end = static_cast<std::uint32_t>(w.changing_edges.size());
  }
  for (chunk& c : w.chunks) {
    c.with_cars.assign((c.lanes.size() + 63) / 64, 0);
    note_changing(w, c);
  }
}

namespace {

range parts_of(std::size_t share, std::size_t parts, std::size_t shares) {
  return {static_cast<std::uint32_t>(parts * share / shares), static_cast<std::uint32_t>(parts * (share + 1) / shares)};
}

// Each knows the lanes and links of which the tick before has left something to forget.
void share_out(world& w, std::size_t shares) {
  w.shares.assign(shares, {});
  for (std::size_t i = 0; i < shares; ++i) {
    range const parts = parts_of(i, w.parts.size(), shares);
    w.shares[i].parts = parts;
    w.shares[i].chunks = {w.parts[parts.begin].chunks.begin, w.parts[parts.end - 1].chunks.end};
    for (std::uint32_t p = parts.begin; p < parts.end; ++p) w.parts[p].near = w.shares[i].chunks;
  }
  for (std::uint32_t l = 0; l < w.lanes.size(); ++l) {
    if (w.lanes[lane_id(l)].first_rear != kNone) w.shares[w.share_of(lane_id(l))].with_rears.emplace_back(l);
  }
  for (std::uint32_t l = 0; l < w.map->links.size(); ++l) {
    if (w.approach_head[l] != kNone) w.shares[w.share_of(w.map->links[l].from)].approached.push_back(l);
  }
}

}  // namespace

namespace {

// What of all work is to be done when the p-th of so many parts is. All shares have the same; of its own, each part
// takes a quarter of what is left, so that those come last which one thread can take over from another.
double done_by(std::size_t p, std::size_t parts, std::size_t shares) {
  static constexpr double kRest = 0.75;
  std::size_t i = 0;  // its share
  while (parts_of(i, parts, shares).end < p) ++i;
  range const of = parts_of(i, parts, shares);
  auto const done = [&](std::size_t n) { return 1 - std::pow(kRest, static_cast<double>(n)); };
  return (static_cast<double>(i) + done(p - of.begin) / done(of.size())) / static_cast<double>(shares);
}

}  // namespace

void balance(world& w, std::size_t parts, std::size_t shares) {
  verify(parts >= shares && (w.parts.empty() || w.parts.size() == parts),
         "parts are made once, and each share has one");
  std::vector<std::size_t> work;  // before the end of each chunk
  std::size_t sum = 0;
  for (chunk const& c : w.chunks) {
    for (lane_id const l : c.lanes) sum += kLanesAVehicle * w.lanes[l].cars.size() + 1;
    work.push_back(sum);
  }
  while (w.blocks.size() < shares) w.blocks.push_back(std::make_shared<block_pool>());
  for (std::size_t i = 0; i < shares; ++i) {
    while (w.parts.size() < parts_of(i, parts, shares).end) w.parts.emplace_back(w.blocks[i]);
  }
  std::uint32_t begin = 0;
  for (std::size_t p = 1; p <= parts; ++p) {
    auto const until = static_cast<std::size_t>(static_cast<double>(sum) * done_by(p, parts, shares));
    auto const at = std::lower_bound(work.begin(), work.end(), until);
    auto const end = static_cast<std::uint32_t>(
        p == parts ? work.size() : std::min<std::ptrdiff_t>(at - work.begin() + 1, std::ssize(work)));
    w.parts[p - 1].chunks = {begin, std::max(begin, end)};
    begin = std::max(begin, end);
  }
  share_out(w, shares);
}

void world::find_inside() {
  inside.resize(map->crowded.size());
  for (std::uint32_t j = 0; j < inside.size(); ++j)
    inside[junction_id(j)] = map->crowded[junction_id(j)] != 0 ? ~std::uint64_t{0} : 0;
  for (std::uint32_t l = 0; l < lanes.size(); ++l) {
    if (lanes[lane_id(l)].internal) note_inside(lane_id(l));
  }
}

void world::find_beside() {
  network const& n = map->net();
  beside.resize(n.lane_count());
  open_to.resize(n.edge_count());
  for (std::uint32_t e = 0; e < n.edge_count(); ++e) {
    range const on = n.edges.lanes[edge_id(e)];
    open_to[edge_id(e)] = kAllClasses;
    for (std::uint32_t l = on.begin; l < on.end; ++l) open_to[edge_id(e)] &= allowed[lane_id(l)];
    for (std::uint32_t l = on.begin; l < on.end; ++l) {
      lane_id const here(l);
      beside[here] = {l > on.begin ? n.lanes.change_right[here] & allowed[lane_id(l - 1)] : vclass_mask{},
                      l + 1 < on.end ? n.lanes.change_left[here] & allowed[lane_id(l + 1)] : vclass_mask{}};
    }
  }
}

// Lanes follow each other in no order of memory: the next ones and their foremost vehicles are asked for early.
void fetch_ahead(world const& w, lane_id const* next, std::size_t left) {
  if (left > 8) __builtin_prefetch(&w.lanes[next[8]]);
  if (left <= 4) return;
  auto const* const v = reinterpret_cast<char const*>(&w.cars[w.lanes[next[4]].cars.front()]);
  __builtin_prefetch(v);
  __builtin_prefetch(v + 64);
}

void find_active(world& w, part& p) {
  p.active.clear();
  for (std::uint32_t i = p.chunks.begin; i < p.chunks.end; ++i) {
    chunk& c = w.chunks[i];
    c.active.begin = static_cast<std::uint32_t>(p.active.size());
    for (std::size_t word = 0; word < c.with_cars.size(); ++word) {
      for (std::uint64_t bits = c.with_cars[word]; bits != 0; bits &= bits - 1) {
        make_room(p.active, p.active.size() + 1);
        p.active.push_back(c.lanes[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))]);
      }
    }
    c.active.end = static_cast<std::uint32_t>(p.active.size());
  }
}

// Edges without vehicles are passed over, by the bits of their lanes.
void change_edges(world& w, part& p, chunk& c) {
  std::size_t done = 0;  // lanes before this one
  for (std::size_t word = 0; word < c.with_cars.size(); ++word) {
    std::uint64_t const all = c.with_cars[word] & c.may_change[word];
    for (std::uint64_t bits = from_bit(all, word, done); bits != 0; bits = from_bit(all, word, done)) {
      std::size_t const place = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      changing_edge const& e = w.changing_edges[c.changing.begin + c.edge_at[place]];
      change_edge(w, p, c, e);
      done = e.place + e.lanes.size();
    }
  }
}

}  // namespace gemeo::micro
