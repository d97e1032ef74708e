#include "sim/core/text_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <list>
#include <system_error>
#include <utility>

#include "sim/core/error.h"

namespace gemeo {

namespace fs = std::filesystem;

struct text_source::state {
  fs::path file;
  gzFile handle = nullptr;
  std::uint64_t left = 0;
};

text_source::text_source(fs::path file, std::uint64_t max_bytes) : state_(std::make_unique<state>()) {
  std::error_code ec;
  if (!fs::exists(file, ec)) throw_input(file.string(), "no such file", "check the path");
  if (fs::is_directory(file, ec)) throw_input(file.string(), "is a folder, not a file", "name the file inside it");
  state_->handle = gzopen(file.c_str(), "rb");
  if (state_->handle == nullptr) throw_input(file.string(), std::string("cannot be opened: ") + std::strerror(errno));
  gzbuffer(state_->handle, 1U << 18U);
  state_->file = std::move(file);
  state_->left = max_bytes;
}

text_source::~text_source() {
  if (state_->handle != nullptr) gzclose(state_->handle);
}

std::size_t text_source::read(char* buffer, std::size_t size) {
  auto const want = static_cast<unsigned>(std::min<std::size_t>(size, 1U << 30U));
  int const n = gzread(state_->handle, buffer, want);
  int code = Z_OK;
  char const* const message = gzerror(state_->handle, &code);
  if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    throw_input(state_->file.string(),
                std::string("damaged or truncated gzip file: ") + (message ? message : "unreadable"),
                "make or fetch the file again");
  }
  if (static_cast<std::uint64_t>(n) > state_->left) {
    throw_input(state_->file.string(), "larger than gemeo reads as text", "is this the right file?");
  }
  state_->left -= static_cast<std::uint64_t>(n);
  return static_cast<std::size_t>(n);
}

std::uint64_t text_size_hint(fs::path const& file) {
  constexpr std::uint64_t kMostPacked = 1032;  // deflate's best ratio
  std::error_code ec;
  std::uint64_t const size = fs::file_size(file, ec);
  std::ifstream in(file, std::ios::binary);
  std::array<unsigned char, 4> b{};
  if (ec || size < 18 || !in.read(reinterpret_cast<char*>(b.data()), 2)) return ec ? 0 : size;
  if (b[0] != 0x1f || b[1] != 0x8b) return size;
  // The last four bytes: the size before packing, modulo 2^32, least byte first.
  if (!in.seekg(-4, std::ios::end) || !in.read(reinterpret_cast<char*>(b.data()), 4)) return size;
  std::uint64_t const said =
      b[0] + (std::uint64_t{b[1]} << 8U) + (std::uint64_t{b[2]} << 16U) + (std::uint64_t{b[3]} << 24U);
  return std::clamp(said, size, size * kMostPacked);
}

std::string read_text_file(fs::path const& file, std::uint64_t max_bytes) {
  text_source source(file, max_bytes);
  std::string text;
  std::size_t used = 0;
  for (;;) {
    text.resize(std::max<std::size_t>(used * 2, 1U << 16U));
    std::size_t const n = source.read(text.data() + used, text.size() - used);
    used += n;
    if (n == 0) break;
  }
  text.resize(used);
  return text;
}

namespace {
[[noreturn]] void write_failed(fs::path const& file, fs::path const& partial) {
  std::string const reason = std::strerror(errno);
  std::error_code ec;
  if (partial != file && fs::is_regular_file(partial, ec)) fs::remove(partial, ec);
  throw_input(file.string(), "cannot be written: " + reason, "check the folder's rights and the free space");
}

std::string gzip(std::string_view text) {
  z_stream z{};
  verify(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  int const code = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  verify(code == Z_STREAM_END, "zlib compresses in one piece");
  return out;
}
}  // namespace

bool is_device_or_pipe(fs::path const& file) {
  std::error_code ec;
  fs::file_status const s = fs::status(file, ec);
  if (fs::exists(s) && !fs::is_regular_file(s) && !fs::is_directory(s)) return true;
  // A plain file under the name of what the process has open: a rename would take the name's place.
  constexpr int kMostLinks = 40;  // as Linux follows
  fs::path at = fs::absolute(file, ec);
  for (int links = 0; links < kMostLinks; ++links) {
    std::string const folder = fs::weakly_canonical(at.parent_path(), ec).string();
    if (folder.starts_with("/proc/") && folder.ends_with("/fd"))
      throw_input(file.string(), "is a file that this program writes other things to", "name the file itself");
    fs::path const to = fs::read_symlink(at, ec);
    if (ec) return false;
    at = to.is_absolute() ? to : at.parent_path() / to;
  }
  return false;
}

namespace {

// A sibling of a file that is to be written, gone where it was not renamed; a device or pipe is written straight.
class partial_file {
 public:
  explicit partial_file(fs::path file) : file_(std::move(file)), straight_(is_device_or_pipe(file_)), partial_(file_) {
    if (!straight_) partial_ += ".partial";
  }
  ~partial_file() {
    std::error_code ec;
    if (written_ && !straight_) fs::remove(partial_, ec);
  }
  partial_file(partial_file const&) = delete;
  partial_file& operator=(partial_file const&) = delete;
  [[nodiscard]] bool is(fs::path const& other) const {
    std::error_code ec;
    auto const whole = [&](fs::path const& p) { return fs::weakly_canonical(fs::absolute(p, ec), ec); };
    return !straight_ && whole(partial_) == whole(other);
  }
  void write(std::string_view text) {
    std::string packed;
    if (file_.extension() == ".gz") {
      packed = gzip(text);
      text = packed;
    }
    int const fd = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) write_failed(file_, partial_);
    while (!text.empty()) {
      ssize_t const n = ::write(fd, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        int const e = errno;
        ::close(fd);
        errno = e;
        write_failed(file_, partial_);
      }
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    bool const synced = ::fsync(fd) == 0 || errno == EINVAL || straight_;
    if (::close(fd) != 0 || !synced) write_failed(file_, partial_);
    written_ = true;
  }
  void rename() {
    if (!straight_ && ::rename(partial_.c_str(), file_.c_str()) != 0) write_failed(file_, partial_);
    written_ = false;
  }

 private:
  fs::path file_;
  bool straight_;
  fs::path partial_;
  bool written_ = false;  // and not renamed
};

}  // namespace

void write_text_files(std::span<named_text const> files) {
  std::list<partial_file> all;
  for (named_text const& f : files) {
    partial_file& p = all.emplace_back(f.file);
    for (named_text const& other : files) {
      if (p.is(other.file))
        throw_input(other.file.string(), fmt::format("{} is written by this name first", f.file.string()),
                    "give it another name");
    }
  }
  auto next = all.begin();
  for (named_text const& f : files) (next++)->write(f.text);
  for (partial_file& f : all) f.rename();
}

void write_text_file(fs::path const& file, std::string_view text) {
  named_text const one{file, text};
  write_text_files({&one, 1});
}

}  // namespace gemeo
