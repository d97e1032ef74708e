// A city that a calibration copies beside its results can be opened, with every file that a city may name.
#include "calibration/job/own_city.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "sim/core/text_file.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;

TEST_CASE("a copied city opens, its detectors and areas with it") {
  temp_folder const t;
  tiny_city const town(t / "tiny");
  write_text_file(t / "tiny/detectors.csv", "id,edge,lane,pos_m\nd1,FG,0,10\n");
  write_text_file(t / "tiny/areas.csv", "id,lanes,begin_m,end_m\na1,FG_0,0,10\n");
  std::ofstream(t / "tiny/city.toml", std::ios::app) << "detectors = \"detectors.csv\"\nareas = \"areas.csv\"\n";
  copy_city(t / "tiny", t / "copy");
  city const c = read_city(t / "copy");
  CHECK(c.hash == read_city(t / "tiny").hash);
  CHECK(read_text_file(c.areas) == read_text_file(t / "tiny/areas.csv"));
  CHECK(read_text_file(c.detectors) == read_text_file(t / "tiny/detectors.csv"));
}
