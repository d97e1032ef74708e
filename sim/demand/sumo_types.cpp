#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/error.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

// What a <vType> has that names its class only: SUMO's manual, "Vehicle Type Parameter Defaults", as version 1.15
// itself tells through traci.vehicletype.
struct class_defaults {
  vclass cls;
  double length_m, min_gap_m, max_speed_mps, accel, decel, emergency, width_m, dev, sigma;
  char const* emissions;
};

constexpr char const *kCar = "HBEFA3/PC_G_EU4", *kZero = "Zero/default", *kDiesel = "HBEFA3/HDV_D_EU0";
constexpr double kFast = 200 / 3.6;

constexpr std::array<class_defaults, 19> kDefaults = {{
    {vclass::kPassenger, 5, 2.5, kFast, 2.6, 4.5, 9, 1.8, 0.1, 0.5, kCar},
    {vclass::kPrivate, 5, 2.5, kFast, 2.6, 4.5, 9, 1.8, 0.1, 0.5, kCar},
    {vclass::kPedestrian, 0.215, 0.25, 37.58 / 3.6, 1.5, 2, 5, 0.478, 0.1, 0.5, kZero},
    {vclass::kBicycle, 1.6, 0.5, 50 / 3.6, 1.2, 3, 7, 0.65, 0.1, 0.5, kZero},
    {vclass::kMoped, 2.1, 2.5, 60 / 3.6, 1.1, 7, 10, 0.78, 0.1, 0.5, "HBEFA3/LDV_G_EU6"},
    {vclass::kMotorcycle, 2.2, 2.5, kFast, 6, 10, 10, 0.9, 0.1, 0.5, "HBEFA3/LDV_G_EU6"},
    {vclass::kTruck, 7.1, 2.5, 130 / 3.6, 1.3, 4, 7, 2.4, 0.05, 0.5, "HBEFA3/HDV"},
    {vclass::kTrailer, 16.5, 2.5, 130 / 3.6, 1.1, 4, 7, 2.55, 0.05, 0.5, "HBEFA3/HDV"},
    {vclass::kBus, 12, 2.5, 100 / 3.6, 1.2, 4, 7, 2.5, 0, 0.5, "HBEFA3/Bus"},
    {vclass::kCoach, 14, 2.5, 100 / 3.6, 2, 4, 7, 2.6, 0.05, 0.5, "HBEFA3/Coach"},
    {vclass::kDelivery, 6.5, 2.5, kFast, 2.6, 4.5, 9, 2.16, 0.05, 0.5, "HBEFA3/LDV"},
    {vclass::kEmergency, 6.5, 2.5, kFast, 2.6, 4.5, 9, 2.16, 0, 0.5, "HBEFA3/LDV"},
    {vclass::kTaxi, 5, 2.5, kFast, 2.6, 4.5, 9, 1.8, 0.05, 0.5, kCar},
    {vclass::kTram, 22, 2.5, 80 / 3.6, 1, 3, 7, 2.4, 0, 0, kZero},
    {vclass::kRailUrban, 109.5, 5, 100 / 3.6, 1, 3, 7, 3, 0, 0, kZero},
    {vclass::kRail, 135, 5, 160 / 3.6, 0.25, 1.3, 5, 2.84, 0, 0, kDiesel},
    {vclass::kRailElectric, 200, 5, 220 / 3.6, 0.5, 1.3, 5, 2.95, 0, 0, kZero},
    {vclass::kRailFast, 200, 5, 330 / 3.6, 0.5, 1.3, 5, 2.95, 0, 0, kZero},
    {vclass::kShip, 17, 2.5, 8 / 1.94, 0.1, 0.15, 1, 4, 0.1, 0, kDiesel},
}};

vehicle_type type_of_class(vclass cls) {
  auto const* d = std::find_if(kDefaults.begin(), kDefaults.end(), [&](auto const& c) { return c.cls == cls; });
  bool const found = d != kDefaults.end();
  if (!found) d = kDefaults.data();
  vehicle_type t;
  t.cls = cls;
  t.length_m = d->length_m;
  t.min_gap_m = d->min_gap_m;
  t.max_speed_mps = d->max_speed_mps;
  t.accel_mps2 = d->accel;
  t.decel_mps2 = d->decel;
  t.emergency_decel_mps2 = d->emergency;
  t.width_m = d->width_m;
  t.sigma = d->sigma;
  bool const alike = cls == vclass::kArmy || cls == vclass::kAuthority || cls == vclass::kIgnoring;  // no spread
  t.speed_factor_dev = alike ? 0 : d->dev;
  t.emission_class = cls == vclass::kEvehicle ? kZero : d->emissions;
  if (cls == vclass::kBicycle) t.other["desiredMaxSpeed"] = "5.555555556";  // 20 km/h, times the speed factor
  return t;
}

constexpr std::array<std::string_view, 14> kOwn = {
    "id",    "vClass", "length",   "minGap",      "accel",    "decel",         "emergencyDecel",
    "sigma", "tau",    "maxSpeed", "speedFactor", "speedDev", "emissionClass", "probability"};
constexpr std::array<std::string_view, 6> kLooks = {"color", "guiShape", "imgFile", "osgFile", "guiWidth", "xmlns:xsi"};
constexpr double kMost = 10000;  // no length, speed or time of a vehicle is so large in SI units

double positive(xml_attributes const& a, char const* name, double fallback) {
  double const v = not_negative(a, name, fallback, kMost);
  if (v <= 0) a.fail(fmt::format("'{}' must be above 0, is {}", name, v));
  return v;
}

// "1.1", "norm(1,0.1)" or "normc(1,0.1,0.2,2)".
void read_speed_factor(xml_attributes const& a, vehicle_type& t, speed_bounds& b) {
  std::string_view const text = a.text("speedFactor");
  std::size_t const open = text.find('(');
  std::string_view const kind = text.substr(0, open);
  if (open == std::string_view::npos) {
    t.speed_factor = positive(a, "speedFactor", 1);
    return;
  }
  bool const cut = kind == "normc";
  if ((kind != "norm" && !cut) || text.back() != ')')
    a.fail(
        fmt::format("'speedFactor' is neither a number nor norm(mean,deviation) nor normc(mean,deviation,min,max): "
                    "'{}'",
                    text));
  std::vector<double> v;
  for (std::string const& w : words_of(text.substr(open + 1, text.size() - open - 2))) {
    auto const n = parse_number(w);
    if (!n || *n < 0 || *n > kMost) a.fail(fmt::format("'speedFactor' holds '{}', no number of 0 or more", w));
    v.push_back(*n);
  }
  bool const right = v.size() == 2 || (cut && v.size() == 4);
  if (!right) a.fail(fmt::format("'speedFactor' has {} parameters: '{}'", v.size(), text));
  t.speed_factor = v[0];
  t.speed_factor_dev = v[1];
  b = {};
  if (!cut) b = {-1e9, 1e9};
  if (v.size() == 4) b = {v[2], v[3]};
  if (b.least > b.most || (v.size() == 4 && (v[0] < b.least || v[0] > b.most)))
    a.fail(fmt::format("the mean of 'speedFactor' lies outside its bounds: '{}'", text));
}

}  // namespace

std::vector<std::string> words_of(std::string_view s) {
  constexpr char const* kBetween = " \t\r\n,";
  std::vector<std::string> out;
  for (std::size_t at = s.find_first_not_of(kBetween); at != std::string_view::npos;) {
    std::size_t const end = std::min(s.find_first_of(kBetween, at), s.size());
    out.emplace_back(s.substr(at, end - at));
    at = s.find_first_not_of(kBetween, end);
  }
  return out;
}

double not_negative(xml_attributes const& a, char const* name, double fallback, double most) {
  double const v = a.number_or(name, fallback);
  if (v < 0) a.fail(fmt::format("'{}' is negative: {}", name, v));
  if (v > most) a.fail(fmt::format("'{}' is {}, at most {} is possible", name, v, most));
  return v;
}

double read_time(xml_attributes const& a, char const* name, double fallback) {
  double const t = a.time_or(name, fallback);
  if (!a.find(name)) return t;
  if (t < 0) a.fail(fmt::format("'{}' is negative: {}", name, t));
  if (t > kMostTime_s) a.fail(fmt::format("'{}' is {} s, at most {:.0f} s are possible", name, t, kMostTime_s));
  return t;
}

vehicle_type read_type(xml_attributes const& a, speed_bounds& bounds) {
  std::string_view const cls = a.text_or("vClass", "passenger");
  auto const parsed = parse_vclass(cls);
  if (!parsed) a.fail(fmt::format("unknown vehicle class '{}'", cls), "see SUMO's manual, \"Abstract Vehicle Class\"");
  vehicle_type t = type_of_class(*parsed);
  t.name = std::string(a.text("id"));
  if (t.name.empty()) a.fail("the id is empty");
  t.length_m = positive(a, "length", t.length_m);
  t.min_gap_m = not_negative(a, "minGap", t.min_gap_m, kMost);
  t.accel_mps2 = positive(a, "accel", t.accel_mps2);
  t.decel_mps2 = positive(a, "decel", t.decel_mps2);
  t.emergency_decel_mps2 = positive(a, "emergencyDecel", std::max(t.emergency_decel_mps2, t.decel_mps2));
  t.sigma = not_negative(a, "sigma", t.sigma, 1);
  t.tau_s = positive(a, "tau", t.tau_s);
  t.max_speed_mps = positive(a, "maxSpeed", t.max_speed_mps);
  t.width_m = positive(a, "width", t.width_m);
  if (a.find("speedFactor")) read_speed_factor(a, t, bounds);
  t.speed_factor_dev = not_negative(a, "speedDev", t.speed_factor_dev, kMost);
  t.emission_class = std::string(a.text_or("emissionClass", t.emission_class));
  t.probability = not_negative(a, "probability", 1, 1e9);
  for (char const** p = a.pairs(); *p != nullptr; p += 2) {
    std::string_view const name = p[0];
    bool const own = std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
    bool const looks = std::find(kLooks.begin(), kLooks.end(), name) != kLooks.end();
    if (!own && !looks) t.other[p[0]] = p[1];
  }
  return t;
}

bool add_default_type(state& s, std::string const& name) {
  constexpr std::array<std::pair<std::string_view, vclass>, 4> kKnown = {{{"DEFAULT_VEHTYPE", vclass::kPassenger},
                                                                          {"DEFAULT_BIKETYPE", vclass::kBicycle},
                                                                          {"DEFAULT_TAXITYPE", vclass::kTaxi},
                                                                          {"DEFAULT_RAILTYPE", vclass::kRail}}};
  for (auto const& [known, cls] : kKnown) {
    if (name != known) continue;
    vehicle_type t = type_of_class(cls);
    t.name = name;
    vtype_id const id = s.out.travellers.types.push_back(std::move(t));
    s.bounds.emplace_back();
    s.types.define(name, {{{"", id.value, 1}}, 1, name, false, {}});
    return true;
  }
  return false;
}

}  // namespace gemeo::sumo_files
