// Folders of result files without an engine, as `gemeo run --seeds` leaves them: NAME/seed_0001.h5 and so on, made by
// tests/support/made_result.h. Runs of one seed share every traveller's draws, so two folders make a paired comparison.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tests/support/made_result.h"

namespace gemeo::test {

std::filesystem::path made_file(std::filesystem::path const& folder, std::uint64_t seed);
// like: everything but the seed; its edit() can tell the seed by data.description.seed.
std::filesystem::path make_ensemble(network const& net, std::filesystem::path const& folder,
                                    std::vector<std::uint64_t> const& seeds, made_run like = {});
made_run small_run();                           // fast to write: half an hour, a hundred travellers
made_run closed_run(made_run r = small_run());  // the road FG is closed, everything else gets slower

// Runs of up to an hour from 07:00; that of seed i ends at end_s[i - 1], as planned or because nothing was left.
made_run ending_at(made_run like, std::vector<double> end_s, bool planned = false);

}  // namespace gemeo::test
