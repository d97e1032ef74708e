// What each intervention that concerns roads does: patches of lanes, blocks, programs, bans, prices, and news of
// incidents.
#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

constexpr double kKmh = 1 / 3.6;

// Keys that say what an intervention selects; how much it does to that is left out, so that a variant with another
// share draws the same travellers first.
struct selection_text {
  std::string out = {};
  template <typename T>
  void operator()(key_info const& k, T const& v) {
    static std::set<std::string> const kSelect = {"edge", "edges",  "roads", "zones",    "direction", "from",
                                                  "to",   "vtypes", "lines", "stations", "signals",   "mode_shift_to"};
    if (kSelect.count(k.name) != 0) add(k.name, v);
  }
  void add(char const* key, std::string const& v) { out += fmt::format("|{}={}", key, v); }
  void add(char const* key, std::vector<std::string> const& v) {
    for (std::string const& s : v) add(key, s);
  }
  template <typename T>
  void add(char const*, T const&) {}
};

template <typename T>
std::string selection_of(T c) {
  selection_text s;
  c.visit(s);
  if constexpr (requires { c.trips; }) s.out += fmt::format("|{:x}", c.trips.purposes.mask);
  return s.out;
}

template <typename T>
std::string title_of(T const& c) {
  if (!c.label.name.empty()) return fmt::format("{}: {}", T::kKind, c.label.name);
  std::string names;
  auto const add = [&](std::vector<std::string> const& list) {
    for (std::string const& s : list) names += (names.empty() ? "" : ", ") + s;
  };
  if constexpr (requires { c.target; }) add(c.target.roads), add(c.target.edges), add(c.target.zones);
  if constexpr (requires { c.signals; }) add(c.signals), add(c.roads);
  if constexpr (requires { c.edge; }) add({c.edge});
  if constexpr (requires { c.lines; }) add(c.lines);
  if constexpr (requires { c.trips; }) {
    if (c.trips.purposes.mask != 0) {
      for (unsigned i = 0; i < static_cast<unsigned>(purpose::kCount); ++i) {
        if (c.trips.purposes.holds(static_cast<purpose>(i))) add({std::string(name_of(static_cast<purpose>(i)))});
      }
    }
    add(c.trips.from);
    if (!c.trips.to.empty()) add({"to " + c.trips.to.front()});
  }
  if constexpr (std::is_same_v<T, event_config>) add({c.to});
  if (names.size() > 60) names = names.substr(0, names.rfind(',', 60)) + ", ...";
  return names.empty() ? T::kKind : fmt::format("{}: {}", T::kKind, names);
}

std::string names_of(vclass_mask mask) {
  std::string out;
  for (unsigned i = 0; i < static_cast<unsigned>(vclass::kCount); ++i) {
    if (permits(mask, static_cast<vclass>(i)))
      out += (out.empty() ? "" : ", ") + std::string(name_of(static_cast<vclass>(i)));
  }
  return out;
}

// For people: the shorter of what it holds and what it leaves out.
std::string class_words(vclass_mask mask) {
  mask &= kAllClasses;
  if (mask == kAllClasses) return "all vehicles";
  if (mask == 0) return "nobody";
  bool const most = std::popcount(mask) > std::popcount(kAllClasses) / 2;
  return most ? "all but " + names_of(kAllClasses & ~mask) : names_of(mask);
}

std::string program_words(signal_program const& p, signal_program const& own) {
  auto const cycle = [](signal_program const& s) {
    double sum = 0;
    for (signal_phase const& f : s.phases) sum += f.duration_s;
    return sum;
  };
  std::string greens;
  for (signal_phase const& f : p.phases) {
    bool const green =
        f.state.find_first_of("gG") != std::string::npos && f.state.find_first_of("yY") == std::string::npos;
    if (!green) continue;
    greens += greens.empty() ? "" : ", ";
    greens += p.type == "actuated" ? fmt::format("{:g} to {:g}", f.min_s, f.max_s) : fmt::format("{:g}", f.duration_s);
  }
  return fmt::format("{} of {:g} s (its own: {:g} s), green {} s, offset {:g} s",
                     p.type == "actuated" ? "actuated, a cycle" : "a cycle", cycle(p), cycle(own), greens, p.offset_s);
}

class resolver {
 public:
  explicit resolver(draft& d) : d_(d), finder_(d.town) {}

  void run() {
    for (item& i : d_.items) {
      std::visit([&](auto const& c) { resolve(i, c); }, *i.config);
      i.report.edges = i.edges;
      if (i.end_s <= d_.config.time.begin.s || i.begin_s >= d_.config.time.end.s) {
        warn_idle(i, "acts outside the scenario's time and therefore never");
      }
    }
  }

 private:
  void resolve(item& i, close_config const& c) {
    i.edges = finder_.edges(c.target, i.report.where);
    i.classes = c.classes.mask & ~c.except_classes.mask;
    for (edge_id const e : i.edges) {
      for (lane_id const l : lanes_of(e)) patch(i, l, lane_patch::kind::kClose, i.classes, 0);
    }
    std::size_t const affected = static_cast<std::size_t>(std::count_if(
        i.edges.begin(), i.edges.end(), [&](edge_id e) { return (d_.net().allowed(e) & i.classes) != 0; }));
    if (affected == 0) warn_idle(i, "closes nothing: none of these classes may use the edges anyway");
    i.report.notes.push_back("closed to " + class_words(i.classes));
  }

  void resolve(item& i, close_lane_config const& c) {
    i.edges = finder_.edges(c.target, i.report.where);
    i.classes = c.classes.mask & ~c.except_classes.mask;
    for (lane_id const l : lanes(i, c.target, c.lanes)) patch(i, l, lane_patch::kind::kClose, i.classes, 0);
    i.report.notes.push_back("closed to " + class_words(i.classes));
  }

  void resolve(item& i, speed_limit_config const& c) {
    i.edges = finder_.edges(c.target, i.report.where);
    i.classes = kAllClasses;
    for (edge_id const e : i.edges) {
      for (lane_id const l : lanes_of(e)) {
        if (c.speed_kmh) patch(i, l, lane_patch::kind::kLimit, 0, *c.speed_kmh * kKmh);
        if (c.factor) patch(i, l, lane_patch::kind::kFactor, 0, *c.factor);
      }
    }
    i.report.notes.push_back(c.speed_kmh ? fmt::format("limit {:g} km/h", *c.speed_kmh)
                                         : fmt::format("{:g} times the limit that stands there", *c.factor));
  }

  void resolve(item& i, lane_permission_config const& c) {
    i.edges = finder_.edges(c.target, i.report.where);
    i.classes = kAllClasses;
    if (c.allow.mask == 0) warn(i, "allows nobody: the lanes are closed");
    for (lane_id const l : lanes(i, c.target, c.lanes)) patch(i, l, lane_patch::kind::kAllow, c.allow.mask, 0);
    i.report.notes.push_back("only for " + class_words(c.allow.mask));
  }

  void resolve(item& i, signal_program_config const& c) {
    i.report.signals = finder_.signals(c);
    i.classes = kAllClasses;
    for (signal_id const s : i.report.signals) {
      d_.programs.push_back({i.begin_s, i.end_s, s, build_program(d_.net(), s, c), i.report.where});
      i.report.notes.push_back(
          fmt::format("{}: {}", d_.net().signals.name[s],
                      program_words(d_.programs.back().program, d_.net().signals.programs[s].back())));
    }
    std::set<edge_id> approaches;
    for (connection const& k : d_.net().connections) {
      bool const here =
          k.signal.valid() && std::binary_search(i.report.signals.begin(), i.report.signals.end(), k.signal);
      if (here && d_.net().is_normal(d_.net().lanes.edge[k.from])) approaches.insert(d_.net().lanes.edge[k.from]);
    }
    i.edges.assign(approaches.begin(), approaches.end());
  }

  void resolve(item& i, incident_config const& c) {
    edge_id const e = finder_.edge(c.edge, i.report.where);
    i.edges = {e};
    i.classes = kAllClasses;
    auto const blocked = finder_.lanes(i.edges, c.lanes, i.report.where, nullptr);
    i.begin_s = c.begin->s;
    i.end_s = i.begin_s + duration_s(c, i.salt);
    i.report.lanes = blocked;
    i.report.notes.push_back(fmt::format("blocks {} of {} lanes, for {:.0f} min with this seed", blocked.size(),
                                         d_.net().edges.lanes[e].size(), (i.end_s - i.begin_s) / 60));
    for (lane_id const l : blocked)
      d_.blocks.push_back({i.begin_s, i.end_s, l, c.position * static_cast<double>(d_.net().lanes.length_m[l])});
    bool all = true;
    for (lane_id const l : lanes_of(e)) {
      bool const is_blocked = std::binary_search(blocked.begin(), blocked.end(), l);
      all = all && (is_blocked || !permits(d_.net().lanes.allowed[l], vclass::kPassenger));
      if (!is_blocked && c.passing_speed_kmh) patch(i, l, lane_patch::kind::kLimit, 0, *c.passing_speed_kmh * kKmh);
    }
    if (d_.config.routes.response == "fixed" || c.informed_share <= 0) return;
    cost_patch p = cost_patch_of(i);
    p.edges = i.edges;
    p.closed = all;
    p.extra_s = all ? 0 : c.announced_delay_min * 60;
    p.share = c.informed_share;
    p.share_draw = draw::kRerouteShare;
    p.known_from_s = i.begin_s;
    d_.news.push_back(p);
    reroute r;
    r.edges = i.edges;
    r.share = c.informed_share;
    r.classes = kAllClasses;
    d_.announcements.push_back({std::max(i.begin_s, d_.config.time.begin.s), r});
  }

  void resolve(item& i, low_emission_zone_config const& c) {
    i.edges = finder_.edges(c.target, i.report.where);
    i.types = banned_types(i, c);
    if (!c.replace_with.empty()) check_replacement(i, c);
    for (vtype_id const t : i.types) {
      i.classes |= mask_of(d_.town.types[t].cls);
      i.report.notes.push_back(fmt::format("banned: {} ({})", d_.town.types[t].name, d_.town.types[t].emission_class));
    }
    cost_patch p = cost_patch_of(i);
    p.edges = i.edges;
    p.classes = kAllClasses;
    p.types = i.types;
    p.closed = true;
    p.share = 1 - c.exempt_share;
    p.salt = i.salt;
    d_.bans.push_back(std::move(p));
  }

  void resolve(item& i, road_price_config const& c) {
    i.edges = c.charge == "cordon" ? finder_.crossing_into(c.target, i.report.where)
                                   : finder_.edges(c.target, i.report.where);
    i.classes = c.classes.mask & ~c.except_classes.mask;
    i.report.notes.push_back(fmt::format("{:g} EUR {} for {}, felt as {:.0f} s", c.price_eur,
                                         c.charge == "km"     ? "a km"
                                         : c.charge == "edge" ? "each edge"
                                                              : "each time they cross into the polygon",
                                         class_words(i.classes), c.price_eur / c.value_of_time_eur_per_h * 3600));
    for (edge_id const e : i.edges) {
      cost_patch p = cost_patch_of(i);
      p.edges = {e};
      double const price_eur = c.price_eur * (c.charge == "km" ? d_.net().length_m(e) / 1000 : 1);
      p.toll_s = price_eur / c.value_of_time_eur_per_h * 3600;
      p.share = 1 - c.exempt_share;
      p.salt = i.salt;
      d_.tolls.push_back(std::move(p));
    }
  }

  template <typename T>
  void resolve(item&, T const&) {}  // of the demand: later

  cost_patch cost_patch_of(item const& i) const {
    cost_patch p;
    p.classes = i.classes;
    p.begin_s = i.begin_s;
    p.end_s = d_.end_of(i);
    return p;
  }

  // Log-normal with the mean and standard deviation given: sigma^2 = ln(1 + sd^2 / mean^2), mu = ln(mean) - sigma^2
  // / 2.
  double duration_s(incident_config const& c, std::uint64_t salt) const {
    double const ratio = c.duration_sd_min / c.duration_min;
    double const sigma2 = std::log1p(ratio * ratio);
    double const z = random_normal(d_.seed, salt, 0, draw::kIncidentDuration);
    return std::max(1.0, std::round(60 * std::exp(std::log(c.duration_min) - sigma2 / 2 + std::sqrt(sigma2) * z)));
  }

  std::vector<vtype_id> banned_types(item const& i, low_emission_zone_config const& c) const {
    std::vector<vtype_id> out;
    for (std::string const& name : c.types) {
      auto const& types = d_.town.types.raw();
      bool const known =
          std::any_of(types.begin(), types.end(), [&](vehicle_type const& t) { return matches(name, t.name); });
      if (known) continue;
      std::vector<std::string> names;
      for (vehicle_type const& t : types) names.push_back(t.name);
      throw_input(i.report.where, fmt::format("the city has no vehicle type '{}'", name), did_you_mean(name, names));
    }
    for (std::size_t k = 0; k < d_.town.types.size(); ++k) {
      vehicle_type const& t = d_.town.types[vtype_id(k)];
      auto const named = [](std::vector<std::string> const& patterns, std::string const& text) {
        return std::any_of(patterns.begin(), patterns.end(), [&](std::string const& p) { return matches(p, text); });
      };
      if (permits(c.classes.mask, t.cls) || named(c.emission_classes, t.emission_class) || named(c.types, t.name))
        out.emplace_back(k);
    }
    if (out.empty())
      throw_input(i.report.where, "none of the city's vehicle types is banned",
                  "see vtypes.add.xml for classes and emission classes");
    return out;
  }

  void check_replacement(item const& i, low_emission_zone_config const& c) const {
    type_mix const* const mix = find_mix(d_.town, c.replace_with);
    if (mix == nullptr)
      throw_input(i.report.where, fmt::format("the city has no vehicle type '{}' (replace_with)", c.replace_with));
    for (vtype_id const t : mix->types) {
      if (std::find(i.types.begin(), i.types.end(), t) != i.types.end()) {
        throw_input(i.report.where, fmt::format("'{}' (replace_with) is banned itself", d_.town.types[t].name));
      }
    }
  }

  std::vector<lane_id> lanes_of(edge_id e) const {
    std::vector<lane_id> out;
    for (std::uint32_t l = d_.net().edges.lanes[e].begin; l < d_.net().edges.lanes[e].end; ++l) out.emplace_back(l);
    return out;
  }
  // An edge named by its id must have the lane; of a road's or area's edges, narrower ones are left out and said.
  std::vector<lane_id> lanes(item& i, target_config const& t, std::vector<std::int64_t> const& numbers) {
    bool const exact = t.roads.empty() && t.zones.empty() && t.polygon.empty();
    std::vector<edge_id> without;
    auto out = finder_.lanes(i.edges, numbers, i.report.where, exact ? nullptr : &without);
    if (!without.empty()) {
      warn(i, fmt::format("{} of {} edges lack one of these lanes, e.g. '{}'", without.size(), i.edges.size(),
                          d_.net().edges.name[without[0]]));
      std::erase_if(i.edges, [&](edge_id e) {
        return std::none_of(out.begin(), out.end(), [&](lane_id l) { return d_.net().lanes.edge[l] == e; });
      });
    }
    return out;
  }
  void patch(item& i, lane_id l, lane_patch::kind what, vclass_mask classes, double value) {
    d_.lanes.push_back({l, i.begin_s, i.end_s, what, classes, value});
    lane_state const before{d_.net().lanes.allowed[l], static_cast<double>(d_.net().lanes.speed_mps[l])};
    if (!(state_at(d_.net(), l, {&d_.lanes.back()}, i.begin_s) == before)) i.report.lanes.push_back(l);
  }
  void warn(item const& i, std::string const& what) {
    d_.out.warnings.push_back(fmt::format("{}: {} {}", i.report.where, i.report.intervention, what));
  }
  void warn_idle(item const& i, std::string const& what) {
    warn(i, what);
    d_.out.idle.push_back(d_.out.warnings.back());
  }

  draft& d_;
  target_finder finder_;
};

}  // namespace

std::vector<item> list_items(scenario_config const& s) {
  std::vector<item> out;
  for (intervention_config const& c : s.interventions) {
    item i;
    i.config = &c;
    std::visit(
        [&](auto const& k) {
          i.salt = entity_key(k.label.name.empty() ? std::string(k.kKind) + selection_of(k)
                                                   : fmt::format("{}:{}", k.kKind, k.label.name));
          i.report.intervention = title_of(k);
          i.begin_s = s.time.begin.s;
          i.end_s = s.time.end.s;
          if constexpr (requires { k.window; }) {
            i.begin_s = k.window.begin->s;
            i.end_s = k.window.end->s;
          }
        },
        c);
    i.report.where = label_of(c).where;
    out.push_back(std::move(i));
  }
  return out;
}

void resolve_interventions(draft& d) { resolver(d).run(); }

}  // namespace gemeo
