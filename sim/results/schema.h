// The layout of a result file, said once for the writer, the reader and the exports: groups, names, units,
// descriptions. kSchemaVersion grows with every change that an older reader would misunderstand.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "sim/core/observations.h"
#include "sim/results/writer.h"

namespace gemeo::schema {

static_assert(std::is_same_v<std::size_t, std::uint64_t>);  // threads is a number_item

inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr std::uint16_t kNoName = 0;             // code of "" in every string table
inline constexpr std::size_t kRowChunk = 1024;          // rows of a chunk in tables that grow a little every interval
inline constexpr std::size_t kTrajectoryChunk = 65536;  // vehicle-seconds of a chunk
inline constexpr double kPositionStep_m = 0.1, kSpeedStep_mps = 0.01;
inline constexpr std::size_t kLogWidth = 240;  // longer lines go on in the next row

struct edge_quantity {
  char const *name, *unit, *description;
  char const* sumo;  // attribute of SUMO's edgedata; empty: not SUMO's
  std::vector<float> edge_interval::*field;
  bool emission;
};
std::span<edge_quantity const> edge_quantities();
// Queues lie beside them, [interval][edge] too.
inline constexpr char const *kMeanQueue = "mean_queue", *kMaxQueue = "max_queue";

// A column of a table of records. Stored: double, float, u32 as they are; ids as u32; the state as u8.
template <typename R>
struct record_column {
  char const *name, *unit, *description;
  std::variant<double R::*, float R::*, std::uint32_t R::*, vehicle_id R::*, stop_id R::*, detector_id R::*,
               area_id R::*, passenger_id R::*, trip_state R::*>
      field;
  bool negative_is_nan = false;  // -1 "never" of the record is NaN in the file
  bool may_be_absent = false;    // files of earlier versions lack it: all 0
};
std::span<record_column<trip_record> const> trip_columns();
std::span<record_column<stop_record> const> stop_columns();
std::span<record_column<ride_record> const> ride_columns();  // files of earlier versions lack them
std::span<record_column<detector_record> const> detector_columns();
std::span<record_column<area_record> const> area_columns();  // in kAreas; files of earlier versions lack the group
inline constexpr char const* kAreas = "/detectors/areas";

// Per vehicle, each a code into a table of names.
struct traveller_column {
  char const *name, *description;
  std::vector<std::string> traveller_table::*field;
};
std::span<traveller_column const> traveller_columns();

// run_description and counters, each a root attribute and a scalar in /meta.
struct text_item {
  char const *name, *description;
  std::string run_description::*field;
  bool may_be_absent = false;  // in files of earlier versions
};
struct number_item {
  char const *name, *unit, *description;
  std::variant<double run_description::*, std::uint64_t run_description::*, bool run_description::*> field;
};
struct hash_item {
  char const *name, *description;
  std::uint64_t run_description::*field;
};
struct counter_item {
  char const *name, *description;
  std::int64_t counters::*field;
};
std::span<text_item const> texts();
std::span<number_item const> numbers();
std::span<hash_item const> hashes();
std::span<counter_item const> totals();

inline constexpr std::array<char const*, 10> kGroups = {"meta",         "network", "edges", "detectors",   "trips",
                                                        "trajectories", "signals", "kpi",   "calibration", "log"};

}  // namespace gemeo::schema
