// From a name to its id: an open-addressing hash table of (hash, id) pairs that leaves the names where they are, in the
// table's own name column. Invariants: at most half full; ids are unique. Eight bytes a slot, no allocation per entry.
// Thread rule: const access from any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

namespace gemeo {

class name_index {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  // names[i] is the name of id i, for every id added.
  template <typename Names>
  [[nodiscard]] std::uint32_t find(std::string_view name, Names const& names) const {
    if (slots_.empty()) return kNone;
    std::uint32_t const h = hash(name);
    for (std::size_t i = h & mask();; i = (i + 1) & mask()) {
      if (slots_[i].id == kNone) return kNone;
      if (slots_[i].hash == h && names[slots_[i].id] == name) return slots_[i].id;
    }
  }
  // The caller has made sure that the name is not there yet.
  void add(std::string_view name, std::uint32_t id) {
    if (slots_.size() < 2 * (used_ + 1)) grow();
    put({hash(name), id});
    ++used_;
  }
  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  struct slot {
    std::uint32_t hash = 0, id = kNone;
  };
  [[nodiscard]] static std::uint32_t hash(std::string_view name) {
    auto const h = static_cast<std::uint64_t>(std::hash<std::string_view>{}(name));
    return static_cast<std::uint32_t>(h ^ (h >> 32U));
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  void put(slot s) {
    std::size_t i = s.hash & mask();
    while (slots_[i].id != kNone) i = (i + 1) & mask();
    slots_[i] = s;
  }
  void grow() {
    std::vector<slot> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (slot const& s : old) {
      if (s.id != kNone) put(s);
    }
  }

  std::vector<slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace gemeo
