#include "sim/results/disk_reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace gemeo {

disk_reserve::disk_reserve(std::filesystem::path const& folder, std::size_t bytes) {
  fd_ = ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd_ < 0 || ::fallocate(fd_, 0, 0, static_cast<off_t>(bytes)) == 0) return;
  ::close(fd_);
  fd_ = -1;
}

disk_reserve::~disk_reserve() {
  if (fd_ >= 0) ::close(fd_);
}

disk_reserve::disk_reserve(disk_reserve&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

disk_reserve& disk_reserve::operator=(disk_reserve&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace gemeo
