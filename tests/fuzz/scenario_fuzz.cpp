// Any text as a scenario, a --set, an area, a SUMO configuration or one file of a city: refused with an error(kInput or
// kUsage), or what comes out can be used: a scenario compiles to commands in order of time within its bounds, its
// printed configuration reads back as the same, a demand's travellers have ends, types and departures. The first byte
// says what the rest is (see kKinds), so that one corpus serves all readers.
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

namespace {

namespace fs = std::filesystem;

void write(fs::path const& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  must(out.flush().good(), "the scratch folder cannot be written");
}

// Two edges in line with a signal between them, two lanes on the first.
constexpr char const* kNet = R"(<net version="1.9">
<location netOffset="-460000.00,-4283000.00" convBoundary="0,0,200,0" origBoundary="-9.5,38.6,-9.3,38.8" projParameter="+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs"/>
<edge id=":J_0" function="internal"><lane id=":J_0_0" index="0" speed="13.89" length="2.00" shape="99,-1.6 101,-1.6"/></edge>
<edge id="a" from="W" to="J" priority="1" name="West Street">
<lane id="a_0" index="0" speed="13.89" length="99" shape="0,-4.8 99,-4.8"/><lane id="a_1" index="1" speed="13.89" length="99" shape="0,-1.6 99,-1.6"/></edge>
<edge id="b" from="J" to="E" priority="1"><lane id="b_0" index="0" speed="8.33" length="99" shape="101,-1.6 200,-1.6"/></edge>
<tlLogic id="J" type="static" programID="0" offset="5"><phase duration="30" state="GG"/><phase duration="5" state="yy"/></tlLogic>
<junction id="W" type="dead_end" x="0" y="0" incLanes="" intLanes="" shape="0,0 0,-6.4"/>
<junction id="J" type="traffic_light" x="100" y="0" incLanes="a_0 a_1" intLanes=":J_0_0" shape="99,0 99,-3 101,-3 101,0"><request index="0" response="00" foes="00" cont="0"/><request index="1" response="00" foes="00" cont="0"/></junction>
<junction id="E" type="dead_end" x="200" y="0" incLanes="b_0" intLanes="" shape="200,-3 200,0"/>
<connection from="a" to="b" fromLane="0" toLane="0" via=":J_0_0" tl="J" linkIndex="0" dir="s" state="O"/>
<connection from="a" to="b" fromLane="1" toLane="0" tl="J" linkIndex="1" dir="s" state="O"/>
<connection from=":J_0" to="b" fromLane="0" toLane="0" dir="s" state="M"/>
</net>
)";

struct sound_file {
  char kind;
  char const* name;
  std::string text;
};

class town {
 public:
  town() : folder_(fs::temp_directory_path() / ("scenario_fuzz_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "data/tiny");
    fs::create_directories(folder_ / "scenarios");
    std::string profiles = "purpose,begin_s,share\n";
    for (int i = 0; i < 96; ++i) profiles += "work," + std::to_string(i * 900) + ",0.0104166666667\n";
    files_ = {
        {'n', "net.net.xml", kNet},
        {'x', "city.toml",
         "name = \"tiny\"\nnetwork = \"net.net.xml\"\nzones = \"zones.csv\"\nzone_edges = \"zone_edges.csv\"\nod = "
         "\"od.csv\"\nprofiles = \"profiles.csv\"\nvtypes = \"vtypes.add.xml\"\nstops = \"stops.csv\"\nlines = "
         "\"lines.toml\"\ntravel_times = \"travel_times.csv\"\ndetectors = \"detectors.csv\"\n"},
        {'z', "zones.csv",
         "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\nwest,West,P,cell,38.7,-9.4,\neast,East,P,station,38.7,"
         "-9.3,5\n"},
        {'e', "zone_edges.csv", "zone_id,edge_id,weight\nwest,a,2\neast,b,1\n"},
        {'o', "od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,east,work,car,300\n"},
        {'p', "profiles.csv", profiles},
        {'v', "vtypes.add.xml",
         "<additional><vType id=\"brisk\"/><vType id=\"bus\" vClass=\"bus\"/><vTypeDistribution id=\"car\" "
         "vTypes=\"brisk\"/></additional>\n"},
        {'s', "stops.csv", "stop_id,name,edge_id,lane,begin_m,end_m\ns1,First,a,0,10,30\n"},
        {'l', "lines.toml",
         "[[line]]\nid = \"1\"\nvtype = \"bus\"\nedges = [\"a\", \"b\"]\nstops = [\"s1\"]\noffsets_s = [10]\nservice = "
         "[{begin = \"06:00\", end = \"20:00\", headway_s = 1200}]\n"},
        {'r', "travel_times.csv", "begin_s,edge_id,travel_time_s,view\n25200,a,30,0\n25200,a,40,1\n"},
        {'d', "detectors.csv", "id,edge,lane,pos_m\nd1,a,0,50\n"},
    };
    for (sound_file const& f : files_) write(path(f), f.text);
    write(folder_ / "scenarios/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\n");
  }
  ~town() {
    std::error_code ec;
    fs::remove_all(folder_, ec);
  }
  town(town const&) = delete;
  town& operator=(town const&) = delete;

  [[nodiscard]] fs::path scenario(std::string_view text) const {
    write(folder_ / "scenarios/x.toml", text);
    return folder_ / "scenarios/x.toml";
  }
  [[nodiscard]] fs::path folder() const { return folder_ / "data/tiny"; }
  [[nodiscard]] sound_file const* of_kind(char kind) const {
    for (sound_file const& f : files_) {
      if (f.kind == kind) return &f;
    }
    return nullptr;
  }
  [[nodiscard]] fs::path path(sound_file const& f) const { return folder() / f.name; }

 private:
  fs::path folder_;
  std::vector<sound_file> files_;
};

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

void use(char kind, std::string_view text) {
  using namespace gemeo;
  static town const t;
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
  if (kind == 'c') {
    sumo_config const c = parse_sumo_config(text, "/nowhere/fuzz.sumocfg");
    must(!c.net.empty() && c.step_s > 0 && c.begin_s >= 0, "a configuration that cannot run");
    return;
  }
  if (sound_file const* const f = t.of_kind(kind)) city_file(t, *f, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    use(static_cast<char>(data[0]), {reinterpret_cast<char const*>(data) + 1, size - 1});
  } catch (gemeo::error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
    must(std::string_view(e.what()).find('\n') == std::string_view::npos, "a message of several lines");
  }
  return 0;
}
