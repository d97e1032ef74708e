#include "viewer/model/quantity.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "sim/core/error.h"
#include "viewer/model/playback.h"

namespace gemeo::view {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

constexpr std::array<quantity_info, kQuantities> kInfo = {{
    {quantity::kRatio, "ratio", "Speed against limit", "%", "mean speed as a share of the speed limit",
     palette_kind::kHeat, true, "free", "jammed", 0},
    {quantity::kSpeed, "speed", "Speed", "km/h", "mean speed of the vehicles on the road", palette_kind::kHeat, true,
     "fast", "slow", 0},
    {quantity::kFlow, "flow", "Flow", "veh/h", "vehicles an hour, all lanes of a direction (density times mean speed)",
     palette_kind::kFlow, false, "empty", "busy", 0},
    {quantity::kDensity, "density", "Density", "veh/km", "vehicles per kilometre, all lanes of a direction",
     palette_kind::kHeat, false, "sparse", "dense", 1},
    {quantity::kOccupancy, "occupancy", "Occupancy", "%", "share of the road's length covered by vehicles",
     palette_kind::kHeat, false, "sparse", "full", 1},
    {quantity::kDelay, "delay", "Delay", "s/veh-km", "time lost by a vehicle on a kilometre of this road",
     palette_kind::kHeat, false, "none", "long", 0},
    {quantity::kCo2, "co2", "CO\u2082", "kg/(km h)", "carbon dioxide emitted on a kilometre of this road in an hour",
     palette_kind::kHeat, false, "little", "much", 1},
}};

std::string plain(std::string_view s) {
  std::string out;
  for (char const c : s) {
    if (c != '_' && c != '-' && c != ' ') out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
  }
  return out;
}

double nice_above(double v) {
  if (!(v > 0)) return 1;
  double const power = std::pow(10.0, std::floor(std::log10(v)));
  for (double const f : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}) {
    if (f * power >= v * 0.99) return f * power;
  }
  return 10 * power;
}

// The value that a share of all (sampled) values does not exceed.
template <typename F>
double quantile(F const& f, std::size_t intervals, std::size_t edges, double share) {
  std::vector<float> v;
  std::size_t const stride = std::max<std::size_t>(1, intervals * edges / 400000);
  for (std::size_t k = 0; k < intervals * edges; k += stride) {
    float const x = std::abs(f.at(k / edges, edge_id(k % edges)));
    if (std::isfinite(x) && x > 0) v.push_back(x);
  }
  if (v.empty()) return 0;
  auto const at = v.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(v.size() - 1));
  std::nth_element(v.begin(), at, v.end());
  return *at;
}

}  // namespace

std::span<quantity_info const> quantities() { return kInfo; }
quantity_info const& info_of(quantity q) { return kInfo[static_cast<std::size_t>(q)]; }

quantity parse_quantity(std::string_view key) {
  std::vector<std::string> known;
  for (quantity_info const& i : kInfo) {
    if (key == i.key) return i.id;
    known.emplace_back(i.key);
  }
  std::string const near = did_you_mean(std::string(key), known);
  std::string all;
  for (std::string const& k : known) all += (all.empty() ? "" : ", ") + k;
  throw_usage(fmt::format("unknown quantity '{}'", key), near.empty() ? "known: " + all : near);
}

std::string find_series(std::vector<std::string> const& names, std::string_view wanted) {
  std::string const w = plain(wanted);
  for (bool const exact : {true, false}) {
    for (std::string const& n : names) {
      std::string const p = plain(n);
      if (exact ? p == w : p.starts_with(w)) return n;
    }
  }
  return {};
}

std::optional<std::vector<std::string>> inputs_of(quantity q, std::vector<std::string> const& names) {
  std::vector<std::string_view> wanted;
  switch (q) {
    case quantity::kRatio:
    case quantity::kSpeed:
      wanted = {"speed"};
      break;
    case quantity::kFlow:
      wanted = {"speed", "density"};
      break;
    case quantity::kDensity:
      wanted = {"density"};
      break;
    case quantity::kOccupancy:
      wanted = {"occupancy"};
      break;
    case quantity::kDelay:
      wanted = {"speed", "density", "time_loss"};
      break;
    case quantity::kCo2:
      wanted = {"co2"};
      break;
  }
  std::vector<std::string> found;
  for (std::string_view const w : wanted) {
    found.push_back(find_series(names, w));
    if (found.back().empty()) return std::nullopt;
  }
  return found;
}

field::field(quantity q, series_map const& series, result_network const& net) : what_(q), net_(&net) {
  std::vector<std::string> names;
  for (auto const& [name, s] : series) names.push_back(name);
  auto const get = [&](std::string_view wanted) {
    auto const at = series.find(find_series(names, wanted));
    if (at == series.end()) throw_input("result file", fmt::format("has no edge values '{}'", wanted));
    if (at->second->edges != net.name.size()) {
      throw_input("result file",
                  fmt::format("'{}' has {} edges, the network {}", at->first, at->second->edges, net.name.size()));
    }
    return at->second;
  };
  if (q == quantity::kRatio || q == quantity::kSpeed || q == quantity::kFlow || q == quantity::kDelay)
    speed_ = get("speed");
  if (q == quantity::kDensity || q == quantity::kFlow || q == quantity::kDelay) density_ = get("density");
  if (q == quantity::kOccupancy) other_ = get("occupancy");
  if (q == quantity::kDelay) other_ = get("time_loss");
  if (q == quantity::kCo2) other_ = get("co2");
  for (auto const& s : {speed_, density_, other_}) {
    if (s && (s->begin_s.size() != intervals() || s->end_s.size() != intervals() ||
              s->values.size() != intervals() * s->edges)) {
      throw_input("result file", "edge values disagree on the number of intervals");
    }
  }
}

std::span<double const> field::begin_s() const {
  return speed_ ? speed_->begin_s : density_ ? density_->begin_s : other_->begin_s;
}
std::span<double const> field::end_s() const {
  return speed_ ? speed_->end_s : density_ ? density_->end_s : other_->end_s;
}
std::size_t field::edges() const { return net_->name.size(); }

float field::at(std::size_t i, edge_id e) const {
  switch (what_) {
    case quantity::kRatio:
      return speed_->at(i, e) / net_->speed_mps[e] * 100;
    case quantity::kSpeed:
      return speed_->at(i, e) * 3.6F;
    case quantity::kFlow:
      return speed_->at(i, e) * 3.6F * density_->at(i, e);  // Edie (1963): q = k v
    case quantity::kDensity:
      return density_->at(i, e);
    case quantity::kOccupancy:
      return other_->at(i, e);
    case quantity::kDelay: {
      // Seconds lost over vehicle-kilometres driven: k [veh/km] * L [km] * v [km/s] * T [s].
      double const period = other_->end_s[i] - other_->begin_s[i];
      double const veh_km = density_->at(i, e) * (net_->length_m[e] / 1000.0) * (speed_->at(i, e) / 1000.0) * period;
      // Less than five metres in all is no basis for a figure.
      return veh_km > 0.005 ? static_cast<float>(other_->at(i, e) / veh_km) : kNone;
    }
    case quantity::kCo2: {
      double const km_h = net_->length_m[e] / 1000.0 * (other_->end_s[i] - other_->begin_s[i]) / 3600;
      return static_cast<float>(other_->at(i, e) / 1e6 / km_h);
    }
  }
  return kNone;
}

difference_field::difference_field(std::shared_ptr<field const> base, std::shared_ptr<field const> other,
                                   result_network const& base_net, result_network const& other_net)
    : base_(std::move(base)), other_(std::move(other)), edge_(base_net.name.size()) {
  std::unordered_map<std::string_view, edge_id> by_name;
  by_name.reserve(other_net.name.size());
  for (std::size_t i = 0; i < other_net.name.size(); ++i) by_name.emplace(other_net.name[edge_id(i)], edge_id(i));
  for (std::size_t i = 0; i < base_net.name.size(); ++i) {
    auto const at = by_name.find(base_net.name[edge_id(i)]);
    if (at != by_name.end()) {
      edge_[edge_id(i)] = at->second;
    } else {
      ++unmatched_;
    }
  }
  auto const b = base_->begin_s(), e = base_->end_s(), ob = other_->begin_s(), oe = other_->end_s();
  for (std::size_t i = 0; i < b.size(); ++i) {
    double const middle = (b[i] + e[i]) / 2;
    auto const at = interval_at(ob, oe, middle);
    interval_.push_back(at && ob[*at] <= middle && middle < oe[*at] ? at : std::nullopt);
  }
}

float difference_field::at(std::size_t i, edge_id e) const {
  edge_id const there = edge_[e];
  auto const j = interval_[i];
  if (!there.valid() || !j) return kNone;
  float const a = base_->at(i, e), b = other_->at(*j, there);
  // A road that one file has no traffic on: for amounts that is nothing, for speeds it is not known.
  bool const amount =
      base_->what() != quantity::kRatio && base_->what() != quantity::kSpeed && base_->what() != quantity::kDelay;
  if (amount && std::isnan(a) != std::isnan(b)) return (std::isnan(b) ? 0 : b) - (std::isnan(a) ? 0 : a);
  return b - a;
}

double value_scale::position(double value) const {
  double const p = (value - low) / (high - low);
  return falling ? 1 - p : p;
}

std::vector<double> value_scale::ticks() const {
  if (diverging) return {-high, -high / 2, 0, high / 2, high};
  std::vector<double> t;
  double const span = high - low;
  double const power = std::pow(10.0, std::floor(std::log10(span)));
  double step = power;
  for (double const f : {0.1, 0.2, 0.25, 0.5, 1.0, 2.0}) {
    step = f * power;
    if (span / step <= 5.01) break;
  }
  for (double v = low; v <= high + step * 0.01; v += step) t.push_back(v);
  return t;
}

value_scale scale_of(field const& f, result_network const& net) {
  value_scale s;
  s.falling = info_of(f.what()).falling;
  switch (f.what()) {
    case quantity::kRatio:
      s.high = 100;
      return s;
    case quantity::kSpeed: {
      float fastest = 0;
      for (std::size_t i = 0; i < net.name.size(); ++i) {
        if (net.function[edge_id(i)] == 0) fastest = std::max(fastest, net.speed_mps[edge_id(i)]);
      }
      s.high = std::clamp(std::ceil(fastest * 3.6 / 10 - 0.01) * 10, 30.0, 120.0);
      return s;
    }
    case quantity::kOccupancy:
      s.high = std::min(100.0, nice_above(quantile(f, f.intervals(), f.edges(), 0.98)));
      return s;
    default:
      s.high = nice_above(quantile(f, f.intervals(), f.edges(), 0.98));
      return s;
  }
}

value_scale scale_of(difference_field const& f) {
  value_scale s;
  s.diverging = true;
  s.falling = info_of(f.base().what()).falling;  // slower is worse, and worse has one colour, here and in the report
  s.high = nice_above(quantile(f, f.base().intervals(), f.base().edges(), 0.98));
  s.low = -s.high;
  return s;
}

std::string value_text(quantity q, double value, bool with_unit, bool with_sign) {
  quantity_info const& i = info_of(q);
  if (!std::isfinite(value)) return "\u2013";
  std::string text = fmt::format("{:.{}f}", std::abs(value), i.decimals);
  bool const zero = text.find_first_not_of("0.") == std::string::npos;
  // A thin space in thousands reads the same in every language.
  std::size_t const point_at = std::min(text.find('.'), text.size());
  for (std::size_t k = point_at; k > 3; k -= 3) {
    if (point_at > 4) text.insert(k - 3, "\u202f");
  }
  if (value < 0 && !zero) text.insert(0, "\u2212");
  if (with_sign && value > 0 && !zero) text.insert(0, "+");
  if (with_unit) text += std::string(i.unit[0] == '%' ? "\u202f" : " ") + i.unit;
  return text;
}

}  // namespace gemeo::view
