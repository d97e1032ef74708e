// What vehicles emit: SUMO's own values for each emission class in use, over speed and acceleration, as a table that
// its tool emissionsMap writes (HBEFA 3.1 or whatever model the class names; SUMO manual, "Models/Emissions"). Bilinear
// in between. Slopes are counted as SUMO 1.15 does for HBEFA 3: only by which a vehicle coasts, that is, slows down so
// much that its engine is taken to burn nothing. Units: mg/s. Immutable once made: any thread reads.
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
  // Runs emissionsMap, which writes into the folder. slopes: the network has heights. Throws error(kInput) for a class
  // that SUMO does not know, and for one that counts slopes otherwise than by coasting where the network has heights;
  // error(kRun) when the tool cannot be run.
  emission_table(std::string const& emission_class, std::filesystem::path const& scratch, bool slopes);
  // speed in m/s, acceleration in m/s2
  [[nodiscard]] emitted at(double speed, double acceleration, double slope_deg) const;

 private:
  using cell = std::array<float, 4>;
  using grid = std::vector<cell>;  // [speed step * kAccelSteps + acceleration step]
  static std::array<grid, 2> tabulate(std::string const& emission_class, std::filesystem::path const& scratch,
                                      std::array<double, 2> slopes_deg);
  static std::array<grid, 2> read(std::filesystem::path const& file, std::array<double, 2> slopes_deg);
  [[nodiscard]] bool explains(grid const& at_slope, double slope_deg) const;
  grid cells_;
  bool coasts_ = false;  // cells_ holds no coasting, which goes by speed and slope; otherwise it is in them
};

// The acceleration (at most 0, m/s2) below which a vehicle that moves coasts.
double coasting_acceleration(double speed, double slope_deg);

}  // namespace gemeo::micro
