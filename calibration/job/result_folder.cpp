#include "calibration/job/result_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sim/core/error.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// What a calibration leaves, of one type of day or of each.
bool is_calibration(fs::path const& folder) {
  std::error_code ec;
  for (char const* in : {".", "weekday", "saturday", "sunday"}) {
    if (fs::is_regular_file(folder / in / result_folder::kMark, ec)) return true;
  }
  return false;
}

// "out/" is out; ".." has no name to put anything beside.
fs::path named_folder(fs::path const& given) {
  fs::path const named = given.has_filename() ? given : given.parent_path();
  std::error_code ec;
  if (fs::is_symlink(named, ec)) {  // what it points to changes places with the older one, not the link
    fs::path const real = fs::canonical(named, ec);
    if (ec)
      throw_usage(fmt::format("-o {}: is a link to nowhere", named.string()),
                  "make the folder that it points to, or name another one");
    return real;
  }
  if (named.filename() != "." && named.filename() != "..") return named;
  return fs::weakly_canonical(fs::absolute(named), ec);
}

fs::path beside(fs::path const& home, char const* ending) { return home.string() + ending; }

std::string pid_in(int fd) {
  char text[32] = {};
  ssize_t const n = ::pread(fd, text, sizeof text - 1, 0);
  return n > 0 ? fmt::format(" (process {})", std::string(text, static_cast<std::size_t>(n))) : "";
}

bool same_file(int fd, fs::path const& path) {
  struct stat here {
  }, there{};
  return ::fstat(fd, &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino &&
         here.st_dev == there.st_dev;
}

}  // namespace

result_folder::result_folder(fs::path const& named)
    : home_(named_folder(named)),
      partial_(beside(home_, ".partial")),
      older_(beside(home_, ".older")),
      lock_(beside(home_, ".lock")) {
  check_home();
  lock();
  try {
    tidy_up();
    check_home();
    std::error_code ec;
    fs::create_directory(partial_, ec);
    if (ec) throw_run(partial_.string(), "cannot make this folder: " + ec.message());
  } catch (...) {
    unlock();
    throw;
  }
}

result_folder::~result_folder() { abandon(); }

void result_folder::abandon() noexcept {
  std::error_code ec;
  fs::remove_all(partial_, ec);
  unlock();
}

void result_folder::check_home() const {
  std::error_code ec;
  if (!fs::exists(home_, ec)) return;
  if (fs::is_directory(home_, ec) && (fs::is_empty(home_, ec) || is_calibration(home_))) return;
  throw_usage(fmt::format("-o {}: is there already and holds no calibration", home_.string()),
              "name another folder; an older calibration would be replaced");
}

// Whoever has the lock removes its file before letting go: who then holds an old file's lock looks again.
void result_folder::lock() {
  std::error_code ec;
  if (home_.has_parent_path()) fs::create_directories(home_.parent_path(), ec);
  for (;;) {
    lock_fd_ = ::open(lock_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_fd_ < 0)
      throw_run(home_.string(), "a calibration cannot be written there: " + std::generic_category().message(errno),
                "name another folder (-o), or check its rights and the disk");
    if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
      int const why = errno;
      std::string const who = pid_in(lock_fd_);
      ::close(lock_fd_);
      lock_fd_ = -1;
      if (why == EWOULDBLOCK)
        throw_usage(fmt::format("-o {}: another calibration is at work on it{}", home_.string(), who),
                    "wait for it, or name another folder");
      throw_run(lock_.string(), "cannot be locked: " + std::generic_category().message(why));
    }
    if (same_file(lock_fd_, lock_)) break;
    ::close(lock_fd_);
  }
  std::string const pid = std::to_string(::getpid());
  if (::ftruncate(lock_fd_, 0) != 0 || ::pwrite(lock_fd_, pid.data(), pid.size(), 0) < 0) {
    // A full disk: the lock holds without the number.
  }
}

void result_folder::unlock() noexcept {
  if (lock_fd_ < 0) return;
  ::unlink(lock_.c_str());
  ::close(lock_fd_);
  lock_fd_ = -1;
}

void result_folder::tidy_up() {
  std::error_code ec;
  if (is_calibration(older_)) {  // killed between two steps, where one step is not to be had
    if (!fs::exists(home_, ec)) {
      fs::rename(older_, home_, ec);
      if (ec) throw_run(older_.string(), "cannot become " + home_.string() + " again: " + ec.message());
      found_ = fmt::format("a calibration that was killed had moved {} away; it is back", home_.string());
    } else {
      fs::remove_all(older_, ec);
    }
  }
  if (!fs::exists(partial_, ec)) return;
  fs::remove_all(partial_, ec);
  if (ec) throw_run(partial_.string(), "a killed calibration left it, and it cannot be removed: " + ec.message());
  found_ += fmt::format("{}{}, which a calibration that was killed had left, is removed", found_.empty() ? "" : "; ",
                        partial_.string());
}

void result_folder::finish() {
  check_home();  // once more: hours may have passed
  std::error_code ec;
  bool const there = fs::exists(home_, ec);
  if (!there) {
    fs::rename(partial_, home_, ec);
  } else if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, home_.c_str(), RENAME_EXCHANGE) == 0) {
    return;  // the older one is in partial_, and goes with it
  } else {   // not every file system can
    fs::rename(home_, older_, ec);
    if (!ec) fs::rename(partial_, home_, ec);
    std::error_code back;
    if (ec && !fs::exists(home_, back)) fs::rename(older_, home_, back);
    if (!ec) fs::remove_all(older_, back);
  }
  if (ec) throw_run(home_.string(), "the calibration cannot be put there: " + ec.message());
}

}  // namespace gemeo
