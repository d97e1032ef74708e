#include "sim/demand/vtypes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {

namespace {

constexpr std::array<std::string_view, 15> kOwn = {
    "id",  "vClass",   "length",      "minGap",   "accel",         "decel",       "emergencyDecel", "sigma",
    "tau", "maxSpeed", "speedFactor", "speedDev", "emissionClass", "probability", "xmlns:xsi"};

std::vector<std::string> words(std::string_view s) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < s.size();) {
    std::size_t const begin = s.find_first_not_of(" \t\n,", at);
    if (begin == std::string_view::npos) break;
    std::size_t const end = std::min(s.find_first_of(" \t\n,", begin), s.size());
    out.emplace_back(s.substr(begin, end - begin));
    at = end;
  }
  return out;
}

class vtype_reader : public xml_handler {
 public:
  vtype_reader(id_vector<vtype_id, vehicle_type>& types, std::vector<type_mix>& mixes) : types_(types), mixes_(mixes) {}

  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "vType") {
      add_type(a);
    } else if (element == "vTypeDistribution") {
      add_mix(a);
    } else if (element != "additional" && element != "routes" && element != "param") {
      a.fail("is not a vehicle type", "this file may hold <vType> and <vTypeDistribution> only");
    }
  }
  void end(std::string_view) override {}

 private:
  // kMost: no vehicle's length, speed or time is so large in SI units; a probability is a weight.
  static constexpr double kMost = 1000;
  static double positive(xml_attributes const& a, char const* name, double fallback) {
    double const v = not_negative(a, name, fallback);
    if (v <= 0) a.fail(fmt::format("'{}' must be above 0, is {}", name, v));
    return v;
  }
  static double not_negative(xml_attributes const& a, char const* name, double fallback, double most = kMost) {
    double const v = a.number_or(name, fallback);
    if (v < 0) a.fail(fmt::format("'{}' is negative: {}", name, v));
    if (v > most) a.fail(fmt::format("'{}' is {}, at most {} is possible", name, v, most));
    return v;
  }

  void add_type(xml_attributes const& a) {
    vehicle_type t;
    t.name = std::string(a.text("id"));
    if (find_mix(t.name) != nullptr) a.fail("stands there twice");
    std::string_view const cls = a.text_or("vClass", "passenger");
    auto const parsed = parse_vclass(cls);
    if (!parsed) a.fail(fmt::format("unknown vehicle class '{}'", cls));
    t.cls = *parsed;
    t.length_m = positive(a, "length", t.length_m);
    t.min_gap_m = not_negative(a, "minGap", t.min_gap_m);
    t.accel_mps2 = positive(a, "accel", t.accel_mps2);
    t.decel_mps2 = positive(a, "decel", t.decel_mps2);
    t.emergency_decel_mps2 = positive(a, "emergencyDecel", std::max(t.emergency_decel_mps2, t.decel_mps2));
    t.sigma = not_negative(a, "sigma", t.sigma);
    t.tau_s = positive(a, "tau", t.tau_s);
    t.max_speed_mps = positive(a, "maxSpeed", t.max_speed_mps);
    t.speed_factor = positive(a, "speedFactor", t.speed_factor);
    t.speed_factor_dev = not_negative(a, "speedDev", t.speed_factor_dev);
    t.width_m = positive(a, "width", t.width_m);  // stays among the others, too: engine_sumo passes those on
    t.emission_class = std::string(a.text_or("emissionClass", t.emission_class));
    t.probability = not_negative(a, "probability", 1, 1e9);
    for (char const** p = a.pairs(); *p != nullptr; p += 2) {
      if (std::find(kOwn.begin(), kOwn.end(), std::string_view(p[0])) == kOwn.end()) t.other[p[0]] = p[1];
    }
    vtype_id const id = types_.push_back(t);
    mixes_.push_back({t.name, {id}, {1.0}});
  }

  void add_mix(xml_attributes const& a) {
    type_mix m;
    m.name = std::string(a.text("id"));
    if (find_mix(m.name) != nullptr) a.fail("stands there twice");
    for (std::string const& name : words(a.text("vTypes"))) {
      type_mix const* const of = find_mix(name);
      if (of == nullptr) a.fail(fmt::format("names the unknown type '{}'", name), "define the <vType> above it");
      m.types.push_back(of->types.front());
      m.weight.push_back(types_[of->types.front()].probability);
    }
    if (auto const given = a.find("probabilities")) {
      auto const list = words(*given);
      if (list.size() != m.types.size()) a.fail("has not one probability for each type");
      for (std::size_t i = 0; i < list.size(); ++i) {
        auto const v = parse_number(list[i]);
        if (!v || *v < 0 || *v > 1e9) a.fail(fmt::format("probability '{}' is not a number of 0 or more", list[i]));
        m.weight[i] = *v;
      }
    }
    double total = 0;
    for (double const w : m.weight) total += w;
    if (m.types.empty() || total <= 0) a.fail("is a mix of nothing");
    mixes_.push_back(std::move(m));
  }

  type_mix const* find_mix(std::string_view name) const {
    auto const it = std::find_if(mixes_.begin(), mixes_.end(), [&](type_mix const& m) { return m.name == name; });
    return it == mixes_.end() ? nullptr : &*it;
  }

  id_vector<vtype_id, vehicle_type>& types_;
  std::vector<type_mix>& mixes_;
};

}  // namespace

void read_vtypes(std::filesystem::path const& file, id_vector<vtype_id, vehicle_type>& types,
                 std::vector<type_mix>& mixes) {
  vtype_reader reader(types, mixes);
  read_xml(file, reader);
  if (types.empty()) throw_input(file.string(), "defines no vehicle type");
}

}  // namespace gemeo
