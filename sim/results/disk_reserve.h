// Disk space held while a file is written, and given back when the disk is full, so that the file can still be closed.
#pragma once

#include <cstddef>
#include <filesystem>

namespace gemeo {

class disk_reserve {
 public:
  // Holds so many bytes of the folder's file system in a file without a name. Where that cannot be had (no space, no
  // such files there) nothing is held: the file is written all the same.
  disk_reserve(std::filesystem::path const& folder, std::size_t bytes);
  ~disk_reserve();
  disk_reserve(disk_reserve&& other) noexcept;
  disk_reserve& operator=(disk_reserve&& other) noexcept;
  disk_reserve(disk_reserve const&) = delete;
  disk_reserve& operator=(disk_reserve const&) = delete;
  [[nodiscard]] bool held() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace gemeo
