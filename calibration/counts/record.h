// What a detector said: one row for each detector and period, the same for every source (CSV, DATEX II, NGSI, SUMO).
// Invariants: count and period always stand together; what a source does not say is NaN (kNoTime, kUnknownInputs),
// never 0; a count is that of its period, in vehicles, also where the source gave a rate (kFromRate). Whether a record
// may be believed is not said here but by the verdicts of quality.h. Units: milliseconds since 1970 UTC; km/h;
// occupancy 0..1. 40 bytes a record: 100 million of a year are 4 GB as rows, and are read from the store by day. Names
// stand once, in the catalog. Thread rule: plain values; a catalog is filled by one thread.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace gemeo {

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::uint16_t kUnknownInputs = 0xffff;
inline constexpr std::int32_t kAllLanes = -1;  // of the carriageway, or not said
inline constexpr std::int32_t kNoIndex = -1;   // sources without one
inline constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

enum count_flag : std::uint16_t {
  kFromRate = 1U << 0U,          // the source gave veh/h; count is that times the period
  kNull = 1U << 1U,              // the source said that it has no value (-1, no inputs, an empty field)
  kSupplierError = 1U << 2U,     // the source marks the value as wrong, or its equipment as faulty
  kImputed = 1U << 3U,           // the source marks the value as filled in
  kClockRepeated = 1U << 4U,     // a local time of the hour that the end of summer time repeats
  kClockMissing = 1U << 5U,      // a local time that the beginning of summer time leaves out: readers hand none over
  kOutOfRange = 1U << 6U,        // the source gave what cannot be (a negative count, an occupancy of 300 %): now absent
  kMeanOfDays = 1U << 7U,        // not one day's count but a mean over days
  kCorrection = 1U << 8U,        // the store had another value for the same period
  kReceivedAtImport = 1U << 9U,  // the source does not say when it came; received_ms is that of the import
};

struct count_record {
  std::int64_t begin_ms = kNoTime;     // UTC
  std::int64_t received_ms = kNoTime;  // UTC
  std::uint32_t period_ms = 0;
  std::uint32_t series = 0;  // of a count_catalog
  float count = kAbsent;     // vehicles in the period
  float speed_kmh = kAbsent;
  float occ_frac = kAbsent;
  std::uint16_t n_inputs = kUnknownInputs;  // vehicles or samples that the values are made of
  std::uint16_t flags = 0;                  // count_flag

  [[nodiscard]] std::int64_t end_ms() const { return begin_ms + period_ms; }
  [[nodiscard]] double flow_veh_per_h() const { return static_cast<double>(count) * 3.6e6 / period_ms; }
};
static_assert(sizeof(count_record) == 40);

// Whose record it is. Two keys that differ in version alone are the same detector (same_detector of the catalog).
struct detector_key {
  std::string source, site, version, direction, vclass;  // vclass: "" is every vehicle
  std::int32_t index = kNoIndex;                         // DATEX II
  std::int32_t lane = kAllLanes;                         // as the source numbers them: see count_site
  friend auto operator<=>(detector_key const&, detector_key const&) = default;
};
std::string describe(detector_key const& k);  // "porto/121725 C", for people

// What sources say of the place of a site; matching (match.h) finds the lanes of it. By (source, site).
struct count_site {
  std::string source, id, version, name, road_name, edge;
  double lon_deg = std::numeric_limits<double>::quiet_NaN(), lat_deg = lon_deg;
  double heading_deg = std::numeric_limits<double>::quiet_NaN();  // of the vehicles, clockwise from north
  double pos_m = std::numeric_limits<double>::quiet_NaN();        // along edge; negative: from its end
  std::int32_t lanes = 0;                                         // that it covers together; 0: not said
  std::int32_t first_lane = 0;                                    // how the source counts: 0 or 1 is the first
  bool lanes_from_left = false;
};

// What a value's index means, by a DATEX II site table: measurementSpecificCharacteristics of (site, version, index).
struct index_meaning {
  double period_s = 0;  // 0: not said
  std::int32_t lane = kAllLanes;
  std::string lane_name;  // of lanes without a number ("hardShoulder")
  std::string vclass;
  bool is_flow = false;
};

class count_catalog {
 public:
  std::uint32_t intern(detector_key const& k);
  [[nodiscard]] detector_key const& key(std::uint32_t series) const { return keys_[series]; }
  // The first series that is the same detector, whatever its version.
  [[nodiscard]] std::uint32_t same_detector(std::uint32_t series) const { return first_[series]; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

  // Later facts add to earlier ones; what is already said stays unless the version is another.
  void add_site(count_site const& s);
  [[nodiscard]] count_site const* site(std::string const& source, std::string const& id) const;
  [[nodiscard]] std::map<std::pair<std::string, std::string>, count_site> const& sites() const { return sites_; }

  // By index of one version of a site; nullptr when no table told of it.
  using site_meanings = std::map<std::int32_t, index_meaning>;
  [[nodiscard]] site_meanings const* meanings(std::string const& source, std::string const& site,
                                              std::string const& version) const;
  void set_meanings(std::string const& source, std::string const& site, std::string const& version, site_meanings m);

  // Refuses (kInput) more than this many series: a file whose identifiers are all different is no feed of detectors.
  static constexpr std::size_t kMostSeries = 4'000'000;

 private:
  struct key_hash {
    std::size_t operator()(detector_key const& k) const noexcept;
  };
  std::vector<detector_key> keys_;
  std::vector<std::uint32_t> first_;
  std::unordered_map<detector_key, std::uint32_t, key_hash> by_key_;
  std::unordered_map<detector_key, std::uint32_t, key_hash> by_detector_;  // without version
  std::map<std::pair<std::string, std::string>, count_site> sites_;
  std::map<std::tuple<std::string, std::string, std::string>, site_meanings> meanings_;
};

}  // namespace gemeo
