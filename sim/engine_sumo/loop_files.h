// The output files of a configuration's own loops and areas, read as far as SUMO has written them.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "sim/engine_sumo/output_reader.h"

namespace gemeo {

class loop_files {
 public:
  loop_files(network const& net, sumo_names& names) : net_(net), names_(names) {}
  void add(std::filesystem::path file);
  void read(observations& out);  // what is new

 private:
  struct one {
    std::filesystem::path file;
    std::uint64_t at = 0;
    std::unique_ptr<output_reader> reader;
  };
  network const& net_;
  sumo_names& names_;
  std::vector<one> files_;
};

}  // namespace gemeo
