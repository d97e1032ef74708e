// The parts of reading a city folder that fill one kind of thing each; private to sim/demand.
#pragma once

#include "sim/demand/city.h"

namespace gemeo {

void read_stops(city& c, std::filesystem::path const& file);
void read_lines(city& c, std::filesystem::path const& file);  // after types and stops

}  // namespace gemeo
