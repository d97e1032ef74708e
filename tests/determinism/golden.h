// Hashes that are checked in (golden.txt): a run of engine_tbb gives the same bits in every build and on every x86-64
// machine, Debug and Release. A line: name, hash of the network, hash of the demand, ticks, hash of all frames. Where
// network is another (made by other versions of SUMO's tools) nothing is compared, and that is said. After a
// change that is meant, GEMEO_WRITE_GOLDEN=1 writes the file anew; the change belongs into the changelog.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace gemeo::test {

bool writes_golden();  // GEMEO_WRITE_GOLDEN is set
void check_golden(std::string const& name, scenario const& s, std::vector<std::uint64_t> const& ticks);

}  // namespace gemeo::test
