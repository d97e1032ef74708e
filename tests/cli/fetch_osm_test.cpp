// scripts/fetch_osm.sh with a curl of our own in PATH: there is no internet in tests.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "sim/core/hash.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/tiny_osm.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

struct fetching {
  temp_folder t;
  // The script of a curl that knows where to write (the argument after --output) as "$out" and what it is asked as
  // "$*".
  explicit fetching(std::string const& curl) {
    fs::create_directories(t / "bin");
    write_text(t / "bin/curl",
               "#!/bin/sh\nall=\"$*\"\nwhile [ $# -gt 0 ]; do [ \"$1\" = --output ] && out=$2; shift; done\n" + curl);
    fs::permissions(t / "bin/curl", fs::perms::owner_all);
    write_text(t / "town.xml", tiny_osm());
    write_text(t / "place.json", R"([{"osm_type":"node","osm_id":5,"display_name":"A bakery"},
      {"osm_type":"relation","osm_id":42,"class":"boundary","display_name":"Cascais, Lisboa, Portugal"}])");
  }
  process_result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), GEMEO_SOURCE_DIR "/scripts/fetch_osm.sh");
    process_options o;
    o.folder = t.path();
    o.environment = {{"PATH", (t / "bin").string() + ":/usr/bin:/bin"}};
    return run_program(arguments, o);
  }
};

std::string const kServed =
    "case \"$all\" in *nominatim*) cp place.json \"$out\" ;; *) echo \"$all\" > asked; cp town.xml \"$out\" ;; esac\n";

}  // namespace

TEST_CASE("fetch_osm: wrong arguments are refused before anything is fetched") {
  fetching f("echo fetched >> asked\n");
  write_text(f.t / "there.osm", "mine");
  std::vector<std::vector<std::string>> const wrong = {{},
                                                       {"--boxx"},
                                                       {"--box"},
                                                       {"--box=1,2,3", "-o", "x.osm"},
                                                       {"--box=5,2,3,4", "-o", "x.osm"},
                                                       {"--box=0,0,1,99", "-o", "x.osm"},
                                                       {"--box=1;reboot,2,3,4", "-o", "x.osm"},
                                                       {"--box=1,2,3,4"},
                                                       {"Cascais", "--box=1,2,3,4"},
                                                       {"Cascais", "Sintra"},
                                                       {"Cascais", "-o", "nowhere/x.osm"},
                                                       {"Cascais", "-o", "there.osm"},
                                                       {"Cascais", "-o", "bin"},
                                                       {"Cascais", "-o"}};
  for (auto const& arguments : wrong) {
    process_result const r = f.run(arguments);
    INFO((arguments.empty() ? "" : arguments.front()) << ": " << r.error_output);
    CHECK(r.exit_code == 2);
    CHECK_FALSE(r.error_output.empty());
  }
  CHECK_FALSE(fs::exists(f.t / "asked"));
}

TEST_CASE("fetch_osm: a place is looked up as an area, never as a point, and its streets are written") {
  fetching f(kServed);
  process_result const r = f.run({"Cascais, Portugal"});
  INFO(r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK(hash_file(f.t / "cascais.osm") == hash_file(f.t / "town.xml"));
  CHECK_THAT(r.output, Catch::Contains("Cascais, Lisboa, Portugal") && Catch::Contains("OpenStreetMap contributors"));
  std::ifstream in(f.t / "asked");
  std::string const asked{std::istreambuf_iterator<char>(in), {}};
  CHECK_THAT(asked, Catch::Contains("area(3600000042)"));
  REQUIRE(f.run({"--box=-9.5,38.6,-9.3,38.8", "-o", "box.osm"}).exit_code == 0);
  CHECK(hash_file(f.t / "box.osm") == hash_file(f.t / "town.xml"));
}

TEST_CASE("fetch_osm: what goes wrong on the way is said, and nothing half-written is left") {
  struct failure {
    char const *curl, *says;
  };
  for (failure const x :
       {failure{"exit 6\n", "no connection"},
        {"exit 22\n", "refused"},
        {"exit 18\n", "curl ended with 18"},
        {"echo '[]' > \"$out\"\n", "knows no area"},
        {"echo '<html>' > \"$out\"\n", "cannot be read"},
        {"case \"$all\" in *nominatim*) cp place.json \"$out\" ;; *) echo '<osm></osm>' > \"$out\" ;; esac\n",
         "no street"},
        {"case \"$all\" in *nominatim*) cp place.json \"$out\" ;; *) head -c 3000 town.xml > \"$out\" ;; esac\n",
         ""}}) {
    fetching f(x.curl);
    auto const before = contents(f.t.path());
    process_result const r = f.run({"Cascais"});
    INFO(x.curl << r.error_output);
    CHECK(r.exit_code != 0);
    CHECK_THAT(r.error_output, Catch::Contains(x.says));
    CHECK(contents(f.t.path()) == before);
  }
}
