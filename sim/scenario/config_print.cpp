#include <fmt/core.h>

#include "sim/scenario/config_io.h"
#include "sim/scenario/key_text.h"

namespace gemeo {

namespace {

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
  key_printer p;
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
  key_documenter top;
  top.row({"base", "name or path", "the scenario this one starts from", 0, 0}, "");
  c.visit(top);
  out += "## The file itself\n\n" + top.out;
  for_each_section(c, [&](char const* name, auto& section) {
    key_documenter d;
    section.visit(d);
    out += fmt::format("\n## [{}]\n\n{}", name, d.out);
  });
  for_each_kind([&](auto k) {
    key_documenter d;
    k.visit(d);
    out += fmt::format("\n## [[{}]]\n\n{}\n\n{}", k.kKind, k.kHelp, d.out);
  });
  return out;
}

}  // namespace gemeo
