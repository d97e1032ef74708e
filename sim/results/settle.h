// What becomes of the file of a run whose writer died. Thread rule: one thread a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gemeo {

// Takes away the marks that a killed writer left in a result file, so that programs which do not read growing files
// open it too, and reads it then: a file that cannot be read without them stays as it was. Throws error(kInput) where
// there is nothing in it, error(kRun) where it cannot be done, or a process of this machine is writing it.
void unlock_result(std::filesystem::path const& file);

struct file_identity {
  std::uint64_t device = 0, inode = 0;
  friend bool operator==(file_identity const&, file_identity const&) = default;
};

// Of NAME.h5.partial of the run that is to be `result` (NAME.h5); nothing when there is none.
std::optional<file_identity> partial_identity(std::filesystem::path const& result);

// After the death of the writer of `result`: makes its NAME.h5.partial open in any program. `before` is what stood
// there when the writer was started, and is left alone, as is what another process writes. Returns in words what is
// left; empty: the writer left nothing. Does not throw.
std::string settle_partial(std::filesystem::path const& result, std::optional<file_identity> const& before) noexcept;

}  // namespace gemeo
