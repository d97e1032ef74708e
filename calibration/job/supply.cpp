#include "calibration/job/supply.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "calibration/fit/derivative_free.h"
#include "calibration/fit/folds.h"
#include "sim/core/xml.h"

namespace gemeo {

namespace {

struct searched {
  std::vector<double> job_supply::*bounds;
  double supply_factors::*factor;
};
constexpr searched kSearched[] = {{&job_supply::tau, &supply_factors::tau},
                                  {&job_supply::speed_factor, &supply_factors::speed_factor},
                                  {&job_supply::min_gap, &supply_factors::min_gap},
                                  {&job_supply::sigma, &supply_factors::sigma}};

double mean_of_fold(supply_trial const& t, std::span<std::uint32_t const> fold, std::uint32_t which, bool inside) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < t.of_counts.size(); ++i) {
    if ((fold[i] == which) != inside || fold[i] == fold_result::kNoFold) continue;
    sum += t.of_counts[i];
    n += 1;
  }
  return n > 0 ? sum / n : 0;
}

// Each fold's counts by what the others choose, and by the base's own values.
void judge_by_folds(supply_result& r, std::span<std::uint32_t const> fold) {
  std::uint32_t folds = 0;
  for (std::uint32_t const f : fold) {
    if (f != fold_result::kNoFold) folds = std::max(folds, f + 1);
  }
  if (folds < 2) return;
  for (std::uint32_t f = 0; f < folds; ++f) {
    std::size_t best = 0;
    for (std::size_t t = 1; t < r.trials.size(); ++t) {
      if (!std::isfinite(r.trials[t].error)) continue;
      if (mean_of_fold(r.trials[t], fold, f, false) < mean_of_fold(r.trials[best], fold, f, false)) best = t;
    }
    r.fold_error += mean_of_fold(r.trials[best], fold, f, true) / folds;
    r.own_fold_error += mean_of_fold(r.trials[0], fold, f, true) / folds;
  }
}

// A tick at least, where it was that.
double changed_tau(vehicle_type const& t, double factor, double least_tau_s) {
  return std::max(std::min(t.tau_s, least_tau_s), factor * t.tau_s);
}

void change(vehicle_type& t, supply_factors const& f, double least_tau_s) {
  if (t.cls != vclass::kPassenger) return;
  t.tau_s = changed_tau(t, f.tau, least_tau_s);
  t.speed_factor *= f.speed_factor;
  t.min_gap_m *= f.min_gap;
  t.sigma = std::min(1.0, t.sigma * f.sigma);
}

}  // namespace

job_supply within_ticks(job_supply job, demand const& d, double least_tau_s, std::vector<bilingual>& notes) {
  if (job.tau.empty()) return job;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < d.types.size(); ++i) {
    vehicle_type const& t = d.types[vtype_id(i)];
    if (t.cls == vclass::kPassenger && t.tau_s > 0) least = std::min(least, changed_tau(t, 0, least_tau_s) / t.tau_s);
  }
  if (!std::isfinite(least) || job.tau[0] >= least) return job;
  bool const none = job.tau[1] <= least;
  notes.push_back(
      in_both("[supply] tau is {} (asked for: from {:g} to {:g}): no headway of cars goes below a tick of {:g} "
              "s; a shorter step of the simulation allows more",
              "[supply] tau {} (pedido: de {:g} a {:g}): nenhum intervalo entre carros desce abaixo de um "
              "passo de {:g} s; um passo de simulação mais curto permite mais",
              none ? bilingual{"not tried", "não é experimentado"}
                   : in_both("tried from {:.2f} on", "é experimentado a partir de {:.2f}", least),
              job.tau[0], job.tau[1], least_tau_s));
  job.tau[0] = least;
  if (none) job.tau.clear();
  return job;
}

supply_result fit_supply(job_supply const& job, std::uint64_t seed, std::span<std::uint32_t const> fold,
                         supply_simulation const& simulate) {
  supply_result out;
  search_box box;
  std::vector<double supply_factors::*> what;
  for (searched const& s : kSearched) {
    if ((job.*s.bounds).empty()) continue;
    what.push_back(s.factor);
    box.low.push_back((job.*s.bounds)[0]);
    box.high.push_back((job.*s.bounds)[1]);
  }
  bool stopped = false;
  auto const tried = [&](supply_factors const& f) {
    supply_trial t{f, std::numeric_limits<double>::infinity(), {}};
    if (!stopped) t.of_counts = simulate(f);
    stopped = stopped || t.of_counts.empty();
    double sum = 0;
    for (double const x : t.of_counts) sum += x;
    if (!t.of_counts.empty()) t.error = sum / static_cast<double>(t.of_counts.size());
    out.trials.push_back(std::move(t));
    return out.trials.back().error;
  };
  tried({});
  std::vector<double> start;
  for (std::size_t i = 0; i < what.size(); ++i) start.push_back(std::clamp(1.0, box.low[i], box.high[i]));
  cma_options o;
  o.seed = seed;
  o.evaluations = static_cast<std::size_t>(job.evaluations);
  minimise_cma_es(
      [&](std::span<std::vector<double> const> points) {
        std::vector<double> values;
        for (std::vector<double> const& x : points) {
          supply_factors f;
          for (std::size_t i = 0; i < what.size(); ++i) f.*what[i] = x[i];
          values.push_back(tried(f));
        }
        return values;
      },
      box, start, o);
  if (stopped) return out;
  judge_by_folds(out, fold);
  auto const best = std::min_element(out.trials.begin(), out.trials.end(),
                                     [](supply_trial const& a, supply_trial const& b) { return a.error < b.error; });
  out.taken = !best->what.says_nothing() && out.fold_error < out.own_fold_error;
  if (out.taken) out.kept = best->what;
  return out;
}

void apply_supply(demand& d, supply_factors const& f, double least_tau_s) {
  if (f.says_nothing()) return;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (d.types[d.vehicles.type[v]].cls == vclass::kPassenger && d.vehicles.speed_factor[v] > 0)
      d.vehicles.speed_factor[v] *= static_cast<float>(f.speed_factor);
  }
  for (std::size_t t = 0; t < d.types.size(); ++t) change(d.types[vtype_id(t)], f, least_tau_s);
}

std::string vtypes_with(city const& town, supply_factors const& f, double least_tau_s) {
  std::string out = "<additional>\n";
  for (std::size_t i = 0; i < town.types.size(); ++i) {
    vehicle_type t = town.types[vtype_id(i)];
    change(t, f, least_tau_s);
    out += fmt::format(
        "  <vType id=\"{}\" vClass=\"{}\" length=\"{}\" minGap=\"{}\" accel=\"{}\" decel=\"{}\" emergencyDecel=\"{}\" "
        "sigma=\"{}\" tau=\"{}\" maxSpeed=\"{}\" speedFactor=\"{}\" speedDev=\"{}\" emissionClass=\"{}\" "
        "probability=\"{}\"",
        xml_escape(t.name), name_of(t.cls), t.length_m, t.min_gap_m, t.accel_mps2, t.decel_mps2, t.emergency_decel_mps2,
        t.sigma, t.tau_s, t.max_speed_mps, t.speed_factor, t.speed_factor_dev, xml_escape(t.emission_class),
        t.probability);
    for (auto const& [name, value] : t.other) out += fmt::format(" {}=\"{}\"", name, xml_escape(value));
    out += "/>\n";
  }
  for (type_mix const& m : town.mixes) {
    if (m.types.size() == 1 && town.types[m.types[0]].name == m.name) continue;  // a type is a mix of itself
    std::string names, weights;
    for (std::size_t i = 0; i < m.types.size(); ++i) {
      names += (i == 0 ? "" : " ") + town.types[m.types[i]].name;
      weights += fmt::format("{}{}", i == 0 ? "" : " ", m.weight[i]);
    }
    out += fmt::format("  <vTypeDistribution id=\"{}\" vTypes=\"{}\" probabilities=\"{}\"/>\n", xml_escape(m.name),
                       xml_escape(names), weights);
  }
  return out + "</additional>\n";
}

}  // namespace gemeo
