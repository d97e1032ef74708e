// Names of time zones, as the IANA time zone database has them ("Europe/Lisbon").
#pragma once

#include <string>

namespace gemeo {

// Throws error(kInput) at `where` when the machine's database (/usr/share/zoneinfo, or $TZDIR) does not have the zone,
// naming the nearest one it has. Where a machine has no database, only the form of the name is checked.
void check_time_zone(std::string const& name, std::string const& where);

}  // namespace gemeo
