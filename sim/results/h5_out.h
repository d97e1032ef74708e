// Writing side of HDF5: groups, attributes, whole tables and tables that grow, each with unit and description, each
// axis a dimension scale. Everything is created first; start_swmr() then lets others read while rows are added. Errors
// are error(kRun) with file and dataset. Thread rule: one thread per file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/h5.h"

namespace gemeo::h5 {

inline constexpr unsigned kDeflate =
    1;  // measured on trajectories: level 4 saves 8 % of the bytes for 1.7 times the CPU

struct about {  // what every dataset says of itself
  std::string unit, description;
};

class out_group;

// A dataset whose first axis grows (or not). Rows are items, or rows of `width` items.
class table {
 public:
  table() = default;
  // Appends; `type` is the memory type of what `data` points to.
  void append(void const* data, hid_t type, std::size_t rows);
  template <typename T>
  void append(std::span<T const> values) {
    append(values.data(), memory_type<T>(), values.size() / width_);
  }
  void append_names(std::span<std::string const> names);
  // Makes the first axis n long; new rows hold the fill value.
  void extend(std::size_t n);
  // Overwrites row `row`, columns [0, width).
  void write_row(std::size_t row, void const* data, hid_t type);
  void rewrite(void const* data, hid_t type);  // the whole of a scalar or fixed table
  void flush();
  // What stands now is kept by roll_back(), which takes away the rows that came since: for a write that failed halfway.
  void commit() { committed_ = rows_; }
  void roll_back();
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t name_width() const { return name_width_; }
  [[nodiscard]] hid_t id() const { return dataset_; }

 private:
  friend class out_group;
  void check(bool ok, char const* doing) const;
  handle dataset_;
  std::string where_;  // "run.h5.partial: /edges/speed"
  std::size_t rows_ = 0, committed_ = 0, width_ = 1, name_width_ = 0;
  bool flat_ = true;  // one axis
};

class out_group {
 public:
  out_group() = default;
  [[nodiscard]] hid_t id() const { return group_; }
  [[nodiscard]] out_group group(std::string const& name, std::string const& description) const;

  void attribute(std::string const& name, std::string const& value) const;
  void attribute(std::string const& name, double value) const;
  void attribute(std::string const& name, std::int64_t value) const;
  void attribute(std::string const& name, std::uint64_t value) const;

  // A scalar: string or number.
  table scalar(std::string const& name, std::string const& value, about const& a) const;
  template <typename T>
  table scalar(std::string const& name, T value, about const& a) const {
    return scalar(name, &value, memory_type<T>(), a);
  }

  // Axes. names: an axis with readable coordinates; growing when max_rows is 0. axis: only a length (as netCDF writes
  // it).
  table names(std::string const& name, std::span<std::string const> values, std::string const& description,
              bool growing = false, std::size_t width = 0) const;
  table axis(std::string const& name, std::size_t length, bool growing) const;
  // A growing axis of numbers, e.g. time; not compressed, so that adding a value rewrites nothing.
  table growing_axis(std::string const& name, hid_t type, about const& a) const;
  template <typename T>
  table number_axis(std::string const& name, std::span<T const> values, about const& a) const {
    return number_axis(name, values.data(), memory_type<T>(), values.size(), a);
  }
  // The same dataset under a second group: an axis shared by both.
  void share_from(std::string const& name, out_group const& owner, std::string const& path) const;
  void share(std::string const& name, out_group const& owner) const;

  // One value per row of `axis`, known now.
  template <typename T>
  table column(std::string const& name, std::span<T const> values, table const& axis, about const& a) const {
    return column(name, values.data(), memory_type<T>(), values.size(), axis, a);
  }
  table text_column(std::string const& name, std::span<std::string const> values, table const& axis,
                    about const& a) const;
  // Grows with its axis. chunk: rows of a chunk.
  table growing_column(std::string const& name, hid_t type, table const& axis, about const& a, std::size_t chunk,
                       bool compress = true) const;
  table growing_text(std::string const& name, std::size_t width, table const& axis, about const& a,
                     std::size_t chunk) const;
  // [rows][columns], growing rows, one row a chunk; float with NaN where nothing is written.
  table growing_matrix(std::string const& name, table const& rows, table const& columns, std::size_t width,
                       about const& a) const;
  // A whole table of floats or doubles, row by row, known now.
  template <typename T>
  table matrix(std::string const& name, std::span<T const> values, table const& rows, table const& columns,
               about const& a) const {
    return matrix(name, values.data(), memory_type<T>(), rows, columns, a);
  }
  // A virtual dataset [source][row][column] of floats over the dataset `dataset` of each file, of the file's own rows x
  // columns; what a file lacks of the rows is NaN. The file names are relative to the folder of this file.
  struct source {
    std::string file;
    std::size_t rows = 0;  // at most those of the axis
  };
  table stack(std::string const& name, std::span<source const> files, std::string const& dataset, table const& sources,
              table const& rows, table const& columns, about const& a) const;
  void mark(table const& t, std::string const& name, std::string const& value) const;
  void mark(table const& t, std::string const& name, double value) const;
  void mark(table const& t, std::string const& name, std::int64_t value) const;

 private:
  friend class out_file;
  table scalar(std::string const& name, void const* value, hid_t type, about const& a) const;
  table number_axis(std::string const& name, void const* values, hid_t type, std::size_t n, about const& a) const;
  table column(std::string const& name, void const* values, hid_t type, std::size_t n, table const& axis,
               about const& a) const;
  table matrix(std::string const& name, void const* values, hid_t type, table const& rows, table const& columns,
               about const& a) const;
  struct layout {
    std::vector<hsize_t> size, max, chunk;
    bool compress = true;
    bool nan = false;
    hid_t how = H5I_INVALID_HID;  // a creation list to start from, with a virtual layout
  };
  [[nodiscard]] table make(std::string const& name, hid_t type, layout const& l, about const& a) const;
  void attach(table const& t, unsigned axis, table const& scale) const;
  [[nodiscard]] std::string where(std::string const& name) const;
  handle group_;
  std::string path_;
  std::shared_ptr<std::filesystem::path const> file_;
};

class out_file {
 public:
  // shown_as: the name in messages, where the file is to be renamed once readers may look at it.
  explicit out_file(std::filesystem::path const& file, std::filesystem::path shown_as = {});
  ~out_file();
  out_file(out_file const&) = delete;
  out_file& operator=(out_file const&) = delete;
  [[nodiscard]] out_group const& root() const { return root_; }
  void start_swmr();
  void flush();
  void close();  // throws; every table of this file must be closed before
  // Overwrites a numeric attribute of the root, also under SWMR.
  void set_number(std::string const& name, double value);
  void set_integer(std::string const& name, std::int64_t value);
  void set_text(std::string const& name, std::string const& value);

 private:
  void set(std::string const& name, void const* value, hid_t type);
  handle file_;
  out_group root_;
};

}  // namespace gemeo::h5
