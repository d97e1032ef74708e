#include "tests/cli/calibration_twin.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "calibration/loop/assignment.h"
#include "calibration/loop/city_source.h"
#include "sim/results/h5_in.h"
#include "sim/scenario/compile.h"

namespace gemeo::test {

namespace fs = std::filesystem;

namespace {

std::string detectors() {
  std::string out = "id,station,edge,lane,pos_m\n";
  for (auto const& [name, edge] : kTwinStations) out += std::string(name) + "_0," + name + "," + edge + ",0,60\n";
  for (char const* edge : {"FG", "GF"}) {  // FG is the main road
    std::string name(edge);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    out += name + "_1," + name + "," + edge + ",1,60\n";
  }
  return out;
}
std::vector<double> halved(std::vector<double> v) {
  for (double& x : v) x /= 2;
  return v;
}

std::string counts(temp_folder const& dir) {
  compiled const base =
      compile_scenario(dir / "scenarios/tiny/base.toml", {.set = {}, .seed = 1, .threads = 1, .data = {}});
  city_source const source(*base.town, {25200, 900, 6}, base.ready.ways, base.ready.way_options);
  std::vector<double> truth(source.prior().begin(), source.prior().end());
  for (std::size_t c = 0; c < truth.size(); ++c) truth[c] *= c / 6 % 2 == 0 ? 1.6 : 0.5;
  std::vector<count_station> stations;
  std::vector<station_count> wanted;
  for (auto const& [name, edge] : kTwinStations) {
    for (int q = 0; q < 6; ++q)
      wanted.push_back({static_cast<std::uint32_t>(stations.size()), 25200.0 + q * 900, 26100.0 + q * 900, 0, 0});
    stations.push_back({name, *base.ready.net->find_edge(edge), 60, {}, ""});
  }
  std::string out = "station,begin,period_s,count\n";
  for (std::uint64_t const day : {0U, 1U, 5U}) {  // a monday, a tuesday, a saturday
    simulated const s =
        simulate_trips(base.ready, stations, source.draw(day == 5 ? halved(truth) : truth, 900 + day), truth.size(),
                       {.engine = "tbb", .seed = 900 + day, .threads = 1, .times = false});
    auto const n = counted_in(s, wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      out +=
          fmt::format("{},2024-11-0{}T{:02}:{:02},900,{:.0f}\n", stations[wanted[i].station].name, 4 + day,
                      static_cast<int>(wanted[i].begin_s) / 3600, static_cast<int>(wanted[i].begin_s) / 60 % 60, n[i]);
  }
  return out;
}
}  // namespace

calibration_twin::calibration_twin() {
  tiny_city const city(dir / "data/tiny", 4500);  // with twice as many, 1.6 times the trips jam it
  fs::create_directories(dir / "scenarios/tiny");
  write_text(dir / "scenarios/tiny/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"08:30\"\n");
  write_text(dir / "detectors.csv", detectors());
  write_text(dir / "counts.csv", counts(dir));
  write_text(dir / "job.toml", job());
}

std::string calibration_twin::job(std::string const& counts_keys, std::string const& more) {
  return "base = \"scenarios/tiny/base.toml\"\n[counts]\nfiles = [\"counts.csv\"]\ndetectors = \"detectors.csv\"\n"
         "day_type = \"weekday\"\nbegin = \"07:15\"\n" +
         counts_keys +
         "[prior]\nlog_sd = 0.6\n[split]\ncorridors = \"station\"\nheld_out = [\"fg\", \"cd\", \"kj\"]\n"
         "[fit]\niterations = 3\nfolds = 3\n[judge]\nseeds = 3\nprior_seeds = 3\n" +
         more;
}

process_result calibration_twin::calibrate(std::vector<std::string> more) const {
  std::vector<std::string> arguments{"calibrate", "job.toml", "-o", "out", "--threads", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_gemeo(arguments, dir.path());
}

squared_errors held_out_errors(fs::path const& calibration_h5) {
  h5::in_file const h5(calibration_h5);
  auto const held = h5.read<std::uint8_t>("/calibration/counts/held_out");
  auto const observed = h5.read<double>("/calibration/counts/observed");
  auto const now = h5.read<double>("/calibration/counts/simulated");
  auto const before = h5.read<double>("/calibration/counts/simulated_prior");
  squared_errors out;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i] == 0) continue;
    out.now += (now[i] - observed[i]) * (now[i] - observed[i]);
    out.before += (before[i] - observed[i]) * (before[i] - observed[i]);
  }
  return out;
}

}  // namespace gemeo::test
