// Vehicle types and mixes of types from a SUMO additional file (<vType>, <vTypeDistribution>).
#pragma once

#include <filesystem>

#include "sim/demand/city.h"

namespace gemeo {

// Appends to types and mixes. Every single type is also a mix of itself alone.
void read_vtypes(std::filesystem::path const& file, id_vector<vtype_id, vehicle_type>& types,
                 std::vector<type_mix>& mixes);

}  // namespace gemeo
