// The mouse over the map, and what is written on it: road names along their roads, the scale bar, the hovered road.
#include <fmt/core.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "viewer/panels/panels.h"

namespace gemeo::view {
namespace {

void hover(ui const& u, ImVec2 mouse) {
  view_state& v = u.view;
  point const w = v.camera.to_world(mouse.x, mouse.y);
  auto const hit = v.base->map->under.at(w.x, w.y, v.camera.px_per_m() / u.scale, 5);
  v.hovered = hit ? hit->edge : edge_id();
}

unsigned next_letter(std::string_view s, std::size_t& i) {
  unsigned letter = 0;
  int const used = ImTextCharFromUtf8(&letter, s.data() + i, s.data() + s.size());
  i += static_cast<std::size_t>(std::max(1, used));
  return letter;
}

struct glyph_place {
  ImFontGlyph const* glyph;
  ImVec2 at, along;  // the middle of the advance on the line, and the line's direction
  float half_advance;
};

std::vector<glyph_place> lay_out(placed_label const& l, ImFont* font) {
  std::vector<glyph_place> out;
  double const width = size_of(font, l.text).x;
  double at = std::max(0.0, (l.length_px - width) / 2), walked = 0;
  std::size_t k = 1;
  for (std::size_t i = 0; i < l.text.size();) {
    ImFontGlyph const* const g = font->FindGlyph(static_cast<ImWchar>(next_letter(l.text, i)));
    if (g == nullptr) continue;
    double const middle = at + g->AdvanceX / 2;
    double step = 0;
    for (; k < l.path.size(); ++k) {
      step = std::hypot(l.path[k].x - l.path[k - 1].x, l.path[k].y - l.path[k - 1].y);
      if (walked + step >= middle || k + 1 == l.path.size()) break;
      walked += step;
    }
    if (step > 0) {
      screen_point const a = l.path[k - 1], b = l.path[k];
      float const t = static_cast<float>((middle - walked) / step);
      ImVec2 const d{static_cast<float>((b.x - a.x) / step), static_cast<float>((b.y - a.y) / step)};
      out.push_back({g, {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}, d, g->AdvanceX / 2});
    }
    at += g->AdvanceX;
  }
  return out;
}

void draw_glyphs(ImDrawList* d, std::vector<glyph_place> const& glyphs, float middle_y, ImVec2 shift, ImU32 c) {
  for (glyph_place const& p : glyphs) {
    if (p.glyph->Visible == 0) continue;
    auto const corner_at = [&](float x, float y) {
      float const u = x - p.half_advance, w = y - middle_y;
      return ImVec2{p.at.x + shift.x + p.along.x * u - p.along.y * w, p.at.y + shift.y + p.along.y * u + p.along.x * w};
    };
    ImFontGlyph const& g = *p.glyph;
    d->PrimReserve(6, 4);
    d->PrimQuadUV(corner_at(g.X0, g.Y0), corner_at(g.X1, g.Y0), corner_at(g.X1, g.Y1), corner_at(g.X0, g.Y1),
                  {g.U0, g.V0}, {g.U1, g.V0}, {g.U1, g.V1}, {g.U0, g.V1}, c);
  }
}

}  // namespace

void map_input(ui const& u) {
  view_state& v = u.view;
  ImGuiIO const& io = ImGui::GetIO();
  static ImVec2 pressed_at;
  static bool dragging = false;
  if (!v.base) return;
  bool const over_map = !io.WantCaptureMouse && ImGui::IsMousePosValid();
  if (!over_map && !dragging) {
    v.hovered = edge_id();
    return;
  }
  if (over_map && io.MouseWheel != 0) {
    v.flight.stop();
    v.camera.zoom_at(io.MousePos.x, io.MousePos.y, std::pow(1.2, static_cast<double>(io.MouseWheel)));
  }
  if (over_map && ImGui::IsMouseDoubleClicked(0)) {
    class camera goal = v.camera;
    goal.zoom_at(io.MousePos.x, io.MousePos.y, io.KeyShift ? 0.5 : 2);
    v.flight.to(goal);
  }
  if (over_map && ImGui::IsMouseClicked(0)) {
    pressed_at = io.MousePos;
    dragging = true;
  }
  if (dragging) {
    if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0) {
      if (ImGui::IsMouseDragging(0, u.px(4))) {
        v.flight.stop();
        v.camera.pan(io.MouseDelta.x, io.MouseDelta.y);
      }
    }
    if (ImGui::IsMouseReleased(0)) {
      dragging = false;
      float const moved = std::hypot(io.MousePos.x - pressed_at.x, io.MousePos.y - pressed_at.y);
      if (moved < u.px(4)) {
        hover(u, io.MousePos);
        v.selected = v.hovered;
        v.found.clear();
      }
    }
    return;
  }
  hover(u, io.MousePos);
}

void draw_map_labels(ui const& u) {
  view_state const& v = u.view;
  if (!v.base || !v.show_labels) return;
  // Placing names costs a few milliseconds on a large city: only when something has moved.
  static std::vector<placed_label> placed;
  static std::shared_ptr<map_data const> placed_map;  // keeps the texts alive
  static class camera placed_camera;
  static std::vector<ImVec4> placed_cards;
  auto const same = [](std::vector<ImVec4> const& a, std::vector<ImVec4> const& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](ImVec4 const& p, ImVec4 const& q) {
             return std::abs(p.x - q.x) + std::abs(p.y - q.y) + std::abs(p.z - q.z) + std::abs(p.w - q.w) < 1;
           });
  };
  ImFont* const font = u.fonts.label;
  if (placed_map != v.base->map || !(placed_camera == v.camera) || !same(placed_cards, u.cards)) {
    class camera design = v.camera;
    label_style s;
    s.text_width_px = [&](std::string_view t, road_class) { return static_cast<double>(size_of(font, t).x); };
    s.height_px = font->FontSize;
    s.repeat_px = u.px(520);
    for (ImVec4 const& c : u.cards) s.occupied.push_back({c.x, c.y, c.z, c.w});
    placed = v.base->map->labels.place(design, s);
    placed_map = v.base->map;
    placed_camera = v.camera;
    placed_cards = u.cards;
  }
  ImDrawList* const d = ImGui::GetBackgroundDrawList();
  float const middle_y = font->Ascent * 0.62F;  // the middle of the small letters
  for (placed_label const& l : placed) {
    auto const glyphs = lay_out(l, font);
    for (int k = 0; k < 8; ++k) {
      float const a = static_cast<float>(k) * 0.7853982F, r = u.px(1.6F);
      draw_glyphs(d, glyphs, middle_y, {r * std::cos(a), r * std::sin(a)}, paint(u.t.halo));
    }
    draw_glyphs(d, glyphs, middle_y, {0, 0}, paint(l.kind >= road_class::kPrimary ? u.t.label : u.t.label_road));
  }
}

void draw_scale_bar(ui const& u, float above_px, float right_px) {
  ImVec2 const screen = ImGui::GetIO().DisplaySize;
  double const length_m = round_length_m(u.view.camera.px_per_m(), u.px(160));
  auto const w = static_cast<float>(length_m * u.view.camera.px_per_m());
  ImDrawList* const d = ImGui::GetBackgroundDrawList();
  float const x = screen.x - right_px - w, y = screen.y - above_px;
  auto const bar = [&](float grow, ImU32 c) {
    d->AddRectFilled({x - grow, y - u.px(3) - grow}, {x + w + grow, y + grow}, c);
    d->AddRectFilled({x - grow, y - u.px(8) - grow}, {x + u.px(1.5F) + grow, y + grow}, c);
    d->AddRectFilled({x + w - u.px(1.5F) - grow, y - u.px(8) - grow}, {x + w + grow, y + grow}, c);
  };
  bar(u.px(1.5F), paint(u.t.halo));
  bar(0, paint(u.t.label));
  std::string const label =
      length_m >= 1000 ? fmt::format("{:g} km", length_m / 1000) : fmt::format("{:g} m", length_m);
  draw_halo_text(u, d, u.fonts.small, {x + w / 2, y - u.px(10) - u.fonts.small->FontSize}, u.t.label, label, 0.5F);
}

void draw_attribution(ui const& u, float above_px, float left_px) {
  if (!u.view.base) return;
  std::string line = u.view.base->description.attribution;
  for (char& c : line) c = c == '\n' ? ' ' : c;
  if (line.empty()) return;
  ImVec2 const screen = ImGui::GetIO().DisplaySize;
  // Cut rather than run into the scale bar: the file has the whole.
  float const room = screen.x - left_px - u.px(240);
  while (!line.empty() && size_of(u.fonts.small, line).x > room) {
    line.pop_back();
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
  }
  draw_halo_text(u, ImGui::GetBackgroundDrawList(), u.fonts.small,
                 {left_px, screen.y - above_px - u.fonts.small->FontSize}, u.t.label_road, line);
}

void hover_panel(ui const& u) {
  view_state const& v = u.view;
  if (!v.base || !v.hovered.valid() || v.still || v.hovered == v.selected) return;
  result_network const& net = v.base->map->net;
  ImGui::PushFont(u.fonts.body);
  ImGui::BeginTooltip();
  std::string const& road = net.road_name[v.hovered];
  text(u, u.fonts.bold, u.t.text, road.empty() ? net.name[v.hovered] : road);
  if (auto const i = v.interval()) {
    float const value = v.shown()->at(*i, v.hovered);
    text(u, u.fonts.body, u.t.text,
         fmt::format("{}{}", v.difference_shown() ? "difference " : "",
                     value_text(v.what, value, true, v.difference_shown())));
  }
  for (edge_closure const& closed : v.closures_of(v.hovered)) {
    text(u, u.fonts.body, u.t.text,
         fmt::format("closed to cars {}\u2013{}", clock_text(closed.begin_s), clock_text(closed.end_s)));
  }
  text(u, u.fonts.small, u.t.text_soft,
       fmt::format("limit {:.0f} km/h, {} {}", net.speed_mps[v.hovered] * 3.6F, net.lanes[v.hovered],
                   net.lanes[v.hovered] == 1 ? "lane" : "lanes"));
  ImGui::EndTooltip();
  ImGui::PopFont();
}

}  // namespace gemeo::view
