#include "viewer/platform/app.h"

#include <backends/imgui_impl_opengl3.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace gemeo::view {

app::app(float scale) : scale_(scale), fonts_(load_fonts(scale)) {
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) throw_run("OpenGL", "the driver offers no OpenGL 3.3");
}
app::~app() { ImGui_ImplOpenGL3_Shutdown(); }

void app::panels() {
  ui const u{view, fonts_, colours_of(view.theme), scale_, cards_};
  std::vector<ImVec4> const before = cards_;
  cards_.clear();
  if (!view.still) map_input(u);
  ImVec2 const title = title_panel(u);
  ImVec2 const timeline = timeline_panel(u);
  float const above = timeline.y > 0 ? timeline.y + u.px(28) : u.px(16);
  ImVec2 const legend = legend_panel(u, above);
  ImVec2 const search = search_panel(u, focus_search_);
  focus_search_ = false;
  ImVec2 const edge = edge_panel(u, search.y > 0 ? search.y + u.px(28) : u.px(16));
  help_panel(u);
  problem_panel(u);
  draw_scale_bar(u, above + u.px(2), u.px(24));
  draw_attribution(u, above + u.px(2), legend.x + u.px(32));
  hover_panel(u);
  draw_map_labels(u);
  float const side = std::max(title.x, legend.x) + u.px(16);
  view.set_free_space({side, title.y + u.px(16), edge.x, above});
}

void app::refresh_map() {
  if (!view.base) return;
  auto const shared = std::shared_ptr<road_map const>(view.base->map, &view.base->map->map);
  renderer_.set_map(shared);
  colour_stamp const c{view.base.get(),
                       view.shown() ? static_cast<void const*>(view.shown()->base.get()) : nullptr,
                       view.theme,
                       view.clock.playing(),
                       view.clock.playing() || view.any_closed() ? view.clock.time_s() : 0,
                       view.interval()};
  if (coloured_ != c) {
    renderer_.set_colours(view.edge_colours());
    coloured_ = c;
    drawn_.reset();
  }
  bool const vehicles = view.show_vehicles && view.steps != nullptr;
  if (vehicles && (placed_steps_ != view.steps || placed_time_s_ != view.clock.time_s())) {
    step_pair const& s = *view.steps;
    auto const v = view.base->map->vehicles.at(s.before, s.has_after ? &s.after : nullptr, view.clock.time_s());
    renderer_.set_vehicles(v);
    placed_steps_ = view.steps;
    placed_time_s_ = view.clock.time_s();
    drawn_.reset();
  } else if (!vehicles && placed_steps_ != nullptr) {
    renderer_.set_vehicles({});
    placed_steps_.reset();
    drawn_.reset();
  }
  stamp const s{view.camera, view.theme, view.hovered, view.selected, view.found, vehicles};
  if (!drawn_ || drawn_->hovered != s.hovered || drawn_->selected != s.selected || drawn_->found != s.found) {
    std::vector<edge_id> strong = view.found;
    if (view.selected.valid() && strong.empty()) strong.push_back(view.selected);
    renderer_.set_highlights(strong,
                             view.hovered.valid() ? std::vector<edge_id>{view.hovered} : std::vector<edge_id>());
  }
  if (!drawn_ || !(*drawn_ == s)) {
    map_.bind();
    renderer_.draw(view.camera, colours_of(view.theme), scale_);
    drawn_ = s;
  }
}

void app::frame(int width, int height, GLuint framebuffer) {
  if (styled_ != view.theme) {
    apply_style(view.theme, scale_);
    styled_ = view.theme;
  }
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  if (width != map_.width() || height != map_.height()) drawn_.reset();
  map_.resize(width, height);
  view.camera.resize(width, height);
  panels();
  // Cards know their size from the second frame on; those of a document that has just come, too.
  shown_frames_ = view.shown() || (view.base && view.offered().empty()) ? shown_frames_ + 1 : 0;
  if (shown_frames_ == 3 && !fitted_) {
    view.camera = fitted(view);
    fitted_ = true;
  }
  ImGui::Render();
  refresh_map();
  if (!view.base) {
    map_.bind();
    renderer_.draw(view.camera, colours_of(view.theme), scale_);
  }
  map_.copy_to(framebuffer);
  glViewport(0, 0, width, height);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace gemeo::view
