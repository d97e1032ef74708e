#include "sim/core/random.h"

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <numbers>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

#if defined(__x86_64__)
#define GEMEO_AVX2 __attribute__((target("avx2")))

GEMEO_AVX2 inline __m256i all(std::uint64_t x) { return _mm256_set1_epi64x(static_cast<long long>(x)); }

// The same for four entities at once, one in each 64 bits; multiplications read the lower half only, so that the upper
// one may hold anything. Returns how many it has done.
GEMEO_AVX2 std::size_t uniforms_by_four(std::uint64_t seed, std::span<std::uint64_t const> entities,
                                        std::uint64_t counter, draw purpose, double* out) {
  static constexpr std::size_t kRounds = 10;
  auto const high = static_cast<std::uint32_t>(counter >> 32U) ^ (static_cast<std::uint32_t>(purpose) << 16U);
  __m256i const by0 = all(PHILOX_M4x32_0), by1 = all(PHILOX_M4x32_1);
  __m256i key0[kRounds], key1[kRounds];
  for (std::size_t r = 0; r < kRounds; ++r) {
    auto const n = static_cast<std::uint32_t>(r);
    key0[r] = all(static_cast<std::uint32_t>(seed) + n * PHILOX_W32_0);
    key1[r] = all(static_cast<std::uint32_t>(seed >> 32U) + n * PHILOX_W32_1);
  }
  std::size_t i = 0;
  for (; i + 4 <= entities.size(); i += 4) {
    __m256i c0 = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(entities.data() + i));
    __m256i c1 = _mm256_srli_epi64(c0, 32), c2 = all(static_cast<std::uint32_t>(counter)), c3 = all(high);
    for (std::size_t r = 0; r < kRounds; ++r) {
      __m256i const p0 = _mm256_mul_epu32(c0, by0), p1 = _mm256_mul_epu32(c2, by1);
      c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), c1), key0[r]);
      c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), c3), key1[r]);
      c1 = p1;
      c3 = p0;
    }
    alignas(32) std::array<std::uint64_t, 4> bits;
    __m256i const low = _mm256_and_si256(c1, all(0xFFFFFFFFU));
    _mm256_store_si256(reinterpret_cast<__m256i*>(bits.data()),
                       _mm256_srli_epi64(_mm256_or_si256(_mm256_slli_epi64(c0, 32), low), 11));
    for (std::size_t k = 0; k < 4; ++k)
      out[i + k] = static_cast<double>(static_cast<std::int64_t>(bits[k])) * 0x1.0p-53;
  }
  return i;
}

bool const has_avx2 = __builtin_cpu_supports("avx2") != 0;
#endif
}  // namespace

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  auto const r = block(seed, entity, counter, purpose);
  return static_cast<std::uint64_t>(r[0]) << 32U | r[1];
}

double random_uniform(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter, draw purpose) {
  auto const r = block(seed, entity, counter, purpose);
  return to_unit(r[0], r[1]);
}

void random_uniforms(std::uint64_t seed, std::span<std::uint64_t const> entities, std::uint64_t counter, draw purpose,
                     double* out) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (has_avx2) done = uniforms_by_four(seed, entities, counter, purpose, out);
#endif
  for (; done < entities.size(); ++done) out[done] = random_uniform(seed, entities[done], counter, purpose);
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
