#include "sim/engine_tbb/engine_tbb.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/engine_tbb/checkpoint.h"
#include "sim/engine_tbb/chunks.h"
#include "sim/engine_tbb/departures.h"
#include "sim/engine_tbb/detectors.h"
#include "sim/engine_tbb/passengers.h"
#include "sim/engine_tbb/rerouting.h"
#include "sim/engine_tbb/signals.h"
#include "sim/engine_tbb/vehicle_types.h"
#include "sim/engine_tbb/world.h"

namespace gemeo {

namespace {

using micro::kNone;
using micro::slot;

constexpr std::size_t kPartsAThread = 12;          // of a stage: few enough to be cheap, enough to balance
constexpr std::int64_t kOrderEvery = 64;           // ticks between two orderings of the vehicles in memory
constexpr std::int64_t kTidyEvery = 16;            // or so many, where many have left since
constexpr std::uint32_t kCheckpoint = 0x47544239;  // "GTB9"

enum stage : std::size_t {
  kSignals,
  kPlan,
  kApproach,
  kMove,
  kAdvance,
  kTakeOff,
  kChange,
  kHints,
  kCommit,
  kInsert,
  kReroute,
  kObserve,
  kStages
};

// Wall time by stage.
class stage_clock {
 public:
  void begin() { last_ = clock::now(); }
  void end(stage s) {
    auto const now = clock::now();
    spent_[s] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }
  [[nodiscard]] std::vector<stage_cost> costs() const {
    static constexpr std::array<char const*, kStages> kNames = {"signals", "plan",     "approach", "move",
                                                                "advance", "take off", "change",   "hints",
                                                                "commit",  "insert",   "reroute",  "observe"};
    std::vector<stage_cost> out;
    for (std::size_t i = 0; i < kStages; ++i) {
      bool const parallel = i != kSignals && i != kTakeOff && i != kHints && i != kInsert && i != kObserve;
      out.push_back({kNames[i], parallel, spent_[i]});
    }
    return out;
  }

 private:
  using clock = std::chrono::steady_clock;
  clock::time_point last_;
  std::array<double, kStages> spent_{};
};

class engine_tbb final : public engine {
 public:
  [[nodiscard]] std::vector<stage_cost> costs() const { return clock_.costs(); }
  [[nodiscard]] engine_memory memory() const { return micro::memory_of(w_); }
  [[nodiscard]] engine_info info() const override {
    return {"tbb",
            "0.1.0",
            {"emissions", "induction_loops", "lane_areas", "bus_stops", "signal_programs", "incidents", "reroute",
             "checkpoint"}};
  }
  [[nodiscard]] std::vector<std::string> unsupported(scenario const& s) const override { return micro::unsupported(s); }
  void load(scenario const& s, run_options const& o) override;
  void apply(std::span<command const> commands) override;
  void step() override;
  void observe(frame& f) override;
  [[nodiscard]] counters count() override { return count_; }
  [[nodiscard]] bool done() override;
  void drain(observations& o) override;
  void finish() override;
  void save(snapshot& s) override;
  void restore(snapshot const& s) override;

 private:
  void make_emissions();
  void make_detectors();
  void over_parts(std::function<void(micro::part&)> const& stage);
  void order();  // the vehicles in memory
  void over_shares(std::function<void(micro::share&)> const& stage);
  void take_off();
  void take_jammed();
  void take_if_jammed(slot k);
  void insert_due();
  void recount();
  void close_interval(double end_s);
  void obey(set_lane_permissions const& c);
  void obey(set_lane_speed const& c) { w_.lanes[c.lane].limit = c.speed_mps; }
  void obey(set_signal_program const& c) { signals_->switch_to(c.signal, c.program); }
  void obey(block_lane const& c);
  void obey(unblock_lane const& c);
  void obey(reroute const& c) { rerouting_->answer(c, pending_, ready_.messages); }

  scenario scenario_;
  run_options options_;
  micro::world w_;
  std::unique_ptr<thread_team> team_;
  std::unique_ptr<micro::signal_control> signals_;
  std::unique_ptr<micro::rerouting> rerouting_;
  std::unique_ptr<micro::passengers> passengers_;  // where there are any
  std::unique_ptr<micro::departures> departures_;  // where trips choose their way when they depart
  std::map<std::string, std::unique_ptr<micro::emission_table const>> emissions_;  // by class
  counters count_;
  observations ready_;
  std::vector<vehicle_id> pending_;  // due, not inserted yet
  std::vector<vehicle_id> entered_;  // in this tick
  std::vector<micro::lane_choice> entry_lanes_;
  std::size_t due_ = 0;
  std::vector<std::pair<std::uint32_t, slot>> obstacles_;
  micro::detectors detectors_;
  stage_clock clock_;
  double interval_began_s_ = 0;
  bool loaded_ = false, finished_ = false;
};

void engine_tbb::load(scenario const& s, run_options const& o) {
  if (auto const missing = unsupported(s); !missing.empty())
    throw_input(s.file.string(), "the engine tbb cannot run it: " + missing.front());
  scenario_ = s;
  options_ = o;
  team_ = std::make_unique<thread_team>(o.threads);
  w_ = micro::world{};
  w_.s = &scenario_;
  w_.d = scenario_.travellers.get();
  w_.map = std::make_unique<micro::roads>(scenario_.net);
  w_.seed = o.seed;
  w_.dt = s.step_s;
  w_.half = std::pow(0.5, w_.dt);
  w_.four_fifths = std::pow(0.8, w_.dt);
  w_.now_s = s.begin_s;
  w_.route_edges = w_.d->route_edges;
  network const& n = *scenario_.net;
  w_.lanes.resize(n.lane_count());
  w_.occupants.resize(n.lane_count());
  w_.allowed = n.lanes.allowed;
  for (std::uint32_t l = 0; l < n.lane_count(); ++l) {
    micro::lane_facts const& f = w_.map->lanes[lane_id(l)];
    micro::lane_state& road = w_.lanes[lane_id(l)];
    road.length_m = f.length_m;
    road.limit = micro::as_written(n.lanes.speed_mps[lane_id(l)]);
    road.index = f.index;
    road.internal = f.internal;
    road.roundabout = f.roundabout;
    road.before_roundabout = f.before_roundabout;
    road.edge = f.edge;
    road.alone = f.alone;
    road.first_link = f.first_link < f.last_link ? f.first_link : kNone;
  }
  w_.letters.assign(w_.map->letters, 'O');
  w_.approach_head.assign(w_.map->links.size(), kNone);
  w_.sums.resize(n.edge_count());
  w_.counts.resize(n.edge_count());
  if (options_.emissions) w_.emissions.resize(n.edge_count());
  w_.taken.resize(n.lane_count());
  w_.taken_m.resize(n.lane_count());
  w_.find_beside();
  w_.find_inside();
  w_.types = micro::drivers_of(*w_.d, w_.dt);
  make_emissions();
  micro::make_chunks(w_);
  make_detectors();
  for (bus_stop const& b : w_.d->stops) {  // as the reader of SUMO's files names a place without a bus stop
    std::string const plain = fmt::format("{}:{:g}-{:g}", n.lane_name(b.lane), b.begin_m, b.end_m);
    w_.plain_stops.push_back(b.name == plain ? 1 : 0);
  }
  w_.wants_crossings = options_.crossings;
  w_.full.assign(n.lane_count(), 0);
  w_.entry_lanes.clear();
  count_ = {};
  count_.time_s = s.begin_s;
  interval_began_s_ = s.begin_s;
  due_ = 0;
  loaded_ = true;
  w_.wants_details =
      signals_->shows_any_of("wZ") || std::any_of(w_.map->links.begin(), w_.map->links.end(),
                                                  [](auto const& l) { return l.state == 'w' || l.state == 'Z'; });
  signals_->tick(w_);
  rerouting_ = std::make_unique<micro::rerouting>(w_, *team_);
  rerouting_->after_step({}, ready_.messages);
  passengers_ = w_.d->passengers.empty() ? nullptr : std::make_unique<micro::passengers>(w_);
  w_.riders = passengers_.get();
  departures_ = s.trips ? std::make_unique<micro::departures>(w_, *team_) : nullptr;
}

void engine_tbb::make_emissions() {
  w_.emission_of.clear();
  emissions_.clear();
  if (!options_.emissions) return;
  verify(!options_.scratch.empty(), "a run with emissions has a folder of its own for their tables");
  w_.heights = std::make_unique<micro::lane_heights const>(*scenario_.net);
  w_.emission_of.assign(w_.types.size(), nullptr);
  std::vector<bool> used(w_.types.size(), false);
  for (vtype_id const t : w_.d->vehicles.type) used[t.index()] = true;
  for (std::size_t t = 0; t < w_.d->types.size(); ++t) {
    if (!used[t]) continue;
    std::string const& name = w_.d->types[vtype_id(t)].emission_class;
    auto& table = emissions_[name];
    if (!table) table = std::make_unique<micro::emission_table>(name, options_.scratch, !w_.heights->flat());
    w_.emission_of[t] = table.get();
  }
}

void engine_tbb::make_detectors() {
  detectors_ = micro::detectors(w_, options_.interval_s);
  signals_ = std::make_unique<micro::signal_control>(w_);
  signals_->renumber(detectors_.sort(w_));
}

// The same parts go to the same thread in every stage, as far as it is free.
void engine_tbb::over_parts(std::function<void(micro::part&)> const& stage) {
  team_->run_again(w_.parts.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) stage(w_.parts[i]);
  });
}

void engine_tbb::over_shares(std::function<void(micro::share&)> const& stage) {
  team_->run_again(w_.shares.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) stage(w_.shares[i]);
  });
}

void engine_tbb::order() {
  std::vector<slot> const to = micro::order_by_lane(w_);
  for (auto& [name, k] : obstacles_) k = to[k];
  detectors_.renumber(to);
  micro::note_order(w_);
  micro::tidy_routes(w_);
}

void engine_tbb::step() {
  verify(loaded_ && !finished_, "a run is stepped between load and finish");
  clock_.begin();
  micro::know_fleet(w_);
  if (w_.tick % kOrderEvery == 0 || w_.parts.empty())
    micro::balance(w_, team_->threads() == 1 ? 1 : team_->threads() * kPartsAThread, team_->threads());
  if (w_.tick % kOrderEvery == 0 || (w_.tick % kTidyEvery == 0 && micro::is_loose(w_))) order();
  signals_->tick(w_);
  if (w_.tick % kTidyEvery == 0) {
    for (auto const& pool : w_.blocks) pool->trim();
    if (w_.partials.capacity() > 2 * w_.partials.size() + 256)
      w_.partials.shrink_to_fit();  // many were on two lanes once
  }
  for (micro::part& p : w_.parts) {
    p.finished.clear();
    p.jammed = false;
  }
  micro::leave_stops(w_, ready_.stops);
  w_.approaches_age_s = w_.dt;
  clock_.end(kSignals);
  over_parts([&](micro::part& p) {
    micro::find_active(w_, p);
    micro::plan_part(w_, p);
  });
  clock_.end(kPlan);
  micro::take_planned(w_);
  over_shares([&](micro::share& mine) { micro::link_approaches(w_, mine); });
  w_.free_slots.insert(w_.free_slots.end(), w_.left_slots.begin(), w_.left_slots.end());
  w_.left_slots.clear();
  w_.approaches_age_s = 0;
  w_.moving = true;
  clock_.end(kApproach);
  over_parts([&](micro::part& p) {
    micro::forget_untold(p);
    micro::move_part(w_, p);
    p.steps.clear();
    p.links.clear();
  });
  w_.moving = false;
  clock_.end(kMove);
  micro::make_room_for_rears(w_);
  over_shares([&](micro::share& mine) { micro::advance(w_, mine); });
  clock_.end(kAdvance);
  if (w_.wants_crossings) micro::take_crossings(w_, ready_.crossings);
  detectors_.after_moves(w_);
  take_off();
  take_jammed();
  clock_.end(kTakeOff);
  w_.any_stopped = !w_.standing.empty() || !obstacles_.empty();
  over_parts([&](micro::part& p) {
    micro::forget_passages(p);
    for (std::uint32_t i = p.chunks.begin; i < p.chunks.end; ++i) {
      micro::chunk& c = w_.chunks[i];
      micro::give_room_back(c.notes);  // as few have any, and mostly others in the next tick
      micro::change_edges(w_, p, c);
    }
  });
  clock_.end(kChange);
  micro::pass_hints_on(w_);
  clock_.end(kHints);
  over_parts([&](micro::part& p) { micro::commit_changes(w_, p); });
  clock_.end(kCommit);
  micro::turn_rears(w_);
  clock_.end(kHints);
  if (departures_) departures_->choose();
  insert_due();
  micro::proceed_teleports(w_, ready_, count_);
  if (departures_) departures_->after_step(entered_);
  clock_.end(kInsert);
  if (passengers_) passengers_->after_step(ready_);
  ++w_.tick;
  w_.now_s = w_.time_of(w_.tick);
  rerouting_->after_step(entered_, ready_.messages);
  clock_.end(kReroute);
  recount();
  if (w_.now_s >= interval_began_s_ + options_.interval_s - kTimeTolerance_s)
    close_interval(interval_began_s_ + options_.interval_s);
  detectors_.after_tick(w_, ready_);
  clock_.end(kObserve);
}

void engine_tbb::take_off() {
  for (micro::part& p : w_.parts) {
    for (slot const k : p.finished) {
      micro::vehicle const& v = w_.cars[k];
      ++w_.counts[w_.lanes[v.lane].edge].arrived;
      micro::finish_vehicle(w_, k, ready_, trip_state::kArrived);
      micro::forget_vehicle(w_, k);
      ++count_.arrived;
      w_.left_slots.push_back(k);
    }
    w_.standing.insert(w_.standing.end(), p.halted.begin(), p.halted.end());
    p.halted.clear();
    count_.emergency_stops += p.emergency_stops;
    p.emergency_stops = 0;
  }
}

// Whoever has stood too long at the head of his lane, or behind one who stops there, is taken off and put down further
// on.
void engine_tbb::take_jammed() {
  if (scenario_.time_to_teleport_s <= 0) return;
  std::vector<slot> jammed;
  if (std::none_of(w_.parts.begin(), w_.parts.end(), [](micro::part const& p) { return p.jammed; })) return;
  for (micro::part const& p : w_.parts) {
    for (lane_id const l : p.active) {  // who has waited has been there since the tick began
      auto const& cars = w_.lanes[l].cars;
      auto const first =
          std::find_if(cars.begin(), cars.end(), [&](slot k) { return !w_.cars[k].is(micro::kStopped); });
      if (first != cars.end() && w_.cars[*first].waiting_s > scenario_.time_to_teleport_s) jammed.push_back(*first);
    }
  }
  std::sort(jammed.begin(), jammed.end(), [&](slot a, slot b) { return w_.cars[a].id < w_.cars[b].id; });
  for (slot const k : jammed) take_if_jammed(k);
}

void engine_tbb::take_if_jammed(slot k) {
  micro::vehicle& v = w_.cars[k];
  if (v.waiting_s <= scenario_.time_to_teleport_s) return;
  std::uint32_t const l = w_.link_after(k, v.lane, v.route_at, w_.start_index(v));
  bool const last = !w_.lanes[v.lane].internal && v.on_last_edge();
  ++count_.teleports;
  if (l == kNone && !last)
    ++count_.teleports_wrong_lane;
  else if (l != kNone && !micro::has_priority(w_.state_of(w_.map->links[l])))
    ++count_.teleports_yield;
  else
    ++count_.teleports_jam;
  micro::trip_log::count(w_.teleported[v.id]);
  if (!w_.lanes[v.lane].internal) ++w_.counts[w_.lanes[v.lane].edge].left;
  micro::forget_vehicle(w_, k);
  micro::forget_rears(w_, k);
  v.waiting_s = 0;
  w_.logs[k].length_m += static_cast<float>(v.pos);
  v.lane = {};
  v.speed = 0;
  if (v.on_last_edge()) {
    micro::finish_vehicle(w_, k, ready_, trip_state::kArrived);
    ++count_.arrived;
    w_.left_slots.push_back(k);
    return;
  }
  v.enter_next_edge();
  v.ahead = 0;
  micro::find_next_stop(w_, k);
  micro::find_best_lanes(w_, k);
  w_.teleports.push_back({.who = k, .since_s = w_.now_s});
}

void engine_tbb::insert_due() {
  auto const& t = w_.d->vehicles;
  std::size_t const before = pending_.size();
  while (due_ < t.depart_s.size() && t.depart_s[vehicle_id(due_)] <= w_.now_s + kTimeTolerance_s) {
    pending_.emplace_back(due_++);
  }
  count_.loaded += static_cast<std::int64_t>(pending_.size() - before);
  std::vector<vehicle_id> still;
  entered_.clear();
  micro::find_entry_lanes(w_, *team_, {pending_.data() + before, pending_.size() - before}, entry_lanes_);
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    vehicle_id const id = pending_[i];
    if (!t.route[id].valid()) {
      still.push_back(id);
      continue;
    }
    bool const known = i >= before && !entry_lanes_.empty();
    if (!micro::insert_vehicle(w_, id, known ? &entry_lanes_[(i - before) * w_.map->max_lanes] : nullptr)) {
      still.push_back(id);
      continue;
    }
    ++count_.departed;
    entered_.push_back(id);
  }
  for (lane_id const l : w_.full_lanes) w_.full[l.index()] = 0;
  w_.full_lanes.clear();
  pending_ = std::move(still);
}

void engine_tbb::recount() {
  count_.tick = w_.tick;
  count_.time_s = w_.now_s;
  count_.running = count_.departed - count_.arrived;
  count_.backlog = static_cast<std::int64_t>(pending_.size());
  count_.vehicle_updates += count_.running;
}

bool engine_tbb::done() {
  if (finished_) return true;
  if (std::isfinite(scenario_.end_s)) return w_.now_s >= scenario_.end_s - kTimeTolerance_s;
  return count_.running == 0 && pending_.empty() && due_ >= w_.d->size();
}

void engine_tbb::observe(frame& f) {
  f.clear();
  f.tick = w_.tick;
  f.time_s = w_.now_s;
  if (finished_) return;
  std::vector<slot> all;
  for (micro::lane_state const& s : w_.lanes) {
    for (slot const k : s.cars) {
      if (!w_.cars[k].is(micro::kObstacle)) all.push_back(k);
    }
  }
  for (micro::teleporting const& t : w_.teleports) all.push_back(t.who);
  std::sort(all.begin(), all.end(), [&](slot a, slot b) { return w_.cars[a].id < w_.cars[b].id; });
  for (slot const k : all) {
    micro::vehicle const& v = w_.cars[k];
    f.vehicle.push_back(v.id);
    f.lane.push_back(v.lane);
    f.pos_m.push_back(static_cast<float>(v.pos));
    f.speed_mps.push_back(static_cast<float>(v.speed));
  }
}

void engine_tbb::close_interval(double end_s) {
  edge_interval i;
  i.begin_s = interval_began_s_;
  i.end_s = end_s;
  double const period = end_s - interval_began_s_;
  float const nan = std::numeric_limits<float>::quiet_NaN();
  auto const f = [](double x) { return static_cast<float>(x); };
  for (std::uint32_t e = 0; e < w_.sums.size(); ++e) {
    micro::edge_sums& m = w_.sums[edge_id(e)];
    micro::edge_counts& c = w_.counts[edge_id(e)];
    if (m.sampled_s == 0 && c.departed + c.arrived + c.entered + c.left == 0) continue;
    double const length = scenario_.net->length_m(edge_id(e));
    double const lanes = scenario_.net->edges.lanes[edge_id(e)].size();
    i.edge.emplace_back(e);
    i.sampled_s.push_back(f(m.sampled_s));
    i.travel_time_s.push_back(m.front_way_m > 0 ? f(length * m.front_s / m.front_way_m) : nan);
    i.density_veh_per_km.push_back(f(m.sampled_s / period * 1000 / length));
    i.occupancy_pct.push_back(f(m.length_s / period / length / lanes * 100));
    i.waiting_s.push_back(f(m.waiting_s));
    i.time_loss_s.push_back(f(m.loss_s));
    i.speed_mps.push_back(m.sampled_s > 0 ? f(m.way_m / m.sampled_s) : nan);
    i.departed.push_back(f(c.departed));
    i.arrived.push_back(f(c.arrived));
    i.entered.push_back(f(c.entered));
    i.left.push_back(f(c.left));
    if (options_.emissions) {
      micro::emitted& sum = w_.emissions[edge_id(e)];
      i.co2_mg.push_back(f(sum.co2));
      i.nox_mg.push_back(f(sum.nox));
      i.pmx_mg.push_back(f(sum.pmx));
      i.fuel_mg.push_back(f(sum.fuel));
      sum = {};
    }
    m = {};
    c = {};
  }
  ready_.edges.push_back(std::move(i));
  interval_began_s_ = end_s;
}

void engine_tbb::drain(observations& o) {
  auto const move_all = [](auto& from, auto& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  };
  move_all(ready_.edges, o.edges);
  move_all(ready_.trips, o.trips);
  move_all(ready_.stops, o.stops);
  move_all(ready_.rides, o.rides);
  move_all(ready_.detectors, o.detectors);
  move_all(ready_.areas, o.areas);
  move_all(ready_.crossings, o.crossings);
  move_all(ready_.messages, o.messages);
}

void engine_tbb::finish() {
  if (!loaded_ || finished_) return;
  finished_ = true;
  if (w_.now_s > interval_began_s_ + kTimeTolerance_s) close_interval(w_.now_s);
  detectors_.close_all(w_, ready_);
  for (micro::lane_state const& s : w_.lanes) {
    for (slot const k : s.cars) {
      if (!w_.cars[k].is(micro::kObstacle)) micro::finish_vehicle(w_, k, ready_, trip_state::kRunning);
    }
  }
  for (micro::teleporting const& t : w_.teleports) micro::finish_vehicle(w_, t.who, ready_, trip_state::kRunning);
  for (vehicle_id const id : pending_) {
    trip_record t;
    t.vehicle = id;
    t.state = trip_state::kNeverInserted;
    t.depart_delay_s = w_.now_s - w_.d->vehicles.depart_s[id];
    ready_.trips.push_back(t);
  }
  if (passengers_) passengers_->finish(ready_);
  rerouting_->finish(ready_.messages);
}

// Of what else a run goes by; commands are given to the engine, and may differ from a checkpoint on.
std::uint64_t settings_hash(scenario const& s) {
  hasher h;
  for (double const x : {s.begin_s, s.step_s, s.time_to_teleport_s, s.informed.share, s.informed.interval_s,
                         s.informed.gain, s.informed.gain_s})
    h.add_value(x);
  return h.value();
}

void engine_tbb::save(snapshot& s) {
  verify(loaded_ && !finished_, "a run is saved between load and finish");
  s.tick = w_.tick;
  std::vector<std::byte> state;
  byte_writer out(state);
  out.put(count_);
  out.put(interval_began_s_);
  out.put(std::uint64_t{due_});
  out.put(pending_);
  out.put(std::uint64_t{obstacles_.size()});
  for (auto const& [name, k] : obstacles_) {
    out.put(name);
    out.put(k);
  }
  micro::save_observations(ready_, out);
  signals_->save(out);
  detectors_.save(out);
  micro::save_world(w_, out);
  rerouting_->save(out);
  if (passengers_) passengers_->save(out);
  if (departures_) departures_->save(out);
  s.bytes.clear();
  byte_writer head(s.bytes);
  head.put(kCheckpoint);
  head.put(scenario_.network_hash);
  head.put(scenario_.demand_hash);
  head.put(settings_hash(scenario_));
  head.put(options_.seed);
  head.put(hash_bytes(state.data(), state.size()));
  head.put(state);
}

void engine_tbb::restore(snapshot const& s) {
  verify(loaded_ && !finished_, "a checkpoint is restored into a loaded engine");
  byte_reader head(s.bytes);
  bool const ours = head.get<std::uint32_t>() == kCheckpoint;
  bool const same = head.get<std::uint64_t>() == scenario_.network_hash;
  bool const same_demand = head.get<std::uint64_t>() == scenario_.demand_hash;
  bool const same_settings = head.get<std::uint64_t>() == settings_hash(scenario_);
  bool const same_seed = head.get<std::uint64_t>() == options_.seed;
  if (!ours || !same || !same_demand || !same_settings || !same_seed)
    throw_input("checkpoint", "belongs to another scenario or seed", "restore it with the scenario it was made with");
  auto const hash = head.get<std::uint64_t>();
  std::vector<std::byte> state;
  head.get(state);
  if (!head.empty() || hash != hash_bytes(state.data(), state.size()))
    throw_input("checkpoint", "is damaged", "start the run anew");
  byte_reader in(state);
  in.get(count_);
  in.get(interval_began_s_);
  due_ = in.get<std::uint64_t>();
  in.get(pending_);
  obstacles_.resize(in.count(1));
  for (auto& [name, k] : obstacles_) {
    in.get(name);
    in.get(k);
  }
  micro::restore_observations(ready_, in);
  signals_->restore(in);
  detectors_.restore(in);
  micro::restore_world(w_, in);
  w_.fleet = {};
  rerouting_->restore(in);
  if (passengers_) passengers_->restore(in);
  if (departures_) departures_->restore(in);
  if (!in.empty())
    throw_input("checkpoint", "holds more than this scenario knows", "restore it with the scenario it was made with");
}

void engine_tbb::apply(std::span<command const> commands) {
  for (command const& c : commands) {
    std::visit([&](auto const& what) { obey(what); }, c);
  }
}

// Everybody looks anew which lanes are good for how far.
void engine_tbb::obey(set_lane_permissions const& c) {
  w_.allowed[c.lane] = c.allowed;
  w_.find_beside();
  w_.entry_lanes.clear();
  for (micro::lane_state const& s : w_.lanes) {
    for (slot const k : s.cars) {
      if (!w_.cars[k].is(micro::kObstacle)) micro::find_best_lanes(w_, k);
    }
  }
  for (micro::teleporting const& t : w_.teleports) micro::find_best_lanes(w_, t.who);
}

void engine_tbb::obey(block_lane const& c) {
  slot const k = micro::take_slot(w_);
  micro::vehicle& v = w_.cars[k];
  v.type = static_cast<std::uint16_t>(w_.types.size() - 1);
  v.flags = micro::kObstacle | micro::kStopped;
  v.pos = std::clamp(c.pos_m, 0.0, double(w_.lanes[c.lane].length_m));
  v.lane = c.lane;
  micro::lane_cars const& cars = w_.lanes[c.lane].cars;
  slot const* const behind = std::find_if(cars.begin(), cars.end(), [&](slot o) { return w_.cars[o].pos < v.pos; });
  w_.join(c.lane, behind, k);
  obstacles_.emplace_back(c.obstacle, k);
}

void engine_tbb::obey(unblock_lane const& c) {
  auto const at =
      std::find_if(obstacles_.begin(), obstacles_.end(), [&](auto const& o) { return o.first == c.obstacle; });
  if (at == obstacles_.end()) return;
  micro::forget_vehicle(w_, at->second);
  w_.left_slots.push_back(at->second);
  obstacles_.erase(at);
}

}  // namespace

std::unique_ptr<engine> make_engine_tbb() { return std::make_unique<engine_tbb>(); }

namespace {

engine_tbb const& own(engine const& e, char const* what) {
  auto const* const own = dynamic_cast<engine_tbb const*>(&e);
  if (own == nullptr) throw_run(what, "is asked of an engine that is not tbb");
  return *own;
}

}  // namespace

std::vector<stage_cost> stage_costs(engine const& e) { return own(e, "stage_costs").costs(); }
engine_memory memory_of(engine const& e) { return own(e, "memory_of").memory(); }

}  // namespace gemeo
