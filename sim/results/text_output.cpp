#include "sim/results/text_output.h"

#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "sim/core/error.h"
#include "sim/core/text_file.h"

namespace gemeo {

namespace fs = std::filesystem;

text_output::text_output(fs::path file) : file_(std::move(file)), partial_(file_) {
  if (file_ == "-") return;
  std::error_code ec;
  if (fs::is_directory(file_, ec)) throw_input(file_.string(), "is a folder, not a file", "name the file to write");
  fs::path const folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ec)) throw_input(folder.string(), "no such folder for the output", "make it first");
  if (!is_device_or_pipe(file_)) partial_ += ".partial";
  gz_ = gzopen(partial_.c_str(), file_.extension() == ".gz" ? "wb6" : "wbT");
  if (gz_ == nullptr)
    throw_input(file_.string(), std::string("cannot be written: ") + std::strerror(errno), "check the folder's rights");
}

text_output::~text_output() {
  if (gz_ == nullptr || done_) return;
  gzclose(static_cast<gzFile>(gz_));
  std::error_code ec;
  if (partial_ != file_) fs::remove(partial_, ec);
}

void text_output::fail() {
  std::string const reason = errno != 0 ? std::strerror(errno) : "no reason given";
  throw_run(file_.string(), "cannot be written: " + reason, "check the free space");
}

void text_output::write() {
  if (buffer_.empty()) return;
  errno = 0;
  if (gz_ == nullptr) {
    if (std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) != buffer_.size()) fail();
  } else if (gzwrite(static_cast<gzFile>(gz_), buffer_.data(), static_cast<unsigned>(buffer_.size())) == 0) {
    fail();
  }
  buffer_.clear();
}

void text_output::finish() {
  write();
  errno = 0;
  if (gz_ == nullptr) {
    if (std::fflush(stdout) != 0) fail();
    return;
  }
  int const code = gzclose(static_cast<gzFile>(gz_));
  done_ = true;
  std::error_code ec;
  if (code != Z_OK) {
    int const e = errno;
    if (partial_ != file_) fs::remove(partial_, ec);
    errno = e;
    fail();
  }
  if (partial_ != file_) fs::rename(partial_, file_, ec);
  if (ec) throw_run(file_.string(), "cannot be written: " + ec.message());
}

}  // namespace gemeo
