#include <fmt/core.h>
#include <libsumo/libsumo.h>

#include "sim/engine_sumo/call.h"
#include "sim/engine_sumo/engine_impl.h"
#include "sim/engine_sumo/input_files.h"

namespace gemeo {

namespace {

std::vector<std::string> class_names(vclass_mask m) {
  std::vector<std::string> out;
  for (unsigned c = 0; c < static_cast<unsigned>(vclass::kCount); ++c) {
    if (permits(m, static_cast<vclass>(c))) out.emplace_back(name_of(static_cast<vclass>(c)));
  }
  return out;
}

}  // namespace

void engine_sumo::apply(std::span<command const> commands) {
  verify(loaded_ && !finished_, "commands are applied between load and finish");
  for (command const& c : commands) {
    log_.push_back({counters_.tick, c});
    call("SUMO cannot carry out a command", [&] { apply_one(c); });
  }
}

// The network keeps a lane's speed as float, SUMO as double: undoing a limit must give back SUMO's own value, or later
// traffic drives differently in the last digits.
void engine_sumo::set_speed(lane_id lane, double speed_mps) {
  std::string const name = scenario_.net->lane_name(lane);
  double const own_mps = own_speeds_.try_emplace(lane, libsumo::Lane::getMaxSpeed(name)).first->second;
  bool const own = static_cast<float>(speed_mps) == scenario_.net->lanes.speed_mps[lane];
  libsumo::Lane::setMaxSpeed(name, own ? own_mps : speed_mps);
}

void engine_sumo::apply_one(command const& c) {
  network const& net = *scenario_.net;
  if (auto const* const p = std::get_if<set_lane_permissions>(&c)) {
    std::string const lane = net.lane_name(p->lane);
    if (p->allowed == kAllClasses) {
      libsumo::Lane::setDisallowed(lane, {});
    } else {
      libsumo::Lane::setAllowed(lane, class_names(p->allowed));
    }
  } else if (auto const* const speed = std::get_if<set_lane_speed>(&c)) {
    set_speed(speed->lane, speed->speed_mps);
  } else if (auto const* const signal = std::get_if<set_signal_program>(&c)) {
    libsumo::TrafficLight::setProgram(net.signals.name[signal->signal],
                                      sumo_program_name(scenario_, signal->signal, signal->program));
  } else if (auto const* const block = std::get_if<block_lane>(&c)) {
    obstacles_->block(*block);
  } else if (auto const* const unblock = std::get_if<unblock_lane>(&c)) {
    obstacles_->unblock(unblock->obstacle);
  } else if (auto const* const way = std::get_if<reroute>(&c)) {
    std::vector<vehicle_id> const pending = waiting();
    std::size_t const n = reroutes_->answer(*way, pending, counters_.time_s);
    tell(fmt::format("{} travellers on the road took another way at {:.0f} s", n, counters_.time_s));
    report_refused();
  }
}

}  // namespace gemeo
