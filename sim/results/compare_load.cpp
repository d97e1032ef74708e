#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "sim/core/error.h"
#include "sim/results/compare.h"
#include "sim/results/open_end.h"
#include "sim/results/reader.h"

namespace gemeo {
namespace fs = std::filesystem;
namespace {

struct member {
  fs::path file;
  run_description description;
};

struct ensemble {
  fs::path path;
  char const* name;  // "BASE", "OTHER"
  std::map<std::uint64_t, member> by_seed;
  std::vector<notice> notices;
};

bool is_run(fs::path const& p) { return p.extension() == ".h5" && p.filename() != "ensemble.h5"; }

// `gemeo run -o out` writes out/SCENARIO/seed_0001.h5: who names out means a folder in it. Empty: none there.
std::string folder_with_results(fs::path const& path) {
  std::string first;
  std::error_code ec;
  for (auto const& entry : fs::directory_iterator(path, ec)) {
    if (!entry.is_directory(ec)) continue;
    for (auto const& file : fs::directory_iterator(entry.path(), ec)) {
      std::string const here = entry.path().string();
      if (is_run(file.path()) && (first.empty() || here < first)) first = here;
    }
  }
  return first;
}

// ensemble.h5 is the summary of a folder, not a run.
std::vector<fs::path> result_files(fs::path const& path, char const* name, std::vector<notice>& notices) {
  std::error_code ec;
  if (!fs::exists(path, ec)) {
    throw_input(path.string(), fmt::format("{} does not exist", name),
                "name a folder of result files, or one result file");
  }
  if (!fs::is_directory(path, ec)) return {path};
  std::vector<fs::path> files;
  fs::directory_iterator entries(path, ec);
  if (ec) throw_input(path.string(), "cannot be read: " + ec.message(), "check the folder's rights");
  for (auto const& entry : entries) {
    fs::path const& p = entry.path();
    if (p.extension() == ".partial" && p.stem().extension() == ".h5") {
      notices.push_back({notice_kind::kRunsSkipped, {name, p.filename().string(), "unfinished"}, {}});
    } else if (is_run(p)) {
      files.push_back(p);
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    std::string const inside = folder_with_results(path);
    throw_input(path.string(), fmt::format("{} holds no result file (*.h5)", name),
                !inside.empty() ? "the folder " + inside + " inside it does: name that one"
                                : "run a scenario into it: gemeo run SCENARIO --seeds 10 -o " + path.string());
  }
  return files;
}

ensemble open_ensemble(fs::path const& path, char const* name) {
  ensemble e{path, name, {}, {}};
  for (fs::path const& file : result_files(path, name, e.notices)) {
    result_file const run(file);
    if (!run.summary().complete) {
      e.notices.push_back({notice_kind::kRunsSkipped, {name, file.filename().string(), "did not reach its end"}, {}});
      continue;
    }
    member m{file, run.description()};
    std::uint64_t const seed = m.description.seed;
    auto const [at, fresh] = e.by_seed.try_emplace(seed, std::move(m));
    if (!fresh) {
      throw_input(path.string(),
                  fmt::format("two runs have seed {}: {} and {}", seed, at->second.file.filename().string(),
                              file.filename().string()),
                  "a folder holds one ensemble of one scenario; move one of them away");
    }
  }
  if (e.by_seed.empty()) {
    throw_input(path.string(), fmt::format("{} holds no run that reached its end", name),
                "finish it: gemeo run ... --resume");
  }
  run_description const& first = e.by_seed.begin()->second.description;
  for (auto const& [seed, m] : e.by_seed) {
    if (m.description.scenario_name != first.scenario_name) {
      throw_input(path.string(),
                  fmt::format("{} holds runs of two scenarios: '{}' ({}) and '{}' ({})", name, first.scenario_name,
                              e.by_seed.begin()->second.file.filename().string(), m.description.scenario_name,
                              m.file.filename().string()),
                  "keep each scenario's runs in a folder of its own");
    }
  }
  return e;
}

std::string clock_text(double s) {
  if (!std::isfinite(s)) return "the end";  // a .sumocfg that names none
  auto const minutes = static_cast<long>(std::floor(s / 60));
  double const rest = s - 60.0 * static_cast<double>(minutes);
  return rest > 0 ? fmt::format("{:02}:{:02}:{:02.0f}", minutes / 60, minutes % 60, rest)
                  : fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

std::string window_text(run_description const& d) {
  std::string text = fmt::format("{} to {}", clock_text(d.begin_s), clock_text(d.end_s));
  if (d.warm_up_s > 0) text += fmt::format(", warm-up {:g} s", d.warm_up_s);
  return text + fmt::format(", step {:g} s, intervals {:g} s", d.step_s, d.interval_s);
}

void add_window(run_description const& d, std::vector<double>& numbers) {
  numbers.insert(numbers.end(), {d.begin_s, d.end_s, d.warm_up_s, d.step_s, d.interval_s});
}

std::string engine_text(run_description const& d) { return d.engine + " " + d.engine_version; }
std::string software_text(run_description const& d) {
  return d.software_version + (d.commit.empty() ? "" : " (" + d.commit + ")");
}

// What two runs must share before their difference means anything.
struct mismatch {
  notice_kind kind;
  bool allowed;
  char const *what, *option;
  std::string base, other;
};

std::vector<mismatch> mismatches(run_description const& b, run_description const& o, compare_options const& c) {
  std::vector<mismatch> all;
  if (b.network_hash != o.network_hash) {
    all.push_back({notice_kind::kNetworksDiffer, c.allow_network, "networks", "network",
                   fmt::format("{:016x}", b.network_hash), fmt::format("{:016x}", o.network_hash)});
  }
  if (window_text(b) != window_text(o)) {
    all.push_back(
        {notice_kind::kWindowsDiffer, c.allow_window, "time windows", "window", window_text(b), window_text(o)});
  }
  if (engine_text(b) != engine_text(o)) {
    all.push_back({notice_kind::kEnginesDiffer, c.allow_engine, "engines", "engine", engine_text(b), engine_text(o)});
  }
  return all;
}

// Not where a hash is unknown (0), nor where the window differs: the hash covers --begin and --end, too.
bool inputs_differ(run_description const& a, run_description const& b) {
  return a.input_hash != 0 && b.input_hash != 0 && a.input_hash != b.input_hash && a.begin_s == b.begin_s &&
         a.end_s == b.end_s;
}

// Every run of a side against that side's first.
void check_unmixed(ensemble const& e, std::vector<std::uint64_t> const& seeds, std::vector<notice>& notices) {
  member const& first = e.by_seed.at(seeds.front());
  std::set<notice_kind> said;
  auto const say = [&](notice_kind kind, member const& m) {
    if (said.insert(kind).second)
      notices.push_back({kind, {e.name, first.file.filename().string(), m.file.filename().string()}, {}});
  };
  for (std::uint64_t const s : seeds) {
    member const& m = e.by_seed.at(s);
    if (m.description.network_hash != first.description.network_hash) {
      throw_input(m.file.string(),
                  fmt::format("{} mixes networks: not the one of {}", e.name, first.file.filename().string()),
                  "keep runs on different networks in different folders");
    }
    if (m.description.effective_config != first.description.effective_config) {
      say(notice_kind::kConfigsVary, m);
    } else if (inputs_differ(m.description, first.description)) {
      say(notice_kind::kInputsVary, m);
    }
  }
}

// Every run against the base's first: an ensemble that mixes windows is no better than two that differ.
void check_compatible(ensemble const& base, ensemble const& other, std::vector<std::uint64_t> const& seeds,
                      compare_options const& options, std::vector<notice>& notices) {
  run_description const& first = base.by_seed.at(seeds.front()).description;
  std::set<notice_kind> said;
  auto const check = [&](member const& m) {
    for (mismatch const& x : mismatches(first, m.description, options)) {
      if (!x.allowed) {
        throw_input(m.file.string(),
                    fmt::format("cannot be compared with {}: their {} differ: {} and {}",
                                base.by_seed.at(seeds.front()).file.string(), x.what, x.base, x.other),
                    fmt::format("run both alike, or say --allow {} to compare them all the same", x.option));
      }
      // Networks are counted and reported where they are joined.
      if (x.kind != notice_kind::kNetworksDiffer && said.insert(x.kind).second) {
        notice n{x.kind, {x.base, x.other}, {}};
        if (x.kind == notice_kind::kWindowsDiffer) {
          n.names.clear();
          add_window(first, n.numbers);
          add_window(m.description, n.numbers);
        }
        notices.push_back(std::move(n));
      }
    }
    if (software_text(first) != software_text(m.description) && said.insert(notice_kind::kSoftwareDiffers).second) {
      notices.push_back({notice_kind::kSoftwareDiffers, {software_text(first), software_text(m.description)}, {}});
    }
  };
  for (std::uint64_t const s : seeds) {
    check(base.by_seed.at(s));
    check(other.by_seed.at(s));
  }
  check_unmixed(base, seeds, notices);
  check_unmixed(other, seeds, notices);
}

// Whether the two are one scenario after all, or would be by name and settings. The hash covers the scenario's files
// and the city's, by name and content; runs of a SUMO configuration have no settings but those files.
void check_same(run_description const& b, run_description const& o, std::vector<notice>& notices) {
  if (b.scenario_name != o.scenario_name || b.effective_config != o.effective_config) return;
  if (b.input_hash == o.input_hash) {
    notices.push_back({notice_kind::kSameScenario, {}, {}});
  } else if (inputs_differ(b, o)) {
    notices.push_back({notice_kind::kInputsDiffer, {}, {}});
  }
}

std::string list_seeds(std::vector<std::uint64_t> const& seeds) {
  std::string text;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::size_t j = i;
    while (j + 1 < seeds.size() && seeds[j + 1] == seeds[j] + 1) ++j;
    text += (text.empty() ? "" : ", ") + std::to_string(seeds[i]);
    if (j > i) text += (j > i + 1 ? "-" : ", ") + std::to_string(seeds[j]);
    i = j;
  }
  return text;
}

std::vector<std::uint64_t> seeds_of(ensemble const& e) {
  std::vector<std::uint64_t> seeds;
  for (auto const& [seed, m] : e.by_seed) seeds.push_back(seed);
  return seeds;
}

std::vector<std::uint64_t> common_seeds(ensemble const& base, ensemble const& other, std::vector<notice>& notices) {
  std::vector<std::uint64_t> const b = seeds_of(base), o = seeds_of(other);
  std::vector<std::uint64_t> common, only_base, only_other;
  std::set_intersection(b.begin(), b.end(), o.begin(), o.end(), std::back_inserter(common));
  std::set_difference(b.begin(), b.end(), o.begin(), o.end(), std::back_inserter(only_base));
  std::set_difference(o.begin(), o.end(), b.begin(), b.end(), std::back_inserter(only_other));
  if (common.empty()) {
    throw_input(other.path.string(),
                fmt::format("shares no seed with {}: it has {}, the other {}", base.path.string(), list_seeds(o),
                            list_seeds(b)),
                "runs are compared in pairs of one seed; run both scenarios with the same --seeds");
  }
  if (!only_base.empty()) notices.push_back({notice_kind::kSeedsIgnored, {base.name, list_seeds(only_base)}, {}});
  if (!only_other.empty()) notices.push_back({notice_kind::kSeedsIgnored, {other.name, list_seeds(only_other)}, {}});
  return common;
}

ensemble_side side_of(ensemble const& e, std::string const& label, std::string const& label_pt) {
  ensemble_side s;
  s.path = e.path;
  s.description = e.by_seed.begin()->second.description;
  s.runs = e.by_seed.size();
  s.label = !label.empty()                          ? label
            : !s.description.scenario_title.empty() ? s.description.scenario_title
                                                    : s.description.scenario_name;
  if (s.label.empty()) s.label = e.path.filename().string();
  s.label_pt = !label_pt.empty() || !label.empty() ? label_pt : s.description.scenario_title_pt;
  return s;
}

constexpr double kEpsilon_s = 1e-6;

// Intervals that lie wholly in [from, to).
std::vector<bool> inside(run_data const& r, double from_s, double to_s) {
  std::vector<bool> in(r.begin_s.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    in[i] = r.begin_s[i] >= from_s - kEpsilon_s && r.end_s[i] <= to_s + kEpsilon_s;
  }
  return in;
}

void require_shape(fs::path const& file, edge_series const& s, edge_series const& like, char const* quantity) {
  if (s.edges == like.edges && s.begin_s == like.begin_s && s.values.size() == s.begin_s.size() * s.edges) return;
  throw_input(file.string() + " /edges/" + quantity, "has another shape than its sampled_seconds",
              "the file is damaged; run it again");
}

void add_sum(std::vector<double>& sum, edge_series const& s, std::vector<bool> const& in) {
  sum.resize(s.edges, 0);
  for (std::size_t i = 0; i < s.begin_s.size(); ++i) {
    if (!in[i]) continue;
    float const* const row = s.values.data() + i * s.edges;
    for (std::size_t e = 0; e < s.edges; ++e) {
      if (!std::isnan(row[e])) sum[e] += row[e];
    }
  }
}

double row_sum(edge_series const& s, std::size_t interval) {
  double sum = 0;
  for (std::size_t e = 0; e < s.edges; ++e) {
    float const v = s.values[interval * s.edges + e];
    if (!std::isnan(v)) sum += v;
  }
  return sum;
}

// Sums per interval of a run, over the intervals of the comparison: what it did not live to see was empty.
std::vector<double> row_sums(edge_series const& s, std::size_t intervals) {
  std::vector<double> sums(intervals, 0);
  for (std::size_t i = 0; i < s.begin_s.size(); ++i) sums[i] = row_sum(s, i);
  return sums;
}

// Queues are means over the run, and so over the time that the comparison is over.
void spread_queues(run_data& r, double own_end_s) {
  double const from_s = r.description.begin_s + r.description.warm_up_s, all_s = r.end_s.back() - from_s;
  if (!(all_s > 0)) return;
  for (kpi_row& k : r.kpis) {
    if (k.name == "mean_queue") k.value *= (own_end_s - from_s) / all_s;
  }
}

// open: the intervals of all runs, where none has a planned end; else a run's own.
void load_edges(result_file const& file, compare_options const& o, longest_axis const* open, run_data& r) {
  std::vector<std::string> const there = file.edge_quantities();
  for (char const* const needed : {"sampled_seconds", "speed", "entered", "departed", "time_loss"}) {
    if (std::find(there.begin(), there.end(), needed) == there.end()) return;
  }
  edge_series const sampled = file.edges("sampled_seconds");
  if (sampled.begin_s.empty() || sampled.edges == 0) return;
  require_shape(r.file, sampled, sampled, "sampled_seconds");
  r.begin_s = open != nullptr ? open->begin_s : sampled.begin_s;
  r.end_s = open != nullptr ? open->end_s : sampled.end_s;
  spread_queues(r, sampled.end_s.back());
  run_description const& d = r.description;
  double const from_s = std::max(o.from_s >= 0 ? o.from_s : d.begin_s, d.begin_s + d.warm_up_s);
  double const to_s = o.to_s >= 0 ? o.to_s : std::max(d.end_s, r.end_s.back());
  std::vector<bool> const in = inside(r, from_s, to_s);
  auto const first = std::find(in.begin(), in.end(), true);
  if (first == in.end()) {
    throw_input(r.file.string(),
                fmt::format("no interval lies wholly between {} and {}", clock_text(from_s), clock_text(to_s)),
                fmt::format("the run covers {}; choose --from and --to inside it", window_text(d)));
  }
  r.edges_begin_s = r.begin_s[static_cast<std::size_t>(first - in.begin())];
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i]) r.edges_end_s = r.end_s[i];
  }
  add_sum(r.sampled_s, sampled, in);
  r.vehicles = row_sums(sampled, in.size());
  for (std::size_t i = 0; i < in.size(); ++i) r.vehicles[i] /= std::max(kEpsilon_s, r.end_s[i] - r.begin_s[i]);
  {
    edge_series speed = file.edges("speed");
    require_shape(r.file, speed, sampled, "speed");
    for (std::size_t i = 0; i < speed.values.size(); ++i) speed.values[i] *= sampled.values[i];  // metres driven
    add_sum(r.distance_m, speed, in);
  }
  for (char const* const q : {"entered", "departed"}) {
    edge_series const s = file.edges(q);
    require_shape(r.file, s, sampled, q);
    add_sum(r.entered, s, in);
  }
  edge_series const loss = file.edges("time_loss");
  require_shape(r.file, loss, sampled, "time_loss");
  add_sum(r.time_loss_s, loss, in);
  r.delay_s = row_sums(loss, in.size());
}

void load_trips(result_file const& file, run_data& r) {
  std::vector<trip_record> const records = file.trips();
  traveller_table who = file.travellers();
  auto const of = [](std::vector<std::string>& column, std::size_t i) {
    return i < column.size() ? std::move(column[i]) : std::string();
  };
  double const warm_s = r.description.begin_s + r.description.warm_up_s;
  for (std::size_t z = 0; z < who.zone_labels.size(); ++z)
    r.zone_labels.emplace_back(who.zone_names.at(z), who.zone_labels[z]);
  r.trips.reserve(records.size());
  for (trip_record const& t : records) {
    std::size_t const i = t.vehicle.index();
    if (i < who.line.size() && !who.line[i].empty()) continue;  // buses are not travellers
    if (t.depart_s >= 0 && t.depart_s - t.depart_delay_s < warm_s - kEpsilon_s) continue;
    r.trips.push_back({of(who.name, i), t.depart_delay_s + t.duration_s, t.state == trip_state::kArrived,
                       of(who.purpose, i), of(who.mode, i)});
  }
}

// In files of earlier versions this was the share of the whole run, and counted every time one vehicle was moved on.
void drop_older_meaning(result_file const& file, run_data& r) {
  if (file.counts_teleports_by_trip()) return;
  std::erase_if(r.kpis, [](kpi_row const& k) { return k.name == "share_teleported"; });
}

// Reads what a comparison needs; warm-up and [from_s, to_s) are applied here.
run_data load_run(fs::path const& path, compare_options const& o, longest_axis const* open) {
  result_file const file(path);
  run_data r;
  r.file = path;
  r.description = file.description();
  r.summary = file.summary();
  r.kpis = file.kpis();
  drop_older_meaning(file, r);
  load_edges(file, o, open, r);
  load_trips(file, r);
  return r;
}

// The intervals of runs that all stopped because nothing was left on the road. None where one was to end, ended
// otherwise (SUMO's max-num-teleports), has no edge values, or divides time in another way.
std::optional<longest_axis> open_end_axis(ensemble const& base, ensemble const& other,
                                          std::vector<std::uint64_t> const& seeds) {
  longest_axis all;
  for (std::uint64_t const seed : seeds) {
    for (ensemble const* const side : {&base, &other}) {
      member const& m = side->by_seed.at(seed);
      result_file const file(m.file);
      counters const total = file.summary().total;
      bool const emptied = std::isinf(m.description.end_s) && total.running == 0 && total.backlog == 0;
      edge_series const axis = file.edge_intervals();
      if (!emptied || axis.begin_s.empty() || !all.join(axis, true)) return std::nullopt;
    }
  }
  return all;
}

}  // namespace

comparison compare_ensembles(fs::path const& base_path, fs::path const& other_path, compare_options const& o) {
  if (o.from_s >= 0 && o.to_s >= 0 && o.from_s >= o.to_s) {
    throw_usage("--from is not before --to", "for example --from 07:00 --to 10:00");
  }
  ensemble const base = open_ensemble(base_path, "BASE"), other = open_ensemble(other_path, "OTHER");
  std::vector<notice> notices = base.notices;
  notices.insert(notices.end(), other.notices.begin(), other.notices.end());
  std::vector<std::uint64_t> const seeds = common_seeds(base, other, notices);
  check_compatible(base, other, seeds, o, notices);
  member const &b = base.by_seed.at(seeds.front()), &t = other.by_seed.at(seeds.front());
  check_same(b.description, t.description, notices);
  bool const same_network = b.description.network_hash == t.description.network_hash;
  comparison_builder builder(side_of(base, o.label_base, o.label_base_pt),
                             side_of(other, o.label_other, o.label_other_pt), result_file(b.file).read_network(),
                             result_file(t.file).read_network(), same_network, std::move(notices));
  builder.take_closures(result_file(b.file).closures(), result_file(t.file).closures());
  std::optional<longest_axis> const open = open_end_axis(base, other, seeds);
  for (std::uint64_t const seed : seeds) {
    run_data const one = load_run(base.by_seed.at(seed).file, o, open ? &*open : nullptr);
    run_data const two = load_run(other.by_seed.at(seed).file, o, open ? &*open : nullptr);
    builder.add_pair(one, two);
  }
  return builder.finish();
}

}  // namespace gemeo
