// Paired comparison of two ensembles of runs: the same seeds in a base and in another scenario share every traveller's
// random draws, so each figure is a mean of differences within pairs, with a 95 % interval.
// Invariants: only seeds that both sides have, of runs that reached their end; ensembles that differ in network, window
// or engine are refused unless allowed by name, and then the comparison says so (notices). Memory: one pair of runs at
// a time, whatever the number of seeds. Thread rule: one thread (HDF5).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/results/member_spread.h"
#include "sim/results/reader.h"
#include "sim/results/statistics.h"

namespace gemeo {

struct compare_options {
  std::string label_base, label_other;        // empty: the scenario's title, or its name
  std::string label_base_pt, label_other_pt;  // in Portuguese; empty: as above
  bool allow_network = false, allow_window = false, allow_engine = false;
  double from_s = -1, to_s = -1;  // restricts edges and streets to part of the window; < 0: all of it
};

// One run, reduced to what a comparison needs.
struct run_data {
  struct trip {
    std::string name;
    double time_s = 0;  // from the wish to depart to the arrival
    bool arrived = false;
    std::string purpose, mode;
  };
  std::filesystem::path file;
  run_description description;
  run_summary summary;
  std::vector<kpi_row> kpis;
  std::vector<double> begin_s, end_s;         // intervals of the two series below
  std::vector<double> vehicles, delay_s;      // mean number of vehicles on the roads; time lost by all of them
  double edges_begin_s = 0, edges_end_s = 0;  // what the sums below are over
  std::vector<double> entered, sampled_s, distance_m, time_loss_s;  // per edge
  std::vector<trip> trips;
  std::vector<std::pair<std::string, std::string>> zone_labels;  // zone id, what people call it; may be empty
};

// Beginning, end, warm-up, step and interval of a window, as numbers of a notice (base's, then other's).
inline constexpr std::size_t kWindowNumbers = 5;

enum class notice_kind : std::uint8_t {
  kSeedsIgnored,     // names: side, seeds
  kRunsSkipped,      // names: side, file, reason
  kFewPairs,         // numbers: pairs
  kNetworksDiffer,   // numbers: edges only in base, only in other
  kWindowsDiffer,    // numbers: base's window, other's
  kEnginesDiffer,    // names: base's, other's
  kSoftwareDiffers,  // names: base's, other's
  kConfigsVary,      // names: side: its runs were not made with one configuration; two files that differ
  kInputsVary,       // the same of input files, where the configurations agree
  kSameScenario,     // both sides are the same scenario
  kInputsDiffer,     // would be the same scenario, but for input files
  kIdenticalRuns,    // numbers: pairs whose frame hashes agree
  kTeleports,        // numbers: base's share, other's share, threshold; names: "differ" where the two do
  kNeverInserted,    // the same
  kUnfinished,       // the same
  kGridlockDiffers,  // names: indicator; numbers: base's share, other's share
  kNoEquilibrium,  // numbers: base's and other's mean relative gap, NaN where that side's runs are none or all settled
  kMembers,        // numbers: members, pairs: each pair has one of several likely demands, both sides the same
  kMembersDiffer,  // numbers: pairs whose sides have different ones
  kNoEdges,        // no edge values: no maps
  kNoTrips         // no trips that both have
};

struct notice {
  notice_kind kind;
  std::vector<std::string> names;
  std::vector<double> numbers;
  // Other figures cannot be trusted, or mean something else than they seem to.
  [[nodiscard]] bool grave() const;
};

struct ensemble_side {
  std::filesystem::path path;
  std::string label, label_pt;  // label_pt: empty where it is the same
  run_description description;  // of its first run
  std::size_t runs = 0;         // complete ones found
  // Means over the pairs, of the window or of the whole run, as comparison::window_shares says.
  double share_teleported = 0, share_never_inserted = 0, share_unfinished = 0;
  double teleported = 0, never_inserted = 0, unfinished = 0, vehicles = 0;  // the same in vehicles, per run; may be NaN
};

struct kpi_comparison {
  std::string name, unit, group, key;
  paired_estimate value;
  std::optional<member_spread> over_members = {};  // of the group "all", where pairs have members
};

struct edge_values {
  paired_estimate flow_veh_per_h, speed_mps, travel_time_s, delay_h;
  // Of each side over all runs that had traffic there: the pairs of speed_mps need traffic on both sides.
  double base_speed_mps = paired_estimate::kNone, other_speed_mps = paired_estimate::kNone;
  bool base_closed = false, other_closed = false;  // to cars, for at least half of the edges' window
};

struct road_values {  // all edges of one road name; of one edge in a network without road names
  std::string name;
  double length_m = 0;
  std::size_t edges = 0;
  paired_estimate flow_veh_per_h;  // mean along the road, per direction
  paired_estimate speed_mps, delay_h;
};

struct series_point {
  double begin_s = 0, end_s = 0;
  paired_estimate value;
};

inline constexpr double kNoticeableChange_s = 60;
// Bins of a traveller's change in travel time: the middle one holds changes smaller than the first bound, those beside
// it up to the next bound, and so on; the outermost are open.
inline constexpr double kChangeBounds_s[] = {kNoticeableChange_s, 120, 300, 600};
inline constexpr std::size_t kChangeBinCount = 2 * std::size(kChangeBounds_s) + 1;
std::size_t change_bin(double change_s);

struct traveller_values {                                    // travellers who arrive on both sides, compared one by one
  std::string group, key;                                    // "all" | "mode" | "purpose"
  moments travellers, change_s, share_slower, share_faster;  // over the pairs; slower, faster: by kNoticeableChange_s
  moments bins[kChangeBinCount];                             // share of travellers in each
};

struct comparison {
  ensemble_side base, other;
  std::vector<std::uint64_t> seeds;  // common, ascending
  std::vector<notice> notices;
  // Never-inserted and unfinished trips are told of the window that the indicators count; false: of the whole run,
  // warm-up included, as some run has no such indicator.
  bool window_shares = false;
  std::vector<kpi_comparison> kpis;  // in the order the runs wrote them
  result_network net;                // the base's; edges that only the other has follow
  std::vector<edge_values> edges;    // per edge of net; empty without edge values
  double edges_begin_s = 0, edges_end_s = 0;
  family_count flow_family, speed_family, delay_family;  // of edges that differ in at least one pair
  std::vector<road_values> roads;
  std::vector<series_point> vehicles, delay_h;
  std::vector<traveller_values> travellers;
  std::optional<member_spread> journeys_over_members;  // of the same travellers' changes, s; where pairs have members
  std::unordered_map<std::string, std::string> zone_label;  // by zone id; may be empty
  [[nodiscard]] kpi_comparison const* find(std::string const& name, std::string const& group = "all",
                                           std::string const& key = "") const;
  [[nodiscard]] std::string road_of(std::string const& edge) const;  // the name of its road; may be empty
  [[nodiscard]] bool trustworthy() const;                            // no grave notice
  [[nodiscard]] bool has_warm_up() const;                            // of either side
};

// Collects pairs one by one, in order of their seeds.
class comparison_builder {
 public:
  // same_network: the files say so; otherwise edges are matched by name, and coordinates by the networks' offsets.
  comparison_builder(ensemble_side base, ensemble_side other, result_network base_net, result_network const& other_net,
                     bool same_network, std::vector<notice> notices = {});
  // What each side closes to cars: the speed of the few who may still drive there is not compared.
  void take_closures(closure_windows base, closure_windows const& other);
  void add_pair(run_data const& base, run_data const& other);
  [[nodiscard]] comparison finish();

 private:
  struct state;
  std::shared_ptr<state> state_;  // complete only in compare.cpp
};

// Throws error(kInput) when there is nothing to compare or when the two may not be compared.
comparison compare_ensembles(std::filesystem::path const& base, std::filesystem::path const& other,
                             compare_options const& o = {});

}  // namespace gemeo
