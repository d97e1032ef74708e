#include "calibration/fit/fit_system.h"

#include <algorithm>
#include <utility>

namespace gemeo {

namespace {

void number_groups(fit_system& s) {
  fit_problem const& p = s.problem;
  std::size_t const n = p.cells();
  s.group_of_cell.resize(p.factors.size() * n);
  for (std::size_t f = 0; f < p.factors.size(); ++f) {
    prior_factor const& factor = p.factors[f];
    std::size_t const per_day =
        factor.slots_per_group == 0 ? 1 : (p.slots + factor.slots_per_group - 1) / factor.slots_per_group;
    std::uint32_t last = 0;
    for (std::uint32_t const g : factor.group_of_pair) last = std::max(last, g);
    for (std::size_t j = 0; j < n; ++j) {
      std::size_t const pair = j / p.slots, slot = std::max(j % p.slots, std::min(p.lead_slots, p.slots - 1));
      std::size_t const group = factor.group_of_pair.empty() ? 0 : factor.group_of_pair[pair];
      std::size_t const period = factor.slots_per_group == 0 ? 0 : slot / factor.slots_per_group;
      s.group_of_cell[f * n + j] = static_cast<std::uint32_t>(s.groups + group * per_day + period);
    }
    std::size_t const added = (std::size_t{last} + 1) * per_day;
    s.group_sd.insert(s.group_sd.end(), added, factor.log_sd);
    s.groups += added;
    s.factor_end.push_back(s.groups);
  }
}

void list_members(fit_system& s) {
  s.member_begin.assign(s.groups + 1, 0);
  for (std::uint32_t const g : s.group_of_cell) ++s.member_begin[g + 1];
  for (std::size_t g = 0; g < s.groups; ++g) s.member_begin[g + 1] += s.member_begin[g];
  s.member.resize(s.group_of_cell.size());
  std::vector<std::size_t> next(s.member_begin.begin(), s.member_begin.end() - 1);
  std::size_t const n = s.cells();
  for (std::size_t k = 0; k < s.group_of_cell.size(); ++k) {
    s.member[next[s.group_of_cell[k]]++] = static_cast<std::uint32_t>(k % n);
  }
}

}  // namespace

fit_system::fit_system(fit_problem p) : problem(std::move(p)) {
  check_problem(problem);
  if (problem.offset.empty()) problem.offset.assign(problem.observations(), 0.0);
  findings = find_gaps(problem);
  by_cell = transposed(problem.crossings);
  number_groups(*this);
  list_members(*this);
}

}  // namespace gemeo
