#include "sim/engine_sumo/vehicle_objects.h"

#if GEMEO_SUMO_OBJECTS

// SUMO 1.15, src/libsumo/Helper.h and src/microsim/MSVehicle.h, which Debian does not ship: only what is called, and
// nothing of their layout. The members of MSVehicle are virtual there; called by their symbol they need no table, and
// what libsumo::start makes are MSVehicles. MSVehicle derives from MSBaseVehicle alone, so that both begin at one
// address.
class MSBaseVehicle;
class MSLane;
class MSVehicle {
 public:
  bool isOnRoad() const;
  MSLane const* getLane() const;
  double getPositionOnLane() const;
  double getSpeed() const;
};
namespace libsumo {
class Helper {
 public:
  static MSBaseVehicle* getVehicle(std::string const& name);
};
}  // namespace libsumo

namespace gemeo {

namespace {
MSVehicle const& sumo(void const* vehicle) { return *static_cast<MSVehicle const*>(vehicle); }
}  // namespace

vehicle_object vehicle_object::find(std::string const& name) {
  return vehicle_object(libsumo::Helper::getVehicle(name));
}
void const* vehicle_object::lane() const {
  return sumo(vehicle_).isOnRoad() ? static_cast<void const*>(sumo(vehicle_).getLane()) : nullptr;
}
double vehicle_object::position_m() const { return sumo(vehicle_).getPositionOnLane(); }
double vehicle_object::speed_mps() const { return sumo(vehicle_).getSpeed(); }

}  // namespace gemeo

#else

namespace gemeo {

vehicle_object vehicle_object::find(std::string const&) { return {}; }
void const* vehicle_object::lane() const { return nullptr; }
double vehicle_object::position_m() const { return 0; }
double vehicle_object::speed_mps() const { return 0; }

}  // namespace gemeo

#endif
