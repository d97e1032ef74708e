#include "calibration/job/write_job.h"

#include <fmt/core.h>

#include <vector>

#include "calibration/job/result_folder.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/results/text_output.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config_io.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;

std::string csv_field(std::string const& s) {
  if (s.find_first_of(",\"\n\r") == std::string::npos) return s;
  std::string out = "\"";
  for (char const c : s) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void write_od(calibration_outcome const& c, fs::path const& file) {
  text_output out(file);
  bool const bands = !c.members.trips.empty();
  out.add("from,to,begin_s,end_s,prior_trips,trips{}\n", bands ? ",trips_p05,trips_p95" : "");
  departure_slots const slots = c.source->slots();
  trip_source const& source = *c.source;
  std::vector<double> const prior = trips_of_pairs(source, source.prior()), trips = trips_of_pairs(source, c.fit.trips);
  for (std::size_t p = 0; p < source.pairs(); ++p) {
    std::string const name = source.pair_name(p);
    std::size_t const arrow = name.find(" > ");
    std::string const from = csv_field(name.substr(0, arrow)), to = csv_field(name.substr(arrow + 3));
    for (std::size_t s = 0; s < slots.count; ++s) {
      std::size_t const cell = p * slots.count + s;
      out.add("{},{},{:g},{:g},{:.4f},{:.4f}", from, to, slots.begin_of(s), slots.begin_of(s) + slots.length_s,
              prior[cell], trips[cell]);
      if (bands) out.add(",{:.4f},{:.4f}", c.members.pair_low[cell], c.members.pair_high[cell]);
      out.add("\n");
    }
  }
  out.finish();
}

void write_scenario(calibration_outcome const& c, fs::path const& folder, fs::path const& home) {
  auto const& source = dynamic_cast<city_source const&>(*c.source);
  source.factors(c.fit.trips).write(folder / "factors.csv", *c.town);
  if (!c.members.trips.empty()) fs::create_directory(folder / "members");
  for (std::size_t m = 0; m < c.members.trips.size(); ++m)
    source.factors(c.members.trips[m]).write(folder / fmt::format("members/member_{:03}.csv", m + 1), *c.town);
  // The base's own times: a calibration may be of a part of them.
  scenario_config s = read_config(parse_document(read_outline(c.job.base_file, {}).effective_config, c.job.base_file));
  s.city = c.own_city ? "city" : path_from(home, c.town->folder);
  if (s.city.find('/') == std::string::npos) s.city.insert(0, "./");  // a folder's path, not a city's name
  s.calibrated = "factors.csv";
  s.members.reset();  // the base's own would be read instead
  std::string const name = s.title.empty() ? c.base.name : s.title;
  s.title = c.job.title.empty() ? name + ", calibrated" : c.job.title;
  if (!s.title_pt.empty()) s.title_pt = c.job.title.empty() ? s.title_pt + ", calibrado" : "";
  write_text_file(folder / "calibrated.toml",
                  fmt::format("# Written by gemeo calibrate. Scenarios may start from it: base = \"{}/calibrated\"\n{}",
                              home.filename().string(), print_config(s)));
}

}  // namespace

std::string path_from(fs::path const& home, fs::path const& to) {
  std::error_code ec;
  fs::path const target = fs::weakly_canonical(fs::absolute(to), ec);
  fs::path const relative = target.lexically_relative(fs::weakly_canonical(fs::absolute(home), ec));
  return relative.empty() ? target.string() : relative.string();
}

void write_calibration(calibration_outcome const& c, fs::path const& in, fs::path const& home) {
  write_text_file(in / "job.toml", print_job(c.job));
  write_od(c, in / "od.csv");
  if (c.town != nullptr) {
    write_scenario(c, in, home);
  } else {
    write_calibrated_sumo(c, in, home);
  }
  write_calibration_h5(c, in / result_folder::kMark);
  write_text_file(in / "report.html", calibration_page(c));
}

}  // namespace gemeo
