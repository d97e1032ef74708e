// Running gemeo-view, and reading back the picture it made.
#pragma once

#include <png.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/process.h"
#include "viewer/model/palette.h"

namespace gemeo::test {

struct picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
  [[nodiscard]] view::colour at(int x, int y) const {
    auto const* const p =
        &rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 3];
    return {p[0], p[1], p[2], 255};
  }
};

inline picture read_png(std::filesystem::path const& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, file.c_str()) == 0) return {};
  image.format = PNG_FORMAT_RGB;
  picture p;
  p.width = static_cast<int>(image.width);
  p.height = static_cast<int>(image.height);
  p.rgb.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, p.rgb.data(), 0, nullptr) == 0) return {};
  return p;
}

// Without a display, as on a compute node; a variable set to "" counts as absent for EGL, GLFW and Mesa.
inline process_result view(std::vector<std::string> arguments,
                           std::vector<std::pair<std::string, std::string>> environment = {}) {
  arguments.insert(arguments.begin(), GEMEO_VIEW_PROGRAM);
  process_options o;
  o.environment = std::move(environment);
  o.environment.insert(o.environment.begin(), {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}});
  return run_program(arguments, o);
}

}  // namespace gemeo::test
