// What result_file keeps, for the parts of the reader (reader.cpp, reader_tables.cpp, validate_result.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/h5_in.h"
#include "sim/results/reader.h"

namespace gemeo {

struct result_file::state {
  explicit state(std::filesystem::path path);
  h5::in_file file;
  bool complete = false;
  [[nodiscard]] std::size_t common_rows(std::vector<std::string> const& columns) const;
  [[nodiscard]] std::uint64_t hash(std::string const& name) const;
  [[nodiscard]] std::vector<std::uint32_t> const& lane_edges() const;

 private:
  mutable std::optional<std::vector<std::uint32_t>> lane_edge_;
};

std::vector<std::string> validate_result(result_file const& r, h5::in_file const& f);

}  // namespace gemeo
