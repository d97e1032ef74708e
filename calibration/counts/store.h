// Counts kept in one HDF5 file that grows with each import (groups /records, /series, /sites, /blocks; units on every
// dataset; xarray opens a group as it stands). A record that is there already is not added again; another value for the
// same detector and period is added as a correction, and the older one stays: what was known when can be asked.
// Invariants: an import writes a copy (NAME.partial) and renames it when whole, so that an interrupted one leaves the
// store as it was; two imports at a time are refused. Rows lie in blocks sorted by time, and a part of the time is read
// by its blocks: memory holds a block, not the store. Errors: kInput with file and dataset for what is no store of
// counts, kRun where it cannot be written. Thread rule: one thread a store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "calibration/counts/read.h"
#include "calibration/counts/record.h"

namespace gemeo {

struct import_report {
  std::uint64_t added = 0, known = 0, corrections = 0;
};

class count_store_writer {
 public:
  // Begins with what is there. received_ms stands for records whose source does not say when it came.
  count_store_writer(std::filesystem::path file, std::int64_t received_ms);
  ~count_store_writer();  // without finish(): the store stays as it was
  count_store_writer(count_store_writer const&) = delete;
  count_store_writer& operator=(count_store_writer const&) = delete;
  // Records of a catalog, whose sites are taken over by finish().
  void add(count_catalog const& catalog, std::span<count_record const> records);
  import_report finish(count_catalog const& catalog);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

struct store_summary {
  std::uint64_t records = 0, series = 0, sites = 0, blocks = 0;
  std::int64_t first_ms = kNoTime, last_ms = kNoTime;
};

bool is_count_store(std::filesystem::path const& file);
store_summary summarise_store(std::filesystem::path const& file);

// All records that begin in [begin_ms, end_ms), by block; names and sites go into the catalog. Of corrections all
// versions come: the one received last holds (quality.h takes it).
void read_store(std::filesystem::path const& file, std::int64_t begin_ms, std::int64_t end_ms, count_catalog& catalog,
                batch_sink const& sink);

}  // namespace gemeo
