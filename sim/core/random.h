// Counter-based random numbers: a draw is a pure function of (seed, entity, tick, purpose), never of an order.
// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11) from Random123.
// Base and intervention with one seed therefore share every traveller's draws.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gemeo {

enum class draw : std::uint32_t {  // purposes; append only, the numbers are part of the determinism contract
  kDepartTime = 1,
  kOriginEdge = 2,
  kDestinationEdge = 3,
  kSpeedFactor = 4,
  kVehicleType = 5,
  kRouteCost = 6,
  kTripCount = 7,
  kRerouteShare = 8,
  kModeShift = 9,
  kIncidentDuration = 10,
  kCompliance = 11,
  kParkAndRide = 12,
  kEvent = 13,
  kDayNoise = 14,
  kProfile = 15,
  kView = 16,
  kInformed = 17,
  kRouteChoice = 18,
  kDawdle = 19,
  kYield = 20,
  kEntry = 21,
  kFold = 22,
  kRefit = 23,
  kRounding = 24,
  kSearch = 25
};

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose);
double random_uniform(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose);  // [0, 1)
// random_uniform of many entities at once, into out; as many as there are entities.
void random_uniforms(std::uint64_t seed, std::span<std::uint64_t const> entities, std::uint64_t counter, draw purpose,
                     double* out);
double random_normal(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose);  // N(0, 1)
// A stable 64-bit key of a name (xxhash), for entities that are known by name.
std::uint64_t entity_key(std::string_view name);
// Mixes two keys into one.
std::uint64_t entity_key(std::uint64_t a, std::uint64_t b);

}  // namespace gemeo
