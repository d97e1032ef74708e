#include "calibration/loop/calibrate.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "calibration/fit/gravity.h"
#include "calibration/fit/steady_prior.h"
#include "calibration/loop/presence.h"
#include "sim/core/error.h"

namespace gemeo {

namespace {

using wall = std::chrono::steady_clock;
double since(wall::time_point t) { return std::chrono::duration<double>(wall::now() - t).count(); }

assignment_options with_warm_up(calibration_options const& o) {
  assignment_options a = o.assignment;
  a.warm_up_s = o.simulation.warm_up_s;
  return a;
}

// In the same order, from 0 on without gaps.
void number_densely(std::vector<std::uint32_t>& groups) {
  std::vector<std::uint32_t> known = groups;
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (std::uint32_t& g : groups)
    g = static_cast<std::uint32_t>(std::lower_bound(known.begin(), known.end(), g) - known.begin());
}

road_limits roads_of(calibration_input const& in) {
  road_limits out = in.roads;
  allow_counted(out, *in.base.net, in.stations, in.fitted);
  return out;
}

class outer_loop {
 public:
  outer_loop(trip_source& trips, calibration_input const& in, calibration_options const& o)
      : trips_(trips),
        in_(in),
        o_(o),
        log_(trips.slots(), trips.streams(), with_warm_up(o)),
        team_(o.simulation.threads),
        wished_(in.fitted),
        roads_(*in.base.net, roads_of(in)) {
    if (in.fitted.empty())
      throw_input("calibration", "there is no count to fit", "look at the verdicts of gemeo counts check");
    believe();
    out_.lead_slots = lead_slots();
  }

  calibration_result run(iterate_function const& told, stop_function const& stop_requested) {
    for (std::size_t i = 0; i < o_.iterations; ++i) {
      calibration_iterate now;
      now.number = i + 1;
      if (!simulate(now, stop_requested)) break;
      if (i + 1 < o_.iterations) {
        auto const began = wall::now();
        fit(now, stop_requested);
        now.fit_s = since(began);
        if (stop_requested && stop_requested()) {
          out_.stopped = true;
          break;
        }
      }
      out_.iterates.push_back(now);
      if (told) told(now);
    }
    out_.times = times_;
    return std::move(out_);
  }

 private:
  // A prior, and how far the truth lies around it.
  struct belief {
    std::vector<double> prior;
    double log_sd = 0, shrunk = 0;
  };

  // What is believed before any count: the prior, its cells moved towards what they have in common.
  void believe() {
    now_.prior.assign(trips_.prior().begin(), trips_.prior().end());
    now_.log_sd = o_.prior.log_sd;
    if (o_.prior.structure) {
      std::size_t const slots = trips_.slots().count;
      std::vector<double> const given = trips_of_pairs(trips_, now_.prior);
      std::vector<double> steady = given;
      out_.steadied = steady_prior(steady, trips_.pairs(), slots).share;
      scale_pairs(now_.prior, given, steady);
      plain_ = now_;
      fit_problem p;
      p.pairs = trips_.pairs();
      p.slots = slots;
      p.prior = steady;
      p.prior_sd.assign(p.prior.size(), 1);
      shrink_result const r = shrink_prior(p, zones(), o_.prior.log_sd);
      now_.shrunk = r.share;
      now_.log_sd = r.spread_log_sd;
      scale_pairs(now_.prior, steady, p.prior);
    }
    out_.shrunk = now_.shrunk;
    x_ = out_.wished = out_.prior = now_.prior;
  }

  [[nodiscard]] gravity_zones zones() const {
    gravity_zones out;
    for (std::size_t i = 0; i < trips_.pairs(); ++i) {
      out.origin.push_back(trips_.origin_of(i));
      out.destination.push_back(trips_.destination_of(i));
      out.cost.push_back(trips_.cost_s_of(i) / 60);
    }
    if (std::any_of(out.cost.begin(), out.cost.end(), [](double c) { return !(c > 0); })) out.cost.clear();
    return out;
  }

  // Cells of streams, as those of their pairs have changed.
  void scale_pairs(std::vector<double>& cells, std::vector<double> const& before,
                   std::vector<double> const& after) const {
    std::size_t const slots = trips_.slots().count;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      std::size_t const of_pair = trips_.pair_of(c / slots) * slots + c % slots;
      if (before[of_pair] > 0)
        cells[c] *= after[of_pair] / before[of_pair];
      else  // none was expected in this slot, but in others
        cells[c] = after[of_pair] * trips_.share_of(c / slots);
    }
  }

  bool simulate(calibration_iterate& now, stop_function const& stop_requested) {
    auto const began = wall::now();
    simulation_request r = o_.simulation;
    r.seed += now.number - 1;
    drawn_trips drawn = trips_.draw(x_, r.seed);
    if (o_.drivers) o_.drivers(drawn.who);
    roads_.learn(drawn, trips_);
    simulated s = o_.simulate(in_.base, in_.stations, std::move(drawn), x_.size(), r, stop_requested);
    if (!s.complete) {
      out_.stopped = true;
      return false;
    }
    now.simulation_s = since(began);
    entries_.learn(s, trips_);
    now.teleports = s.teleports;
    now.never_inserted = s.never_inserted;
    now.simulated_trips = s.trips;
    now.mean_duration_s = s.mean_duration_s;
    for (std::size_t c = 0; c < x_.size(); ++c) {
      std::uint32_t const habit = trips_.habit_of(c / trips_.slots().count);
      if (habit >= now.habits.size()) now.habits.resize(habit + 1);
      now.habits[habit] += x_[c];
      now.trips += x_[c];
    }
    std::vector<double> const occupancies = occupancies_in(s, in_.fitted);
    now.presence_of_vehicles = compare_presence(in_.fitted, occupancies);
    if (now.number > 1) wished_.learn(occupancies);  // the prior's own level is mended by counts first
    now.step = step_;
    std::vector<double> const counted = counted_in(s, in_.fitted);
    judge(now, counted);
    take(now, counted);
    average_times(s.times);
    log_.add(std::move(s));
    return true;
  }

  // Whether the last step did as it should, and whether the next one begins here.
  void take(calibration_iterate& now, std::vector<double> const& counted) {
    bool const first = taken_.trips.empty();
    if (!first) {
      double const before = misfit(taken_.counted, true);
      if (promised_misfit_ < before) now.kept_promise = (before - misfit(counted, true)) / (before - promised_misfit_);
    }
    // From a demand of which more stood about than told there was no good way back: any better one is a better start.
    bool const better = !first && !taken_.standing.no_more_than_told() && now.whole_misfit() < taken_.whole_misfit;
    if (now.jams() || !(first || better || now.presence_of_vehicles.no_more_than_told())) return;
    taken_ = {x_, now.presence_of_vehicles, now.whole_misfit(), counted};
  }

  // A count that the last fit took for that of a jam says how many the jam lets through, and nothing of a promise.
  [[nodiscard]] double misfit(std::vector<double> const& counted, bool of_flowing) const {
    double squares = 0, n = 0;
    for (std::size_t i = 0; i < counted.size(); ++i) {
      if (of_flowing && !flowing_[i]) continue;
      squares += misfit_of(in_.fitted[i], counted[i], o_.fit.variance);
      ++n;
    }
    return n > 0 ? squares / n : 0;
  }

  // How far the simulation is from what it was to meet; the best so far is kept.
  void judge(calibration_iterate& now, std::vector<double> counted) {
    double errors = 0, sum = 0, sum_simulated = 0;
    for (std::size_t i = 0; i < counted.size(); ++i) {
      station_count const& c = in_.fitted[i];
      double const e = counted[i] - c.count;
      errors += e * e;
      sum += c.count;
      sum_simulated += counted[i];
    }
    auto const n = static_cast<double>(counted.size());
    now.misfit = misfit(counted, false);
    now.rmsn = sum > 0 ? std::sqrt(n * errors) / sum : 0;
    now.sum_error = sum > 0 ? sum_simulated / sum - 1 : 0;
    if (!out_.iterates.empty()) {
      calibration_iterate const& best = out_.iterates[out_.best];
      if (now.jams() != best.jams() ? now.jams() : now.whole_misfit() >= best.whole_misfit()) return;
    }
    out_.best = now.number - 1;
    out_.trips = x_;
    out_.simulated_counts = std::move(counted);
  }

  void average_times(edge_costs const& seen) {
    ++simulations_;
    if (simulations_ == 1) {
      times_ = seen;
    } else {
      auto const part = static_cast<float>(1.0 / static_cast<double>(simulations_));
      for (std::size_t i = 0; i < times_.seconds.size(); ++i)
        times_.seconds[i] += part * (seen.seconds[i] - times_.seconds[i]);
      for (std::size_t i = 0; i < times_.turn_seconds.size(); ++i)
        times_.turn_seconds[i] += part * (seen.turn_seconds[i] - times_.turn_seconds[i]);
    }
    if (o_.learn_routes)
      trips_.learn(times_, o_.learning_step > 0 ? o_.learning_step : 1.0 / static_cast<double>(simulations_ + 1));
  }

  void fit(calibration_iterate& now, stop_function const& stop_requested) {
    fit_options f = o_.fit;
    f.stop = stop_requested;
    f.weights = weights_;
    if (o_.choose_weights_every > 0 && (now.number - 1) % o_.choose_weights_every == 0) {
      out_.folds = choose(f);
      if (now.number == 1 && now_.shrunk > 0) choose_belief(f);
      weights_ = f.weights = out_.folds.weights();
      now.fold_error = out_.folds.tried[out_.folds.chosen].mean;
    }
    map_estimator const estimator(problem());
    now.weights = weights_;
    fits_within const r = fit_in_room(estimator, f);
    now.full_roads = out_.full_roads.size();
    now.full_entries = out_.full_entries.size();
    out_.wished = r.free.x;
    x_ = r.within.x;
    shorten(now);
    flowing_.clear();
    for (std::size_t i = 0; i < in_.fitted.size(); ++i) {
      double const told = in_.fitted[i].count;
      flowing_.push_back(wished_.count(i) - told <= o_.fit.variance.relative * told);
    }
    promised_misfit_ = promised(estimator.problem());
    out_.findings = r.free.findings;
    out_.problem = estimator.problem();
  }

  // No more than can begin at a place, or than a road carries.
  [[nodiscard]] fits_within fit_in_room(map_estimator const& estimator, fit_options const& f) {
    std::vector<room_row> rows = entries_.rows(trips_);
    std::vector<std::uint32_t> const places = entries_.places();
    std::vector<road_room::row> const roads = roads_.rows(trips_);
    for (road_room::row const& r : roads) rows.push_back(r.room);
    fits_within out = fit_within(estimator, rows, f, team_);
    out_.full_entries.clear();
    out_.full_roads.clear();
    for (full_row const& r : out.full) {
      if (r.row < places.size()) {
        out_.full_entries.push_back({places[r.row], r.wanted, rows[r.row].most});
      } else {
        road_room::row const& at = roads[r.row - places.size()];
        out_.full_roads.push_back({at.edge, at.to, r.wanted, at.room.most});
      }
    }
    auto const most_first = [](auto const& a, auto const& b) { return a.over() > b.over(); };
    std::stable_sort(out_.full_entries.begin(), out_.full_entries.end(), most_first);
    std::stable_sort(out_.full_roads.begin(), out_.full_roads.end(), most_first);
    return out;
  }

  [[nodiscard]] fold_result choose(fit_options const& f) const {
    fold_options folds = o_.folds;
    folds.group = group_of_counts();
    if (folds.factors.empty()) folds.factors = {0.3, 1};  // never without: habits are among them
    return choose_weights(map_estimator(problem()), f, folds, team_);
  }

  // Whether pairs err one by one, as gravity's pattern is for, nobody knows beforehand: stations left out say it.
  void choose_belief(fit_options const& f) {
    std::swap(now_, plain_);
    fold_result const r = choose(f);
    if (r.tried[r.best].mean < out_.folds.tried[out_.folds.best].mean) {
      out_.folds = r;
      out_.shrunk = now_.shrunk;
      out_.prior = now_.prior;
    } else {
      std::swap(now_, plain_);
    }
  }

  void shorten(calibration_iterate const& now) {
    if (taken_.trips.empty()) return;  // it jams with the prior: nothing is known to step back to
    if (now.jams())
      step_ /= 2;
    else if (now.kept_promise < kEnoughKept)
      step_ *= now.presence_of_vehicles.part_of_step(taken_.standing);
    for (std::size_t c = 0; c < x_.size(); ++c) x_[c] = taken_.trips[c] + step_ * (x_[c] - taken_.trips[c]);
  }

  // The misfit that x_ would have if everything passed as the assignment says.
  [[nodiscard]] double promised(fit_problem const& p) const {
    std::vector<double> passing(in_.fitted.size());
    multiply(p.crossings, x_, passing, {});
    for (std::size_t i = 0; i < passing.size(); ++i) passing[i] += p.offset[i];
    return misfit(passing, true);
  }

  // Slots that are over before anything is counted.
  [[nodiscard]] std::size_t lead_slots() const {
    double first_s = in_.fitted.front().begin_s;
    for (station_count const& c : in_.fitted) first_s = std::min(first_s, c.begin_s);
    std::size_t n = 0;
    while (n < trips_.slots().count && trips_.slots().begin_of(n + 1) <= first_s) ++n;
    return n;
  }

  [[nodiscard]] fit_problem problem() const {
    fit_problem p;
    p.pairs = trips_.streams();
    p.slots = trips_.slots().count;
    p.lead_slots = out_.lead_slots;
    p.prior = now_.prior;
    prior_belief const& b = o_.prior;
    for (std::size_t i = 0; i < p.prior.size(); ++i) {
      // Streams of a pair are independent: with sqrt(share) their sum is as uncertain as the pair is.
      double const share = trips_.share_of(i / p.slots), x0 = p.prior[i] / share;
      p.prior_sd.push_back(std::sqrt(share) * std::max(now_.log_sd * x0, b.floor_trips));
      p.upper.push_back(b.most_factor * (x0 + b.floor_trips));
    }
    add_factors(p);
    p.crossings = log_.rows(in_.fitted, o_.simulation.threads);
    p.offset = log_.offsets(p.crossings, in_.fitted);
    for (std::size_t i = 0; i < in_.fitted.size(); ++i) {
      station_count const& c = in_.fitted[i];
      p.count.push_back(wished_.count(i));
      p.model_variance.push_back(c.variance);
      p.detector.push_back(c.station);
    }
    return p;
  }

  void add_factors(fit_problem& p) const {
    prior_belief const& b = o_.prior;
    prior_factor origin{.name = "origin", .group_of_pair = {}, .log_sd = b.origin_log_sd};
    prior_factor destination{.name = "destination", .group_of_pair = {}, .log_sd = b.destination_log_sd};
    prior_factor habit{.name = "habit", .group_of_pair = {}, .log_sd = b.habit_log_sd};
    prior_factor const slot{.name = "slot", .group_of_pair = {}, .slots_per_group = 1, .log_sd = b.slot_log_sd};
    bool several = false;
    for (std::size_t i = 0; i < p.pairs; ++i) {
      origin.group_of_pair.push_back(trips_.origin_of(trips_.pair_of(i)));
      destination.group_of_pair.push_back(trips_.destination_of(trips_.pair_of(i)));
      habit.group_of_pair.push_back(trips_.habit_of(i));
      several = several || trips_.habit_of(i) != 0;
    }
    if (!several) habit.log_sd = 0;
    for (prior_factor* const f : {&origin, &destination}) number_densely(f->group_of_pair);  // zones without trips
    for (prior_factor const& f : {origin, destination, habit, slot}) {
      if (f.log_sd > 0) p.factors.push_back(f);
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> group_of_counts() const {
    std::vector<std::uint32_t> out;
    std::vector<std::string> names;
    for (station_count const& c : in_.fitted) {
      count_station const& at = in_.stations[c.station];
      std::string const name = at.corridor.empty() ? "station " + at.name : "corridor " + at.corridor;
      auto const found = std::find(names.begin(), names.end(), name);
      out.push_back(static_cast<std::uint32_t>(found - names.begin()));
      if (found == names.end()) names.push_back(name);
    }
    return out;
  }

  trip_source& trips_;
  calibration_input const& in_;
  calibration_options const& o_;
  assignment log_;
  thread_team team_;
  wished_counts wished_;
  entry_room entries_;
  road_room roads_;
  belief now_, plain_;  // plain_: without the pattern in space
  std::vector<double> x_;
  struct demand_taken {  // the last that did not jam, nor stood about more than told, where there was any
    std::vector<double> trips;
    presence standing;
    double whole_misfit = 0;
    std::vector<double> counted;
  } taken_;
  std::vector<bool> flowing_;   // of the fitted counts, by the last fit: no more want to pass than are told
  double promised_misfit_ = 0;  // of x_ at those, by that fit
  double step_ = 1;
  edge_costs times_;
  fit_weights weights_ = o_.fit.weights;
  std::size_t simulations_ = 0;
  calibration_result out_;
};

}  // namespace

double misfit_of(station_count const& c, double simulated, variance_model const& m) {
  constexpr double kWhole = 25;  // a square beyond it counts less and less
  double const e = simulated - c.count, relative = m.relative * c.count;
  double const square = e * e / std::max(m.least, m.poisson * c.count + relative * relative + c.variance);
  return square <= kWhole ? square : kWhole * (1 + std::log(square / kWhole));
}

calibration_result calibrate(trip_source& trips, calibration_input const& in, calibration_options const& o,
                             iterate_function const& told, stop_function const& stop_requested) {
  return outer_loop(trips, in, o).run(told, stop_requested);
}

}  // namespace gemeo
