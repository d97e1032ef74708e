#include "calibration/counts/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/results/h5_in.h"
#include "sim/results/h5_out.h"

namespace gemeo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSchema = 1;
constexpr std::size_t kBlock = 1U << 16U, kBuffer = 1U << 20U, kChunk = 1U << 14U, kNameChunk = 256;
constexpr std::size_t kNameWidth = 160;

// What a table of the store holds, in the order in which it is written and read.
struct store_column {
  char const* name;
  hid_t type;
  std::size_t bytes;
  char const *unit, *description;
};

std::vector<store_column> record_columns() {
  return {{"begin", H5T_NATIVE_INT64, 8, "milliseconds since 1970-01-01 00:00:00", "begin of the period, UTC"},
          {"received", H5T_NATIVE_INT64, 8, "milliseconds since 1970-01-01 00:00:00", "when the record came, UTC"},
          {"period", H5T_NATIVE_UINT32, 4, "ms", "length of the period"},
          {"series", H5T_NATIVE_UINT32, 4, "1", "row of /series: whose record it is"},
          {"count", H5T_NATIVE_FLOAT, 4, "veh", "vehicles in the period; NaN: not said"},
          {"speed", H5T_NATIVE_FLOAT, 4, "km/h", "mean speed; NaN: not said"},
          {"occupancy", H5T_NATIVE_FLOAT, 4, "1", "share of the time that the detector was occupied; NaN: not said"},
          {"n_inputs", H5T_NATIVE_UINT16, 2, "1", "vehicles or samples behind the values; 65535: not said"},
          {"flags", H5T_NATIVE_UINT16, 2, "1",
           "bits: 0 from a rate, 1 null, 2 faulty, 3 imputed, 4 repeated hour, 5 unused, 6 impossible "
           "value, 7 mean of days, 8 correction, 9 received at import"}};
}
std::array<char const*, 5> const kSeriesTexts = {"source", "site", "version", "direction", "vclass"};
std::array<char const*, 6> const kSiteTexts = {"source", "site", "version", "name", "road_name", "edge"};
std::array<char const*, 4> const kSiteNumbers = {"longitude", "latitude", "heading", "position"};
std::array<char const*, 3> const kSiteIntegers = {"lanes", "first_lane", "lanes_from_left"};

void create(fs::path const& file, fs::path const& shown_as) {
  h5::out_file out(file, shown_as);
  h5::out_group const& root = out.root();
  root.attribute("kind", std::string("gemeo counts"));
  root.attribute("schema_version", kSchema);
  {
    h5::out_group const g = root.group("records", "one row a detector and period; of corrections the latest holds");
    h5::table const axis = g.axis("record", 0, true);
    for (store_column const& c : record_columns())
      g.growing_column(c.name, c.type, axis, {c.unit, c.description}, kChunk);
  }
  {
    h5::out_group const g = root.group("series", "the detectors: whose records there are");
    h5::table const axis = g.axis("series_row", 0, true);
    for (char const* name : kSeriesTexts)
      g.growing_text(name, kNameWidth, axis, {"1", "as the source says"}, kNameChunk);
    g.growing_column("index", H5T_NATIVE_INT32, axis, {"1", "DATEX II's index; -1: none"}, kNameChunk);
    g.growing_column("lane", H5T_NATIVE_INT32, axis, {"1", "as the source counts them; -1: all"}, kNameChunk);
  }
  {
    h5::out_group const g = root.group("sites", "what is said of the place of a site; of a site's rows the last holds");
    h5::table const axis = g.axis("site_row", 0, true);
    for (char const* name : kSiteTexts) g.growing_text(name, kNameWidth, axis, {"1", "as the source says"}, kNameChunk);
    for (char const* name : kSiteNumbers)
      g.growing_column(name, H5T_NATIVE_DOUBLE, axis,
                       {std::strcmp(name, "position") == 0 ? "m" : "degree", "as the source says; NaN: not said"},
                       kNameChunk);
    for (char const* name : kSiteIntegers)
      g.growing_column(name, H5T_NATIVE_INT32, axis, {"1", "as the source says"}, kNameChunk);
  }
  {
    h5::out_group const g = root.group("blocks", "rows of /records that were written together, sorted by time");
    h5::table const axis = g.axis("block", 0, true);
    g.growing_column("rows", H5T_NATIVE_UINT64, axis, {"1", "rows of the block"}, kNameChunk);
    g.growing_column("first_begin", H5T_NATIVE_INT64, axis, {"milliseconds since 1970-01-01 00:00:00", "the earliest"},
                     kNameChunk);
    g.growing_column("last_begin", H5T_NATIVE_INT64, axis, {"milliseconds since 1970-01-01 00:00:00", "the latest"},
                     kNameChunk);
  }
  out.close();
}

bool says_counts(fs::path const& file) {
  h5::quiet();
  h5::handle const f(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!f.valid()) return false;
  bool const has =
      H5Aexists(f, "kind") > 0 && H5Lexists(f, "records", H5P_DEFAULT) > 0 && H5Lexists(f, "blocks", H5P_DEFAULT) > 0;
  H5Eclear2(H5E_DEFAULT);
  return has;
}

struct block {
  std::uint64_t first = 0, rows = 0;
  std::int64_t first_ms = 0, last_ms = 0;
};

// Reading, for both the writer (what is there already) and the readers.
class store_reader {
 public:
  explicit store_reader(fs::path const& file) : in_(file) {
    if (!in_.has("/records/begin") || !in_.has("/blocks/rows")) {
      throw_input(file.string(), "is no store of counts", "gemeo counts import FILES -o STORE.h5 makes one");
    }
    auto const rows = in_.read<std::uint64_t>("/blocks/rows");
    auto const first = in_.read<std::int64_t>("/blocks/first_begin"),
               last = in_.read<std::int64_t>("/blocks/last_begin");
    std::uint64_t const there = in_.shape("/records/begin").at(0);
    if (first.size() != rows.size() || last.size() != rows.size()) in_.fail("/blocks", "its columns differ in length");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] == 0 || rows[i] > kBlock || rows[i] > there - records_)
        in_.fail("/blocks/rows", "tells of rows that are not there");
      blocks_.push_back({records_, rows[i], first[i], last[i]});
      records_ += rows[i];
    }
    if (records_ != there) in_.fail("/blocks/rows", "does not tell of all records");
  }

  void names(count_catalog& catalog, std::vector<std::uint32_t>& series) const {
    std::vector<std::vector<std::string>> texts;
    for (char const* name : kSeriesTexts) texts.push_back(in_.read_names(std::string("/series/") + name));
    auto const index = in_.read<std::int32_t>("/series/index"), lane = in_.read<std::int32_t>("/series/lane");
    for (auto const& t : texts) {
      if (t.size() != index.size() || lane.size() != index.size()) in_.fail("/series", "its columns differ in length");
    }
    for (std::size_t i = 0; i < index.size(); ++i) {
      series.push_back(
          catalog.intern({texts[0][i], texts[1][i], texts[2][i], texts[3][i], texts[4][i], index[i], lane[i]}));
    }
    sites(catalog);
  }

  [[nodiscard]] std::vector<block> const& blocks() const { return blocks_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t rows(std::string const& dataset) const { return in_.shape(dataset).at(0); }

  void read(block const& b, std::size_t series, std::vector<count_record>& out) const {
    auto const begin = column<std::int64_t>("begin", b), received = column<std::int64_t>("received", b);
    auto const period = column<std::uint32_t>("period", b), who = column<std::uint32_t>("series", b);
    auto const count = column<float>("count", b), speed = column<float>("speed", b),
               occ = column<float>("occupancy", b);
    auto const inputs = column<std::uint16_t>("n_inputs", b), flags = column<std::uint16_t>("flags", b);
    out.clear();
    for (std::size_t i = 0; i < b.rows; ++i) {
      if (who[i] >= series) in_.fail("/records/series", fmt::format("names series {} of {}", who[i], series));
      if (period[i] == 0) in_.fail("/records/period", "holds a period of 0");
      out.push_back({begin[i], received[i], period[i], who[i], count[i], speed[i], occ[i], inputs[i], flags[i]});
    }
  }

 private:
  template <typename T>
  [[nodiscard]] std::vector<T> column(char const* name, block const& b) const {
    return in_.read<T>(std::string("/records/") + name, b.first, b.first + b.rows);
  }

  void sites(count_catalog& catalog) const {
    std::vector<std::vector<std::string>> t;
    std::vector<std::vector<double>> n;
    std::vector<std::vector<std::int32_t>> k;
    for (char const* name : kSiteTexts) t.push_back(in_.read_names(std::string("/sites/") + name));
    for (char const* name : kSiteNumbers) n.push_back(in_.read<double>(std::string("/sites/") + name));
    for (char const* name : kSiteIntegers) k.push_back(in_.read<std::int32_t>(std::string("/sites/") + name));
    std::size_t const rows = t[0].size();
    auto const same = [&](auto const& columns) {
      return std::all_of(columns.begin(), columns.end(), [&](auto const& c) { return c.size() == rows; });
    };
    if (!same(t) || !same(n) || !same(k)) in_.fail("/sites", "its columns differ in length");
    for (std::size_t i = 0; i < rows; ++i) {
      count_site s;
      s.source = t[0][i];
      s.id = t[1][i];
      s.version = t[2][i];
      s.name = t[3][i];
      s.road_name = t[4][i];
      s.edge = t[5][i];
      s.lon_deg = n[0][i];
      s.lat_deg = n[1][i];
      s.heading_deg = n[2][i];
      s.pos_m = n[3][i];
      s.lanes = k[0][i];
      s.first_lane = k[1][i];
      s.lanes_from_left = k[2][i] != 0;
      catalog.add_site(s);
    }
  }

  h5::in_file in_;
  std::vector<block> blocks_;
  std::uint64_t records_ = 0;
};

// The open copy that is written to: rows at the end of any dataset.
class store_appender {
 public:
  store_appender(fs::path const& file, fs::path shown_as) : shown_as_(std::move(shown_as)) {
    h5::quiet();
    h5::handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_file_locking(access, true, true);
    file_ = h5::handle(H5Fopen(file.c_str(), H5F_ACC_RDWR, access), H5Fclose);
    if (!file_.valid())
      throw_input(shown_as_.string(), "cannot be added to: " + h5::last_error(), "is it a store of counts?");
  }
  void append(std::string const& dataset, void const* data, hid_t type, std::size_t rows) {
    h5::handle const d(H5Dopen2(file_, dataset.c_str(), H5P_DEFAULT), H5Dclose);
    check(d.valid(), dataset);
    h5::handle const old_space(H5Dget_space(d), H5Sclose);
    hsize_t old = 0;
    check(H5Sget_simple_extent_ndims(old_space) == 1 && H5Sget_simple_extent_dims(old_space, &old, nullptr) == 1,
          dataset);
    hsize_t const size = old + rows, count = rows;
    check(H5Dset_extent(d, &size) >= 0, dataset);
    if (data == nullptr) return;
    h5::handle const space(H5Dget_space(d), H5Sclose), memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, &old, nullptr, &count, nullptr) >= 0, dataset);
    check(H5Dwrite(d, type, memory, space, H5P_DEFAULT, data) >= 0, dataset);
  }
  template <typename T>
  void append(std::string const& dataset, std::vector<T> const& values) {
    append(dataset, values.data(), h5::memory_type<T>(), values.size());
  }
  void append_names(std::string const& dataset, std::vector<std::string> const& names) {
    for (std::string const& n : names) {
      if (n.size() > kNameWidth) {
        throw_input(shown_as_.string() + ": " + dataset,
                    fmt::format("'{}...' is longer than {} bytes", n.substr(0, 40), kNameWidth),
                    "is that column a name? The mapping may say which is");
      }
    }
    h5::handle const type = h5::fixed_string(kNameWidth);
    append(dataset, h5::pack(names, kNameWidth).data(), type, names.size());
  }
  void close() {
    check(H5Fflush(file_, H5F_SCOPE_GLOBAL) >= 0, "/");
    check(file_.reset() >= 0, "/");
  }

 private:
  void check(bool ok, std::string const& dataset) const {
    if (!ok)
      throw_run(shown_as_.string() + ": " + dataset, "cannot be written: " + h5::last_error(),
                "check the free space and the rights of the folder");
  }
  fs::path shown_as_;
  h5::handle file_;
};

struct record_key {
  std::int64_t begin_ms = 0;
  std::uint32_t detector = 0, period_ms = 0;
  friend bool operator==(record_key const&, record_key const&) = default;
};
struct record_key_hash {
  std::size_t operator()(record_key const& k) const noexcept {
    return static_cast<std::size_t>(hash_bytes(&k, sizeof k));
  }
};

bool says_the_same(count_record const& a, count_record const& b) {
  auto const same = [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  constexpr auto kOfTheStore = static_cast<std::uint16_t>(kCorrection | kReceivedAtImport);
  return same(a.count, b.count) && same(a.speed_kmh, b.speed_kmh) && same(a.occ_frac, b.occ_frac) &&
         a.n_inputs == b.n_inputs && (a.flags | kOfTheStore) == (b.flags | kOfTheStore);
}

}  // namespace

struct count_store_writer::state {
  fs::path file, partial;
  std::int64_t received_ms = 0;
  int lock = -1;
  count_catalog catalog;               // what the store knows of
  std::size_t stored_series = 0;       // of it, how many rows /series has
  std::vector<std::uint32_t> renamed;  // of the catalog added from: its series to the store's
  count_catalog const* from = nullptr;
  std::vector<count_record> buffer;
  import_report report;

  ~state() {
    if (lock < 0) return;
    std::error_code ec;
    fs::remove(partial, ec);
    ::close(lock);
  }

  void open() {
    partial = file;
    partial += ".partial";
    lock = ::open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
      throw_run(file.string(), std::string("cannot be written: ") + std::strerror(errno), "check the folder");
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(lock, F_OFD_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES)) {
      ::close(lock);
      lock = -1;
      throw_run(file.string(), "another import is writing it", "wait for its end");
    }
    std::error_code ec;
    if (!fs::exists(file, ec)) {
      create(partial, file);
      return;
    }
    {
      store_reader const there(file);  // a file of another kind is refused before anything is touched
      std::vector<std::uint32_t> series;
      there.names(catalog, series);
      if (series.size() != catalog.size())
        throw_input(file.string() + ": /series", "holds a detector twice", "the file is damaged");
      stored_series = series.size();
    }
    std::ifstream in(file, std::ios::binary);
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    if (!(out << in.rdbuf()) || !out.flush())
      throw_run(partial.string(), "the store cannot be copied", "check the free space of the folder");
  }

  // Marks in known: what the store has already; in other: of which it has another value.
  void compare(std::vector<std::uint8_t>& known, std::vector<std::uint8_t>& other) const {
    std::unordered_multimap<record_key, std::size_t, record_key_hash> by_key;
    by_key.reserve(buffer.size());
    std::int64_t first = buffer.front().begin_ms, last = buffer.back().begin_ms;
    for (std::size_t i = 0; i < buffer.size(); ++i) {
      count_record const& r = buffer[i];
      by_key.emplace(record_key{r.begin_ms, catalog.same_detector(r.series), r.period_ms}, i);
    }
    store_reader const there(partial);
    std::vector<count_record> rows;
    for (block const& b : there.blocks()) {
      if (b.last_ms < first || b.first_ms > last) continue;
      there.read(b, catalog.size(), rows);
      for (count_record const& r : rows) {
        auto const [from_it, to_it] = by_key.equal_range({r.begin_ms, catalog.same_detector(r.series), r.period_ms});
        for (auto i = from_it; i != to_it; ++i) (says_the_same(r, buffer[i->second]) ? known : other)[i->second] = 1;
      }
    }
  }

  void flush() {
    if (buffer.empty()) return;
    auto const order = [&](count_record const& r) {
      return std::tuple(r.begin_ms, catalog.same_detector(r.series), r.period_ms, r.received_ms);
    };
    std::stable_sort(buffer.begin(), buffer.end(),
                     [&](count_record const& a, count_record const& b) { return order(a) < order(b); });
    std::vector<std::uint8_t> known(buffer.size(), 0), other(buffer.size(), 0);
    compare(known, other);
    std::vector<count_record> fresh;
    for (std::size_t i = 0, group = 0; i < buffer.size(); ++i) {
      count_record r = buffer[i];
      auto const key = [&](count_record const& x) {
        return std::tuple(x.begin_ms, catalog.same_detector(x.series), x.period_ms);
      };
      bool const begins = i == 0 || key(buffer[i - 1]) != key(r);
      if (begins) group = fresh.size();
      // Within one import, too: the same again is known, another value corrects.
      bool again = known[i] != 0, corrects = other[i] != 0 || fresh.size() > group;
      for (std::size_t j = group; j < fresh.size(); ++j) again = again || says_the_same(fresh[j], r);
      if (again) {
        ++report.known;
        continue;
      }
      if (corrects) r.flags |= kCorrection;
      report.corrections += corrects ? 1U : 0U;
      ++report.added;
      fresh.push_back(r);
    }
    buffer.clear();
    write(fresh);
  }

  void write(std::vector<count_record> const& fresh) {
    store_appender out(partial, file);
    write_series(out);
    for (std::size_t a = 0; a < fresh.size(); a += kBlock) {
      std::span<count_record const> const part(fresh.data() + a, std::min(kBlock, fresh.size() - a));
      out.append("/records/record", nullptr, 0, part.size());
      put(out, "begin", part, &count_record::begin_ms);
      put(out, "received", part, &count_record::received_ms);
      put(out, "period", part, &count_record::period_ms);
      put(out, "series", part, &count_record::series);
      put(out, "count", part, &count_record::count);
      put(out, "speed", part, &count_record::speed_kmh);
      put(out, "occupancy", part, &count_record::occ_frac);
      put(out, "n_inputs", part, &count_record::n_inputs);
      put(out, "flags", part, &count_record::flags);
      out.append("/blocks/block", nullptr, 0, 1);
      out.append("/blocks/rows", std::vector<std::uint64_t>{part.size()});
      out.append("/blocks/first_begin", std::vector<std::int64_t>{part.front().begin_ms});
      out.append("/blocks/last_begin", std::vector<std::int64_t>{part.back().begin_ms});
    }
    out.close();
  }

  template <typename T>
  static void put(store_appender& out, char const* name, std::span<count_record const> rows, T count_record::*field) {
    std::vector<T> v;
    v.reserve(rows.size());
    for (count_record const& r : rows) v.push_back(r.*field);
    out.append(std::string("/records/") + name, v);
  }

  void write_series(store_appender& out) {
    std::array<std::vector<std::string>, 5> texts;
    std::vector<std::int32_t> index, lane;
    for (; stored_series < catalog.size(); ++stored_series) {
      detector_key const& k = catalog.key(static_cast<std::uint32_t>(stored_series));
      std::size_t i = 0;
      for (std::string const* s : {&k.source, &k.site, &k.version, &k.direction, &k.vclass}) texts[i++].push_back(*s);
      index.push_back(k.index);
      lane.push_back(k.lane);
    }
    if (index.empty()) return;
    out.append("/series/series_row", nullptr, 0, index.size());
    for (std::size_t i = 0; i < kSeriesTexts.size(); ++i)
      out.append_names(std::string("/series/") + kSeriesTexts[i], texts[i]);
    out.append("/series/index", index);
    out.append("/series/lane", lane);
  }

  // Those that are new or have changed.
  void write_sites(store_appender& out, count_catalog const& catalog_added) {
    std::array<std::vector<std::string>, 6> t;
    std::array<std::vector<double>, 4> n;
    std::array<std::vector<std::int32_t>, 3> k;
    for (auto const& [key, s] : catalog_added.sites()) {
      count_site const* const old = catalog.site(key.first, key.second);
      count_site merged = s;
      if (old != nullptr) {
        count_catalog both;
        both.add_site(*old);
        both.add_site(s);
        merged = *both.site(key.first, key.second);
        auto const same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
        if (merged.version == old->version && merged.name == old->name && merged.road_name == old->road_name &&
            merged.edge == old->edge && same(merged.lon_deg, old->lon_deg) && same(merged.lat_deg, old->lat_deg) &&
            same(merged.heading_deg, old->heading_deg) && same(merged.pos_m, old->pos_m) && merged.lanes == old->lanes)
          continue;
      }
      std::size_t i = 0;
      for (std::string const* text :
           {&merged.source, &merged.id, &merged.version, &merged.name, &merged.road_name, &merged.edge})
        t[i++].push_back(text->substr(0, kNameWidth));
      i = 0;
      for (double const v : {merged.lon_deg, merged.lat_deg, merged.heading_deg, merged.pos_m}) n[i++].push_back(v);
      i = 0;
      for (std::int32_t const v : {merged.lanes, merged.first_lane, merged.lanes_from_left ? 1 : 0})
        k[i++].push_back(v);
    }
    if (t[0].empty()) return;
    out.append("/sites/site_row", nullptr, 0, t[0].size());
    for (std::size_t i = 0; i < t.size(); ++i) out.append_names(std::string("/sites/") + kSiteTexts[i], t[i]);
    for (std::size_t i = 0; i < n.size(); ++i) out.append(std::string("/sites/") + kSiteNumbers[i], n[i]);
    for (std::size_t i = 0; i < k.size(); ++i) out.append(std::string("/sites/") + kSiteIntegers[i], k[i]);
  }

  void commit() {
    int const fd = ::open(partial.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
      ::fsync(fd);
      ::close(fd);
    }
    std::error_code ec;
    fs::rename(partial, file, ec);
    if (ec) throw_run(file.string(), "cannot be replaced: " + ec.message(), "check the rights of the folder");
    ::close(lock);
    lock = -1;
  }
};

count_store_writer::count_store_writer(fs::path file, std::int64_t received_ms) : state_(std::make_unique<state>()) {
  state_->file = std::move(file);
  state_->received_ms = received_ms;
  state_->open();
}

count_store_writer::~count_store_writer() = default;

void count_store_writer::add(count_catalog const& catalog, std::span<count_record const> records) {
  state& s = *state_;
  if (s.from != &catalog) {
    s.from = &catalog;
    s.renamed.clear();
  }
  for (std::uint32_t i = static_cast<std::uint32_t>(s.renamed.size()); i < catalog.size(); ++i)
    s.renamed.push_back(s.catalog.intern(catalog.key(i)));
  for (count_record r : records) {
    r.series = s.renamed[r.series];
    if (r.received_ms == kNoTime) {
      r.received_ms = s.received_ms;
      r.flags |= kReceivedAtImport;
    }
    s.buffer.push_back(r);
    if (s.buffer.size() >= kBuffer) s.flush();
  }
}

import_report count_store_writer::finish(count_catalog const& catalog) {
  state_->flush();
  {
    store_appender out(state_->partial, state_->file);
    state_->write_series(out);
    state_->write_sites(out, catalog);
    out.close();
  }
  store_reader const whole(state_->partial);  // what is renamed can be read
  state_->commit();
  return state_->report;
}

bool is_count_store(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, 4> head{};
  in.read(head.data(), head.size());
  return in && std::memcmp(head.data(), "\x89HDF", 4) == 0 && says_counts(file);
}

store_summary summarise_store(fs::path const& file) {
  store_reader const in(file);
  store_summary s;
  s.records = in.records();
  s.series = in.rows("/series/index");
  s.sites = in.rows("/sites/lanes");
  s.blocks = in.blocks().size();
  for (block const& b : in.blocks()) {
    s.first_ms = s.first_ms == kNoTime ? b.first_ms : std::min(s.first_ms, b.first_ms);
    s.last_ms = std::max(s.last_ms, b.last_ms);
  }
  return s;
}

void read_store(fs::path const& file, std::int64_t begin_ms, std::int64_t end_ms, count_catalog& catalog,
                batch_sink const& sink) {
  store_reader const in(file);
  std::vector<std::uint32_t> series;
  in.names(catalog, series);
  std::vector<count_record> rows, part;
  for (block const& b : in.blocks()) {
    if (b.last_ms < begin_ms || b.first_ms >= end_ms) continue;
    in.read(b, series.size(), rows);
    part.clear();
    for (count_record& r : rows) {
      r.series = series[r.series];
      if (r.begin_ms >= begin_ms && r.begin_ms < end_ms) part.push_back(r);
    }
    if (!part.empty()) sink(part);
  }
}

}  // namespace gemeo
