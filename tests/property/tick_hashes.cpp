#include "tests/property/tick_hashes.h"

#include <algorithm>
#include <memory>

#include "sim/core/hash.h"
#include "sim/engine_tbb/engine_tbb.h"

namespace gemeo::test {

namespace {

std::unique_ptr<engine> loaded(scenario const& s, std::uint64_t seed, std::size_t threads) {
  auto e = make_engine_tbb();
  run_options o;
  o.emissions = false;
  o.seed = seed;
  o.threads = threads;
  e->load(s, o);
  return e;
}

}  // namespace

std::vector<std::uint64_t> tick_hashes(scenario const& s, hash_run const& r) {
  auto e = loaded(s, r.seed, r.threads);
  std::vector<std::uint64_t> out;
  frame f;
  observations dropped;
  std::size_t next_command = 0;
  while (!e->done() && e->count().time_s < r.until_s - kTimeTolerance_s) {
    if (e->count().tick == r.restored_at) {
      snapshot saved;
      e->save(saved);
      e = loaded(s, r.seed, r.other_threads);
      e->restore(saved);
    }
    std::vector<command> due;
    for (; next_command < s.commands.size() && s.commands[next_command].time_s <= e->count().time_s + kTimeTolerance_s;
         ++next_command)
      due.push_back(s.commands[next_command].what);
    if (!due.empty()) e->apply(due);
    e->step();
    e->observe(f);
    out.push_back(hash_frame(f));
    dropped.clear();
    e->drain(dropped);
  }
  return out;
}

std::size_t first_difference(std::vector<std::uint64_t> const& a, std::vector<std::uint64_t> const& b) {
  auto const [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return x == a.end() && y == b.end() ? 0 : static_cast<std::size_t>(x - a.begin()) + 1;
}

std::uint64_t hash_of(std::vector<std::uint64_t> const& ticks) {
  hasher h;
  for (std::uint64_t const t : ticks) h.add_value(t);
  return h.value();
}

}  // namespace gemeo::test
