// What a result file must know of a scenario beyond numbers: its names, and the description of the run.
#pragma once

#include "sim/run/run.h"

namespace gemeo {

traveller_table make_traveller_table(scenario const& s);
run_description describe_run(scenario const& s, run_request const& r, engine_info const& e);

}  // namespace gemeo
