#include "calibration/job/write_job.h"

#include <fmt/core.h>
#include <unistd.h>

#include <vector>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/results/text_output.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config_io.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;

constexpr char const* kMark = "calibration.h5";

std::string csv_field(std::string const& s) {
  if (s.find_first_of(",\"\n\r") == std::string::npos) return s;
  std::string out = "\"";
  for (char const c : s) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void write_od(calibration_outcome const& c, fs::path const& file) {
  text_output out(file);
  out.add("from,to,begin_s,end_s,prior_trips,trips\n");
  departure_slots const slots = c.source->slots();
  trip_source const& source = *c.source;
  std::vector<double> const prior = trips_of_pairs(source, source.prior()), trips = trips_of_pairs(source, c.fit.trips);
  for (std::size_t p = 0; p < source.pairs(); ++p) {
    std::string const name = source.pair_name(p);
    std::size_t const arrow = name.find(" > ");
    std::string const from = csv_field(name.substr(0, arrow)), to = csv_field(name.substr(arrow + 3));
    for (std::size_t s = 0; s < slots.count; ++s) {
      std::size_t const cell = p * slots.count + s;
      out.add("{},{},{:g},{:g},{:.4f},{:.4f}\n", from, to, slots.begin_of(s), slots.begin_of(s) + slots.length_s,
              prior[cell], trips[cell]);
    }
  }
  out.finish();
}

// Relative, so that a tree of files can be moved; with a "/", which tells a folder from a city's name.
std::string path_from(fs::path const& home, fs::path const& to) {
  std::error_code ec;
  fs::path const target = fs::weakly_canonical(fs::absolute(to), ec);
  fs::path const relative = target.lexically_relative(fs::weakly_canonical(fs::absolute(home), ec));
  std::string const text = relative.empty() ? target.string() : relative.string();
  return text.find('/') == std::string::npos ? "./" + text : text;
}

void write_scenario(calibration_outcome const& c, fs::path const& folder, fs::path const& home) {
  auto const& source = dynamic_cast<city_source const&>(*c.source);
  source.factors(c.fit.trips).write(folder / "factors.csv", *c.town);
  // The base's own times: a calibration may be of a part of them.
  scenario_config s = read_config(parse_document(read_outline(c.job.base_file, {}).effective_config, c.job.base_file));
  s.city = path_from(home, c.town->folder);
  s.calibrated = "factors.csv";
  std::string const name = s.title.empty() ? c.base.name : s.title;
  s.title = c.job.title.empty() ? name + ", calibrated" : c.job.title;
  if (!s.title_pt.empty()) s.title_pt = c.job.title.empty() ? s.title_pt + ", calibrado" : "";
  write_text_file(folder / "calibrated.toml",
                  fmt::format("# Written by gemeo calibrate. Scenarios may start from it: base = \"{}/calibrated\"\n{}",
                              home.filename().string(), print_config(s)));
}

class folder_being_written {
 public:
  explicit folder_being_written(fs::path const& home)
      : home_(home), partial_(home.string() + fmt::format(".partial.{}", ::getpid())) {
    std::error_code ec;
    fs::remove_all(partial_, ec);
    fs::create_directories(partial_, ec);
    if (ec) throw_run(partial_.string(), "cannot make this folder: " + ec.message());
  }
  ~folder_being_written() {
    std::error_code ec;
    fs::remove_all(partial_, ec);
  }
  folder_being_written(folder_being_written const&) = delete;
  folder_being_written& operator=(folder_being_written const&) = delete;

  [[nodiscard]] fs::path const& path() const { return partial_; }
  void finish() {
    check_folder(home_);  // once more: hours may have passed
    fs::path const older = partial_.string() + ".older";
    std::error_code ec;
    bool const there = fs::exists(home_, ec);
    if (there) fs::rename(home_, older, ec);
    if (!ec) fs::rename(partial_, home_, ec);
    if (ec) {
      std::string const why = ec.message();
      if (there) fs::rename(older, home_, ec);
      throw_run(home_.string(), "the calibration cannot be put there: " + why);
    }
    fs::remove_all(older, ec);
  }

 private:
  fs::path home_, partial_;
};

fs::path without_slash(fs::path const& folder) { return folder.has_filename() ? folder : folder.parent_path(); }

}  // namespace

void check_folder(fs::path const& folder) {
  std::error_code ec;
  if (!fs::exists(folder, ec)) return;
  if (fs::is_directory(folder, ec) && (fs::is_empty(folder, ec) || fs::is_regular_file(folder / kMark, ec))) return;
  throw_usage(fmt::format("-o {}: is there already and holds no calibration", folder.string()),
              "name another folder; an older calibration would be replaced");
}

void write_calibration(calibration_outcome const& c, fs::path const& named) {
  fs::path const home = without_slash(named);
  folder_being_written folder(home);
  write_text_file(folder.path() / "job.toml", print_job(c.job));
  write_od(c, folder.path() / "od.csv");
  if (c.town != nullptr) {
    write_scenario(c, folder.path(), home);
  } else {
    write_calibrated_sumo(c, folder.path(), home);
  }
  write_calibration_h5(c, folder.path() / kMark);
  write_text_file(folder.path() / "report.html", calibration_page(c));
  folder.finish();
}

}  // namespace gemeo
