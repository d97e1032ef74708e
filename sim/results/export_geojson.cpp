#include "sim/results/export_geojson.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/error.h"
#include "sim/core/json_text.h"
#include "sim/results/schema.h"

namespace gemeo {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A JSON string; what is not UTF-8 is replaced.
std::string quoted(std::string const& s) { return quote_json(s); }

void add_value(text_output& out, std::string const& name, double v) {
  if (std::isfinite(v))
    out.add(",\"{}\":{}", name, v);
  else
    out.add(",\"{}\":null", name);
}

// Six decimals of a degree are a decimetre.
void add_line(text_output& out, result_network const& n, range shape) {
  out.add_text("\"geometry\":{\"type\":\"LineString\",\"coordinates\":[");
  for (std::uint32_t p = shape.begin; p < shape.end; ++p) {
    out.add("{}[{:.6f},{:.6f}]", p == shape.begin ? "" : ",", n.point_lon_lat[p].lon_deg, n.point_lon_lat[p].lat_deg);
  }
  out.add_text("]}");
}

using more_properties = std::function<void(edge_id)>;

std::size_t write_features(result_file const& r, result_network const& n, text_output& out,
                           more_properties const& more) {
  if (n.point_lon_lat.empty()) {
    throw_input(r.path().string(),
                "its road network has no usable projection, so GeoJSON, which is in WGS 84, cannot be written",
                "export csv instead");
  }
  out.add_text("{\"type\":\"FeatureCollection\",\"features\":[\n");
  std::size_t features = 0;
  for (std::size_t i = 0; i < n.name.size(); ++i) {
    edge_id const e(i);
    if (n.function[e] != static_cast<std::uint8_t>(edge_function::kNormal) || n.shape[e].size() < 2) continue;
    out.add("{}{{\"type\":\"Feature\",\"id\":{},\"properties\":{{\"edge\":{},\"road_name\":{},\"type\":{}",
            features > 0 ? ",\n" : "", quoted(n.name[e]), quoted(n.name[e]), quoted(n.road_name[e]), quoted(n.type[e]));
    add_value(out, "length_m", static_cast<double>(n.length_m[e]));
    add_value(out, "speed_limit_mps", static_cast<double>(n.speed_mps[e]));
    out.add(",\"lanes\":{}", n.lanes[e]);
    more(e);
    out.add_text("},");
    add_line(out, n, n.shape[e]);
    out.add_text("}");
    ++features;
  }
  out.add_text("\n]}\n");
  return features;
}

struct window_values {
  result_file const& r;
  std::vector<double> seconds;  // of every interval; 0 outside the window
  std::vector<edge_series> series;
  std::vector<std::string> names;

  [[nodiscard]] edge_series const* find(std::string_view name) const {
    auto const at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? nullptr : &series[static_cast<std::size_t>(at - names.begin())];
  }
  // Sum of value times weight over the window, and of the weights where both are known.
  template <typename Weight>
  std::pair<double, double> sums(edge_series const& s, edge_id e, Weight weight) const {
    double sum = 0, weights = 0;
    for (std::size_t i = 0; i < std::min(s.begin_s.size(), seconds.size()); ++i) {
      auto const v = static_cast<double>(s.at(i, e));
      double const w = seconds[i] > 0 ? weight(i) : 0.0;
      if (std::isnan(v) || !(w > 0)) continue;
      sum += v * w;
      weights += w;
    }
    return {sum, weights};
  }
};

double value_of(window_values const& w, std::string const& name, edge_series const& s, edge_id e, double length_m) {
  auto const once = [](std::size_t) { return 1.0; };
  auto const time = [&](std::size_t i) { return w.seconds[i]; };
  if (name == "speed" || name == "travel_time") {
    edge_series const *speed = w.find("speed"), *sampled = w.find("sampled_seconds");
    if (speed == nullptr || sampled == nullptr) return kNone;
    auto const vehicles = [&](std::size_t i) {
      return i < sampled->begin_s.size() ? static_cast<double>(sampled->at(i, e)) : 0.0;
    };
    auto const [sum, weights] = w.sums(*speed, e, vehicles);
    if (weights <= 0) return kNone;
    return name == "speed" ? sum / weights : (sum > 0 ? length_m * weights / sum : kNone);
  }
  if (name == schema::kMaxQueue) {
    double longest = kNone;
    for (std::size_t i = 0; i < std::min(s.begin_s.size(), w.seconds.size()); ++i) {
      if (w.seconds[i] > 0) longest = std::fmax(longest, static_cast<double>(s.at(i, e)));
    }
    return longest;
  }
  if (name == "density" || name == "occupancy") {
    // Nobody on the edge is a density of 0, not an unknown one.
    auto const [sum, weights] = w.sums(s, e, time);
    double all = 0;
    for (double const t : w.seconds) all += t;
    return weights > 0 ? sum / all : kNone;
  }
  auto const [sum, weights] =
      w.sums(s, e, [&](std::size_t i) { return name == schema::kMeanQueue ? time(i) : once(i); });
  if (weights <= 0) return kNone;
  return name == schema::kMeanQueue ? sum / weights : sum;
}

std::string property_of(std::string const& name, std::string const& unit) {
  std::string suffix = unit == "m/s" ? "mps" : unit == "veh/km" ? "veh_per_km" : unit == "%" ? "pct" : unit;
  return name + "_" + suffix;
}

}  // namespace

std::size_t network_geojson(result_file const& r, text_output& out) {
  return write_features(r, r.read_network(), out, [](edge_id) {});
}

std::size_t edges_geojson(result_file const& r, double from_s, double to_s, text_output& out) {
  result_network const n = r.read_network();
  window_values w{r, {}, {}, r.edge_quantities()};
  edge_series const axis = r.edge_intervals();
  double begin = kNone, end = kNone;
  for (std::size_t i = 0; i < axis.begin_s.size(); ++i) {
    bool const inside = (from_s < 0 || axis.begin_s[i] >= from_s) && (to_s < 0 || axis.begin_s[i] < to_s);
    w.seconds.push_back(inside ? axis.end_s[i] - axis.begin_s[i] : 0.0);
    if (!inside) continue;
    begin = std::fmin(begin, axis.begin_s[i]);
    end = std::fmax(end, axis.end_s[i]);
  }
  if (std::isnan(begin))
    throw_input(r.path().string(), "has no interval that begins in the window asked for", "see gemeo info");
  for (std::string const& name : w.names) w.series.push_back(r.edges(name));
  return write_features(r, n, out, [&](edge_id e) {
    add_value(out, "begin_s", begin);
    add_value(out, "end_s", end);
    for (std::size_t q = 0; q < w.names.size(); ++q) {
      add_value(out, property_of(w.names[q], w.series[q].unit),
                value_of(w, w.names[q], w.series[q], e, static_cast<double>(n.length_m[e])));
    }
  });
}

}  // namespace gemeo
