#include "tests/unit/engine_sumo/plain_sumo.h"

using gemeo::test::check_equal_to_plain_sumo;
using gemeo::test::compared;

TEST_CASE("sumocfg: acosta gives what `sumo -c` gives, with its buses, stops, loops and signals") {
  GEMEO_NEED_SHARED(config, "bologna/acosta/run.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 23423, 900);
  CHECK(c.trips > 8000);
  CHECK(c.stops > 0);
  CHECK(c.loops > 0);
}

TEST_CASE("sumocfg: joined gives what `sumo -c` gives, with its buses, stops, loops and signals") {
  GEMEO_NEED_SHARED(config, "bologna/joined/run.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 23423, 900);
  CHECK(c.trips > 8000);
  CHECK(c.stops > 0);
  CHECK(c.loops > 0);
}

TEST_CASE("sumocfg: cologne3 gives what `sumo -c` gives, digit for digit") {
  GEMEO_NEED_SHARED(config, "resco/cologne3/cologne3.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 42, 900);
  CHECK(c.trips > 1000);
}

TEST_CASE("sumocfg: ingolstadt7 gives what `sumo -c` gives, digit for digit") {
  GEMEO_NEED_SHARED(config, "resco/ingolstadt7/ingolstadt7.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 42, 900);
  CHECK(c.trips > 1000);
}
