#include "tests/unit/engine_sumo/plain_sumo.h"

using gemeo::test::check_equal_to_plain_sumo;
using gemeo::test::compared;

TEST_CASE("sumocfg: cologne1 gives what `sumo -c` gives, digit for digit") {
  GEMEO_NEED_SHARED(config, "resco/cologne1/cologne1.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 42, 900);
  CHECK(c.trips > 1000);
}

TEST_CASE("sumocfg: cologne8 gives what `sumo -c` gives, digit for digit, in short intervals and with another seed") {
  GEMEO_NEED_SHARED(config, "resco/cologne8/cologne8.sumocfg");
  compared const c = check_equal_to_plain_sumo(config, 7, 60);
  CHECK(c.rows > 4000);
}
