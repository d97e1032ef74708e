#include <fmt/core.h>

#include <cmath>

#include "sim/scenario/config_io.h"

namespace gemeo {

namespace {

std::string in_quotes(std::string_view s) {
  std::string out = "\"";
  for (char const c : s) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

template <typename List, typename Print>
std::string bracketed(List const& list, Print&& print) {
  std::string out;
  for (auto const& e : list) out += (out.empty() ? "" : ", ") + print(e);
  return "[" + out + "]";
}

std::string toml(double v) { return fmt::format("{}", v); }
std::string toml(std::int64_t v) { return fmt::format("{}", v); }
std::string toml(bool v) { return v ? "true" : "false"; }
std::string toml(std::string const& v) { return in_quotes(v); }
std::string toml(clock_time v) {
  if (v.s != std::floor(v.s)) return fmt::format("{}", v.s);
  auto const s = static_cast<std::int64_t>(v.s);
  std::string text = fmt::format("{:02}:{:02}", s / 3600, s / 60 % 60);
  if (s % 60 != 0) text += fmt::format(":{:02}", s % 60);
  return in_quotes(text);
}
std::string toml(class_set v) {
  if ((v.mask & kAllClasses) == kAllClasses) return "[\"all\"]";
  std::vector<std::string> names;
  for (unsigned i = 0; i < static_cast<unsigned>(vclass::kCount); ++i) {
    if (permits(v.mask, static_cast<vclass>(i))) names.emplace_back(name_of(static_cast<vclass>(i)));
  }
  return bracketed(names, in_quotes);
}
std::string toml(purpose_set v) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < static_cast<unsigned>(purpose::kCount); ++i) {
    if ((v.mask >> i & 1U) != 0) names.emplace_back(name_of(static_cast<purpose>(i)));
  }
  return bracketed(names, in_quotes);
}
std::string toml(area const& v) {
  auto const point = [](lon_lat p) { return fmt::format("[{}, {}]", p.lon_deg, p.lat_deg); };
  auto const of_ring = [&](ring const& r) { return bracketed(r, point); };
  auto const of_polygon = [&](area_polygon const& p) { return bracketed(p, of_ring); };
  if (v.polygons.size() != 1) return bracketed(v.polygons, of_polygon);
  return v.polygons[0].size() == 1 ? of_ring(v.polygons[0][0]) : of_polygon(v.polygons[0]);
}
std::string toml(phase_config const& p) {
  return fmt::format("{{state = {}, duration_s = {}, min_s = {}, max_s = {}}}", in_quotes(p.state), p.duration_s,
                     p.min_s, p.max_s);
}
template <typename T>
std::string toml(std::vector<T> const& v) {
  return bracketed(v, [](T const& e) { return toml(e); });
}

struct printer {
  std::string out = {};
  template <typename T>
  void operator()(key_info const& k, T const& v) {
    out += fmt::format("{} = {}\n", k.name, toml(v));
  }
  template <typename T>
  void operator()(key_info const& k, std::optional<T> const& v) {
    if (v) (*this)(k, *v);
  }
};

struct documenter {
  std::string out = "| key | unit | default | meaning |\n|---|---|---|---|\n";
  template <typename T>
  void operator()(key_info const& k, T const& v) {
    row(k, fmt::format("`{}`", toml(v)));
  }
  template <typename T>
  void operator()(key_info const& k, std::optional<T> const&) {
    row(k, "");
  }
  void row(key_info const& k, std::string const& fallback) {
    std::string choices;
    for (char const* c = k.choices; *c != '\0'; ++c)
      choices += *c == '|' ? std::string(choices.empty() ? "" : ", ") : std::string(1, *c);
    std::string const unit = *k.unit != '\0' ? std::string(k.unit) : choices.empty() ? "" : "one of";
    out += fmt::format("| `{}` | {} | {} | {}{} |\n", k.name, unit,
                       k.required                                   ? "required"
                       : fallback == "`[]`" || fallback == "`\"\"`" ? ""
                                                                    : fallback,
                       k.help, choices.empty() ? "" : ": " + choices);
  }
};

constexpr char const* kIntroduction = R"(# Scenario files

Generated from the code by `gemeo check --format`; a test fails when this page and the code differ.

A scenario is one TOML file in `scenarios/<city>/`:

```toml
title = "Avenida Marginal closed to cars on a Sunday"
base = "sunday"                       # everything of sunday.toml, and then:

[[close]]
roads = ["Avenida Marginal"]
classes = ["passenger", "taxi", "delivery", "truck", "motorcycle"]
begin = "09:00"
end = "13:00"
```

- `base` names a scenario in the same folder (or a path from this file). Keys here override those of the base; interventions
  are added to those of the base, and one of the same kind and `name` changes the base's key by key (`enabled = false`
  leaves it out).
- `gemeo run FILE --set routes.share=0.3 --set close.0.begin=08:00` changes single keys: `SECTION.KEY=VALUE`,
  `KIND.NUMBER.KEY=VALUE` (numbered from 0, bases first) or `KIND.NAME.KEY=VALUE`.
- Unknown keys are errors. `gemeo check FILE` says exactly what is touched before anything runs, and
  `gemeo check FILE --print` prints the whole configuration in force.
- Interventions act in their window of time and are undone at its end. Those that overlap compose, in whatever order they stand:
  what one of them closes is closed; the lowest of several speed limits counts; permissions leave what all of them allow.
  Two signal programs for one signal at one time are an error.
- A driver's draws hang on the seed and the driver alone: whoever is not touched by an intervention departs at the same second,
  in the same vehicle and on the same route as without it.

How drivers respond (`[routes] response`):

- `fixed`: nobody changes the planned route (informed drivers, below, still may). What is closed is met, and waited for.
- `reroute_affected`: whoever would meet something closed, slower, banned or priced in its window chooses a new route before leaving;
  whoever is under way when a closure begins chooses anew at that moment.
- `reroute_share`: as above for a share of drivers; the others leave as always and find out on their way.
- `equilibrium`: as `reroute_affected`, and then the simulation is repeated, a share of drivers choosing by the times measured
  (method of successive averages), until the relative gap is below `[equilibrium] relative_gap`.

Informed drivers (`[routes] informed_share`) see live travel times, as from a navigation service, whatever the response: they
look when they enter the network and at even intervals, and take another way where it saves enough. They know of closures, bans and
tolls, and see what else an intervention does to traffic once it shows there: an incident, too, unless they are among those who know of it
(`[[incident]] informed_share`, drawn apart). An equilibrium's gap is that of the planned routes.

A trip that begins or ends on a closed edge uses another edge of its zone that is open; one whose gate to the world outside
is closed uses the gate that costs it least, the way from gate to gate outside included at 50 km/h. A trip without any route is
never dropped: it stays in the demand, never enters, is listed by `gemeo check` and counted as never inserted by every run. Buses whose
way is closed to them run another way through the stops that remain; stops left out are listed.

Every place where edges are named takes the same keys (`edges`, `roads`, `zones`, `polygon` name them; `within`, `direction`,
`except_edges`, `except_roads` take some away).

)";

}  // namespace

std::string print_config(scenario_config c) {
  printer p;
  c.visit(p);
  for_each_section(c, [&](char const* name, auto& section) {
    p.out += fmt::format("\n[{}]\n", name);
    section.visit(p);
  });
  for (intervention_config& i : c.interventions) {
    std::visit(
        [&](auto& k) {
          p.out += fmt::format("\n[[{}]]\n", k.kKind);
          k.visit(p);
        },
        i);
  }
  return std::move(p.out);
}

std::string format_reference() {
  scenario_config c;
  std::string out = kIntroduction;
  documenter top;
  top.row({"base", "name or path", "the scenario this one starts from", 0, 0}, "");
  c.visit(top);
  out += "## The file itself\n\n" + top.out;
  for_each_section(c, [&](char const* name, auto& section) {
    documenter d;
    section.visit(d);
    out += fmt::format("\n## [{}]\n\n{}", name, d.out);
  });
  for_each_kind([&](auto k) {
    documenter d;
    k.visit(d);
    out += fmt::format("\n## [[{}]]\n\n{}\n\n{}", k.kKind, k.kHelp, d.out);
  });
  return out;
}

}  // namespace gemeo
