// xxHash64 of bytes, files and streams of values; written as 16 hexadecimal digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <type_traits>

namespace gemeo {

std::uint64_t hash_bytes(void const* data, std::size_t size, std::uint64_t seed = 0);
std::uint64_t hash_file(std::filesystem::path const& file);  // throws error(kInput) when it cannot be read
std::string to_hex(std::uint64_t h);

// Order-dependent hash of what is added, for one hash per tick and per run.
class hasher {
 public:
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void add(std::span<T const> values) {
    state_ = hash_bytes(values.data(), values.size_bytes(), state_ + 0x9E3779B97F4A7C15ULL);
  }
  template <typename T>
  requires(std::is_arithmetic_v<T>) void add_value(T v) {
    state_ = hash_bytes(&v, sizeof v, state_ + 0x9E3779B97F4A7C15ULL);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace gemeo
