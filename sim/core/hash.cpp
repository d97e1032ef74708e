#include "sim/core/hash.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <memory>

#include "sim/core/error.h"

namespace gemeo {

std::uint64_t hash_bytes(void const* data, std::size_t size, std::uint64_t seed) { return XXH64(data, size, seed); }

std::uint64_t hash_file(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw_input(file.string(), "cannot be read", "check that the file exists and is readable");
  std::unique_ptr<XXH64_state_t, XXH_errorcode (*)(XXH64_state_t*)> const state(XXH64_createState(), XXH64_freeState);
  XXH64_reset(state.get(), 0);
  std::array<char, 1 << 16> buffer{};
  while (in) {
    in.read(buffer.data(), buffer.size());
    XXH64_update(state.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return XXH64_digest(state.get());
}

std::string to_hex(std::uint64_t h) { return fmt::format("{:016x}", h); }

}  // namespace gemeo
