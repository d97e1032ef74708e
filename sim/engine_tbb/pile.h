// An array that hands out its next place to be written, without making it first, and grows by an eighth: what stages
// note down in every tick. What was in a place before is still there. One thread an object.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

namespace gemeo::micro {

template <typename T>
class pile {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return room_; }
  [[nodiscard]] T const* data() const { return all_.get(); }
  [[nodiscard]] T const* begin() const { return data(); }
  [[nodiscard]] T const* end() const { return data() + size_; }
  [[nodiscard]] T const& operator[](std::size_t i) const { return all_[i]; }
  void clear() { size_ = 0; }
  // Empties it, and gives back room beyond what is in it now and a quarter more.
  void clear_and_trim() {
    std::size_t const enough = size_ + size_ / 4 + 8;
    size_ = 0;
    if (room_ <= enough) return;
    room_ = enough;
    all_.reset();
    all_ = std::make_unique<T[]>(room_);
  }
  T& add() {
    if (size_ == room_) grow();
    return all_[size_++];
  }

 private:
  void grow() {
    std::size_t const room = size_ + size_ / 16 + 8;
    auto to = std::make_unique<T[]>(room);
    std::copy_n(all_.get(), size_, to.get());
    all_ = std::move(to);
    room_ = room;
  }
  std::unique_ptr<T[]> all_;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace gemeo::micro
