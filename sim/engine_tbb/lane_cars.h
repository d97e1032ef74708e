// The vehicles of one lane, foremost first: a vector of slots that has room for a few within itself, as most lanes hold
// few and every vehicle looks at lanes ahead. 32 bytes. As std::vector, where it has the same members.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace gemeo::micro {

using slot = std::uint32_t;

class lane_cars {
 public:
  lane_cars() = default;
  lane_cars(lane_cars const& o) { assign(o.data(), o.size_); }
  lane_cars(lane_cars&& o) noexcept { swap(o); }
  lane_cars& operator=(lane_cars o) noexcept {
    swap(o);
    return *this;
  }
  ~lane_cars() {
    if (room_ > kInside) delete[] storage_.far;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] slot* data() { return room_ > kInside ? storage_.far : storage_.near; }
  [[nodiscard]] slot const* data() const { return room_ > kInside ? storage_.far : storage_.near; }
  [[nodiscard]] slot* begin() { return data(); }
  [[nodiscard]] slot* end() { return data() + size_; }
  [[nodiscard]] slot const* begin() const { return data(); }
  [[nodiscard]] slot const* end() const { return data() + size_; }
  [[nodiscard]] slot operator[](std::size_t i) const { return data()[i]; }
  [[nodiscard]] slot front() const { return data()[0]; }
  [[nodiscard]] slot back() const { return data()[size_ - 1]; }

  [[nodiscard]] std::size_t far_bytes() const { return room_ > kInside ? room_ * sizeof(slot) : 0; }

  void clear() { size_ = 0; }
  void assign(slot const* from, std::size_t n) {
    size_ = 0;
    reserve(n);
    std::copy_n(from, n, data());
    size_ = static_cast<std::uint32_t>(n);
  }
  void push_back(slot k) {
    reserve(size_ + std::size_t{1});
    data()[size_++] = k;
  }
  void insert(slot const* at, slot k) {
    std::size_t const i = static_cast<std::size_t>(at - data());
    push_back(k);
    std::rotate(data() + i, data() + size_ - 1, data() + size_);
  }
  void erase(slot const* at) {
    std::size_t const i = static_cast<std::size_t>(at - data());
    std::copy(data() + i + 1, data() + size_, data() + i);
    --size_;
  }
  void swap(lane_cars& o) noexcept {
    std::swap(size_, o.size_);
    std::swap(room_, o.room_);
    std::swap(storage_, o.storage_);
  }

 private:
  static constexpr std::uint32_t kInside = 6;
  void reserve(std::size_t n) {
    if (n <= room_) return;
    std::size_t const room = std::max<std::size_t>(n, std::size_t{2} * room_);
    slot* const to = new slot[room];
    std::copy_n(data(), size_, to);
    if (room_ > kInside) delete[] storage_.far;
    storage_.far = to;
    room_ = static_cast<std::uint32_t>(room);
  }

  std::uint32_t size_ = 0, room_ = kInside;
  union storage {
    slot near[kInside] = {};
    slot* far;
  } storage_;
};

}  // namespace gemeo::micro
