// Any text as a scenario, a --set, an area, a SUMO configuration, factors of a calibration or one file of a city:
// refused with an error(kInput or kUsage), or what comes out can be used: a scenario compiles to commands in order of
// time within its bounds, its printed configuration reads back as the same, a demand's travellers have ends, types and
// departures. The first byte says what the rest is (see kKinds), so that one corpus serves all readers.
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sim/core/error.h"
#include "sim/demand/city.h"
#include "sim/routing/router.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/sumo_config.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/town.h"

namespace {

namespace fs = std::filesystem;
using gemeo::test::sound_file;
using gemeo::test::town;
using gemeo::test::write;

void check_demand(gemeo::demand const& d, double begin_s, double end_s) {
  using namespace gemeo;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    vehicle_table const& t = d.vehicles;
    must(t.type[v].index() < d.types.size(), "a traveller of no type");
    must(t.from[v].valid() && t.to[v].valid(), "a traveller without ends");
    must(t.depart_s[v] >= begin_s && t.depart_s[v] < end_s, "a departure outside the time");
    must(t.speed_factor[v] > 0, "a traveller who never moves");
  }
}

void check_compiled(gemeo::compiled const& c) {
  using namespace gemeo;
  scenario const& s = c.ready;
  must(s.end_s > s.begin_s && s.step_s > 0 && std::isfinite(s.end_s), "a scenario without time");
  double last_s = s.begin_s;
  for (timed_command const& k : s.commands) {
    must(k.time_s >= last_s && k.time_s < s.end_s, "commands out of order, or outside the scenario's time");
    last_s = k.time_s;
  }
  check_demand(*s.travellers, s.begin_s, s.end_s);
  for (touched const& t : c.report)
    must(t.trips <= s.travellers->size() + c.trips_removed, "more trips than there are");
}

// Compiles unless the text asks for more work than a fuzzer has time for.
bool modest(gemeo::scenario_config const& c) {
  double factor = c.time.end.s - c.time.begin.s > 7200 ? 10 : 1, visitors = 0;
  for (gemeo::intervention_config const& i : c.interventions) {
    if (auto const* const d = std::get_if<gemeo::demand_config>(&i)) factor *= std::max(1.0, d->scale);
    if (auto const* const e = std::get_if<gemeo::event_config>(&i)) visitors += static_cast<double>(e->visitors);
  }
  return factor <= 40 && visitors <= 2000;
}

void compile(town const& t, std::string_view text, std::vector<std::string> const& set) {
  using namespace gemeo;
  fs::path const file = t.scenario(text);
  loaded_document doc = load_document(file);
  for (std::string const& one : set) apply_set(doc.root, one);
  scenario_config const config = read_config(doc.root, doc.files);
  std::string const printed = print_config(config);
  must(print_config(read_config(parse_document(printed, file))) == printed,
       "a configuration that reads back as another");
  if (modest(config)) check_compiled(compile_scenario(file, {.set = set, .seed = 1, .threads = 1, .data = {}}));
}

void city_file(town const& t, sound_file const& f, std::string_view text) {
  using namespace gemeo;
  write(t.path(f), text);
  try {
    city const c = read_city(t.folder());
    double trips = 0;
    for (od_flow const& flow : c.od) trips += flow.trips_per_day;
    if (trips < 20000) check_demand(draw_demand(c, 1, 25200, 27000), 25200, 27000);
    if (!c.travel_times.empty()) {
      edge_costs const costs = read_costs(c.travel_times, *c.net);
      for (float const s : costs.seconds) must(std::isfinite(s) && s >= 0, "a travel time that is none");
    }
    if (f.kind == 'd') compile(t, "base = \"base\"\n", {});
  } catch (...) {
    write(t.path(f), f.text);
    throw;
  }
  write(t.path(f), f.text);
}

// What a calibration found: what is read can be written, and reads back as the same.
void factors(town const& t, std::string_view text) {
  using namespace gemeo;
  static city const c = read_city(t.folder());
  write(t.root() / "factors.csv", text);
  pair_factors const f = pair_factors::read(t.root() / "factors.csv", c);
  f.write(t.root() / "written.csv", c);
  pair_factors const back = pair_factors::read(t.root() / "written.csv", c);
  must(f.pairs() == back.pairs() && f.begin_s() == back.begin_s() && f.end_s() == back.end_s(),
       "factors that read back as others");
  double trips = 0;
  city with = c;
  with.factors = std::make_shared<pair_factors const>(f);
  for (std::size_t q = 0; q < pair_factors::kSlots; ++q) {
    for (std::uint32_t from = 0; from < c.zones.size(); ++from) {
      for (std::uint32_t to = 0; to < c.zones.size(); ++to) {
        zone_id const a(from), b(to);
        double const share = f.free_flow_share(a, b, q);
        must(f.at(a, b, q) >= 0 && std::isfinite(f.at(a, b, q)), "a factor that is none");
        must(share >= 0 && share <= 1, "a share that is none");
        must(f.at(a, b, q) == back.at(a, b, q) && share == back.free_flow_share(a, b, q), "another factor");
      }
    }
    for (od_flow const& flow : c.od) trips += expected_trips(with, flow, q);
  }
  free_flow_shares const s = f.free_flow();
  must(s.pairs <= f.pairs() && s.quarters <= pair_factors::kSlots && s.least <= s.most, "a sum of another file");
  if (trips < 20000) check_demand(draw_demand(with, 1, 25200, 27000), 25200, 27000);
}

void use(char kind, std::string_view text) {
  using namespace gemeo;
  static town const t("scenario");
  if (kind == 't') return compile(t, "base = \"base\"\n" + std::string(text), {});
  if (kind == 'm')
    return compile(t, "base = \"base\"\n[[close]]\nname = \"main\"\nedges = [\"a\"]\nbegin = \"07:05\"\n",
                   {std::string(text)});
  if (kind == 'g') {
    area const a = parse_geojson(text, "fuzz.geojson");
    must(!a.polygons.empty(), "an area of nothing");
    (void)a.contains({-9.4, 38.7});
    return;
  }
  if (kind == 'f') return factors(t, text);
  if (kind == 'c') {
    sumo_config const c = parse_sumo_config(text, "/nowhere/fuzz.sumocfg");
    must(!c.net.empty() && c.step_s > 0 && c.begin_s >= 0, "a configuration that cannot run");
    return;
  }
  if (sound_file const* const f = t.of_kind(kind)) city_file(t, *f, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return refuse_or_use(data, size, use);
}
