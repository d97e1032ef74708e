// Inside of the readers: collects records, counts what the report tells, hands over batches. Thread rule: one thread.
#pragma once

#include <algorithm>
#include <vector>

#include "calibration/counts/read.h"

namespace gemeo {

class record_batch {
 public:
  static constexpr std::size_t kRecords = 8192;
  record_batch(read_report& report, batch_sink const& sink) : report_(report), sink_(sink) {
    records_.reserve(kRecords);
  }
  void add(count_record r) {
    if (r.count == 0 && r.speed_kmh == 0) r.speed_kmh = kAbsent;  // nobody drove, nobody's speed
    if ((r.flags & kClockMissing) != 0) {  // it would stand in for the period that there is at that moment
      ++report_.clock_missing;
      return;
    }
    ++report_.records;
    report_.nulls += (r.flags & kNull) != 0 ? 1U : 0U;
    report_.out_of_range += (r.flags & kOutOfRange) != 0 ? 1U : 0U;
    report_.clock_repeated += (r.flags & kClockRepeated) != 0 ? 1U : 0U;
    report_.supplier_errors += (r.flags & kSupplierError) != 0 ? 1U : 0U;
    report_.first_ms = report_.first_ms == kNoTime ? r.begin_ms : std::min(report_.first_ms, r.begin_ms);
    report_.last_ms = std::max(report_.last_ms, r.end_ms());
    records_.push_back(r);
    if (records_.size() == kRecords) flush();
  }
  void flush() {
    if (!records_.empty()) sink_(records_);
    records_.clear();
  }

 private:
  read_report& report_;
  batch_sink const& sink_;
  std::vector<count_record> records_;
};

// Puts a number that a source gave into a record: below 0 or above `most`, it is absent and the record marked.
inline float in_range(double v, double most, count_record& r) {
  if (v >= 0 && v <= most) return static_cast<float>(v);
  r.flags |= kOutOfRange;
  return kAbsent;
}
inline constexpr double kMostCount = 1e6, kMostSpeed_kmh = 400;

// The readers of each kind (read.cpp finds the kind).
void read_csv_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                     record_batch& out, read_report& report);
void read_datex_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                       record_batch& out, read_report& report);
void read_ngsi_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                      record_batch& out, read_report& report);
void read_sumo_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                      record_batch& out, read_report& report);

}  // namespace gemeo
