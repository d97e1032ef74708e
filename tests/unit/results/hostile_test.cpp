// Damaged and hostile result files: each is refused with an error(kInput) that names the file, or read without harm;
// memory stays bounded. Files are made with HDF5 by way of python3-h5py where a hand-made byte string cannot express
// them.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/core/text_file.h"
#include "sim/results/reader.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Reads everything; gives the message of the first error, "" when all could be read.
std::string read_everything(fs::path const& file, std::vector<std::string>* problems = nullptr) {
  try {
    result_file const r(file);
    auto const found = r.validate();
    if (problems != nullptr) *problems = found;
    (void)r.description();
    (void)r.summary();
    (void)r.read_network();
    for (std::string const& q : r.edge_quantities()) (void)r.edges(q);
    (void)r.trips();
    (void)r.travellers();
    (void)r.kpis();
    (void)r.detectors();
    (void)r.areas();
    (void)r.stops();
    (void)r.rides();
    (void)r.log();
    for (std::size_t i = 0; i < r.trajectory_steps(); i += 50) (void)r.trajectory(i);
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    CHECK(std::string(e.what()).find(file.filename().string()) != std::string::npos);
    return e.what();
  }
  return "";
}

std::uint64_t peak_bytes() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  return static_cast<std::uint64_t>(u.ru_maxrss) * 1024;
}

std::string closures(char const* edge, char const* begin, char const* end) {
  auto const put = [](char const* name, char const* type, char const* values) {
    return std::string("del f['network/closure_") + name + "']\nf['network/closure_" + name + "'] = np.array(" +
           values + ", '" + type + "')\n";
  };
  return std::string("n = len(") + begin + ")\ndel f['network/closure']\nf['network/closure'] = np.zeros(n, '>f4')\n" +
         put("edge", "u4", edge) + put("begin", "f8", begin) + put("end", "f8", end);
}

std::string replace(std::string const& dataset, std::string const& with) {
  return "del f['" + dataset + "']\nf.create_dataset('" + dataset + "', " + with + ")";
}

}  // namespace

TEST_CASE("hostile: every change that makes no sense is refused, and the message names the dataset") {
  if (std::system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") != 0) {
    WARN("skipped: python3-h5py is not installed");
    return;
  }
  std::string const huge = "shape=(1 << 40,), maxshape=(None,), chunks=(1024,), dtype='f8'";
  std::vector<std::array<std::string, 3>> const rows = {
      {"no_meta", "del f['meta']", "/meta/schema_version"},
      {"newer", "f['meta/schema_version'][...] = 99", "use a newer gemeo"},
      {"huge_time", replace("edges/time", huge), "/edges/time"},
      {"ten_gigabytes", replace("log/text", "shape=(10 << 30,), maxshape=(None,), chunks=(1024,), dtype='S1'"),
       "/log/"},
      {"huge_scalar", replace("meta/scenario_text", "shape=(), dtype='S2000000000'"), "/meta/scenario_text"},
      {"huge_chunk", replace("kpi/value", "shape=(11,), maxshape=(None,), chunks=(1 << 26,), dtype='f8'"),
       "/kpi/value"},
      {"wide_table", replace("edges/speed", "shape=(4, 1 << 40), chunks=(1, 1024), dtype='f4'"), "/edges/speed"},
      {"text_for_number", replace("trips/duration", "data=np.array([b'x'] * 40)"), "/trips/duration"},
      {"float_for_id", replace("trips/vehicle_id", "data=np.zeros(40)"), "/trips/vehicle_id"},
      {"variable_text", replace("network/edge", "data=np.array(['a'] * 3, dtype=object), dtype=h5py.string_dtype()"),
       "/network/edge"},
      {"short_column", replace("trips/time_loss", "data=np.zeros(3)"), "/trips/time_loss"},
      {"short_network", replace("network/length", "data=np.zeros(3, 'f4')"), "/network/length"},
      {"bad_state", "f['trips/state'][0] = 200", "/trips/state"},
      {"bad_vehicle", "f['trips/vehicle_id'][0] = 4000000000", "/trips/vehicle_id"},
      {"bad_code", "f['trips/purpose'][0] = 60000", "/trips/purpose"},
      {"bad_lane", "f['trajectories/lane'][0] = 2000000000", "/trajectories/lane"},
      {"bad_lane_edge", "f['network/lane_edge'][0] = 2000000000", "/network/lane_edge"},
      {"bad_steps", "f['trajectories/end_row'][1800] = 1", "/trajectories"},
      {"far_step", "f['trajectories/end_row'][-1] = 1 << 60", "/trajectories"},
      {"bad_shape", "f['network/shape_begin'][0] = 4000000000", "/network/shape_begin"},
      {"bad_lanes", "f['network/lane_begin'][0] = 4000000000", "/network/lane_begin"},
      {"bad_hash", "f['meta/frame_hash'][...] = b'xyzxyzxyzxyzxyzx'", "/meta/frame_hash"},
      {"missing_column", "del f['trips/duration']", "/trips/duration"},
      {"missing_group", "del f['kpi']", "/kpi"},
      {"group_for_dataset", "del f['log/text']\nf.create_group('log/text')", "/log/text"},
      {"soft_link", "del f['kpi/value']\nf['kpi/value'] = h5py.SoftLink('/edges/time')", "/kpi/value"},
      {"external_link", "del f['kpi/value']\nf['kpi/value'] = h5py.ExternalLink('/etc/passwd', '/x')", "/kpi/value"},
      {"external_storage", replace("kpi/value", "shape=(11,), dtype='f8', external=[('/etc/passwd', 0, 88)]"),
       "/kpi/value"},
      {"virtual",
       "del f['kpi/value']\nl = h5py.VirtualLayout((11,), 'f8')\nl[:] = h5py.VirtualSource('x.h5', 'v', "
       "(11,))\nf.create_virtual_dataset('kpi/value', l)",
       "/kpi/value"},
      {"other_filter", replace("kpi/value", "data=np.zeros(11), chunks=(11,), compression='lzf'"), "/kpi/value"},
      {"many_axes", replace("kpi/value", "data=np.zeros((1, 1, 1, 1, 1, 11))"), "/kpi/value"},
      {"no_axis", replace("edges/speed", "data=1.0"), "/edges/speed"},
      {"compound", replace("trips/duration", "data=np.zeros(40, dtype=[('a', 'f8')])"), "/trips/duration"},
      {"infinite", "f['edges/speed'][0, 30] = np.inf", "/edges/speed"},
      {"negative", "f['edges/entered'][0, 30] = -5", "/edges/entered"},
      {"backwards", "f['edges/time'][2] = 0", "/edges/time"},
      {"endless_closure", closures("[3]", "[0.0]", "[np.inf]"), "/network/closure_begin"},
      {"closure_inside_out", closures("[3]", "[9.0]", "[8.0]"), "/network/closure_begin"},
      {"closures_out_of_order", closures("[3, 2]", "[0.0, 0.0]", "[9.0, 9.0]"), "/network/closure_begin"},
      {"closures_that_overlap", closures("[3, 3]", "[0.0, 5.0]", "[9.0, 9.0]"), "/network/closure_begin"},
      {"closure_of_no_edge", closures("[99999]", "[0.0]", "[9.0]"), "/network/closure_edge"},
      {"short_closures", closures("[3, 4]", "[0.0]", "[9.0]"), "/network/closure_edge"},
      {"overfull", "f['edges/occupancy'][0, 30] = 250", "/edges/occupancy"},
  };
  // Every row is a whole result, changed by a few lines of h5py; one Python does them all.
  temp_folder const dir;
  made_run r;
  r.trajectories = true;
  r.vehicles = 40;
  fs::path const whole = make_result(drawn_city().net(), dir / "whole.h5", r);
  std::string script = "import h5py, numpy as np\n";
  for (auto const& [name, lines, says] : rows) {
    fs::copy_file(whole, dir / (name + ".h5"));
    script +=
        "f = h5py.File('" + (dir / (name + ".h5")).string() + "', 'r+', libver='latest')\n" + lines + "\nf.close()\n";
  }
  write_text(dir / "change.py", script);
  std::string const command =
      "/usr/bin/python3 '" + (dir / "change.py").string() + "' > '" + (dir / "log").string() + "' 2>&1";
  if (std::system(command.c_str()) != 0) FAIL(read_text_file(dir / "log"));
  std::uint64_t const before = peak_bytes();
  for (auto const& [name, lines, says] : rows) {
    std::vector<std::string> problems;
    std::string text = read_everything(dir / (name + ".h5"), &problems);
    for (std::string const& p : problems) text += "\n" + p;
    INFO(name << " said: " << text);
    CHECK(text.find(says) != std::string::npos);
  }
  CHECK(peak_bytes() - before < (std::uint64_t{400} << 20U));
}

TEST_CASE("hostile: a file cut off anywhere is refused or tells what it lacks, and never crashes") {
  made_run r;
  r.vehicles = 60;
  temp_folder const dir;
  std::string const whole = bytes_of(make_result(drawn_city().net(), dir / "whole.h5", r));
  std::size_t refused = 0, tried = 0;
  for (std::size_t n = 0; n < whole.size(); n += 1 + whole.size() / 97) {
    write_text(dir / "cut.h5", std::string_view(whole).substr(0, n));
    ++tried;
    if (!read_everything(dir / "cut.h5").empty()) ++refused;
  }
  CHECK(refused == tried);
  CHECK(tried > 90);
}

TEST_CASE("hostile: flipped bits are noticed or harmless, and never crash") {
  made_run r;
  r.vehicles = 60;
  r.trajectories = true;
  r.end_s = r.begin_s + 900;
  temp_folder const dir;
  std::string const whole = bytes_of(make_result(drawn_city().net(), dir / "whole.h5", r));
  std::size_t noticed = 0;
  for (std::uint64_t i = 0; i < 150; ++i) {
    std::string flipped = whole;
    for (std::uint64_t k = 0; k < 1 + i % 4; ++k) {
      std::uint64_t const bit = random_bits(99, i, k, draw::kRouteCost) % (whole.size() * 8);
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    }
    write_text(dir / "flipped.h5", flipped);
    std::vector<std::string> problems;
    if (!read_everything(dir / "flipped.h5", &problems).empty() || !problems.empty()) ++noticed;
  }
  CHECK(noticed > 50);  // the rest fell into unused space and names of attributes
}

TEST_CASE("hostile: what is no result file at all is told apart") {
  temp_folder const dir;
  auto const says = [&](std::string const& content, char const* what) {
    write_text(dir / "x.h5", content);
    CHECK_THAT(read_everything(dir / "x.h5"), Catch::Contains(what));
  };
  says("", "is empty");
  says("hello", "is not an HDF5 file");
  says(std::string("\x89HDF\r\n\x1a\n", 8), "is not an HDF5 file");
  says(std::string("\x89HDF\r\n\x1a\n", 8) + std::string(100, '\0'), "not one that gemeo wrote");
  says(std::string("\x89HDF\r\n\x1a\n\x03\x08\x08", 11) + std::string(100, '\0'), "damaged");
  CHECK_THAT(read_everything(dir / "missing.h5"), Catch::Contains("no such file"));
  fs::create_directories(dir / "folder.h5");
  CHECK_THAT(read_everything(dir / "folder.h5"), Catch::Contains("is a folder"));
  CHECK_THAT(read_everything("/dev/null"), Catch::Contains("not a regular file"));
}
