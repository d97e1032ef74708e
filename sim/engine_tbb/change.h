// Bits of a vehicle's lane-change state (vehicle::wish), in SUMO's meanings: lower half what it wants itself, upper
// half what others have told it.
#pragma once

#include <cstdint>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

inline constexpr std::uint32_t kStay = 1U << 0U, kToLeft = 1U << 1U, kToRight = 1U << 2U, kStrategic = 1U << 3U,
                               kCooperative = 1U << 4U, kSpeedGain = 1U << 5U, kKeepRight = 1U << 6U,
                               kUrgent = 1U << 7U, kByLeftLeader = 1U << 8U, kByLeftFollower = 1U << 9U,
                               kByRightLeader = 1U << 10U, kByRightFollower = 1U << 11U, kOverlaps = 1U << 12U;
inline constexpr std::uint32_t kHelpRight = 1U << 16U, kHelpLeft = 1U << 17U, kAmBlockingLeader = 1U << 18U,
                               kAmBlockingFollower = 1U << 19U, kAmBackBlocker = 1U << 20U;
inline constexpr std::uint32_t kByLeader = kByLeftLeader | kByRightLeader,
                               kByFollower = kByLeftFollower | kByRightFollower,
                               kBlocked = kByLeader | kByFollower | kOverlaps;
inline constexpr std::uint32_t kWantsChange = kToLeft | kToRight;  // whatever the reason
inline constexpr std::uint32_t kFromOthers = 0xFFFF0000U;

// After a change, or where there is nothing to change to.
inline void forget_wishes(vehicle& v, vehicle_past& past) {
  v.wish = 0;
  past.speed_gain = past.keep_right = 0;
  past.look_ahead_speed = 0;
}

// A wish as it is kept from tick to tick: rounded up. Nobody's grows beyond what fits; if it did, he would want no
// less.
inline std::int32_t rounded_wish(double x) {
  constexpr double kMost = 2e9;
  return x == 0 ? 0 : static_cast<std::int32_t>(std::clamp(-floor_of(-x * 1e5), -kMost, kMost));
}

}  // namespace gemeo::micro
