// A sparse matrix by rows (compressed): row i holds column[k], value[k] for k in [begin[i], begin[i + 1]), columns
// ascending. Products are written by one thread for each row: the same bits on any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/fit/fixed_blocks.h"

namespace gemeo {

struct sparse_entry {
  std::uint32_t row = 0, column = 0;
  double value = 0;
};

struct sparse_rows {
  std::size_t columns = 0;
  std::vector<std::size_t> begin{0};
  std::vector<std::uint32_t> column;
  std::vector<double> value;

  [[nodiscard]] std::size_t rows() const { return begin.empty() ? 0 : begin.size() - 1; }
  [[nodiscard]] std::size_t entries() const { return column.size(); }
  void add_row(std::span<std::uint32_t const> row_columns, std::span<double const> row_values);  // columns ascending
};

// Entries in any order; those of one place are added up, in the order given.
sparse_rows rows_of_entries(std::size_t rows, std::size_t columns, std::span<sparse_entry const> entries);
sparse_rows transposed(sparse_rows const& m);
// Throws error(kInput) naming row and entry when m is no matrix of that shape with finite values >= 0.
void check_rows(sparse_rows const& m, std::size_t rows, std::size_t columns, std::string const& name);

void multiply(sparse_rows const& m, std::span<double const> x, std::span<double> out, fixed_blocks const& blocks);

}  // namespace gemeo
