// Plain values to bytes and back, for checkpoints of one program: the same build reads what it wrote.
// Errors: byte_reader throws error(kInput) where the bytes end too early. Thread rule: one thread an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/ids.h"

namespace gemeo {

class byte_writer {
 public:
  explicit byte_writer(std::vector<std::byte>& out) : out_(out) {}

  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void put(T const& v) { put_bytes(&v, sizeof v); }

  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void put(std::vector<T> const& v) {
    put(std::uint64_t{v.size()});
    put_bytes(v.data(), v.size() * sizeof(T));
  }
  template <typename Id, typename T>
  void put(id_vector<Id, T> const& v) {
    put(v.raw());
  }
  void put(std::string const& s) {
    put(std::uint64_t{s.size()});
    put_bytes(s.data(), s.size());
  }

 private:
  void put_bytes(void const* from, std::size_t n) {
    if (n == 0) return;
    std::size_t const at = out_.size();
    out_.resize(at + n);
    std::memcpy(out_.data() + at, from, n);
  }
  std::vector<std::byte>& out_;
};

class byte_reader {
 public:
  explicit byte_reader(std::span<std::byte const> in) : in_(in) {}

  template <typename T>
  requires std::is_trivially_copyable_v<T> T get() {
    T v;
    std::memcpy(&v, take(sizeof v).data(), sizeof v);
    return v;
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void get(std::vector<T>& v) {
    std::size_t const n = count(sizeof(T));
    v.resize(n);
    if (n > 0) std::memcpy(static_cast<void*>(v.data()), take(n * sizeof(T)).data(), n * sizeof(T));
  }
  template <typename Id, typename T>
  void get(id_vector<Id, T>& v) {
    get(v.raw());
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void get(T& v) { v = get<T>(); }
  void get(std::string& s) {
    auto const raw = take(count(1));
    s.assign(raw.size(), '\0');
    if (!raw.empty()) std::memcpy(s.data(), raw.data(), raw.size());
  }
  // How many elements follow, of at least `each` bytes: never more than there are bytes for.
  std::size_t count(std::size_t each) {
    auto const n = get<std::uint64_t>();
    if (n > in_.size() / each) too_short();
    return static_cast<std::size_t>(n);
  }
  [[nodiscard]] bool empty() const { return in_.empty(); }

 private:
  [[noreturn]] static void too_short() { throw_input("checkpoint", "ends too early", "start the run anew"); }
  std::span<std::byte const> take(std::size_t n) {
    if (in_.size() < n) too_short();
    auto const out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }
  std::span<std::byte const> in_;
};

}  // namespace gemeo
