#include "sim/results/ensemble.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <tuple>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/results/h5_in.h"
#include "sim/results/h5_out.h"
#include "sim/results/network_store.h"
#include "sim/results/open_end.h"
#include "sim/results/reader.h"
#include "sim/results/schema.h"
#include "sim/results/statistics.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBlockBytes = 128U << 20U;  // values of one quantity held at a time, all seeds
constexpr std::array<std::pair<char const*, double>, 3> kQuantiles = {{{"p10", 0.1}, {"p50", 0.5}, {"p90", 0.9}}};

struct member {
  fs::path file;
  std::string relative;
  run_description description;
  run_summary summary;
  std::size_t intervals = 0;
};

// What all runs must agree in; the intervals are those of the run that went on longest.
struct common {
  longest_axis time;
  std::size_t edges = 0;
  std::vector<std::string> quantities;
};

void must_agree(bool ok, member const& m, member const& first, char const* what) {
  if (ok) return;
  throw_input(m.file.string(), std::string("its ") + what + " differs from that of " + first.file.string(),
              "an ensemble holds runs of one configuration");
}

common check_members(std::vector<member>& members, fs::path const& folder, std::vector<fs::path> const& runs) {
  common c;
  for (fs::path const& path : runs) {
    result_file const r(path);
    member m{path, fs::relative(fs::absolute(path), fs::absolute(folder)).string(), r.description(), r.summary(), 0};
    if (!m.summary.complete)
      throw_input(path.string(), "its run did not reach its end", "finish it with gemeo run --resume");
    edge_series const axis = r.edge_intervals();
    m.intervals = axis.begin_s.size();
    if (members.empty()) {
      c.time.join(axis, false);
      c.edges = axis.edges;
      c.quantities = r.edge_quantities();
    } else {
      member const& first = members.front();
      must_agree(m.description.network_hash == first.description.network_hash && axis.edges == c.edges, m, first,
                 "road network");
      bool const open = std::isinf(m.description.end_s) && std::isinf(first.description.end_s);
      must_agree(c.time.join(axis, open), m, first, "time axis");
      must_agree(r.edge_quantities() == c.quantities, m, first, "set of edge quantities");
    }
    members.push_back(std::move(m));
  }
  return c;
}

// Of the values that are not NaN. Sorts them.
struct summary_of {
  std::size_t n = 0;
  double mean = kNan, sd = kNan;
  explicit summary_of(std::vector<double>& values) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    std::sort(values.begin(), values.end());
    n = values.size();
    if (n == 0) return;
    double sum = 0, squares = 0;
    for (double const v : values) sum += v;
    mean = sum / static_cast<double>(n);
    if (n < 2) return;
    for (double const v : values) squares += (v - mean) * (v - mean);
    sd = std::sqrt(squares / static_cast<double>(n - 1));
  }
};

double quantile(std::vector<double> const& sorted, double q) {
  if (sorted.empty()) return kNan;
  double const at = q * static_cast<double>(sorted.size() - 1);
  auto const low = static_cast<std::size_t>(at);
  if (low + 1 == sorted.size()) return sorted[low];
  return sorted[low] + (sorted[low + 1] - sorted[low]) * (at - static_cast<double>(low));
}

class ensemble_writer {
 public:
  ensemble_writer(fs::path file, std::vector<fs::path> const& runs) : path_(std::move(file)), partial_(path_) {
    partial_ += ".partial";
    common_ = check_members(members_, path_.has_parent_path() ? path_.parent_path() : fs::path("."), runs);
    std::error_code ec;
    fs::remove(partial_, ec);
    file_ = std::make_unique<h5::out_file>(partial_);
  }
  ~ensemble_writer() {
    if (!file_) return;
    seed_ = h5::table();
    edge_ = h5::table();
    file_.reset();
    std::error_code ec;
    fs::remove(partial_, ec);
  }
  ensemble_writer(ensemble_writer const&) = delete;
  ensemble_writer& operator=(ensemble_writer const&) = delete;

  void write() {
    write_meta();
    {
      h5::out_group const net = file_->root().group("network", "the road network of all runs");
      edge_ = write_network(net, result_file(members_.front().file).read_network()).edge;
      write_edges(net);
    }
    write_kpis();
    seed_ = h5::table();
    edge_ = h5::table();
    file_->close();
    file_.reset();
    std::error_code ec;
    fs::rename(partial_, path_, ec);
    if (ec) throw_run(path_.string(), "the finished file cannot be renamed: " + ec.message());
  }

 private:
  void write_meta() {
    h5::out_group const& root = file_->root();
    run_description d = members_.front().description;
    d.demand_member.clear();  // each run has its own
    root.attribute("description",
                   "an ensemble of runs that differ in their seed alone: virtual datasets over the runs' own "
                   "files, and statistics over seeds; times are seconds since midnight");
    root.attribute("schema_version", schema::kSchemaVersion);
    root.attribute("software", "gemeo");
    root.attribute("kind", "ensemble");
    for (auto const& i : schema::texts()) root.attribute(i.name, d.*i.field);
    root.attribute("network_hash", to_hex(d.network_hash));
    root.attribute("begin_s", d.begin_s);
    root.attribute("end_s", d.end_s);
    root.attribute("runs", static_cast<std::int64_t>(members_.size()));
    h5::out_group const meta = root.group("meta", "the runs");
    std::vector<std::uint64_t> seeds;
    std::vector<std::string> files, frame_hashes;
    for (member const& m : members_) {
      seeds.push_back(m.description.seed);
      files.push_back(m.relative);
      frame_hashes.push_back(to_hex(m.summary.frame_hash));
    }
    meta.scalar("scenario_name", d.scenario_name, {"1", "name of the scenario"});
    meta.scalar("scenario_title", d.scenario_title, {"1", "title of the scenario"});
    seed_ = meta.number_axis("seed", std::span<std::uint64_t const>(seeds), {"1", "seed of the run"});
    meta.text_column("file", files, seed_, {"1", "its result file, relative to this one"});
    meta.text_column("frame_hash", frame_hashes, seed_, {"1", "hash over its frames"});
    for (auto const& i : schema::totals()) {
      std::vector<std::int64_t> v;
      for (member const& m : members_) v.push_back(m.summary.total.*i.field);
      meta.column(i.name, std::span<std::int64_t const>(v), seed_, {"1", i.description});
    }
  }

  void write_edges(h5::out_group const& net) {
    h5::out_group const g = file_->root().group(
        "edges",
        "values of every run as virtual datasets [seed][time][edge], NaN after a run's own end; over "
        "seeds, of the runs that measured: mean, sd, p10, p50, p90 [time][edge]");
    g.share("edge", net);
    g.share_from("seed", file_->root(), "/meta/seed");
    h5::table const time = g.number_axis("time", std::span<double const>(common_.time.begin_s),
                                         {"s", "begin of the interval, since midnight"});
    g.column("time_end", std::span<double const>(common_.time.end_s), time,
             {"s", "end of the interval, since midnight"});
    std::vector<h5::out_group::source> files;
    for (member const& m : members_) files.push_back({m.relative, m.intervals});
    for (std::string const& q : common_.quantities) {
      h5::about const a = about_of(q);
      g.stack(q, files, "/edges/" + q, seed_, time, edge_, a);
      write_statistics(g, q, a, time);
    }
  }

  static h5::about about_of(std::string const& q) {
    for (auto const& i : schema::edge_quantities()) {
      if (q == i.name) return {i.unit, i.description};
    }
    return {"m", q == schema::kMeanQueue ? "mean queue on the edge" : "longest queue on the edge"};
  }

  // Block after block of intervals, one run's values after another's, so that memory does not grow with the ensemble.
  void write_statistics(h5::out_group const& g, std::string const& q, h5::about const& a, h5::table const& time) {
    std::vector<std::string> names = {"mean", "sd"};
    for (auto const& [name, level] : kQuantiles) names.emplace_back(name);
    std::vector<h5::table> tables;
    for (std::string const& n : names) {
      tables.push_back(
          g.growing_matrix(q + "_" + n, time, edge_, common_.edges, {a.unit, n + " over seeds: " + a.description}));
    }
    std::size_t const row_bytes = std::max<std::size_t>(common_.edges * members_.size() * sizeof(float), 1);
    std::size_t const block = std::max<std::size_t>(1, kBlockBytes / row_bytes);
    for (std::size_t t = 0; t < common_.time.begin_s.size(); t += block) {
      std::size_t const end = std::min(t + block, common_.time.begin_s.size());
      std::vector<std::vector<float>> values;
      for (member const& m : members_) {
        std::size_t const own_end = std::min(end, m.intervals);
        values.emplace_back();
        if (own_end > t) {
          h5::in_file const f(m.file);
          values.back() = f.read<float>("/edges/" + q, t, own_end);
          if (values.back().size() != (own_end - t) * common_.edges)
            f.fail("/edges/" + q, "is not as wide as the network has edges", "the file is damaged; run it again");
        }
        values.back().resize((end - t) * common_.edges, std::numeric_limits<float>::quiet_NaN());
      }
      append_block(tables, values, (end - t) * common_.edges);
    }
  }

  void append_block(std::vector<h5::table>& tables, std::vector<std::vector<float>> const& values, std::size_t n) {
    std::vector<std::vector<float>> out(tables.size(), std::vector<float>(n, std::numeric_limits<float>::quiet_NaN()));
    std::vector<double> sample;
    for (std::size_t i = 0; i < n; ++i) {
      sample.clear();
      for (auto const& run : values) sample.push_back(static_cast<double>(run[i]));
      summary_of const s(sample);
      if (s.n == 0) continue;
      out[0][i] = static_cast<float>(s.mean);
      out[1][i] = static_cast<float>(s.sd);
      for (std::size_t k = 0; k < kQuantiles.size(); ++k)
        out[2 + k][i] = static_cast<float>(quantile(sample, kQuantiles[k].second));
    }
    for (std::size_t k = 0; k < tables.size(); ++k) tables[k].append(std::span<float const>(out[k]));
  }

  void write_kpis() {
    using key = std::tuple<std::string, std::string, std::string, std::string>;  // group, key, name, unit
    std::map<key, std::vector<double>> table;
    std::vector<key> order;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      for (kpi_row const& r : result_file(members_[i].file).kpis()) {
        auto const [at, fresh] = table.try_emplace({r.group, r.key, r.name, r.unit}, members_.size(), kNan);
        if (fresh) order.push_back(at->first);
        at->second[i] = r.value;
      }
    }
    std::vector<std::string> group, what, name, unit;
    std::vector<double> values, mean, sd, half;
    std::vector<std::uint32_t> count;
    for (key const& k : order) {
      group.push_back(std::get<0>(k));
      what.push_back(std::get<1>(k));
      name.push_back(std::get<2>(k));
      unit.push_back(std::get<3>(k));
      std::vector<double> sample = table[k];
      values.insert(values.end(), sample.begin(), sample.end());
      summary_of const s(sample);
      count.push_back(static_cast<std::uint32_t>(s.n));
      mean.push_back(s.mean);
      sd.push_back(s.sd);
      half.push_back(half_width(s.sd, s.n));
    }
    h5::out_group const g = file_->root().group("kpi", "indicators of every run, and over seeds; group says over what");
    g.share_from("seed", file_->root(), "/meta/seed");
    h5::table const axis = g.axis("indicator", order.size(), false);
    g.text_column("name", name, axis, {"1", "name of the indicator"});
    g.text_column("kpi_unit", unit, axis, {"1", "unit of the value"});
    g.text_column("group", group, axis, {"1", "what the key is: all, zone, mode, purpose, hour, approach, line"});
    g.text_column("key", what, axis, {"1", "which one of the group"});
    g.matrix("value", std::span<double const>(values), axis, seed_,
             {"1", "the value in every run, in the unit of kpi_unit; NaN: it has none"});
    g.column("runs", std::span<std::uint32_t const>(count), axis, {"1", "runs that have a value"});
    g.column("mean", std::span<double const>(mean), axis, {"1", "mean over runs"});
    g.column("sd", std::span<double const>(sd), axis, {"1", "standard deviation over runs; NaN for fewer than two"});
    g.column(
        "ci95_half_width", std::span<double const>(half), axis,
        {"1", "half the width of the 95 % confidence interval of the mean (Student's t); NaN for fewer than two runs"});
  }

  fs::path path_, partial_;
  std::vector<member> members_;
  common common_;
  std::unique_ptr<h5::out_file> file_;
  h5::table seed_, edge_;
};

}  // namespace

bool is_ensemble(fs::path const& file) {
  try {
    return h5::in_file(file, true).has("/meta/file");
  } catch (error const&) {
    return false;
  }
}

ensemble_summary read_ensemble(fs::path const& file) {
  h5::in_file const f(file, true);
  if (!f.has("/meta/file")) f.fail("/meta/file", "is missing", "this is not the file of an ensemble");
  ensemble_summary s;
  s.scenario_name = f.text("/meta/scenario_name");
  s.scenario_title = f.text("/meta/scenario_title");
  s.seeds = f.read<std::uint64_t>("/meta/seed");
  s.files = f.read_names("/meta/file");
  if (s.files.size() != s.seeds.size()) f.fail("/meta/file", "is not as long as /meta/seed", "the file is damaged");
  auto const name = f.read_names("/kpi/name"), unit = f.read_names("/kpi/kpi_unit"), group = f.read_names("/kpi/group"),
             key = f.read_names("/kpi/key");
  auto const runs = f.read<std::uint32_t>("/kpi/runs");
  auto const mean = f.read<double>("/kpi/mean"), sd = f.read<double>("/kpi/sd"),
             half = f.read<double>("/kpi/ci95_half_width");
  for (std::size_t const n :
       {unit.size(), group.size(), key.size(), runs.size(), mean.size(), sd.size(), half.size()}) {
    if (n != name.size()) f.fail("/kpi", "its columns are not of one length", "the file is damaged");
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    s.kpis.push_back({name[i], unit[i], group[i], key[i], runs[i], mean[i], sd[i], half[i]});
  }
  return s;
}

void write_ensemble(fs::path const& file, std::vector<fs::path> const& runs) {
  if (runs.empty())
    throw_input(file.string(), "there is no finished run to make an ensemble of", "run at least one seed");
  ensemble_writer(file, runs).write();
}

}  // namespace gemeo
