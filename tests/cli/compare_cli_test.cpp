// `gemeo compare` as a program: what goes to which stream, exit codes, and pages that are whole or not there.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// base/ and closed/ with three seeds; made once, copied for each test.
fs::path const& ensembles() {
  static temp_folder const dir;
  static bool const made = [] {
    made_city const city;
    make_ensemble(city.net(), dir / "base", {1, 2, 3}, small_run());
    make_ensemble(city.net(), dir / "closed", {1, 2, 3}, closed_run());
    return true;
  }();
  REQUIRE(made);
  return dir.path();
}

void put_ensembles(fs::path const& to) {
  fs::copy(ensembles(), to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("gemeo compare: a table on standard output, nothing on standard error, nothing written") {
  temp_folder const dir;
  put_ensembles(dir.path());
  auto const before = contents(dir.path());
  process_result const r = run_gemeo({"compare", "base", "closed"}, dir.path());
  CHECK(r.exit_code == 0);
  CHECK(r.error_output.empty());
  CHECK_THAT(r.output, Catch::StartsWith("The bridge closed\ncompared with Base\n"));
  CHECK_THAT(r.output, Catch::Contains("95 % interval") && Catch::Contains("3 pairs of runs"));
  CHECK(contents(dir.path()) == before);
}

TEST_CASE("gemeo compare --json: one object and nothing else on standard output, with a page too") {
  temp_folder const dir;
  put_ensembles(dir.path());
  process_result const r =
      run_gemeo({"compare", "base", "closed", "--json", "--html", "page.html", "--label-base", "Before"}, dir.path());
  CHECK(r.exit_code == 0);
  CHECK(r.error_output.empty());
  json const j = parse_json(r.output);
  CHECK(j["seeds"] == json({1, 2, 3}));
  CHECK(j["base"]["label"] == "Before");
  CHECK(fs::exists(dir / "page.html"));
  write_text(dir / "out.json", r.output);
  CHECK(run_program({"/usr/bin/python3", "-m", "json.tool", (dir / "out.json").string()}).exit_code == 0);
}

TEST_CASE("gemeo compare --html: one whole page, in the language asked for, with the labels given") {
  temp_folder const dir;
  put_ensembles(dir.path());
  auto before = contents(dir.path());
  process_result const r = run_gemeo({"compare", "base", "closed", "--html", "page.html", "--lang", "pt",
                                      "--label-other", "Ponte fechada <ao trânsito>", "--label-base-pt", "Hoje & ontem",
                                      "--from", "07:15", "--to", "07:30", "--top", "3"},
                                     dir.path());
  CHECK(r.exit_code == 0);
  CHECK(r.error_output.empty());
  CHECK_THAT(r.output, Catch::Contains("page written: page.html"));
  std::string const page = read_text_file(dir / "page.html");
  CHECK_THAT(page, Catch::StartsWith("<!DOCTYPE html>\n<html lang=\"pt\">") && Catch::EndsWith("</html>\n"));
  CHECK_THAT(page, Catch::Contains("Ponte fechada &lt;ao trânsito&gt;") &&
                       Catch::Contains("em comparação com <b>Hoje &amp; ontem</b>") &&
                       Catch::Contains("compared with <b>Base</b>") &&
                       Catch::Contains("07:15\xe2\x80\x93"
                                       "07:30"));
  auto after = contents(dir.path());
  CHECK(after.erase("page.html") == 1);
  CHECK(after == before);  // no .partial beside it
}

TEST_CASE("gemeo compare --html: a failure keeps the page that is there") {
  temp_folder const dir;
  put_ensembles(dir.path());
  write_text(dir / "page.html", "the page of yesterday");
  fs::resize_file(dir / "closed" / "seed_0003.h5", 5000);
  auto const before = contents(dir.path());
  process_result const damaged = run_gemeo({"compare", "base", "closed", "--html", "page.html"}, dir.path());
  CHECK(damaged.exit_code == 2);
  CHECK_THAT(damaged.error_output, Catch::Contains("seed_0003.h5"));
  CHECK(damaged.output.empty());
  CHECK(contents(dir.path()) == before);
}

TEST_CASE("gemeo compare --html: a disk that fills up while the page is written keeps the page that is there") {
  temp_folder const dir;
  put_ensembles(dir.path());
  write_text(dir / "page.html", "the page of yesterday");
  auto const before = contents(dir.path());
  process_options options;
  options.folder = dir.path();
  process_result const r = run_program(
      {"/bin/sh", "-c",
       "trap '' XFSZ; ulimit -f 8; exec " GEMEO_BINARY_DIR "/bin/gemeo compare base closed --html page.html"},
      options);
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.error_output, Catch::Contains("page.html") && Catch::Contains("cannot be written"));
  CHECK(contents(dir.path()) == before);
}

TEST_CASE("gemeo compare: standard output that takes nothing is a failure, not a silence") {
  temp_folder const dir;
  put_ensembles(dir.path());
  process_options options;
  options.folder = dir.path();
  process_result const r =
      run_program({"/bin/sh", "-c", "exec " GEMEO_BINARY_DIR "/bin/gemeo compare base closed > /dev/full"}, options);
  CHECK(r.exit_code == 1);
  CHECK_THAT(r.error_output, Catch::Contains("standard output"));
}

TEST_CASE("gemeo compare: each broken input is answered with one clear message, exit code 2, and nothing changed") {
  auto const row = [](std::string name, std::vector<std::string> more, std::vector<std::string> says,
                      std::function<void(fs::path const&)> prepare = {}) {
    std::vector<std::string> arguments = {"compare", "base", "closed"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return broken_input{std::move(name), arguments, 2, std::move(says), {}, [prepare](fs::path const& f) {
                          put_ensembles(f);
                          if (prepare) prepare(f);
                        }};
  };
  auto const places = [](std::string name, std::string base, std::string other, std::vector<std::string> says) {
    return broken_input{
        std::move(name), {"compare", base, other}, 2, std::move(says), {}, [](fs::path const& f) { put_ensembles(f); }};
  };
  std::vector<broken_input> const rows = {
      places("no such folder", "base", "clsoed", {"clsoed", "does not exist"}),
      places("an empty name", "", "closed", {"BASE does not exist"}),
      places("the folder above", ".", "closed", {"holds no result file", "base inside it does"}),
      row("a page in a folder that is not there", {"--html", "no/where.html"}, {"no is no folder"}),
      row("a page that is a folder", {"--html", "base"}, {"base is a folder"}),
      row("a page over a result", {"--html", "base/seed_0001.h5"}, {"would be taken for a result"}),
      row("a page where nothing can be written", {"--html", "/proc/page.html"}, {"/proc"}),
      row("a language that is not spoken", {"--lang", "br"}, {"--lang br", "pt or en"}),
      row("a difference to allow, mistyped", {"--allow", "netwrok"}, {"netwrok", "did you mean 'network'"}),
      row("a time that is none", {"--from", "25h"}, {"--from 25h is no time of day"}),
      row("minutes that are none", {"--from", "07:75"}, {"--from 07:75 is no time of day"}),
      row("a window that ends before it begins", {"--from", "09:00", "--to", "08:00"}, {"--from is not before --to"}),
      row("a window outside the run", {"--from", "20:00", "--to", "21:00"}, {"no interval lies wholly between"}),
      row("no streets", {"--top", "0"}, {"--top"}),
      row("a result of zeros in the folder", {}, {"seed_0009.h5"},
          [](fs::path const& f) { write_text(f / "base/seed_0009.h5", std::string(4096, '\0')); }),
      row("an empty result in the folder", {}, {"seed_0009.h5", "is empty"},
          [](fs::path const& f) { write_text(f / "base/seed_0009.h5", ""); }),
      row("a folder named like a result", {}, {"seed_0009.h5", "is a folder"},
          [](fs::path const& f) { fs::create_directories(f / "closed/seed_0009.h5"); }),
      row("a link that leads nowhere", {}, {"seed_0009.h5"},
          [](fs::path const& f) { fs::create_symlink("nowhere", f / "closed/seed_0009.h5"); }),
      row("no seed in common", {}, {"shares no seed", "9"},
          [](fs::path const& f) {
            fs::remove_all(f / "closed");
            made_city const city;
            make_ensemble(city.net(), f / "closed", {9}, closed_run());
          }),
  };
  for (broken_input const& b : rows) run_broken(b);
}
