// gemeo: finds the verb, parses its options, runs it.
#include "sim/cli/verbs.h"

int main(int argc, char** argv) {
  return gemeo::cli::run_program(
      {"gemeo", "gemeo: a digital twin of a city's traffic", GEMEO_VERSION, gemeo::cli::verbs()}, argc, argv);
}
