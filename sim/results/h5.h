// Thin RAII over the HDF5 C API for the writer and the reader: handles, errors with file and dataset, attributes,
// datasets that grow along their first axis, netCDF-style dimension scales.
// HDF5's own error printing is off; its innermost message goes into gemeo::error. Thread rule: one thread per file
// (Debian's library is built thread-safe, so different files may be used by different threads).
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gemeo::h5 {

class handle {
 public:
  using closer = herr_t (*)(hid_t);
  handle() = default;
  handle(hid_t id, closer close) : id_(id), close_(close) {}
  handle(handle&& o) noexcept : id_(std::exchange(o.id_, -1)), close_(o.close_) {}
  handle& operator=(handle&& o) noexcept {
    if (this != &o) {
      reset();
      id_ = std::exchange(o.id_, -1);
      close_ = o.close_;
    }
    return *this;
  }
  ~handle() { reset(); }
  herr_t reset() {
    herr_t const code = id_ >= 0 ? close_(id_) : 0;
    id_ = -1;
    return code;
  }
  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }
  operator hid_t() const { return id_; }  // NOLINT: every C call takes it

 private:
  hid_t id_ = -1;
  closer close_ = nullptr;
};

// Switches off HDF5's printing of errors in this thread; every function below has called it.
void quiet();
// The innermost message of HDF5's error stack ("No space left on device" where there was an errno); then clears it.
std::string last_error();

// A native memory type for T, also its little-endian type on disk.
template <typename T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, float>)
    return H5T_NATIVE_FLOAT;
  else if constexpr (std::is_same_v<T, double>)
    return H5T_NATIVE_DOUBLE;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return H5T_NATIVE_UINT8;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return H5T_NATIVE_INT8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return H5T_NATIVE_UINT16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return H5T_NATIVE_UINT32;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return H5T_NATIVE_INT32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_NATIVE_UINT64;
  else {
    static_assert(std::is_same_v<T, std::int64_t>);
    return H5T_NATIVE_INT64;
  }
}

handle fixed_string(std::size_t width);  // UTF-8, null-padded
handle variable_string();                // UTF-8
// Names one after the other, each in `width` bytes, null-padded; longer ones are cut.
std::string pack(std::span<std::string const> names, std::size_t width);
std::size_t widest(std::span<std::string const> names);  // at least 1

}  // namespace gemeo::h5
