// What vehicles emit: SUMO's own values for each emission class in use, over speed and acceleration, as a table that
// its tool emissionsMap writes (HBEFA 3.1 or whatever model the class names; SUMO manual, "Models/Emissions"). Bilinear
// in between. Units: mg/s. Immutable once made: any thread reads.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace gemeo::micro {

struct emitted {  // mg/s, or mg where it is a sum
  double co2 = 0, nox = 0, pmx = 0, fuel = 0;
  void add(emitted const& e, double times) {
    co2 += e.co2 * times;
    nox += e.nox * times;
    pmx += e.pmx * times;
    fuel += e.fuel * times;
  }
};

class emission_table {
 public:
  // Runs emissionsMap, which writes into the folder. Throws error(kInput) for a class that SUMO does not know, and
  // where the class counts slopes and the network has them (slopes: true); error(kRun) when the tool cannot be run.
  emission_table(std::string const& emission_class, std::filesystem::path const& scratch, bool slopes);
  // speed in m/s, acceleration in m/s2
  [[nodiscard]] emitted at(double speed, double acceleration) const;

 private:
  using cell = std::array<float, 4>;
  void read(std::filesystem::path const& file, std::string const& emission_class, bool slopes);
  std::vector<cell> cells_;  // [speed step * kAccelSteps + acceleration step]
};

}  // namespace gemeo::micro
