// Broken result files and impossible places through the command line: see tests/support/gemeo_program.h for what is
// checked of each row.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/core/text_file.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

std::string const& whole_result() {
  static std::string const bytes = [] {
    tiny_network const t("A-----B-----C\n", {.cell_m = 50});
    temp_folder const dir;
    made_run r;
    r.vehicles = 20;
    r.end_s = r.begin_s + 1800;
    make_result(*t.net, dir / "run.h5", r);
    return read_text_file(dir / "run.h5");
  }();
  return bytes;
}

std::string cut(std::size_t percent) { return whole_result().substr(0, whole_result().size() * percent / 100); }

std::string with_bytes(std::size_t at, std::string const& bytes) {
  return std::string(whole_result()).replace(at, bytes.size(), bytes);
}

broken_input info(std::string name, std::string content, std::vector<std::string> says) {
  says.emplace_back("run.h5");
  return {std::move(name), {"info", "run.h5"}, 2, std::move(says), {{"run.h5", std::move(content)}}};
}

broken_input exporting(std::string name, std::vector<std::string> options, std::vector<std::string> says) {
  std::vector<std::string> arguments = {"export", "run.h5"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return {std::move(name), std::move(arguments), 2, std::move(says), {{"run.h5", whole_result()}}};
}

}  // namespace

TEST_CASE("broken results: each is answered with one clear message, exit code 2, and nothing changed") {
  std::string const signature("\x89HDF\r\n\x1a\n", 8);
  std::vector<broken_input> const rows = {
      {"no such result", {"info", "nowhere.h5"}, 2, {"nowhere.h5", "no such file"}},
      info("an empty result", "", {"is empty"}),
      info("a result that is text", "speed,density\n1,2\n", {"not an HDF5 file"}),
      info("a result that is gzip", std::string("\x1f\x8b\x08\0\0\0", 6), {"not an HDF5 file"}),
      info("only the signature", signature, {"not an HDF5 file"}),
      info("HDF5 of a version that gemeo never writes", signature + std::string(200, '\0'),
           {"not one that gemeo wrote"}),
      info("a result cut after its first bytes", cut(1), {"damaged or truncated"}),
      info("a result cut in the middle", cut(50), {"damaged or truncated"}),
      info("a result that lacks its last bytes", whole_result().substr(0, whole_result().size() - 10),
           {"damaged or truncated"}),
      info("a damaged superblock", with_bytes(28, "\xff\xff\xff\xff"), {"damaged or truncated"}),
      info("zeros where the root group was", with_bytes(48, std::string(2000, '\0')), {"damaged"}),
      info("killed while it started", with_bytes(11, "\x01"), {"while it was still starting"}),
      {"a folder for a result",
       {"export", "run.h5", "--format", "csv", "-o", "out.csv"},
       2,
       {"run.h5", "is a folder"},
       {},
       [](fs::path const& f) { fs::create_directories(f / "run.h5"); }},
      {"a folder without results",
       {"info", "runs"},
       2,
       {"runs", "no result file"},
       {},
       [](fs::path const& f) { fs::create_directories(f / "runs"); }},
      {"an ensemble in which a run is damaged",
       {"info", "runs"},
       2,
       {"seed_2.h5", "damaged or truncated"},
       {{"runs/seed_1.h5", whole_result()}, {"runs/seed_2.h5", cut(40)}}},
      exporting("an unknown format", {"--format", "shapefile", "-o", "x"}, {"shapefile"}),
      exporting("a format mistyped", {"--format", "geojsn", "-o", "x"}, {"did you mean 'geojson'"}),
      exporting("a table that is not there", {"--format", "csv", "--what", "trajectories", "-o", "x"},
                {"has no trajectories"}),
      exporting("a table the format cannot hold", {"--format", "geojson", "--what", "kpi", "-o", "x"},
                {"cannot hold it"}),
      exporting("WGS 84 without a projection", {"--format", "geojson", "-o", "x"}, {"projection"}),
      exporting("a window after the run", {"--format", "csv", "-o", "x", "--from", "23:30"},
                {"leave nothing of the run"}),
      exporting("a window before the run", {"--format", "csv", "-o", "x", "--to", "00:10"},
                {"leave nothing of the run"}),
      exporting("a time that is none", {"--format", "csv", "-o", "x", "--from", "noon"}, {"--from noon is no time"}),
      exporting("a window that ends before it begins",
                {"--format", "csv", "-o", "x", "--from", "08:00", "--to", "07:00"}, {"--to"}),
      exporting("a folder to write to that is not there", {"--format", "csv", "-o", "no/where.csv"},
                {"no such folder"}),
      {"a folder for the output",
       {"export", "run.h5", "--format", "csv", "-o", "out"},
       2,
       {"out", "is a folder"},
       {{"run.h5", whole_result()}},
       [](fs::path const& f) { fs::create_directories(f / "out"); }},
      {"a full disk",
       {"export", "run.h5", "--format", "csv", "-o", "/dev/full/x.csv"},
       2,
       {"/dev/full"},
       {{"run.h5", whole_result()}}},
      {"a full disk behind standard output",
       {"export", "run.h5", "--format", "csv", "-o", "full/x.csv"},
       2,
       {"full", "no such folder"},
       {{"run.h5", whole_result()}, {"full", "a file, not a folder"}}},
      {"comparing with a damaged run",
       {"compare", "a", "b"},
       2,
       {"seed_1.h5"},
       {{"a/seed_1.h5", cut(60)}, {"b/seed_1.h5", whole_result()}}},
  };
  for (broken_input const& b : rows) run_broken(b);
}
