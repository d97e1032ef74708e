// Checkpoints of engine_sumo are recordings: the tick, the commands given so far, and what the world looked like.
// Restoring runs the scenario again up to that tick. SUMO's own state files are not used: they keep neither the running
// interval of the meandata nor trips' accumulated values, and a run continued from one differs from the uninterrupted
// run.
#include <fmt/core.h>

#include <type_traits>
#include <utility>

#include "sim/core/bytes.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/engine_sumo/engine_impl.h"

namespace gemeo {

namespace {

constexpr std::uint32_t kFormat = 0x47534e31;  // "GSN1"

void put(byte_writer& w, command const& c) {
  w.put(static_cast<std::uint32_t>(c.index()));
  std::visit(
      [&](auto const& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, reroute>) {
          w.put(static_cast<std::uint32_t>(what.edges.size()));
          for (edge_id const e : what.edges) w.put(e);
          w.put(what.share);
          w.put(what.classes);
        } else {
          w.put(what);
        }
      },
      c);
}

command get(byte_reader& r) {
  switch (r.get<std::uint32_t>()) {
    case 0:
      return r.get<set_lane_permissions>();
    case 1:
      return r.get<set_lane_speed>();
    case 2:
      return r.get<set_signal_program>();
    case 3:
      return r.get<block_lane>();
    case 4:
      return r.get<unblock_lane>();
    case 5: {
      reroute way;
      auto const n = r.get<std::uint32_t>();
      for (std::uint32_t i = 0; i < n; ++i) way.edges.push_back(r.get<edge_id>());
      way.share = r.get<double>();
      way.classes = r.get<vclass_mask>();
      return way;
    }
    default:
      throw_input("checkpoint", "holds an unknown command", "start the run anew");
  }
}

}  // namespace

void engine_sumo::save(snapshot& s) {
  verify(loaded_ && !finished_, "a run is saved between load and finish");
  frame now;
  observe(now);
  s.tick = counters_.tick;
  s.bytes.clear();
  byte_writer w(s.bytes);
  w.put(kFormat);
  w.put(scenario_.network_hash);
  w.put(scenario_.demand_hash);
  w.put(options_.seed);
  w.put(counters_.tick);
  w.put(drained_tick_);
  w.put(drained_commands_);
  w.put(counters_.vehicle_updates);
  w.put(hash_frame(now));
  w.put(static_cast<std::uint32_t>(log_.size()));
  for (applied const& a : log_) {
    w.put(a.tick);
    put(w, a.what);
  }
}

void engine_sumo::restore(snapshot const& s) {
  verify(loaded_ && !finished_, "a checkpoint is restored into a loaded engine");
  byte_reader r(s.bytes);
  bool const ours = r.get<std::uint32_t>() == kFormat;
  bool const same = r.get<std::uint64_t>() == scenario_.network_hash;
  bool const same_demand = r.get<std::uint64_t>() == scenario_.demand_hash;
  bool const same_seed = r.get<std::uint64_t>() == options_.seed;
  if (!ours || !same || !same_demand || !same_seed) {
    throw_input("checkpoint", "belongs to another scenario or seed", "restore it with the scenario it was made with");
  }
  auto const tick = r.get<std::int64_t>();
  auto const drained_tick = r.get<std::int64_t>();
  auto const drained_commands = r.get<std::uint64_t>();
  auto const updates = r.get<std::int64_t>();
  auto const hash = r.get<std::uint64_t>();
  std::vector<applied> log;
  for (auto n = r.get<std::uint32_t>(); n > 0; --n) {  // grows as it is read: n may be anything in a damaged file
    auto const when = r.get<std::int64_t>();
    log.push_back({when, get(r)});
  }
  if (!r.empty() || tick < 0) throw_input("checkpoint", "is damaged", "start the run anew");

  if (counters_.tick > 0 || !log_.empty()) {
    close();
    log_.clear();
    begin_run();
  }
  std::size_t next = 0;
  observations seen;
  auto const drop_old = [&] {  // what had been drained before the checkpoint was made is not given again
    if (std::pair(counters_.tick, std::uint64_t{next}) <= std::pair(drained_tick, drained_commands)) drain(seen);
    seen.clear();
  };
  for (drop_old();; drop_old()) {
    while (next < log.size() && log[next].tick == counters_.tick) {
      apply(std::span(&log[next++].what, 1));
      drop_old();
    }
    if (counters_.tick == tick) break;
    step();
  }
  if (next != log.size()) throw_input("checkpoint", "is damaged", "start the run anew");
  frame now;
  observe(now);
  if (counters_.vehicle_updates != updates || hash_frame(now) != hash) {
    throw_run("checkpoint", fmt::format("SUMO did not repeat itself up to tick {}", tick), "start the run anew");
  }
}

}  // namespace gemeo
