#include "viewer/platform/screenshot.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

#include "sim/core/error.h"
#include "viewer/platform/app.h"
#include "viewer/platform/offscreen.h"
#include "viewer/platform/png.h"

namespace gemeo::view {
namespace {

struct imgui_context {
  imgui_context() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
  }
  ~imgui_context() { ImGui::DestroyContext(); }
};

void check_time(view_state const& v, double time_s, std::filesystem::path const& file) {
  if (time_s < 0 || (time_s >= v.clock.begin_s() && time_s <= v.clock.end_s())) return;
  throw_usage(fmt::format("{} has nothing at {}", file.string(), clock_text(time_s)),
              fmt::format("choose a --time from {} to {}", clock_text(v.clock.begin_s()), clock_text(v.clock.end_s())));
}

void check_quantity(view_state const& v, quantity asked) {
  auto const can = v.offered();
  if (std::find(can.begin(), can.end(), asked) != can.end()) return;
  std::string known;
  for (quantity const q : can) known += (known.empty() ? "" : ", ") + std::string(info_of(q).key);
  throw_usage(fmt::format("the file does not hold what '{}' needs", info_of(asked).key),
              known.empty() ? "it holds no edge values at all" : "it can show: " + known);
}

void select(view_state& v, std::string const& road) {
  if (road.empty()) return;
  auto const hits = v.base->map->search.find(road, 1);
  if (hits.empty()) throw_usage(fmt::format("no road or edge is called '{}'", road));
  v.select_found(*hits.front(), v.free_space());
}

}  // namespace

int take_screenshot(screenshot_options const& o) {
  // Files first: what is wrong with them is said even where nothing can be drawn.
  auto const parent = o.out.parent_path();
  std::error_code ec;
  if (!parent.empty() && !std::filesystem::is_directory(parent, ec)) {
    throw_usage(fmt::format("--screenshot {}: there is no folder {}", o.out.string(), parent.string()));
  }
  if (o.out.extension() != ".png")
    throw_usage(fmt::format("--screenshot {}: pictures are PNG files", o.out.string()), "name it so: picture.png");
  std::vector<quantity> wanted{o.what};
  if (!o.road.empty()) {
    for (quantity_info const& q : quantities()) wanted.push_back(q.id);
  }
  auto const base = load_document(o.files[0], wanted);
  auto const other = o.files.size() > 1 ? load_document(o.files[1], wanted) : nullptr;
  offscreen_context const gl;
  imgui_context const imgui;
  app a(o.scale);
  a.view.what = o.what;
  a.view.theme = o.theme;
  a.view.still = true;
  a.view.show_labels = o.labels;
  a.view.set_documents(base, other);
  if (std::string const doubt = a.view.mismatch(); !doubt.empty()) fmt::print(stderr, "gemeo-view: {}\n", doubt);
  check_quantity(a.view, o.what);
  check_time(a.view, o.time_s, base->path);
  if (o.time_s >= 0) a.view.clock.set_time(o.time_s);
  if (base->trajectory_steps > 0) a.view.steps = trajectory_source(base->path).around(a.view.clock.time_s());
  canvas picture;
  picture.resize(o.width, o.height);
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(o.width), static_cast<float>(o.height)};
  io.DeltaTime = 1.0F / 60;
  // Cards find their size in the first frames, then the map is fitted beside them.
  for (int i = 0; i < 6; ++i) {
    if (i == 4) {
      select(a.view, o.road);
      a.view.flight.advance(a.view.camera, 100);
    }
    a.frame(o.width, o.height, picture.framebuffer());
  }
  write_png(o.out, picture.read_rgb(), o.width, o.height);
  return 0;
}

}  // namespace gemeo::view
