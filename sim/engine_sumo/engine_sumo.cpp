#include "sim/engine_sumo/engine_sumo.h"

#include <fmt/core.h>
#include <libsumo/libsumo.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/core/error.h"
#include "sim/engine_sumo/call.h"
#include "sim/engine_sumo/engine_impl.h"
#include "sim/engine_sumo/input_files.h"

namespace gemeo {

namespace {
bool instance_exists = false;              // the libsumo guard: all its state is the process's
constexpr std::size_t kRefusalsTold = 20;  // informed drivers ask again and again

// SUMO counts time in whole milliseconds, and rounds departures to them.
std::int64_t to_ms(double time_s) { return std::llround(time_s * 1000); }

constexpr char const* kDebianSumoHome = "/usr/share/sumo";
}  // namespace

std::unique_ptr<engine> make_engine_sumo() { return std::make_unique<engine_sumo>(); }

engine_sumo::engine_sumo() = default;

engine_sumo::~engine_sumo() {
  try {
    close();
  } catch (...) {  // the run has failed already, or its results are not wanted
  }
}

engine_info engine_sumo::info() const {
  std::string version = libsumo::Simulation::getVersion().second;
  if (std::size_t const at = version.find_first_of("0123456789"); at != std::string::npos) version.erase(0, at);
  return {"sumo",
          version,
          {"sumocfg", "emissions", "induction_loops", "lane_areas", "bus_stops", "signal_programs", "incidents",
           "reroute", "checkpoint_by_replay"}};
}

void engine_sumo::load(scenario const& s, run_options const& o) {
  auto const missing = unsupported(s);
  if (!missing.empty()) throw_input(s.file.string(), "engine_sumo cannot run it: " + missing.front());
  if (instance_exists)
    throw_run("libsumo", "holds another simulation in this process", "finish that one first, or use a worker process");
  // SUMO looks for its schemas there; without it, it would ask a web server.
  if (std::filesystem::exists(kDebianSumoHome)) ::setenv("SUMO_HOME", kDebianSumoHome, 0);
  if (o.crossings && !s.sumo_config.empty())
    throw_input(s.file.string(), "crossings can be logged only of travellers that gemeo reads itself",
                "read the configuration with read_sumo_scenario, and clear sumo_config");
  scenario_ = s;
  options_ = o;
  own_demand_ = s.sumo_config.empty();
  team_ = std::make_unique<thread_team>(o.threads);
  log_.clear();
  begin_run();
}

void engine_sumo::begin_run() {
  scenario const& s = scenario_;
  counters_ = {};
  counters_.time_s = s.begin_s;
  due_ = 0;
  drained_tick_ = -1;
  own_speeds_.clear();
  refusals_ = 0;
  drained_commands_ = 0;
  teleported_.clear();
  has_trip_.assign(own_demand_ && options_.trips ? s.travellers->size() : 0, false);
  ready_.clear();
  finished_ = failed_ = false;
  names_.numbered = own_demand_;
  names_.vehicles.reset(static_cast<std::uint32_t>(s.travellers->size()));
  names_.stops.reset(0);
  for (bus_stop const& stop : s.travellers->stops) names_.stops.find_or_add(stop.name);
  names_.passengers.clear();
  for (std::size_t i = 0; i < s.travellers->passengers.size(); ++i) {
    passenger const& p = s.travellers->passengers[passenger_id(i)];
    sumo_names::passenger& known = names_.passengers[p.name];
    known.who = passenger_id(i);
    for (std::uint32_t r = p.rides.begin; r < p.rides.end; ++r)
      known.rides.emplace_back(s.travellers->rides[r].from, s.travellers->rides[r].to);
  }
  names_.detectors.reset(0);
  for (detector_place const& place : s.detectors) names_.detectors.find_or_add(place.name);
  names_.areas.reset(0);
  for (lane_area const& area : s.areas) names_.areas.find_or_add(area.name);
  observations known;
  names_.stops.take_new(known.new_stop_names);
  names_.detectors.take_new(known.new_detector_names);
  names_.areas.take_new(known.new_area_names);

  reader_ = std::make_unique<output_reader>(*s.net, names_, options_.emissions, "SUMO's output");
  loops_ = std::make_unique<loop_files>(*s.net, names_);
  console_ = std::make_unique<console>([this](std::string_view text) { reader_->push(text); });
  messages_ = std::make_unique<message_log>([this](std::string const& name) {
    if (!own_demand_ || name.empty() || is_obstacle(name)) return name;
    vehicle_id const v = names_.vehicle(name);
    return scenario_.travellers->vehicles.name.contains(v) ? scenario_.travellers->vehicles.name[v] : name;
  });
  obstacles_ = std::make_unique<obstacles>(*s.net);

  std::vector<std::string> arguments;
  if (own_demand_) {
    sumo_input const in = write_sumo_input(s, options_);
    arguments = own_arguments(in.routes, in.additional);
  } else {
    arguments = config_arguments();
  }
  start_sumo(arguments);
}

void engine_sumo::start_sumo(std::vector<std::string> const& arguments) {
  instance_exists = true;
  loaded_ = true;
  call("SUMO cannot load the scenario", [&] { libsumo::Simulation::start(arguments); });
  call("SUMO cannot begin", [&] {
    bool const microscopic = libsumo::Simulation::getOption("mesosim") != "true";
    fleet_ = std::make_unique<fleet>(*scenario_.net, names_, microscopic);
    traffic_ = std::make_unique<sumo_traffic>(scenario_, *fleet_);
    reroutes_ = std::make_unique<reroutes>(scenario_, options_.seed, *traffic_, *team_);
    informed_.reset();
    if (own_demand_ && scenario_.informed.share > 0)
      informed_ = std::make_unique<informed>(scenario_, options_.seed, *traffic_, *reroutes_);
    for (std::size_t i = 0; i < scenario_.programs.size(); ++i) {
      // SUMO starts with the program it read last; ours wait until they are asked for.
      signal_id const id(i);
      if (!has_new_programs(scenario_, id) || scenario_.net->signals.programs[id].empty()) continue;
      libsumo::TrafficLight::setProgram(scenario_.net->signals.name[id],
                                        scenario_.net->signals.programs[id].back().name);
    }
    fleet_->enter(libsumo::Vehicle::getIDList());  // from a saved state
    counters_.departed = static_cast<std::int64_t>(fleet_->size());
    max_teleports_ = std::atoi(libsumo::Simulation::getOption("max-num-teleports").c_str());
  });
  counters_.time_s = libsumo::Simulation::getTime();
  after_step();
  counters_.tick = 0;
  counters_.vehicle_updates = 0;
}

void engine_sumo::step() {
  verify(loaded_ && !finished_, "a run is stepped between load and finish");
  call("SUMO failed", [] { libsumo::Simulation::step(); });
  ++counters_.tick;
  counters_.time_s = libsumo::Simulation::getTime();
  after_step();
}

void engine_sumo::after_step() {
  using sim = libsumo::Simulation;
  reader_->time_s = counters_.time_s;
  if (sim::getDepartedNumber() > 0) {
    std::size_t const before = fleet_->size();
    fleet_->enter(sim::getDepartedIDList());
    counters_.departed += static_cast<std::int64_t>(fleet_->size() - before);
  }
  if (sim::getArrivedNumber() > 0)
    counters_.arrived += static_cast<std::int64_t>(fleet_->leave(sim::getArrivedIDList()));
  counters_.running = static_cast<std::int64_t>(fleet_->size());
  counters_.vehicle_updates += counters_.running;
  if (int const stuck = sim::getStartingTeleportNumber(); stuck > 0) {
    counters_.teleports += stuck;
    for (std::string const& name : sim::getStartingTeleportIDList()) {
      if (vehicle_id const v = names_.vehicle(name); v.valid()) ++teleported_[v];
    }
  }
  counters_.emergency_stops += sim::getEmergencyStoppingVehiclesNumber();
  call("SUMO failed", [&] { obstacles_->after_step(); });
  if (informed_) ask_informed();
  if (own_demand_) {
    auto const& depart = scenario_.travellers->vehicles.depart_s;
    std::int64_t const last_ms = to_ms(counters_.time_s) - to_ms(scenario_.step_s);
    while (due_ < depart.size() && to_ms(depart[vehicle_id(due_)]) <= last_ms) ++due_;
    counters_.loaded = static_cast<std::int64_t>(due_);
    counters_.backlog = counters_.loaded - counters_.departed;
  } else {
    counters_.backlog = static_cast<std::int64_t>(sim::getPendingVehicles().size());
    counters_.loaded = counters_.departed + counters_.backlog;
    if (!persons_reported_ && sim::getDepartedPersonNumber() > 0) {
      persons_reported_ = true;
      tell("the configuration has persons: SUMO moves them, gemeo reports vehicles only");
    }
  }
}

void engine_sumo::ask_informed() {
  std::vector<vehicle_id> entered;
  call("SUMO cannot give informed drivers another way", [&] {
    for (std::string const& name : libsumo::Simulation::getDepartedIDList()) {
      if (vehicle_id const v = names_.vehicle(name); v.valid()) entered.push_back(v);
    }
    informed_->after_step(entered, counters_.time_s);
  });
  report_refused();
}

void engine_sumo::report_refused() {
  for (std::string const& r : reroutes_->refused) {
    if (++refusals_ <= kRefusalsTold) tell("SUMO refused a new route: " + r);
  }
  reroutes_->refused.clear();
}

void engine_sumo::observe(frame& f) {
  f.tick = counters_.tick;
  f.time_s = counters_.time_s;
  if (finished_) return f.clear();
  call("SUMO cannot be observed", [&] { fleet_->observe(f); });
}

counters engine_sumo::count() { return counters_; }

bool engine_sumo::done() {
  if (finished_) return true;
  if (std::isfinite(scenario_.end_s) && scenario_.end_s >= 0) {
    if (counters_.time_s >= scenario_.end_s - kTimeTolerance_s) return true;
  } else if (libsumo::Simulation::getMinExpectedNumber() <= 0) {
    return true;
  }
  return max_teleports_ >= 0 && counters_.teleports > max_teleports_;
}

void engine_sumo::drain(observations& o) {
  if (!finished_) {
    console_->flush();
    loops_->read(ready_);
    take_trips();
    drained_tick_ = counters_.tick;
    drained_commands_ = log_.size();
  }
  auto const move_all = [](auto& from, auto& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  };
  // SUMO 1.15's instant loops put a passing a tick earlier than its counting loops do, which we go by.
  for (crossing_record& c : reader_->ready.crossings) c.time_s += scenario_.step_s;
  for (observations* const from : {&reader_->ready, &ready_}) {
    move_all(from->edges, o.edges);
    move_all(from->trips, o.trips);
    move_all(from->stops, o.stops);
    move_all(from->rides, o.rides);
    move_all(from->detectors, o.detectors);
    move_all(from->areas, o.areas);
    move_all(from->crossings, o.crossings);
    move_all(from->messages, o.messages);
  }
  std::sort(o.crossings.begin(), o.crossings.end());
  if (!own_demand_) names_.vehicles.take_new(o.new_vehicle_names);
  names_.stops.take_new(o.new_stop_names);
  names_.detectors.take_new(o.new_detector_names);
  names_.areas.take_new(o.new_area_names);
}

void engine_sumo::finish() {
  if (!loaded_ || finished_) return;
  std::vector<std::string> const pending = libsumo::Simulation::getPendingVehicles();
  call("SUMO cannot end the run", [] { libsumo::Simulation::close(); });
  instance_exists = false;
  finished_ = true;
  loaded_ = false;
  loops_->read(ready_);
  account_for_the_rest(pending);
  correct_counters();
  if (informed_) tell(informed_->summary());
  if (refusals_ > kRefusalsTold) tell(fmt::format("SUMO refused {} new routes", refusals_));
  for (std::string& m : messages_->summary()) tell(std::move(m));
}

void engine_sumo::close() {
  if (!loaded_) return;
  loaded_ = false;
  instance_exists = false;
  console::guard const quiet(*console_);
  libsumo::Simulation::close();
}

void engine_sumo::take_trips() {
  for (trip_record& t : reader_->ready.trips) {
    if (!has_trip_.empty()) has_trip_[t.vehicle.index()] = true;
    auto const stuck = teleported_.find(t.vehicle);
    if (stuck == teleported_.end()) continue;
    t.teleports = stuck->second;
    teleported_.erase(stuck);
  }
}

// At the end SUMO also writes those as never inserted who depart between its last tick and the end, for whom it never
// tried; and nothing about those it threw out while they waited. gemeo's trips are the travellers of its counters: one
// record for each whose departure came before some tick, none for the others.
void engine_sumo::account_for_the_rest(std::vector<std::string> const& pending) {
  if (!options_.trips) return;
  std::vector<vehicle_id> waited;
  for (std::string const& name : pending) {
    if (vehicle_id const v = names_.vehicle(name); v.valid()) waited.push_back(v);
  }
  std::sort(waited.begin(), waited.end());
  std::erase_if(reader_->ready.trips, [&](trip_record const& t) {
    if (t.state != trip_state::kNeverInserted) return false;
    return own_demand_ ? t.vehicle.index() >= due_ : !std::binary_search(waited.begin(), waited.end(), t.vehicle);
  });
  take_trips();
  for (std::size_t i = 0; i < due_ && i < has_trip_.size(); ++i) {
    if (has_trip_[i]) continue;
    trip_record t;
    t.vehicle = vehicle_id(i);
    t.state = trip_state::kNeverInserted;
    t.depart_delay_s = counters_.time_s - scenario_.travellers->vehicles.depart_s[t.vehicle];
    ready_.trips.push_back(t);
  }
}

void engine_sumo::correct_counters() {
  if (!reader_->closing) return;
  closing_statistics const& c = *reader_->closing;
  counters_.teleports = c.teleports;
  counters_.teleports_jam = c.jam;
  counters_.teleports_yield = c.yield;
  counters_.teleports_wrong_lane = c.wrong_lane;
  counters_.collisions = c.collisions;
  counters_.emergency_stops = c.emergency_stops;
}

std::vector<vehicle_id> engine_sumo::waiting() const {
  std::vector<vehicle_id> out;
  if (!own_demand_ || counters_.backlog == 0) return out;
  for (std::string const& name : libsumo::Simulation::getPendingVehicles()) {
    if (!is_obstacle(name)) out.emplace_back(static_cast<std::size_t>(std::strtoull(name.c_str(), nullptr, 10)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

void engine_sumo::take_messages() {
  console_->flush();
  auto const messages = console_->take_messages();
  if (messages.empty()) return;
  for (std::string& m : messages_->take(messages, counters_)) tell(std::move(m));
}

void engine_sumo::tell(std::string text) { ready_.messages.push_back({counters_.time_s, std::move(text)}); }

}  // namespace gemeo
