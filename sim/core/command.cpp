#include "sim/core/command.h"

#include <fmt/core.h>

namespace gemeo {

namespace {
struct describer {
  std::string operator()(set_lane_permissions const& c) const {
    return fmt::format("lane {} allows '{}'", c.lane.value, names_of(c.allowed));
  }
  std::string operator()(set_lane_speed const& c) const {
    return fmt::format("lane {} speed {:.2f} m/s", c.lane.value, c.speed_mps);
  }
  std::string operator()(set_signal_program const& c) const {
    return fmt::format("signal {} program {}", c.signal.value, c.program);
  }
  std::string operator()(block_lane const& c) const {
    return fmt::format("obstacle {} blocks lane {} at {:.1f} m", c.obstacle, c.lane.value, c.pos_m);
  }
  std::string operator()(unblock_lane const& c) const { return fmt::format("obstacle {} removed", c.obstacle); }
  std::string operator()(reroute const& c) const {
    return fmt::format("reroute {:.0f} % of vehicles bound for {} edges", 100 * c.share, c.edges.size());
  }
};
}  // namespace

std::string describe(command const& c) { return std::visit(describer{}, c); }

}  // namespace gemeo
