// gemeo-calibrate: what gemeo counts and gemeo calibrate become. It calls itself gemeo, as people called that.
#include "calibration/cli/verbs.h"

int main(int argc, char** argv) {
  return gemeo::cli::run_program(
      {"gemeo", "gemeo: traffic counts and calibration", GEMEO_VERSION, gemeo::cli::calibration_verbs()}, argc, argv);
}
