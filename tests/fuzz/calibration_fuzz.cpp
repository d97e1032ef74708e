// Any text as the job of a calibration, as a --set, or as one of the tables that only a calibration reads: refused with
// an error(kInput or kUsage), or what comes out can be used: a job reads back as it is printed, trips of zones make a
// matrix that a city reads, measured journeys can be driven. The first byte says what the rest is: j a job, m a --set
// on a sound one, z trips of zones, w journeys.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "calibration/job/own_city.h"
#include "calibration/job/run_job.h"
#include "sim/core/error.h"
#include "sim/scenario/compile.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/town.h"

namespace {

namespace fs = std::filesystem;
using gemeo::test::town;
using gemeo::test::write;

constexpr char const* kJob = R"(base = "scenarios/base.toml"
[counts]
files = ["counts.csv"]
days = ["2024-11-04..2024-11-08"]
begin = "07:00"
[split]
held_out = ["a"]
[supply]
tau = [0.8, 1.3]
)";

void job(town const& t, std::string_view text, std::vector<std::string> const& set) {
  using namespace gemeo;
  fs::path const file = t.root() / "job.toml";
  write(file, text);
  calibration_job const j = read_job(file, set);
  must(!j.base_file.empty() && j.fit.iterations >= 1 && j.judge.seeds >= 1, "a job that cannot be done");
  must(!j.counts.begin || !j.counts.end || j.counts.begin->s < j.counts.end->s, "counts of no time");
  std::string const printed = print_job(j);
  write(file, printed);
  must(print_job(read_job(file, {})) == printed, "a job that reads back as another");
}

void zones(town const& t, fs::path const& file) {
  using namespace gemeo;
  static city const c = read_city(t.folder());
  calibration_job j;
  j.zone_trips = file;
  std::vector<bilingual> notes;
  std::string const od = od_by_gravity(c, j, notes);
  test::sound_file const& sound = *t.of_kind('o');
  write(t.path(sound), od);
  double trips = 0;
  for (od_flow const& f : read_city(t.folder()).od) trips += f.trips_per_day;
  write(t.path(sound), sound.text);
  must(std::isfinite(trips) && trips > 0, "a matrix without trips");
}

void journeys(town const& t, fs::path const& file) {
  using namespace gemeo;
  static calibration_outcome c = [&] {
    calibration_outcome out;
    compiled base =
        compile_scenario(t.root() / "scenarios/base.toml", {.set = {}, .seed = 1, .threads = 1, .data = {}});
    out.base = std::move(base.ready);
    out.source =
        std::make_unique<city_source>(*base.town, departure_slots{25200, 900, 1}, out.base.ways, out.base.way_options);
    return out;
  }();
  c.job.journeys_file = file;
  std::vector<bilingual> notes;
  journey_meter m(c, notes);
  m.add(free_flow_costs(*c.base.net), false);
  for (journey_time const& j : m.take()) {
    must(std::isfinite(j.length_m) && j.length_m > 0, "a journey of no length");
    must(std::isfinite(j.measured_s) && j.measured_s > 0, "a journey that nobody measured");
    must(std::isfinite(j.calibrated_s) && j.calibrated_s > 0, "a journey that takes no time");
    must(j.begin_s < j.end_s, "a journey that ends before it begins");
  }
}

void use(char kind, std::string_view text) {
  static town const t("calibration");
  static bool const counted = [] {
    write(t.root() / "counts.csv", "station,begin,period_s,count\na,2024-11-04T07:00,900,5\n");
    return true;
  }();
  must(counted, "counts are there");
  if (kind == 'j') return job(t, text, {});
  if (kind == 'm') return job(t, kJob, {std::string(text)});
  if (kind != 'z' && kind != 'w') return;
  fs::path const file = t.root() / "x.csv";
  write(file, text);
  kind == 'z' ? zones(t, file) : journeys(t, file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return refuse_or_use(data, size, use);
}
