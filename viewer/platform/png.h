// Pictures as PNG through libpng: written beside the name and renamed when whole, so that there is never half a
// picture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace gemeo::view {

// 8-bit RGB, rows from the top. Throws error(kRun) naming the file when it cannot be written.
void write_png(std::filesystem::path const& file, std::vector<std::uint8_t> const& rgb, int width, int height);

}  // namespace gemeo::view
