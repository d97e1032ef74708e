#include "sim/results/h5_in.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>
#include <thread>

#include "sim/core/error.h"

namespace gemeo::h5 {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxAxes = 4;
constexpr hsize_t kMaxChunkBytes = 64U << 20U;
constexpr std::uint64_t kFreeBytes = 256U << 20U;  // what may be allocated whatever the file holds (unwritten rows)
constexpr std::uint64_t kDeflateRatio = 1032;      // no deflate stream expands further
constexpr std::array<unsigned char, 8> kSignature = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
constexpr unsigned char kOldestSuperblock = 2;  // those have checksums
constexpr unsigned kReadAttempts = 28;          // the last wait is 2^28 ns, 0.27 s
// A block of rows that its writer replaces may be read half old, half new; its checksum tells, and HDF5 tries again by
// itself for metadata alone.
constexpr int kTornReads = 25;
constexpr auto kTornWait = std::chrono::milliseconds(10);
constexpr unsigned char kWriteMark = 1, kSwmrMark = 4;
constexpr char const* kNothingInIt = "its run was ended while it was still starting; there is nothing in it";

struct file_head {
  std::uint64_t bytes = 0;
  unsigned char version = 0, marks = 0;
};

file_head read_head(fs::path const& file) {
  std::error_code ec;
  if (!fs::exists(file, ec)) throw_input(file.string(), "no such file", "check the path");
  if (fs::is_directory(file, ec))
    throw_input(file.string(), "is a folder, not a file", "name the result file inside it");
  if (!fs::is_regular_file(file, ec)) throw_input(file.string(), "is not a regular file");
  std::ifstream in(file, std::ios::binary);
  std::array<unsigned char, 12> head{};
  if (!in) throw_input(file.string(), std::string("cannot be opened: ") + std::strerror(errno), "check its rights");
  in.read(reinterpret_cast<char*>(head.data()), head.size());
  if (in.gcount() == 0) throw_input(file.string(), "is empty", "the run that wrote it did not get far; run it again");
  if (!in || !std::equal(kSignature.begin(), kSignature.end(), head.begin())) {
    throw_input(file.string(), "is not an HDF5 file", "is this a result of gemeo run?");
  }
  if (head[8] < kOldestSuperblock || head[8] > 3) {
    throw_input(file.string(), "is an HDF5 file, but not one that gemeo wrote", "is this a result of gemeo run?");
  }
  return {fs::file_size(file, ec), head[8], head[11]};
}

}  // namespace

void in_file::fail(std::string const& dataset, std::string what, std::string hint) const {
  H5Eclear2(H5E_DEFAULT);
  throw_input(file_name_.string() + ": " + dataset, std::move(what), std::move(hint));
}

in_file::in_file(fs::path file, bool allow_virtual) : file_name_(std::move(file)), allow_virtual_(allow_virtual) {
  quiet();
  file_head const head = read_head(file_name_);
  file_bytes_ = head.bytes;
  growing_ = (head.marks & (kWriteMark | kSwmrMark)) != 0;
  if ((head.marks & kWriteMark) != 0 && (head.marks & kSwmrMark) == 0) {
    throw_input(file_name_.string(), kNothingInIt, "run it again");
  }
  handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  H5Pset_file_locking(access, true, true);
  H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
  // HDF5 looks again while the writer is at work, waiting twice as long each time, 100 times: for ever, where a killed
  // writer left half a block.
  if (growing_) H5Pset_metadata_read_attempts(access, kReadAttempts);
  unsigned const how = growing_ ? H5F_ACC_RDONLY | H5F_ACC_SWMR_READ : H5F_ACC_RDONLY;
  file_ = handle(H5Fopen(file_name_.c_str(), how, access), H5Fclose);
  if (!file_.valid()) {
    std::string const reason = last_error();
    throw_input(file_name_.string(), "damaged or truncated HDF5 file: " + reason, "run the scenario again");
  }
}

// Every link on the way must be a plain one: no soft or external links that lead elsewhere.
bool in_file::linked(std::string const& name) const {
  for (std::size_t at = name.find('/', 1);; at = name.find('/', at + 1)) {
    std::string const part = name.substr(0, at);
    H5L_info_t info{};
    htri_t const there = H5Lexists(file_, part.c_str(), H5P_DEFAULT);
    if (there < 0) fail(name, "cannot be looked up: " + last_error(), "the file is damaged");
    if (there == 0) return false;
    if (H5Lget_info(file_, part.c_str(), &info, H5P_DEFAULT) < 0)
      fail(name, "cannot be looked up: " + last_error(), "the file is damaged");
    if (info.type != H5L_TYPE_HARD) fail(name, "is a link to somewhere else", "result files hold their own data");
    if (at == std::string::npos) return true;
  }
}

bool in_file::has(std::string const& dataset) const {
  if (!linked(dataset)) return false;
  H5O_info_t info{};
  bool const ok = H5Oget_info_by_name2(file_, dataset.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0;
  H5Eclear2(H5E_DEFAULT);
  return ok && info.type == H5O_TYPE_DATASET;
}

bool in_file::has_group(std::string const& group) const {
  if (!linked(group)) return false;
  H5O_info_t info{};
  bool const ok = H5Oget_info_by_name2(file_, group.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0;
  H5Eclear2(H5E_DEFAULT);
  return ok && info.type == H5O_TYPE_GROUP;
}

in_file::opened const& in_file::open(std::string const& name) const {
  quiet();
  if (auto const at = open_.find(name); at != open_.end()) {
    if (growing_) look_again(at->second, name);
    return at->second;
  }
  if (!linked(name)) fail(name, "is missing", "the file is damaged or was not written by gemeo run");
  opened d;
  d.id = handle(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!d.id.valid()) fail(name, "cannot be opened: " + last_error(), "the file is damaged");
  d.type = handle(H5Dget_type(d.id), H5Tclose);
  if (!d.type.valid()) fail(name, "has no readable type");
  look_again(d, name);
  check_storage(d, name);
  return open_.emplace(name, std::move(d)).first->second;
}

void in_file::look_again(opened& d, std::string const& name) const {
  if (growing_ && H5Drefresh(d.id) < 0) fail(name, "cannot be read again: " + last_error());
  d.space = handle(H5Dget_space(d.id), H5Sclose);
  int const axes = d.space.valid() ? H5Sget_simple_extent_ndims(d.space) : -1;
  if (axes < 0 || H5Sget_simple_extent_type(d.space) == H5S_NULL) fail(name, "has no readable shape");
  if (static_cast<std::size_t>(axes) > kMaxAxes) {
    fail(name, fmt::format("has {} axes; no dataset of gemeo has more than {}", axes, kMaxAxes));
  }
  d.size.resize(static_cast<std::size_t>(axes));
  if (axes > 0) H5Sget_simple_extent_dims(d.space, d.size.data(), nullptr);
}

void in_file::check_storage(opened const& d, std::string const& name) const {
  handle const how(H5Dget_create_plist(d.id), H5Pclose);
  if (!how.valid()) fail(name, "cannot be opened: " + last_error());
  if (H5Pget_external_count(how) > 0) fail(name, "keeps its data in another file", "result files hold their own data");
  H5D_layout_t const layout = H5Pget_layout(how);
  if (layout == H5D_VIRTUAL && !allow_virtual_) fail(name, "is a virtual dataset", "result files hold their own data");
  if (layout == H5D_CHUNKED) {
    std::array<hsize_t, kMaxAxes> chunk{};
    int const axes = H5Pget_chunk(how, static_cast<int>(kMaxAxes), chunk.data());
    hsize_t bytes = std::max<hsize_t>(H5Tget_size(d.type), 1);
    for (int i = 0; i < axes; ++i) {
      hsize_t const n = std::max<hsize_t>(chunk[static_cast<std::size_t>(i)], 1);
      if (n > kMaxChunkBytes || bytes > kMaxChunkBytes / n) fail(name, "has chunks larger than 64 MiB");
      bytes *= n;
    }
  }
  int const filters = H5Pget_nfilters(how);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    H5Z_filter_t const f = H5Pget_filter2(how, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &config);
    if (f != H5Z_FILTER_DEFLATE && f != H5Z_FILTER_SHUFFLE && f != H5Z_FILTER_FLETCHER32) {
      fail(name, fmt::format("is packed with filter {}, which gemeo does not use", static_cast<int>(f)));
    }
  }
}

std::vector<std::size_t> in_file::shape(std::string const& name) const {
  auto const& d = open(name);
  return {d.size.begin(), d.size.end()};
}

std::uint64_t in_file::stored_bytes(std::string const& name) const {
  auto const& d = open(name);
  return std::min<std::uint64_t>(H5Dget_storage_size(d.id), file_bytes_);
}

std::size_t in_file::items(opened const& d, std::string const& name, std::size_t begin, std::size_t end,
                           std::size_t item_bytes, kind k) const {
  H5T_class_t const is = H5Tget_class(d.type);
  bool const fits = k == kind::kText      ? is == H5T_STRING && H5Tis_variable_str(d.type) == 0
                    : k == kind::kInteger ? is == H5T_INTEGER && H5Tget_size(d.type) <= item_bytes
                                          : is == H5T_FLOAT || is == H5T_INTEGER;
  if (!fits) {
    fail(name,
         k == kind::kText      ? "is not text of fixed length"
         : k == kind::kInteger ? fmt::format("is not an integer of at most {} bytes", item_bytes)
                               : "is not a number",
         "the file is damaged or was not written by gemeo run");
  }
  if (d.size.empty() && (begin != 0 || end != 1)) fail(name, "is a single value, not a table");
  if (begin > end || (!d.size.empty() && end > d.size[0]))
    fail(name, fmt::format("has {} rows, not {}", d.size.empty() ? 1 : d.size[0], end));
  std::uint64_t const stored = std::min<std::uint64_t>(H5Dget_storage_size(d.id), file_bytes_);
  std::uint64_t const limit = kFreeBytes + stored * (kDeflateRatio + 8) * (allow_virtual_ ? 64 : 1);
  std::uint64_t n = end - begin, bytes = std::max<std::uint64_t>(item_bytes, H5Tget_size(d.type));
  for (std::size_t i = 1; i < d.size.size() && n > 0; ++i) {
    if (d.size[i] > limit / n) fail(name, "claims more data than the file can hold", "the file is damaged");
    n *= d.size[i];
  }
  if (n > limit / bytes) fail(name, "claims more data than the file can hold", "the file is damaged");
  return n;
}

void in_file::read_into(opened const& d, std::string const& name, std::size_t begin, std::size_t end, void* out,
                        hid_t type) const {
  if (begin == end) return;
  handle memory;
  if (!d.size.empty()) {
    std::vector<hsize_t> start(d.size.size(), 0), count = d.size;
    for (hsize_t const n : count) {
      if (n == 0) return;
    }
    start[0] = begin;
    count[0] = end - begin;
    memory = handle(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    H5Sselect_hyperslab(d.space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  }
  auto const read = [&] {
    return d.size.empty() ? H5Dread(d.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out)
                          : H5Dread(d.id, type, memory, d.space, H5P_DEFAULT, out);
  };
  herr_t code = read();
  for (int i = 1; code < 0 && growing_ && i < kTornReads; ++i) {
    H5Eclear2(H5E_DEFAULT);
    std::this_thread::sleep_for(kTornWait);
    H5Drefresh(d.id);
    code = read();
  }
  if (code < 0) fail(name, "cannot be read: " + last_error(), "the file is damaged; run the scenario again");
}

std::vector<std::string> in_file::read_names(std::string const& name) const {
  auto const s = shape(name);
  return read_names(name, 0, s.empty() ? 1 : s[0]);
}

std::vector<std::string> in_file::read_names(std::string const& name, std::size_t begin, std::size_t end) const {
  auto const& d = open(name);
  std::size_t const width = std::max<std::size_t>(H5Tget_size(d.type), 1);
  std::size_t const n = items(d, name, begin, end, 1, kind::kText);
  std::string bytes(n * width, '\0');
  handle const type = fixed_string(width);
  read_into(d, name, begin, end, bytes.data(), type);
  std::vector<std::string> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    char const* const at = bytes.data() + i * width;
    out[i].assign(at, strnlen(at, width));
  }
  return out;
}

std::string in_file::text(std::string const& name) const {
  auto const v = read_names(name);
  if (v.size() != 1) fail(name, "is not a single text");
  return v.front();
}

namespace {
template <typename T>
std::optional<T> attribute_of(hid_t object, char const* name, bool real) {
  std::optional<T> out;
  if (H5Aexists(object, name) > 0) {
    handle const a(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
    if (a.valid()) {
      handle const type(H5Aget_type(a), H5Tclose), space(H5Aget_space(a), H5Sclose);
      H5T_class_t const is = H5Tget_class(type);
      bool const fits = H5Sget_simple_extent_npoints(space) == 1 && (is == H5T_INTEGER || (real && is == H5T_FLOAT));
      T v{};
      if (fits && H5Aread(a, memory_type<T>(), &v) >= 0) out = v;
    }
  }
  H5Eclear2(H5E_DEFAULT);
  return out;
}

herr_t collect(hid_t, char const* name, H5L_info_t const*, void* out) {
  auto& names = *static_cast<std::vector<std::string>*>(out);
  names.emplace_back(name);
  return names.size() < 10000 ? 0 : 1;
}
}  // namespace

std::optional<std::int64_t> in_file::integer_attribute(std::string const& name, char const* attribute) const {
  return attribute_of<std::int64_t>(open(name).id, attribute, false);
}

std::optional<double> in_file::number_attribute(std::string const& name, char const* attribute) const {
  return attribute_of<double>(open(name).id, attribute, true);
}

std::vector<std::string> in_file::children(std::string const& group) const {
  if (!has_group(group)) fail(group, "is missing", "the file is damaged or was not written by gemeo run");
  handle const g(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose);
  std::vector<std::string> names, out;
  hsize_t at = 0;
  if (!g.valid() || H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, &at, collect, &names) < 0)
    fail(group, "cannot be listed: " + last_error());
  for (std::string const& n : names) {
    if (n.find('/') == std::string::npos && has(group + "/" + n)) out.push_back(n);
  }
  return out;
}

namespace {

constexpr std::size_t kHeadBytes = 512;  // the superblock is shorter

std::string head_of(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head;
}

// Puts the file back as it was; whatever fails is told, for then it is not.
void put_back(fs::path const& file, std::string const& head, std::uint64_t bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.write(head.data(), static_cast<std::streamsize>(head.size()));
  out.flush();
  if (!out) throw_run(file.string(), std::string("its head could not be put back: ") + std::strerror(errno));
  if (fs::file_size(file) > bytes) fs::resize_file(file, bytes);
}

// Whether a process of this machine has it open for writing: then the kernel refuses a lease for reading. Not known on
// network file systems.
bool is_being_written(fs::path const& file) {
  int const fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct statfs on {};
  bool const asks = ::fstatfs(fd, &on) == 0 && on.f_type != NFS_SUPER_MAGIC;
  if (asks) ::fcntl(fd, F_SETSIG, SIGURG);  // who wants to write meanwhile breaks the lease: no signal that ends us
  bool const refused = asks && ::fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
  ::close(fd);  // and the lease with it
  return refused;
}

// As h5clear -s --increment=0: opens in spite of the marks and of an end of file that lies before what was written
// since it was noted, and closes without the marks and with the end where it is.
bool rewrite_superblock(fs::path const& file) {
  handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, true, true);
  bool const yes = true;
  if (H5Pset(access, "clear_status_flags", &yes) < 0 || H5Pset(access, "skip_eof_check", &yes) < 0)
    throw_run(file.string(), "this HDF5 cannot clear the marks", "use h5clear -s");
  handle f(H5Fopen(file.c_str(), H5F_ACC_RDWR, access), H5Fclose);
  for (int i = 0; i < 10 && !f.valid(); ++i) {  // a reader holds HDF5's lock while it opens the file
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    f = handle(H5Fopen(file.c_str(), H5F_ACC_RDWR, access), H5Fclose);
  }
  bool const done = f.valid() && H5Fincrement_filesize(f, 0) >= 0;
  return f.reset() >= 0 && done;
}

}  // namespace

void clear_marks(fs::path const& file, std::function<std::string()> const& problem) {
  quiet();
  file_head const head = read_head(file);
  if ((head.marks & (kWriteMark | kSwmrMark)) == 0) return;
  if ((head.marks & kSwmrMark) == 0) throw_input(file.string(), kNothingInIt, "run it again");
  if (is_being_written(file)) throw_run(file.string(), "is being written", "wait for the end of its run");
  std::string const before = head_of(file);
  if (!rewrite_superblock(file)) {
    std::string const reason = last_error();
    put_back(file, before, head.bytes);
    throw_run(file.string(), "the marks of its writer cannot be cleared: " + reason, "is the run still going on?");
  }
  std::string const found = problem();
  if (found.empty()) return;
  put_back(file, before, head.bytes);
  throw_run(file.string(), "could not be read without the marks of its writer, and has been left as it was: " + found,
            "gemeo reads it as it is");
}

}  // namespace gemeo::h5
