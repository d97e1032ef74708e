#include "sim/results/h5_out.h"

#include <hdf5_hl.h>

#include <algorithm>
#include <limits>

#include "sim/core/error.h"

namespace gemeo::h5 {

namespace {

constexpr hsize_t kAxisChunk = 1024;
constexpr hsize_t kNameChunkBytes = 1U << 16U;
constexpr hsize_t kColumnChunk = 1U << 15U;
constexpr hsize_t kMatrixChunk = 1U << 15U;

handle space_of(std::vector<hsize_t> const& size, std::vector<hsize_t> const& max) {
  if (size.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  return {H5Screate_simple(static_cast<int>(size.size()), size.data(), max.empty() ? nullptr : max.data()), H5Sclose};
}

[[noreturn]] void fail(std::string const& where, std::string const& doing) {
  std::string const reason = last_error();
  throw_run(where, "cannot " + doing + ": " + reason, "check the free space and the rights of the folder");
}

void put_attribute(hid_t object, std::string const& where, std::string const& name, void const* value, hid_t type) {
  handle const space(H5Screate(H5S_SCALAR), H5Sclose);
  handle const a(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!a.valid() || H5Awrite(a, type, value) < 0) fail(where, "write attribute '" + name + "'");
}

void put_text(hid_t object, std::string const& where, std::string const& name, std::string const& value) {
  handle const type = variable_string();
  char const* const text = value.c_str();
  put_attribute(object, where, name, &text, type);
}

}  // namespace

void table::check(bool ok, char const* doing) const {
  if (!ok) fail(where_, doing);
}

void table::extend(std::size_t n) {
  if (n <= rows_) return;
  hsize_t const size[2] = {n, width_};
  check(H5Dset_extent(dataset_, size) >= 0, "grow");
  rows_ = n;
}

void table::write_row(std::size_t row, void const* data, hid_t type) {
  hsize_t const start[2] = {row, 0}, count[2] = {1, width_};
  handle const file_space(H5Dget_space(dataset_), H5Sclose);
  handle const memory_space(H5Screate_simple(flat_ ? 1 : 2, count, nullptr), H5Sclose);
  check(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, nullptr, count, nullptr) >= 0, "select a row");
  check(H5Dwrite(dataset_, type, memory_space, file_space, H5P_DEFAULT, data) >= 0, "write");
}

void table::append(void const* data, hid_t type, std::size_t rows) {
  if (rows == 0) return;
  hsize_t const start[2] = {rows_, 0}, count[2] = {rows, width_};
  extend(rows_ + rows);
  handle const file_space(H5Dget_space(dataset_), H5Sclose);
  handle const memory_space(H5Screate_simple(flat_ ? 1 : 2, count, nullptr), H5Sclose);
  check(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, nullptr, count, nullptr) >= 0, "select rows");
  check(H5Dwrite(dataset_, type, memory_space, file_space, H5P_DEFAULT, data) >= 0, "write");
}

void table::append_names(std::span<std::string const> names) {
  if (names.empty()) return;
  handle const type = fixed_string(name_width_);
  append(pack(names, name_width_).data(), type, names.size());
}

void table::rewrite(void const* data, hid_t type) {
  check(H5Dwrite(dataset_, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "write");
}

void table::roll_back() {
  hsize_t const size[2] = {committed_, width_};
  check(H5Dset_extent(dataset_, size) >= 0, "take back rows");
  rows_ = committed_;
}

void table::flush() { check(H5Dflush(dataset_) >= 0, "flush"); }

std::string out_group::where(std::string const& name) const { return file_->string() + ": " + path_ + "/" + name; }

out_group out_group::group(std::string const& name, std::string const& description) const {
  out_group g;
  g.file_ = file_;
  g.path_ = path_ + "/" + name;
  g.group_ = handle(H5Gcreate2(group_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  if (!g.group_.valid()) fail(g.where(""), "make the group");
  g.attribute("description", description);
  return g;
}

void out_group::attribute(std::string const& name, std::string const& value) const {
  put_text(group_, where(""), name, value);
}
void out_group::attribute(std::string const& name, double value) const {
  put_attribute(group_, where(""), name, &value, H5T_NATIVE_DOUBLE);
}
void out_group::attribute(std::string const& name, std::int64_t value) const {
  put_attribute(group_, where(""), name, &value, H5T_NATIVE_INT64);
}
void out_group::attribute(std::string const& name, std::uint64_t value) const {
  put_attribute(group_, where(""), name, &value, H5T_NATIVE_UINT64);
}

void out_group::mark(table const& t, std::string const& name, std::string const& value) const {
  put_text(t.id(), t.where_, name, value);
}
void out_group::mark(table const& t, std::string const& name, double value) const {
  put_attribute(t.id(), t.where_, name, &value, H5T_NATIVE_DOUBLE);
}
void out_group::mark(table const& t, std::string const& name, std::int64_t value) const {
  put_attribute(t.id(), t.where_, name, &value, H5T_NATIVE_INT64);
}

table out_group::make(std::string const& name, hid_t type, layout const& l, about const& a) const {
  table t;
  t.where_ = where(name);
  handle const space = space_of(l.size, l.max);
  handle const how(l.how >= 0 ? H5Pcopy(l.how) : H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  if (!l.chunk.empty()) {
    H5Pset_chunk(how, static_cast<int>(l.chunk.size()), l.chunk.data());
    if (l.compress) {
      H5Pset_shuffle(how);
      H5Pset_deflate(how, kDeflate);
    } else {
      H5Pset_fletcher32(how);  // compressed chunks carry zlib's own checksum
    }
  }
  if (l.nan) {
    float const nan = std::numeric_limits<float>::quiet_NaN();
    H5Pset_fill_value(how, H5T_NATIVE_FLOAT, &nan);
  }
  t.dataset_ = handle(H5Dcreate2(group_, name.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose);
  if (!t.dataset_.valid()) fail(t.where_, "make the dataset");
  t.rows_ = l.size.empty() ? 1 : static_cast<std::size_t>(l.size[0]);
  t.width_ = l.size.size() > 1 ? static_cast<std::size_t>(l.size[1]) : 1;
  t.flat_ = l.size.size() < 2;
  put_text(t.dataset_, t.where_, "unit", a.unit);
  put_text(t.dataset_, t.where_, "units", a.unit);  // the CF conventions' name for it, shown by xarray
  put_text(t.dataset_, t.where_, "description", a.description);
  put_text(t.dataset_, t.where_, "long_name", a.description);
  if (H5Tget_class(type) == H5T_STRING) {
    t.name_width_ = H5Tget_size(type);
    put_text(t.dataset_, t.where_, "_Encoding", "utf-8");  // xarray then gives text instead of bytes
  }
  return t;
}

void out_group::attach(table const& t, unsigned axis, table const& scale) const {
  if (H5DSattach_scale(t.id(), scale.id(), axis) < 0) fail(t.where_, "attach its axis");
}

table out_group::scalar(std::string const& name, void const* value, hid_t type, about const& a) const {
  table t = make(name, type, {}, a);
  t.rewrite(value, type);
  return t;
}

table out_group::scalar(std::string const& name, std::string const& value, about const& a) const {
  handle const type = fixed_string(value.size());
  std::string const padded = value.empty() ? std::string(1, '\0') : value;
  return scalar(name, padded.data(), type, a);
}

table out_group::names(std::string const& name, std::span<std::string const> values, std::string const& description,
                       bool growing, std::size_t width) const {
  std::size_t const w = std::max(width, widest(values));
  handle const type = fixed_string(w);
  hsize_t const chunk = std::max<hsize_t>(1, kNameChunkBytes / w);
  layout l{{growing ? 0 : values.size()}, {growing ? H5S_UNLIMITED : values.size()}, {chunk}, true, false};
  if (!growing) l.chunk[0] = std::clamp<hsize_t>(values.size(), 1, chunk);
  if (!growing && values.empty()) l.chunk.clear();
  table t = make(name, type, l, {"1", description});
  if (H5DSset_scale(t.id(), name.c_str()) < 0) fail(t.where_, "make it an axis");
  if (growing) {
    t.append_names(values);
  } else if (!values.empty()) {
    t.rewrite(pack(values, w).data(), type);
  }
  return t;
}

table out_group::axis(std::string const& name, std::size_t length, bool growing) const {
  layout const l{{length},
                 {growing ? H5S_UNLIMITED : length},
                 growing ? std::vector<hsize_t>{kColumnChunk} : std::vector<hsize_t>{},
                 true,
                 false};
  table t = make(name, H5T_IEEE_F32BE, l, {"1", "an axis without coordinates: only its length counts"});
  std::string digits = std::to_string(length);
  digits.insert(0, 10 - std::min<std::size_t>(10, digits.size()), ' ');
  // Word for word what netCDF-4 writes, so that its readers show no variable of that name.
  std::string const mark = "This is a netCDF dimension but not a netCDF variable." + digits;
  if (H5DSset_scale(t.id(), mark.c_str()) < 0) fail(t.where_, "make it an axis");
  return t;
}

table out_group::growing_axis(std::string const& name, hid_t type, about const& a) const {
  table t = make(name, type, {{0}, {H5S_UNLIMITED}, {kAxisChunk}, false, false}, a);
  if (H5DSset_scale(t.id(), name.c_str()) < 0) fail(t.where_, "make it an axis");
  return t;
}

table out_group::number_axis(std::string const& name, void const* values, hid_t type, std::size_t n,
                             about const& a) const {
  layout l{{n}, {n}, {}, true, false};
  if (n > 0) l.chunk = {std::min<hsize_t>(n, kColumnChunk)};
  table t = make(name, type, l, a);
  if (n > 0) t.rewrite(values, type);
  if (H5DSset_scale(t.id(), name.c_str()) < 0) fail(t.where_, "make it an axis");
  return t;
}

void out_group::share(std::string const& name, out_group const& owner) const { share_from(name, owner, name); }

void out_group::share_from(std::string const& name, out_group const& owner, std::string const& path) const {
  if (H5Lcreate_hard(owner.group_, path.c_str(), group_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    fail(where(name), "link the axis");
  }
}

table out_group::column(std::string const& name, void const* values, hid_t type, std::size_t n, table const& axis,
                        about const& a) const {
  verify(n == axis.rows(), "a column is as long as its axis");
  layout l{{n}, {n}, {}, true, false};
  if (n > 0) l.chunk = {std::min<hsize_t>(n, kColumnChunk)};
  table t = make(name, type, l, a);
  if (n > 0) t.rewrite(values, type);
  attach(t, 0, axis);
  return t;
}

table out_group::text_column(std::string const& name, std::span<std::string const> values, table const& axis,
                             about const& a) const {
  std::size_t const w = widest(values);
  handle const type = fixed_string(w);
  return column(name, pack(values, w).data(), type, values.size(), axis, a);
}

table out_group::growing_column(std::string const& name, hid_t type, table const& axis, about const& a,
                                std::size_t chunk, bool compress) const {
  table t = make(name, type, {{0}, {H5S_UNLIMITED}, {chunk}, compress, false}, a);
  attach(t, 0, axis);
  return t;
}

table out_group::growing_text(std::string const& name, std::size_t width, table const& axis, about const& a,
                              std::size_t chunk) const {
  handle const type = fixed_string(width);
  table t = make(name, type, {{0}, {H5S_UNLIMITED}, {chunk}, true, false}, a);
  attach(t, 0, axis);
  return t;
}

table out_group::growing_matrix(std::string const& name, table const& rows, table const& columns, std::size_t width,
                                about const& a) const {
  layout const l{{0, width}, {H5S_UNLIMITED, width}, {1, std::clamp<hsize_t>(width, 1, kMatrixChunk)}, true, true};
  table t = make(name, H5T_IEEE_F32LE, l, a);
  attach(t, 0, rows);
  attach(t, 1, columns);
  return t;
}

table out_group::matrix(std::string const& name, void const* values, hid_t type, table const& rows,
                        table const& columns, about const& a) const {
  layout l{{rows.rows(), columns.rows()}, {rows.rows(), columns.rows()}, {}, true, false};
  bool const empty = rows.rows() == 0 || columns.rows() == 0;
  if (!empty) l.chunk = {std::min<hsize_t>(rows.rows(), kAxisChunk), std::min<hsize_t>(columns.rows(), kAxisChunk)};
  table t = make(name, type, l, a);
  if (!empty) t.rewrite(values, type);
  attach(t, 0, rows);
  attach(t, 1, columns);
  return t;
}

table out_group::stack(std::string const& name, std::span<source const> files, std::string const& dataset,
                       table const& sources, table const& rows, table const& columns, about const& a) const {
  hsize_t const size[3] = {files.size(), rows.rows(), columns.rows()};
  handle const how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  handle const all(H5Screate_simple(3, size, nullptr), H5Sclose);
  for (std::size_t i = 0; i < files.size(); ++i) {
    hsize_t const start[3] = {i, 0, 0}, count[3] = {1, files[i].rows, size[2]};
    if (count[1] == 0) continue;
    handle const one(H5Screate_simple(2, count + 1, nullptr), H5Sclose);
    H5Sselect_hyperslab(all, H5S_SELECT_SET, start, nullptr, count, nullptr);
    if (H5Pset_virtual(how, all, files[i].file.c_str(), dataset.c_str(), one) < 0)
      fail(where(name), "map " + files[i].file);
  }
  table t = make(name, H5T_IEEE_F32LE, {{size[0], size[1], size[2]}, {}, {}, false, true, how}, a);
  attach(t, 0, sources);
  attach(t, 1, rows);
  attach(t, 2, columns);
  return t;
}

out_file::out_file(std::filesystem::path const& file, std::filesystem::path shown_as) {
  quiet();
  handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  H5Pset_file_locking(access, true, true);  // parallel file systems may have no locks
  H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
  root_.file_ = std::make_shared<std::filesystem::path const>(shown_as.empty() ? file : std::move(shown_as));
  file_ = handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
  if (!file_.valid()) fail(root_.file_->string(), "create the file");
  root_.group_ = handle(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose);
}

out_file::~out_file() {
  root_.group_.reset();
  file_.reset();
}

void out_file::start_swmr() {
  if (H5Fstart_swmr_write(file_) < 0) fail(root_.file_->string(), "let readers in while it is written");
}

void out_file::flush() {
  if (H5Fflush(file_, H5F_SCOPE_GLOBAL) < 0) fail(root_.file_->string(), "flush");
}

void out_file::close() {
  if (H5Fflush(file_, H5F_SCOPE_GLOBAL) < 0) fail(root_.file_->string(), "flush");
  root_.group_.reset();
  if (file_.reset() < 0) fail(root_.file_->string(), "close");
}

void out_file::set(std::string const& name, void const* value, hid_t type) {
  handle const a(H5Aopen(root_.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!a.valid() || H5Awrite(a, type, value) < 0) fail(root_.where(""), "write attribute '" + name + "'");
}
void out_file::set_number(std::string const& name, double value) { set(name, &value, H5T_NATIVE_DOUBLE); }
void out_file::set_integer(std::string const& name, std::int64_t value) { set(name, &value, H5T_NATIVE_INT64); }
void out_file::set_text(std::string const& name, std::string const& value) {
  handle const type = variable_string();
  char const* const text = value.c_str();
  set(name, &text, type);
}

}  // namespace gemeo::h5
