// SUMO's own vehicle objects, read without libsumo. libsumo finds a vehicle by its name anew in every call (a tree of
// strings, then a dynamic cast: about 0.3 us), which made the recording of trajectories cost a quarter of a simulation.
// The functions called here are those that libsumo calls itself, through symbols that libsumocpp exports; the build
// tries whether they are there (GEMEO_SUMO_OBJECTS), and a library without them is read through libsumo alone.
// Thread rule: as libsumo, one thread.
#pragma once

#include <string>

namespace gemeo {

class vehicle_object {
 public:
  vehicle_object() = default;
  // The microscopic vehicle of this name; empty where the build has no such symbols. Throws what SUMO throws for an
  // unknown name. The simulation must not be mesoscopic: its vehicles are objects of another class.
  static vehicle_object find(std::string const& name);

  [[nodiscard]] bool valid() const { return vehicle_ != nullptr; }
  // Null while the vehicle is being teleported or is parked beside the road. Lanes live as long as the simulation.
  [[nodiscard]] void const* lane() const;
  [[nodiscard]] double position_m() const;  // on its lane
  [[nodiscard]] double speed_mps() const;

 private:
  explicit vehicle_object(void const* vehicle) : vehicle_(vehicle) {}
  void const* vehicle_ = nullptr;
};

}  // namespace gemeo
