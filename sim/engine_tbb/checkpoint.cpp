#include "sim/engine_tbb/checkpoint.h"

#include <fmt/core.h>

#include "sim/core/error.h"

namespace gemeo::micro {

namespace {

// Calls f with every part of a world that a checkpoint keeps; one list for both ways.
template <typename World, typename F>
void each_part(World& w, F const& f) {
  f(w.now_s);
  f(w.tick);
  f(w.allowed);
  f(w.letters);
  f(w.cars);
  f(w.pasts);
  f(w.logs);
  f(w.emitted_by);
  f(w.free_slots);
  f(w.left_slots);
  f(w.occupants);
  f(w.partials);
  f(w.choices);
  f(w.far_ways);
  f(w.sums);
  f(w.counts);
  f(w.emissions);
  f(w.taken);
  f(w.taken_m);
  f(w.loops);
  f(w.teleports);
  f(w.standing);
}

template <typename T>
void put_map(std::map<vehicle_id, T> const& of, byte_writer& out) {
  out.put(std::uint64_t{of.size()});
  for (auto const& [who, what] : of) {
    out.put(who);
    out.put(what);
  }
}

template <typename T>
void get_map(std::map<vehicle_id, T>& of, byte_reader& in) {
  of.clear();
  for (std::size_t n = in.count(1); n > 0; --n) {
    auto const who = in.get<vehicle_id>();
    of[who] = in.get<T>();
  }
}

// Each says of which link it is, however many threads have noted them.
void put_approaches(world const& w, byte_writer& out) {
  out.put(std::uint64_t{w.approaches.size()});
  w.approaches.each([&](approach a) {
    while (a.next < approach::kLast) a.next = w.approaches[a.next].next;
    out.put(a);
  });
  out.put(std::uint64_t{w.details.size()});
  w.details.each([&](approach_detail const& one) { out.put(one); });
}

template <typename T>
void get_pile(pile<T>& all, byte_reader& in) {
  all.clear();
  for (std::size_t n = in.count(1); n > 0; --n) all.add() = in.get<T>();
}

template <typename Interval, typename F>
void each_part_of(Interval& i, F const& f) {
  f(i.begin_s);
  f(i.end_s);
  f(i.edge);
  for (auto* const column :
       {&i.sampled_s, &i.travel_time_s, &i.density_veh_per_km, &i.occupancy_pct, &i.waiting_s, &i.time_loss_s,
        &i.speed_mps, &i.departed, &i.arrived, &i.entered, &i.left, &i.co2_mg, &i.nox_mg, &i.pmx_mg, &i.fuel_mg})
    f(*column);
}

}  // namespace

namespace {

// As they were.
void link_restored(world& w) {
  w.approaches.clear();
  w.approaches.add(w.restored);
  w.details.clear();
  w.details.add(w.restored_details);
  std::fill(w.approach_head.begin(), w.approach_head.end(), kNone);
  std::uint32_t at = 0;
  w.restored.each([&](approach& a) {
    std::uint32_t const link = a.next & ~approach::kLast;
    if (link >= w.approach_head.size())
      throw_input("checkpoint", fmt::format("somebody approaches link {} of {}", link, w.approach_head.size()),
                  "restore it with the scenario it was made with");
    std::uint32_t& head = w.approach_head[link];
    if (head != kNone) a.next = head;
    head = at++;
  });
}

}  // namespace

void save_world(world const& w, byte_writer& out) {
  each_part(w, [&](auto const& part) { out.put(part); });
  for (lane_state const& s : w.lanes) {
    out.put(std::vector<slot>(s.cars.begin(), s.cars.end()));
    out.put(s.limit);
    out.put(s.first_rear);
  }
  put_approaches(w, out);
  for (chunk const& c : w.chunks) {
    out.put(c.notes);
  }
  put_map(w.calls, out);
  put_map(w.teleported, out);
  save_routes(w, out);
}

void restore_world(world& w, byte_reader& in) {
  std::size_t const lanes = w.lanes.size(), edges = w.sums.size(), loops = w.loops.size(), letters = w.letters.size();
  each_part(w, [&](auto& part) { in.get(part); });
  if (w.allowed.size() != lanes || w.sums.size() != edges || w.loops.size() != loops || w.letters.size() != letters ||
      w.occupants.size() != lanes)
    throw_input("checkpoint", "belongs to another scenario", "restore it with the scenario it was made with");
  for (std::uint32_t l = 0; l < w.lanes.size(); ++l) {
    lane_state& s = w.lanes[lane_id(l)];
    std::vector<slot> cars;
    in.get(cars);
    s.cars.assign(cars.data(), cars.size());
    w.note_cars(lane_id(l));
    in.get(s.limit);
    in.get(s.first_rear);
  }
  get_pile(w.restored, in);
  get_pile(w.restored_details, in);
  for (chunk& c : w.chunks) in.get(c.notes);
  w.parts.clear();
  w.shares.clear();
  w.entry_lanes.clear();
  w.find_beside();
  w.find_inside();
  get_map(w.calls, in);
  get_map(w.teleported, in);
  link_restored(w);
  restore_routes(w, in);
}

void save_observations(observations const& o, byte_writer& out) {
  out.put(std::uint64_t{o.edges.size()});
  for (edge_interval const& i : o.edges) each_part_of(i, [&](auto const& part) { out.put(part); });
  out.put(o.trips);
  out.put(o.stops);
  out.put(o.rides);
  out.put(o.detectors);
  out.put(o.areas);
  out.put(o.crossings);
  out.put(std::uint64_t{o.messages.size()});
  for (message const& m : o.messages) {
    out.put(m.time_s);
    out.put(m.text);
  }
}

void restore_observations(observations& o, byte_reader& in) {
  o.clear();
  o.edges.resize(in.count(1));
  for (edge_interval& i : o.edges) each_part_of(i, [&](auto& part) { in.get(part); });
  in.get(o.trips);
  in.get(o.stops);
  in.get(o.rides);
  in.get(o.detectors);
  in.get(o.areas);
  in.get(o.crossings);
  o.messages.resize(in.count(1));
  for (message& m : o.messages) {
    in.get(m.time_s);
    in.get(m.text);
  }
}

}  // namespace gemeo::micro
