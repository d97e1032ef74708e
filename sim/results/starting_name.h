// The name of a result file while its writer makes its tables: NAME.h5.partial.new.HOST.PID. It is NAME.h5.partial from
// the moment at which it can be read; two runs of one name do not meet before.
#pragma once

#include <filesystem>

namespace gemeo {

std::filesystem::path partial_name(std::filesystem::path const& result);   // NAME.h5.partial
std::filesystem::path starting_name(std::filesystem::path const& result);  // of this process
// Removes those that processes of this machine left which are no more.
void remove_stale_starts(std::filesystem::path const& result);

}  // namespace gemeo
