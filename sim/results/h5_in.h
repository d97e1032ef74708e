// Reading side of HDF5, for files that may be damaged or hostile: only hard links inside the file, known filters, no
// external or virtual storage, chunks of at most 64 MiB, and no allocation larger than what the file's stored bytes can
// expand to. Every failure is an error(kInput) with file, group and dataset. Thread rule: one thread per file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/results/h5.h"

namespace gemeo::h5 {

class in_file {
 public:
  // Opens a finished file, one that still grows, or one whose writer was killed.
  explicit in_file(std::filesystem::path file, bool allow_virtual = false);
  [[nodiscard]] std::filesystem::path const& path() const { return file_name_; }
  [[nodiscard]] bool growing() const { return growing_; }  // its writer is at work, or died at it
  [[nodiscard]] bool has(std::string const& dataset) const;
  [[nodiscard]] bool has_group(std::string const& group) const;
  // Sizes of the axes; scalars have none.
  [[nodiscard]] std::vector<std::size_t> shape(std::string const& dataset) const;

  // Rows [begin, end) of a dataset of numbers, converted to T where HDF5 can do so without loss of kind
  // (integers to integers that hold them, any number to a floating type).
  template <typename T>
  [[nodiscard]] std::vector<T> read(std::string const& dataset, std::size_t begin, std::size_t end) const {
    auto const& d = open(dataset);
    std::vector<T> out(items(d, dataset, begin, end, sizeof(T), kind_of<T>()));
    read_into(d, dataset, begin, end, out.data(), memory_type<T>());
    return out;
  }
  template <typename T>
  [[nodiscard]] std::vector<T> read(std::string const& dataset) const {
    auto const s = shape(dataset);
    return read<T>(dataset, 0, s.empty() ? 1 : s[0]);
  }
  template <typename T>
  [[nodiscard]] T scalar(std::string const& dataset) const {
    auto const v = read<T>(dataset);
    if (v.size() != 1) fail(dataset, "is not a single value");
    return v.front();
  }
  [[nodiscard]] std::vector<std::string> read_names(std::string const& dataset) const;
  [[nodiscard]] std::vector<std::string> read_names(std::string const& dataset, std::size_t begin,
                                                    std::size_t end) const;
  [[nodiscard]] std::string text(std::string const& dataset) const;
  // An integer attribute of a dataset; nullopt when absent or of another kind.
  [[nodiscard]] std::optional<std::int64_t> integer_attribute(std::string const& dataset, char const* name) const;
  [[nodiscard]] std::optional<double> number_attribute(std::string const& dataset, char const* name) const;
  [[nodiscard]] std::vector<std::string> children(std::string const& group) const;  // names of datasets, sorted
  // Bytes a dataset takes in the file.
  [[nodiscard]] std::uint64_t stored_bytes(std::string const& dataset) const;
  [[noreturn]] void fail(std::string const& dataset, std::string what, std::string hint = {}) const;

 private:
  enum class kind { kInteger, kReal, kText };
  struct opened {
    handle id, type, space;
    std::vector<hsize_t> size;
  };
  template <typename T>
  static kind kind_of() {
    return std::is_floating_point_v<T> ? kind::kReal : kind::kInteger;
  }
  // Datasets stay open: their chunks stay cached, and walking through the steps of a file stays cheap.
  [[nodiscard]] opened const& open(std::string const& name) const;
  void look_again(opened& d, std::string const& name) const;
  void check_storage(opened const& d, std::string const& name) const;
  // Number of items of rows [begin, end), after checking that they exist, are of that kind, and may be believed.
  [[nodiscard]] std::size_t items(opened const& d, std::string const& name, std::size_t begin, std::size_t end,
                                  std::size_t item_bytes, kind k) const;
  void read_into(opened const& d, std::string const& name, std::size_t begin, std::size_t end, void* out,
                 hid_t type) const;
  [[nodiscard]] bool linked(std::string const& name) const;

  std::filesystem::path file_name_;
  std::uint64_t file_bytes_ = 0;
  bool growing_ = false, allow_virtual_ = false;
  handle file_;
  mutable std::unordered_map<std::string, opened> open_;  // closed before the file
};

// Clears the marks that a killed writer left, so that any HDF5 tool opens the file; then asks what is wrong with the
// file, and puts them back where something is. Only when no writer is at work.
void clear_marks(std::filesystem::path const& file, std::function<std::string()> const& problem);

}  // namespace gemeo::h5
