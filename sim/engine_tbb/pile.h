// Arrays of what stages note down in every tick. They lie in blocks of a pool, and give these back when they are empty:
// what one stage no longer needs is room for the next one. Places do not move while an array grows.
// Thread rule: one thread adds to an array; several may write to places of it that are different ones; any number of
// arrays may take from one pool at once. Results hang on no address.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace gemeo::micro {

class alignas(64) block_pool {  // no cache line with another thread's
 public:
  // Whole numbers of records of 24, 32 and 48 bytes, which most are, and of cache lines, and one of the sizes that
  // jemalloc has: no byte is lost. Larger ones are half empty at the end of too many piles.
  static constexpr std::size_t kBlockBytes = 384;
  struct alignas(std::max_align_t) block {
    std::byte bytes[kBlockBytes];
  };
  using owned = std::unique_ptr<block>;

  owned take() {
    {
      std::lock_guard const hold(guard_);
      if (!free_.empty()) {
        owned b = std::move(free_.back());
        free_.pop_back();
        return b;
      }
      ++made_;
    }
    return owned(new block);
  }
  void give_back(std::vector<owned>& some) {
    std::lock_guard const hold(guard_);
    for (owned& b : some) free_.push_back(std::move(b));
    some.clear();
  }
  void trim() {  // lets go of what nobody has at the moment
    std::lock_guard const hold(guard_);
    made_ -= free_.size();
    free_.clear();
    free_.shrink_to_fit();
  }
  [[nodiscard]] std::size_t bytes() const {  // of all blocks, as many as have been needed at once since trim()
    std::lock_guard const hold(guard_);
    return made_ * sizeof(block) + free_.capacity() * sizeof(owned);
  }

 private:
  mutable std::mutex guard_;
  std::vector<owned> free_;
  std::size_t made_ = 0;
};

template <typename T>
class pile {
  static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  static constexpr std::size_t kEach = block_pool::kBlockBytes / sizeof(T);  // in a block

  pile() = default;
  explicit pile(std::shared_ptr<block_pool> pool) : pool_(std::move(pool)) {}
  pile(pile&& o) noexcept { swap(o); }
  pile& operator=(pile o) noexcept {
    swap(o);
    return *this;
  }
  ~pile() { clear(); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T& operator[](std::size_t i) { return at(i / kEach)[i % kEach]; }
  [[nodiscard]] T const& operator[](std::size_t i) const { return at(i / kEach)[i % kEach]; }
  // Calls f with each place, in order; not after begin_run.
  template <typename F>
  void each(F const& f) {
    each_of(*this, f);
  }
  template <typename F>
  void each(F const& f) const {
    each_of(*this, f);
  }
  // The n places from i on, added since begin_run.
  [[nodiscard]] std::span<T const> run(std::size_t i, std::size_t n) const { return {at(i / kEach) + i % kEach, n}; }
  // The next n places, n <= kEach, shall lie side by side; before them some may be left out.
  void begin_run(std::size_t n) {
    if (size_ % kEach + n > kEach) size_ += kEach - size_ % kEach;
  }
  T& add() {
    if (size_ == blocks_.size() * kEach) blocks_.push_back(pool_->take());
    T* const place = at(size_ / kEach) + size_ % kEach;
    ++size_;
    return *::new (static_cast<void*>(place)) T;
  }
  void clear() {
    size_ = 0;
    if (!blocks_.empty()) pool_->give_back(blocks_);
  }
  void swap(pile& o) noexcept {
    pool_.swap(o.pool_);
    blocks_.swap(o.blocks_);
    std::swap(size_, o.size_);
  }
  [[nodiscard]] std::size_t index_bytes() const { return blocks_.capacity() * sizeof(block_pool::owned); }
  // Calls f with the places in each block, all of them but perhaps the last ones taken.
  template <typename F>
  void each_block(F const& f) {
    for (std::size_t i = 0; i < (size_ + kEach - 1) / kEach; ++i) f(at(i));
  }

 private:
  template <typename Pile, typename F>
  static void each_of(Pile& p, F const& f) {
    for (std::size_t done = 0; done < p.size_; done += kEach) {
      auto* const in = &p[done];
      for (std::size_t i = 0; i < std::min(kEach, p.size_ - done); ++i) f(in[i]);
    }
  }
  [[nodiscard]] T* at(std::size_t block) const { return std::launder(reinterpret_cast<T*>(blocks_[block]->bytes)); }

  std::shared_ptr<block_pool> pool_;
  std::vector<block_pool::owned> blocks_;
  std::size_t size_ = 0;
};

// Piles that are looked at as one array, where they are. Between the last of one and the first of the next some numbers
// may be nobody's. The piles stay as they are for as long as they are looked at so.
template <typename T>
class row_of_piles {
 public:
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / pile<T>::kEach][i % pile<T>::kEach]; }
  [[nodiscard]] T const& operator[](std::size_t i) const { return blocks_[i / pile<T>::kEach][i % pile<T>::kEach]; }
  // Returns the number of its first place.
  std::size_t add(pile<T>& p) {
    std::size_t const first = blocks_.size() * pile<T>::kEach;
    piles_.push_back(&p);
    p.each_block([&](T* block) { blocks_.push_back(block); });
    return first;
  }
  void clear() {
    piles_.clear();
    blocks_.clear();
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t n = 0;
    for (pile<T> const* const p : piles_) n += p->size();
    return n;
  }
  // Calls f with each place, in order.
  template <typename F>
  void each(F const& f) {
    for (pile<T>* const p : piles_) p->each(f);
  }
  template <typename F>
  void each(F const& f) const {
    for (pile<T> const* const p : piles_) p->each(f);
  }
  [[nodiscard]] std::size_t bytes() const {
    return blocks_.capacity() * sizeof(T*) + piles_.capacity() * sizeof(pile<T>*);
  }

 private:
  std::vector<pile<T>*> piles_;
  std::vector<T*> blocks_;
};

}  // namespace gemeo::micro
