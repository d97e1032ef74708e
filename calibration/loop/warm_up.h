// A network that is not empty when the counting begins: who departs in the first warm_up_s of the estimated time
// departs once more, warm_up_s earlier, with his route and stops, and so does whoever travels whatever is estimated.
// Nobody else departs before. The second departure is of its cell, but counts as none of its departures: what it adds
// to a count belongs to the trips that it repeats. Thread rule: one thread.
#pragma once

#include "calibration/loop/trip_source.h"

namespace gemeo {

// begin_s: of the estimated time.
void add_warm_up(drawn_trips& trips, double begin_s, double warm_up_s);

// All times of a demand, its timetables among them, by so much later.
void move_in_time(demand& d, double by_s);

}  // namespace gemeo
