// Strong 32-bit ids and the vectors they index.
// Invariants: an id is an index into one table; ids of different tables do not mix; kInvalid marks "none".
// Thread rule: plain values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <vector>

namespace gemeo {

template <typename Tag>
struct strong_id {
  static constexpr std::uint32_t kInvalid = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value = kInvalid;

  constexpr strong_id() = default;
  constexpr explicit strong_id(std::uint32_t v) : value(v) {}
  constexpr explicit strong_id(std::size_t v) : value(static_cast<std::uint32_t>(v)) {}
  [[nodiscard]] constexpr bool valid() const { return value != kInvalid; }
  [[nodiscard]] constexpr std::size_t index() const { return value; }
  friend constexpr auto operator<=>(strong_id, strong_id) = default;
};

using edge_id = strong_id<struct edge_tag>;
using lane_id = strong_id<struct lane_tag>;
using connection_id = strong_id<struct connection_tag>;
using junction_id = strong_id<struct junction_tag>;
using signal_id = strong_id<struct signal_tag>;
using vehicle_id = strong_id<struct vehicle_tag>;
using vtype_id = strong_id<struct vtype_tag>;
using route_id = strong_id<struct route_tag>;
using zone_id = strong_id<struct zone_tag>;
using stop_id = strong_id<struct stop_tag>;
using line_id = strong_id<struct line_tag>;
using detector_id = strong_id<struct detector_tag>;
using area_id = strong_id<struct area_tag>;  // a lane-area detector
using passenger_id = strong_id<struct passenger_tag>;

// A vector indexed by one kind of id only.
template <typename Id, typename T>
class id_vector {
 public:
  id_vector() = default;
  explicit id_vector(std::size_t n, T const& v = T()) : data_(n, v) {}
  id_vector(std::initializer_list<T> l) : data_(l) {}

  [[nodiscard]] decltype(auto) operator[](Id i) { return data_[i.index()]; }
  [[nodiscard]] decltype(auto) operator[](Id i) const { return data_[i.index()]; }
  [[nodiscard]] std::size_t size() const { return data_.size(); }
  [[nodiscard]] bool empty() const { return data_.empty(); }
  [[nodiscard]] bool contains(Id i) const { return i.index() < data_.size(); }
  [[nodiscard]] auto begin() { return data_.begin(); }
  [[nodiscard]] auto end() { return data_.end(); }
  [[nodiscard]] auto begin() const { return data_.begin(); }
  [[nodiscard]] auto end() const { return data_.end(); }
  [[nodiscard]] T const* data() const { return data_.data(); }
  Id push_back(T v) {
    data_.push_back(std::move(v));
    return Id(data_.size() - 1);
  }
  void resize(std::size_t n, T const& v = T()) { data_.resize(n, v); }
  void reserve(std::size_t n) { data_.reserve(n); }
  void clear() { data_.clear(); }
  void shrink_to_fit() { data_.shrink_to_fit(); }
  [[nodiscard]] std::vector<T> const& raw() const { return data_; }
  [[nodiscard]] std::vector<T>& raw() { return data_; }

 private:
  std::vector<T> data_;
};

}  // namespace gemeo

template <typename Tag>
struct std::hash<gemeo::strong_id<Tag>> {
  std::size_t operator()(gemeo::strong_id<Tag> id) const noexcept { return std::hash<std::uint32_t>{}(id.value); }
};
