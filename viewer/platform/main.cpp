// gemeo-view: shows one result file, or the difference of two; in a window, or as a picture.
// Exit codes: 0 done, 1 failed (no display, no disk space), 2 bad usage or a bad file.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "sim/core/error.h"
#include "viewer/model/document.h"
#include "viewer/model/playback.h"
#include "viewer/platform/screenshot.h"
#include "viewer/platform/window.h"

namespace gemeo::view {
namespace {

struct arguments {
  std::vector<std::string> files;
  std::string screenshot, time, quantity_key = "ratio", size = "1600x1000", theme = "light", road;
  double scale = 1, quit_after_s = -1;
  bool no_labels = false;
};

void describe(CLI::App& app, arguments& a) {
  app.add_option("FILE", a.files, "result files of 'gemeo run'; with two, what changes from the first to the second")
      ->required()
      ->expected(1, 2);
  app.add_option("--screenshot", a.screenshot, "write a picture (PNG) and end; needs no display");
  app.add_option("--time", a.time, "HH:MM; without it the busiest interval");
  std::string keys;
  for (quantity_info const& q : quantities()) keys += (keys.empty() ? "" : ", ") + std::string(q.key);
  app.add_option("--quantity", a.quantity_key, "what colours the roads: " + keys)->capture_default_str();
  app.add_option("--size", a.size, "width x height in pixels")->capture_default_str();
  app.add_option("--theme", a.theme, "light or dark")->capture_default_str();
  app.add_option("--road", a.road, "select and show a road by its name, or an edge by its id (with --screenshot)");
  app.add_option("--scale", a.scale, "size of text and lines, for large prints and dense screens (with --screenshot)")
      ->capture_default_str();
  app.add_flag("--no-labels", a.no_labels, "no road names (with --screenshot)");
  app.add_option("--quit-after", a.quit_after_s, "close the window after so many seconds")->group("");
}

std::pair<int, int> parse_size(std::string const& s) {
  int w = 0, h = 0, used = 0;
  if (std::sscanf(s.c_str(), "%5dx%5d%n", &w, &h, &used) != 2 || static_cast<std::size_t>(used) != s.size() ||
      w < 320 || h < 240 || w > 16384 || h > 16384) {
    throw_usage(fmt::format("--size '{}' is no size", s), "write it as 1600x1000, from 320x240 to 16384x16384");
  }
  return {w, h};
}

theme_kind parse_theme(std::string const& s) {
  if (s == "light") return theme_kind::kLight;
  if (s == "dark") return theme_kind::kDark;
  throw_usage(fmt::format("--theme '{}' is unknown", s), "light or dark");
}

int run(int argc, char** argv) {
  CLI::App app{"gemeo-view: results on a map, over the day"};
  app.name("gemeo-view");
  app.set_version_flag("--version", std::string("gemeo-view ") + GEMEO_VERSION);
  arguments a;
  describe(app, a);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    throw_usage(e.what(), "see gemeo-view --help");
  }
  double time_s = -1;
  if (!a.time.empty()) {
    auto const t = parse_clock(a.time);
    if (!t) throw_usage(fmt::format("--time '{}' is no time of day", a.time), "write it as 08:15");
    time_s = *t;
  }
  auto const [width, height] = parse_size(a.size);
  if (!(a.scale >= 0.5 && a.scale <= 8)) throw_usage("--scale must lie between 0.5 and 8");
  std::vector<std::filesystem::path> const files(a.files.begin(), a.files.end());
  quantity const what = parse_quantity(a.quantity_key);
  theme_kind const theme = parse_theme(a.theme);
  for (auto const& f : files) existing_file(f);  // said before any window opens
  if (!a.screenshot.empty()) {
    return take_screenshot({.files = files,
                            .out = a.screenshot,
                            .what = what,
                            .theme = theme,
                            .width = width,
                            .height = height,
                            .scale = static_cast<float>(a.scale),
                            .time_s = time_s,
                            .road = a.road,
                            .labels = !a.no_labels});
  }
  return run_window({.files = files,
                     .what = what,
                     .theme = theme,
                     .width = width,
                     .height = height,
                     .time_s = time_s,
                     .quit_after_s = a.quit_after_s});
}

}  // namespace
}  // namespace gemeo::view

int main(int argc, char** argv) {
  try {
    return gemeo::view::run(argc, argv);
  } catch (gemeo::error const& e) {
    fmt::print(stderr, "gemeo-view: {}\n", e.what());
    return e.exit_code();
  } catch (std::bad_alloc const&) {
    fmt::print(stderr, "gemeo-view: out of memory\n");
    return 1;
  } catch (std::exception const& e) {
    fmt::print(stderr, "gemeo-view: {}\n", e.what());
    return 1;
  }
}
