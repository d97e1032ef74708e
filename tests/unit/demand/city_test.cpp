#include "sim/demand/city.h"

#include <catch2/catch.hpp>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;

namespace {
// The message of reading the tiny city after one of its files was changed.
std::string message(std::string const& file, std::string const& old, std::string const& now) {
  test::temp_folder const dir;
  test::tiny_city const tiny(dir / "tiny");
  std::string text = read_text_file(tiny.folder / file);
  std::size_t const at = text.find(old);
  REQUIRE(at != std::string::npos);
  tiny.write(file, text.replace(at, old.size(), now));
  try {
    read_city(tiny.folder);
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("city: everything the folder says is read") {
  test::temp_folder const dir;
  test::tiny_city const tiny(dir / "tiny");
  city const c = read_city(tiny.folder);
  CHECK(c.name == "tiny");
  CHECK(c.zones.size() == 4);
  CHECK(c.zones[*c.find_zone("mid")].park_and_ride_spaces == 20);
  CHECK(c.zones[*c.find_zone("west")].edges.size() == 4);
  CHECK(c.od.size() == 5);
  CHECK(c.types.size() == 4);
  CHECK(c.mixes.size() == 5);
  CHECK(c.types[vtype_id(2U)].cls == vclass::kTruck);
  CHECK(c.types[vtype_id(2U)].other.at("guiShape") == "truck");
  CHECK(c.lines.size() == 1);
  CHECK(c.lines[0].stops.size() == 2);
  CHECK(read_city(tiny.folder).hash == c.hash);
  tiny.write("od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,east,work,car,7\n");
  CHECK(read_city(tiny.folder).hash != c.hash);
}

TEST_CASE("city: every broken file is named with its line and the remedy") {
  using Catch::Contains;
  CHECK_THAT(message("city.toml", "zones =", "zoness ="), Contains("city.toml:5") && Contains("did you mean 'zones'?"));
  CHECK_THAT(message("city.toml", "\"od.csv\"", "\"none.csv\""), Contains("no such file"));
  CHECK_THAT(message("city.toml", "\"od.csv\"", "\"../od.csv\""), Contains("must lie in the city's folder"));
  CHECK_THAT(message("zones.csv", "zone_id,", "zoneid,"),
             Contains("unknown column 'zoneid'") && Contains("did you mean 'zone_id'?"));
  CHECK_THAT(message("zones.csv", "west,West", "east,West"), Contains("'east' stands there twice"));
  CHECK_THAT(message("zones.csv", "38.7,-9.4", "138.7,-9.4"), Contains("zones.csv:2") && Contains("degrees"));
  CHECK_THAT(message("zones.csv", "P,cell", "P,cel"), Contains("unknown kind"));
  CHECK_THAT(message("zone_edges.csv", "west,AB,2", "west,ABX,2"),
             Contains("zone_edges.csv:2") && Contains("no edge 'ABX'"));
  CHECK_THAT(message("zone_edges.csv", "west,AB,2", "west,AB,-2"), Contains("negative"));
  CHECK_THAT(message("zone_edges.csv", "west,AB,2", "west,AE,2"), Contains("stands there twice"));
  CHECK_THAT(message("od.csv", "west,east", "wst,east"), Contains("od.csv:2") && Contains("did you mean 'west'?"));
  CHECK_THAT(message("od.csv", "work,car,1600", "work,car,nan"), Contains("not a number"));
  CHECK_THAT(message("od.csv", "work,car", "wrk,car"), Contains("unknown purpose 'wrk'"));
  CHECK_THAT(message("od.csv", "work,car", "work,tank"), Contains("unknown vtype 'tank'"));
  CHECK_THAT(message("od.csv", "work,car", "leisure,car"), Contains("no profile for 'leisure'"));
  CHECK_THAT(message("od.csv", "west,east,work,car", "west,east,work"),
             Contains("4 fields where the header has 5") && !Contains("decimal comma"));
  CHECK_THAT(message("od.csv", "work,car,1600", "work,car,1600,5"),
             Contains("6 fields where the header has 5") && Contains("decimal comma"));
  CHECK_THAT(message("od.csv", "work,car,1600", "work,car,\"1600,5\""), Contains("a decimal point, not a comma"));
  CHECK_THAT(message("od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day",
                     "from_zone;to_zone;purpose;vtype;trips_per_day"),
             Contains("od.csv:1") && Contains("separated by ';'"));
  CHECK_THAT(message("city.toml", "Europe/Lisbon", "Europe/Lisbonne"), Contains("city.toml:3") &&
                                                                           Contains("no time zone is called") &&
                                                                           Contains("did you mean 'Europe/Lisbon'?"));
  CHECK_THAT(message("city.toml", "\"Tiny\"", "\"Ti\\u001bny\""), Contains("control characters"));
  CHECK_THAT(message("city.toml", "\"Tiny\"", "\"Ti\\u009bny\""), Contains("control characters"));
  CHECK(message("city.toml", "\"Tiny\"", "\"\"\"Ti\tn\r\ny\"\"\"").empty());
  CHECK_THAT(message("city.toml", "Europe/Lisbon", "../etc/passwd"), Contains("is no time zone"));
  CHECK_THAT(message("profiles.csv", "work,0,0.0059", "work,0,0.5"), Contains("sum to") && Contains("'work'"));
  CHECK_THAT(message("profiles.csv", "work,900", "work,950"), Contains("expected 900"));
  CHECK_THAT(message("vtypes.add.xml", "tau=\"1.0\"", "tau=\"0\""),
             Contains("vtypes.add.xml:2") && Contains("'tau' must be above 0"));
  CHECK_THAT(message("vtypes.add.xml", "vTypes=\"brisk calm\"", "vTypes=\"brisk hasty\""),
             Contains("unknown type 'hasty'"));
  CHECK_THAT(message("stops.csv", "CD,0,100,120", "CD,0,100,1200"), Contains("does not lie on its lane"));
  CHECK_THAT(message("lines.toml", "\"BC\", ", ""), Contains("no connection from 'AB' to 'CD'"));
  CHECK_THAT(message("lines.toml", "[\"s1\", \"s2\"]", "[\"s2\", \"s1\"]"), Contains("out of order"));
  CHECK_THAT(message("lines.toml", "headway_s = 1200", "headway_s = 0"), Contains("headway"));
  CHECK_THAT(message("lines.toml", "[40, 120]", "[40]"), Contains("one offset for each stop"));
}
