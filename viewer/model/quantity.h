// What the map can be coloured by, and how each is computed from what a result file holds (SUMO's meandata).
// A field is one quantity of one file, or the difference of two files, as a value per (interval, edge) in display
// units; NaN where nothing was measured. Immutable once made; const access from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/reader.h"
#include "viewer/model/palette.h"

namespace gemeo::view {

enum class quantity : std::uint8_t { kRatio, kSpeed, kFlow, kDensity, kOccupancy, kDelay, kCo2 };
inline constexpr std::size_t kQuantities = 7;

struct quantity_info {
  quantity id;
  char const* key;          // for --quantity
  char const* label;        // "Speed"
  char const* unit;         // "km/h"
  char const* explanation;  // one line
  palette_kind colours;
  bool falling;     // the trouble lies at the low end
  char const* low;  // what the legend says at its calm and troubled ends
  char const* high;
  int decimals;
};
std::span<quantity_info const> quantities();
quantity_info const& info_of(quantity q);
quantity parse_quantity(std::string_view key);  // throws error(kUsage) with the nearest known key

using series_map = std::map<std::string, std::shared_ptr<edge_series const>>;  // by the file's own names

// The file's name for what is wanted ("time_loss" finds "timeLoss" and "time_loss_s"); empty when it has none.
std::string find_series(std::vector<std::string> const& names, std::string_view wanted);
// The file's names of everything the quantity is computed from; nullopt when the file lacks one.
std::optional<std::vector<std::string>> inputs_of(quantity q, std::vector<std::string> const& names);

class field {
 public:
  // Needs inputs_of(q) in the map. The network must be the series' own and outlive the field.
  field(quantity q, series_map const& series, result_network const& net);
  [[nodiscard]] float at(std::size_t interval, edge_id e) const;
  [[nodiscard]] std::span<double const> begin_s() const;
  [[nodiscard]] std::span<double const> end_s() const;
  [[nodiscard]] std::size_t intervals() const { return begin_s().size(); }
  [[nodiscard]] std::size_t edges() const;
  [[nodiscard]] quantity what() const { return what_; }

 private:
  quantity what_;
  result_network const* net_;
  std::shared_ptr<edge_series const> speed_, density_, other_;
};

// other - base, edge by edge (matched by name) and interval by interval (matched by time).
class difference_field {
 public:
  difference_field(std::shared_ptr<field const> base, std::shared_ptr<field const> other,
                   result_network const& base_net, result_network const& other_net);
  [[nodiscard]] float at(std::size_t interval, edge_id e) const;  // the base's interval and edge
  [[nodiscard]] field const& base() const { return *base_; }
  [[nodiscard]] field const& other() const { return *other_; }
  [[nodiscard]] edge_id edge_in_other(edge_id e) const { return edge_[e]; }
  [[nodiscard]] std::optional<std::size_t> interval_in_other(std::size_t i) const { return interval_[i]; }
  [[nodiscard]] std::size_t unmatched_edges() const { return unmatched_; }

 private:
  std::shared_ptr<field const> base_, other_;
  id_vector<edge_id, edge_id> edge_;  // in the other network
  std::vector<std::optional<std::size_t>> interval_;
  std::size_t unmatched_ = 0;
};

// From a value to a place on its palette. Fixed for a whole file, so that pictures of two times can be compared.
struct value_scale {
  double low = 0, high = 1;  // in display units
  bool falling = false;      // low is the troubled end
  bool diverging = false;    // -high .. 0 .. high
  [[nodiscard]] double position(double value) const;
  [[nodiscard]] std::vector<double> ticks() const;  // round values from low to high
};
value_scale scale_of(field const& f, result_network const& net);
value_scale scale_of(difference_field const& f);

std::string value_text(quantity q, double value, bool with_unit, bool with_sign = false);

}  // namespace gemeo::view
