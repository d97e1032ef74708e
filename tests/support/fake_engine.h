// An engine for tests of what surrounds engines: vehicles that drive along one edge at 10 m/s, one every `headway_s`,
// and a diary of everything that was asked of it. It can be told to fail at a tick, or to support less.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/error.h"
#include "sim/engine/engine.h"

namespace gemeo::test {

class fake_engine : public engine {
 public:
  double headway_s = 10, speed_mps = 10, length_m = 500;
  std::vector<std::string> refuses;
  double fails_at_s = 1e18;
  double empty_at_s = 1e18;  // nothing left to simulate

  std::vector<std::pair<double, command>> applied;  // with the time of the tick that starts next
  std::vector<double> observed_s, drained_s;
  int finished = 0;

  [[nodiscard]] engine_info info() const override { return {"fake", "1", {}}; }
  [[nodiscard]] std::vector<std::string> unsupported(scenario const&) const override { return refuses; }
  void load(scenario const& s, run_options const& o) override {
    verify(refuses.empty(), "a refused scenario is not loaded");
    begin_s_ = drained_to_s_ = now_.time_s = s.begin_s;
    step_s_ = s.step_s;
    end_s_ = s.end_s;
    interval_s_ = o.interval_s;
    offset_s_ = static_cast<double>(o.seed % 10);
    options = o;
  }
  void apply(std::span<command const> commands) override {
    for (command const& c : commands) applied.emplace_back(now_.time_s, c);
  }
  void step() override {
    if (now_.time_s >= fails_at_s) throw_run("fake", "the engine broke", "mend it");
    ++now_.tick;
    now_.time_s = begin_s_ + static_cast<double>(now_.tick) * step_s_;
    count_vehicles();
    now_.vehicle_updates += now_.running;
  }
  void observe(frame& f) override {
    f.clear();
    f.tick = now_.tick;
    f.time_s = now_.time_s;
    for (std::int64_t v = now_.arrived; v < now_.departed; ++v) {
      f.vehicle.emplace_back(static_cast<std::uint32_t>(v));
      f.lane.emplace_back(0U);
      f.pos_m.push_back(static_cast<float>((now_.time_s - depart_s(v)) * speed_mps));
      f.speed_mps.push_back(static_cast<float>(speed_mps));
    }
    observed_s.push_back(now_.time_s);
  }
  [[nodiscard]] counters count() override { return now_; }
  [[nodiscard]] bool done() override { return now_.time_s >= end_s_ || now_.time_s >= empty_at_s; }
  void drain(observations& o) override {
    drained_s.push_back(now_.time_s);
    while (drained_to_s_ + interval_s_ <= now_.time_s + 1e-9) add_interval(o, drained_to_s_ + interval_s_);
    if (finished > 0 && drained_to_s_ < now_.time_s) add_interval(o, now_.time_s);
    for (; told_ < now_.arrived; ++told_) o.trips.push_back(trip(told_, trip_state::kArrived));
    for (; finished > 0 && told_ < now_.departed; ++told_) o.trips.push_back(trip(told_, trip_state::kRunning));
    for (std::int64_t v = named_; v < now_.departed; ++v) o.new_vehicle_names.push_back(fmt::format("v{}", v));
    named_ = now_.departed;
  }
  void finish() override { ++finished; }
  void save(snapshot&) override { throw_run("fake", "saves nothing"); }
  void restore(snapshot const&) override { throw_run("fake", "restores nothing"); }

  run_options options;

 private:
  [[nodiscard]] double depart_s(std::int64_t v) const {
    return begin_s_ + offset_s_ + static_cast<double>(v) * headway_s;
  }
  void count_vehicles() {
    while (depart_s(now_.departed) <= now_.time_s) ++now_.departed;
    while (now_.arrived < now_.departed && depart_s(now_.arrived) + length_m / speed_mps <= now_.time_s) ++now_.arrived;
    now_.loaded = now_.departed;
    now_.running = now_.departed - now_.arrived;
  }
  [[nodiscard]] trip_record trip(std::int64_t v, trip_state state) const {
    trip_record t;
    t.vehicle = vehicle_id(static_cast<std::uint32_t>(v));
    t.state = state;
    t.depart_s = depart_s(v);
    t.duration_s = state == trip_state::kArrived ? length_m / speed_mps : now_.time_s - t.depart_s;
    t.arrival_s = state == trip_state::kArrived ? t.depart_s + t.duration_s : -1;
    t.route_length_m = t.duration_s * speed_mps;
    t.time_loss_s = 4;
    return t;
  }
  void add_interval(observations& o, double end_s) {
    edge_interval i;
    i.begin_s = drained_to_s_;
    i.end_s = drained_to_s_ = end_s;
    i.edge = {edge_id(0U)};
    float const sampled = static_cast<float>(now_.running) * static_cast<float>(i.end_s - i.begin_s);
    i.sampled_s = {sampled};
    i.travel_time_s = {static_cast<float>(length_m / speed_mps)};
    i.speed_mps = {static_cast<float>(speed_mps)};
    for (auto* v : {&i.density_veh_per_km, &i.occupancy_pct, &i.waiting_s, &i.time_loss_s, &i.departed, &i.arrived,
                    &i.entered, &i.left}) {
      *v = {1.0F};
    }
    if (options.emissions) i.co2_mg = i.nox_mg = i.pmx_mg = i.fuel_mg = {1.0F};
    o.edges.push_back(std::move(i));
  }

  counters now_;
  double begin_s_ = 0, step_s_ = 1, end_s_ = 0, interval_s_ = 900, drained_to_s_ = 0, offset_s_ = 0;
  std::int64_t told_ = 0, named_ = 0;
};

}  // namespace gemeo::test
