// What the colours mean: quantity (a choice, unless this is a picture), palette with units, the roads without a value.
#include <fmt/core.h>

#include <cmath>

#include "viewer/panels/panels.h"

namespace gemeo::view {
namespace {

std::string heading(view_state const& v) {
  std::string label = info_of(v.what).label;
  if (!v.difference_shown()) return label;
  if (v.what != quantity::kCo2) label[0] = static_cast<char>(label[0] - 'A' + 'a');
  return "Difference in " + label;
}

void choose_quantity(ui const& u) {
  view_state& v = u.view;
  ImGui::PushItemWidth(u.px(268));
  ImGui::PushFont(u.fonts.bold);
  if (ImGui::BeginCombo("##quantity", heading(v).c_str(), ImGuiComboFlags_HeightLargest)) {
    for (quantity const q : v.offered()) {
      if (ImGui::Selectable(info_of(q).label, q == v.what)) v.set_quantity(q);
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", info_of(q).explanation);
    }
    ImGui::EndCombo();
  }
  ImGui::PopFont();
  ImGui::PopItemWidth();
}

std::string tick_text(double value, bool sign) {
  std::string s = fmt::format("{:g}", std::abs(std::round(value * 1e6) / 1e6));
  if (value < 0) s.insert(0, "\u2212");
  if (value > 0 && sign) s.insert(0, "+");
  return s;
}

void bar(ui const& u) {
  view_state const& v = u.view;
  value_scale const& s = v.shown()->scale;
  palette const colours(v.palette_in_use(), v.theme);
  ImDrawList* const d = ImGui::GetWindowDrawList();
  float const w = u.px(268), h = u.px(13);
  ImVec2 const p = ImGui::GetCursorScreenPos();
  // Values grow to the right, as on every axis; where the low end is the troubled one, the colours run the other way.
  int const pieces = static_cast<int>(w);
  for (int i = 0; i < pieces; ++i) {
    double const value = s.low + (s.high - s.low) * (i + 0.5) / pieces;
    float const x = p.x + static_cast<float>(i);
    d->AddRectFilled({x, p.y}, {x + 1, p.y + h}, paint(colours.at(s.position(value))));
  }
  d->AddRect({p.x - 1, p.y - 1}, {p.x + static_cast<float>(pieces) + 1, p.y + h + 1}, paint(u.t.card_border), u.px(2));
  float const below = p.y + h + u.px(4);
  auto const ticks = s.ticks();
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    float const x = p.x + static_cast<float>((ticks[i] - s.low) / (s.high - s.low)) * w;
    std::string const t = tick_text(ticks[i], s.diverging);
    float const half = size_of(u.fonts.small, t).x / 2;
    d->AddLine({x, p.y + h}, {x, p.y + h + u.px(3)}, paint(u.t.text_soft));
    draw_text(d, u.fonts.small, {std::clamp(x, p.x + half, p.x + w - half), below}, u.t.text, t, 0.5F);
  }
  ImGui::Dummy({w, h + u.px(6) + u.fonts.small->FontSize});
  quantity_info const& info = info_of(v.what);
  ImVec2 const q = ImGui::GetCursorScreenPos();
  char const *const left = s.diverging ? "less"
                           : s.falling ? info.high
                                       : info.low,
                    *const right = s.diverging ? "more"
                                   : s.falling ? info.low
                                               : info.high;
  draw_text(d, u.fonts.small, q, u.t.text_soft, left);
  draw_text(d, u.fonts.small, {q.x + w / 2, q.y}, u.t.text_soft, info.unit, 0.5F);
  draw_text(d, u.fonts.small, {q.x + w, q.y}, u.t.text_soft, right, 1);
  ImGui::Dummy({w, u.fonts.small->FontSize + u.px(2)});
}

// A piece of road as the map draws it, and what it means; bars: closed.
void road_sample(ui const& u, float width, bool bars, char const* meaning) {
  ImDrawList* const d = ImGui::GetWindowDrawList();
  ImVec2 const p = ImGui::GetCursorScreenPos();
  float const y = p.y + u.fonts.small->FontSize / 2;
  d->AddLine({p.x, y}, {p.x + u.px(22), y}, paint(u.t.casing), u.px(width + 2));
  d->AddLine({p.x, y}, {p.x + u.px(22), y}, paint(u.t.road), u.px(width));
  for (float x = 2; bars && x < 22; x += 6)
    d->AddRectFilled({p.x + u.px(x), y - u.px(width / 2)}, {p.x + u.px(x + 3), y + u.px(width / 2)}, paint(u.t.closed));
  draw_text(d, u.fonts.small, {p.x + u.px(30), p.y}, u.t.text_soft, meaning);
  ImGui::Dummy({u.px(268), u.fonts.small->FontSize});
}

}  // namespace

ImVec2 legend_panel(ui const& u, float above_px) {
  view_state& v = u.view;
  if (!v.base) return {0, 0};
  begin_card(u, "legend", corner::kBottomLeft, {u.px(16), above_px});
  if (v.still) {
    text(u, u.fonts.bold, u.t.text, heading(v));
  } else {
    choose_quantity(u);
  }
  if (v.shown()) {
    ImGui::Dummy({0, u.px(2)});
    bar(u);
    road_sample(u, 3, false, "no vehicles measured");
    if (v.any_closed()) road_sample(u, 5, true, "closed to cars");
  } else if (v.offered().empty()) {
    text(u, u.fonts.body, u.t.text_soft, "this file holds no edge values");
  } else {
    text(u, u.fonts.body, u.t.text_soft, "reading\u2026");
  }
  if (v.other && !v.still) {
    bool compare = v.compare;
    if (ImGui::Checkbox("difference", &compare)) {
      v.compare = compare;
      v.refresh_shown();
    }
  }
  return end_card(u);
}

}  // namespace gemeo::view
