// What becomes of the file of a run whose writer died. Thread rule: one thread a file, and only when the writer is
// gone.
#pragma once

#include <filesystem>
#include <string>

namespace gemeo {

// Takes away the marks that a killed writer left in a result file, so that programs which do not read growing files
// open it too, and reads it then: a file that cannot be read without them stays as it was. Throws error(kInput) where
// there is nothing in it, error(kRun) where it cannot be done.
void unlock_result(std::filesystem::path const& file);

// Of the run that was to be `result` (NAME.h5): makes NAME.h5.partial open in any program, and removes what nobody can
// read. Returns in words what is left, or was; empty: nothing had been written. Does not throw.
std::string settle_partial(std::filesystem::path const& result) noexcept;

}  // namespace gemeo
