// GeoJSON (RFC 7946, so WGS 84) of the road network, plain or with the values of a time window. Thread rule: one
// thread.
#pragma once

#include "sim/results/reader.h"
#include "sim/results/text_output.h"

namespace gemeo {

std::size_t network_geojson(result_file const& r, text_output& out);
// Over the intervals that begin in [from, to), < 0: no bound: sums of counts, seconds and masses; speed weighted by
// vehicle-seconds; density, occupancy and mean queue weighted by time; the longest of the longest queues.
std::size_t edges_geojson(result_file const& r, double from_s, double to_s, text_output& out);

}  // namespace gemeo
