#include "calibration/loop/room.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gemeo {

namespace {

constexpr double kExact = 0.01;  // standard deviation of an equation, as a share of what it says
constexpr std::size_t kMostRounds = 8;

void add_equation(fit_problem& p, room_row const& r) {
  double const sd = std::max(1.0, kExact * r.most);
  p.crossings.add_row(r.cells, r.shares);
  p.count.push_back(r.most);
  p.variance.push_back(sd * sd);
  p.detector.push_back(p.detector.empty() ? 0U : *std::max_element(p.detector.begin(), p.detector.end()) + 1);
  if (!p.offset.empty()) p.offset.push_back(0);
  if (!p.model_variance.empty()) p.model_variance.push_back(0);
}

// Which rows are equations; one that was let go and is wanted again stays, so that this ends.
class active_rows {
 public:
  explicit active_rows(std::vector<room_row> const& rows) : rows_(rows) {}
  bool update(std::vector<double> const& x) {
    bool changed = false;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      double const asked = rows_[i].asked(x);
      if (asked > (1 + 2 * kExact) * rows_[i].most + 1) {
        double& w = wanted_[i];
        w = std::max(w, asked);
        changed = held_.insert(i).second || changed;
      } else if (asked < rows_[i].most && held_.contains(i) && gone_.insert(i).second) {
        held_.erase(i);
        changed = true;
      }
    }
    return changed;
  }
  [[nodiscard]] std::set<std::size_t> const& held() const { return held_; }
  [[nodiscard]] std::vector<full_row> full() const {
    std::vector<full_row> out;
    for (std::size_t const i : held_) out.push_back({i, wanted_.at(i)});
    return out;
  }

 private:
  std::vector<room_row> const& rows_;
  std::set<std::size_t> held_, gone_;
  std::map<std::size_t, double> wanted_;
};

}  // namespace

double room_row::asked(std::vector<double> const& trips) const {
  double sum = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) sum += shares[i] * trips[cells[i]];
  return sum;
}

fits_within fit_within(map_estimator const& e, std::vector<room_row> const& rows, fit_options const& o,
                       thread_team const& team) {
  fit_result free = e.fit(o, team), out = free;
  active_rows active(rows);
  for (std::size_t round = 0; round < kMostRounds && active.update(out.x); ++round) {
    fit_problem p = e.problem();
    p.variance = free.variance;
    for (std::size_t const i : active.held()) add_equation(p, rows[i]);
    fit_start const start{out.x, out.factors, out.scale};
    out = map_estimator(std::move(p)).fit(o, team, &start);
  }
  return {std::move(free), std::move(out), active.full()};
}

}  // namespace gemeo
