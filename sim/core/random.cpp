#include "sim/core/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

#include "sim/core/hash.h"

namespace gemeo {

namespace {
r123::Philox4x32::ctr_type block(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  // Two counter words carry the entity, one the counter, one the purpose mixed with the counter's high half.
  r123::Philox4x32::ctr_type const c = {
      {static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32U),
       static_cast<std::uint32_t>(counter),
       static_cast<std::uint32_t>(counter >> 32U) ^ (static_cast<std::uint32_t>(purpose) << 16U)}};
  r123::Philox4x32::key_type const k = {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)}};
  return r123::Philox4x32()(c, k);
}

double to_unit(std::uint32_t high, std::uint32_t low) {
  std::uint64_t const bits = (static_cast<std::uint64_t>(high) << 32U | low) >> 11U;
  return static_cast<double>(bits) * 0x1.0p-53;
}
}  // namespace

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  auto const r = block(seed, entity, counter, purpose);
  return static_cast<std::uint64_t>(r[0]) << 32U | r[1];
}

double random_uniform(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  auto const r = block(seed, entity, counter, purpose);
  return to_unit(r[0], r[1]);
}

double random_normal(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  auto const r = block(seed, entity, counter, purpose);
  double const u = 1.0 - to_unit(r[0], r[1]);  // (0, 1]
  double const v = to_unit(r[2], r[3]);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::uint64_t entity_key(std::string_view name) { return hash_bytes(name.data(), name.size()); }

std::uint64_t entity_key(std::uint64_t a, std::uint64_t b) {
  std::uint64_t const both[2] = {a, b};
  return hash_bytes(both, sizeof both);
}

}  // namespace gemeo
