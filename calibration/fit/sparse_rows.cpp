#include "calibration/fit/sparse_rows.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

namespace {
constexpr double kMostValue = 1e6;  // crossings per departure: a route may pass a detector more than once
}  // namespace

void sparse_rows::add_row(std::span<std::uint32_t const> row_columns, std::span<double const> row_values) {
  verify(row_columns.size() == row_values.size(), "sparse_rows: a value for each column");
  column.insert(column.end(), row_columns.begin(), row_columns.end());
  value.insert(value.end(), row_values.begin(), row_values.end());
  begin.push_back(column.size());
}

namespace {

// Entries sorted by row, those of a row in the order given (a counting sort).
sparse_rows by_row(std::size_t rows, std::size_t columns, std::span<sparse_entry const> entries) {
  sparse_rows m;
  m.columns = columns;
  m.begin.assign(rows + 1, 0);
  for (sparse_entry const& e : entries) ++m.begin[e.row + 1];
  for (std::size_t i = 0; i < rows; ++i) m.begin[i + 1] += m.begin[i];
  m.column.resize(entries.size());
  m.value.resize(entries.size());
  std::vector<std::size_t> next(m.begin.begin(), m.begin.end() - 1);
  for (sparse_entry const& e : entries) {
    std::size_t const at = next[e.row]++;
    m.column[at] = e.column;
    m.value[at] = e.value;
  }
  return m;
}

}  // namespace

sparse_rows rows_of_entries(std::size_t rows, std::size_t columns, std::span<sparse_entry const> entries) {
  for (sparse_entry const& e : entries) {
    if (e.row >= rows || e.column >= columns) {
      throw_input("sparse entries", fmt::format("entry ({}, {}) lies outside {} x {}", e.row, e.column, rows, columns));
    }
  }
  // Sorted by row twice over is sorted by both: the transpose's rows come out ascending.
  sparse_rows const sorted = transposed(transposed(by_row(rows, columns, entries)));
  sparse_rows m;
  m.columns = columns;
  m.begin.reserve(rows + 1);
  m.column.reserve(sorted.entries());
  m.value.reserve(sorted.entries());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = sorted.begin[i]; k < sorted.begin[i + 1]; ++k) {
      if (m.column.size() > m.begin[i] && m.column.back() == sorted.column[k]) {
        m.value.back() += sorted.value[k];
      } else {
        m.column.push_back(sorted.column[k]);
        m.value.push_back(sorted.value[k]);
      }
    }
    m.begin.push_back(m.column.size());
  }
  return m;
}

sparse_rows transposed(sparse_rows const& m) {
  sparse_rows t;
  t.columns = m.rows();
  t.begin.assign(m.columns + 1, 0);
  for (std::uint32_t const c : m.column) ++t.begin[c + 1];
  for (std::size_t j = 0; j < m.columns; ++j) t.begin[j + 1] += t.begin[j];
  t.column.resize(m.entries());
  t.value.resize(m.entries());
  std::vector<std::size_t> next(t.begin.begin(), t.begin.end() - 1);
  for (std::size_t i = 0; i < m.rows(); ++i) {
    for (std::size_t k = m.begin[i]; k < m.begin[i + 1]; ++k) {
      std::size_t const at = next[m.column[k]]++;
      t.column[at] = static_cast<std::uint32_t>(i);
      t.value[at] = m.value[k];
    }
  }
  return t;
}

void check_rows(sparse_rows const& m, std::size_t rows, std::size_t columns, std::string const& name) {
  if (m.rows() != rows || m.columns != columns || m.begin.empty()) {
    throw_input(name, fmt::format("is {} x {}, expected {} x {}", m.rows(), m.columns, rows, columns));
  }
  if (m.begin.front() != 0 || m.begin.back() != m.column.size() || m.column.size() != m.value.size()) {
    throw_input(name, "its rows do not cover its entries");
  }
  for (std::size_t i = 0; i < rows; ++i) {
    if (m.begin[i + 1] < m.begin[i] || m.begin[i + 1] > m.column.size()) {
      throw_input(fmt::format("{}, row {}", name, i), "ends before it begins");
    }
    for (std::size_t k = m.begin[i]; k < m.begin[i + 1]; ++k) {
      bool const ascending = k == m.begin[i] || m.column[k] > m.column[k - 1];
      if (m.column[k] >= columns || !ascending || !(m.value[k] >= 0 && m.value[k] <= kMostValue)) {
        throw_input(fmt::format("{}, row {}, entry {}", name, i, k - m.begin[i]),
                    fmt::format("column {} with {}", m.column[k], m.value[k]),
                    fmt::format("columns ascend, values are between 0 and {}", kMostValue));
      }
    }
  }
}

void multiply(sparse_rows const& m, std::span<double const> x, std::span<double> out, fixed_blocks const& blocks) {
  std::size_t const rows = m.rows();
  std::size_t const mean_row = rows > 0 ? m.entries() / rows + 1 : 1;
  blocks.each(
      rows, m.entries() + rows,
      [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
          double sum = 0;
          for (std::size_t k = m.begin[i]; k < m.begin[i + 1]; ++k) sum += m.value[k] * x[m.column[k]];
          out[i] = sum;
        }
      },
      std::max<std::size_t>(1, fixed_blocks::kWorthSharing / mean_row / 4));
}

}  // namespace gemeo
