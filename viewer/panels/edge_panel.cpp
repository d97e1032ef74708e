// The selected road: its name and facts, what each quantity reads now, and the shown quantity over the day.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "viewer/panels/chart.h"
#include "viewer/panels/panels.h"

namespace gemeo::view {
namespace {

void heading(ui const& u, result_network const& net, edge_id e, float width) {
  std::string const& road = net.road_name[e];
  text_wrapped(u, u.fonts.title, u.t.text, road.empty() ? net.name[e] : road, width);
  std::string facts = fmt::format("{:.0f} m \u00b7 {} {} \u00b7 limit {:.0f} km/h", net.length_m[e], net.lanes[e],
                                  net.lanes[e] == 1 ? "lane" : "lanes", net.speed_mps[e] * 3.6F);
  text(u, u.fonts.small, u.t.text_soft, facts);
  if (!road.empty()) text(u, u.fonts.small, u.t.text_soft, "edge " + net.name[e]);
}

void values_now(ui const& u, edge_id e, float width) {
  view_state& v = u.view;
  ImDrawList* const d = ImGui::GetWindowDrawList();
  for (quantity const q : v.offered()) {
    if (!v.base->holds(q) || (v.other && !v.other->holds(q))) continue;
    shown_field f;
    f.base = std::make_shared<field const>(q, v.base->series, v.base->map->net);
    auto const i = interval_at(f.base->begin_s(), f.base->end_s(), v.clock.time_s());
    if (!i) continue;
    ImVec2 const p = ImGui::GetCursorScreenPos();
    bool const here = q == v.what;
    draw_text(d, here ? u.fonts.bold : u.fonts.body, p, here ? u.t.text : u.t.text_soft, info_of(q).label);
    std::string s = value_text(q, f.base->at(*i, e), true);
    if (v.other && v.shown() && v.shown()->other) {
      // before -> after, matched as the map matches them
      auto const& names = v.other->map->net.name;
      auto const at = v.difference_shown() ? v.shown()->difference->edge_in_other(e) : edge_id();
      if (at.valid() && at.index() < names.size()) {
        field const other(q, v.other->series, v.other->map->net);
        auto const j = interval_at(other.begin_s(), other.end_s(), v.clock.time_s());
        if (j) s = value_text(q, f.base->at(*i, e), false) + " \u2192 " + value_text(q, other.at(*j, at), true);
      }
    }
    draw_text(d, here ? u.fonts.bold : u.fonts.body, {p.x + width, p.y}, u.t.text, s, 1);
    ImGui::Dummy({width, u.fonts.body->FontSize + u.px(1)});
  }
}

void curve(ui const& u, edge_id e, float width) {
  view_state const& v = u.view;
  if (!v.shown()) return;
  edge_curve const c = curve_of(*v.shown(), e);
  if (c.middle_s.empty()) return;
  float const height = u.px(118), left = u.px(36);
  ImVec2 const p = ImGui::GetCursorScreenPos();
  ImDrawList* const d = ImGui::GetWindowDrawList();
  chart_box b;
  b.min = {p.x + left, p.y + u.px(6)};
  b.max = {p.x + width, p.y + height - u.px(20)};
  b.begin_s = v.clock.begin_s();
  b.end_s = std::max(v.clock.end_s(), b.begin_s + 1);
  b.high = std::max(round_top(c.base), c.other.empty() ? 0 : round_top(c.other));
  if (v.what == quantity::kSpeed || v.what == quantity::kRatio) {
    double const limit = v.what == quantity::kRatio ? 100 : v.base->map->net.speed_mps[e] * 3.6;
    b.high = std::max(b.high, limit);
    float const y = b.y(limit);
    for (float x = b.min.x; x < b.max.x; x += u.px(8))
      d->AddLine({x, y}, {std::min(x + u.px(4), b.max.x), y}, paint(u.t.text_soft));
  }
  for (double const share : {0.0, 0.5, 1.0}) {
    float const y = b.y(b.high * share);
    d->AddLine({b.min.x, y}, {b.max.x, y}, paint(u.t.card_border));
    draw_text(d, u.fonts.small, {b.min.x - u.px(6), y - u.fonts.small->FontSize / 2}, u.t.text_soft,
              value_text(v.what, b.high * share, false), 1);
  }
  bool const two = !c.other.empty();
  draw_line(u, d, b, c.middle_s, {c.base, two ? u.t.text_soft : u.t.accent, 2, !two});
  if (two) draw_line(u, d, b, c.middle_s, {c.other, u.t.accent, 2, false});
  float const now = b.x(v.clock.time_s());
  d->AddLine({now, b.min.y}, {now, b.max.y}, paint(u.t.text), u.px(1.5F));
  draw_time_axis(u, d, b);
  ImGui::Dummy({width, height});
  if (two) {
    ImVec2 const q = ImGui::GetCursorScreenPos();
    float const y = q.y + u.fonts.small->FontSize / 2;
    d->AddLine({q.x, y}, {q.x + u.px(18), y}, paint(u.t.text_soft), u.px(2));
    draw_text(d, u.fonts.small, {q.x + u.px(24), q.y}, u.t.text_soft, "before");
    d->AddLine({q.x + u.px(90), y}, {q.x + u.px(108), y}, paint(u.t.accent), u.px(2));
    draw_text(d, u.fonts.small, {q.x + u.px(114), q.y}, u.t.text_soft, "after");
    ImGui::Dummy({width, u.fonts.small->FontSize});
  }
}

}  // namespace

ImVec2 edge_panel(ui const& u, float top_px) {
  view_state const& v = u.view;
  if (!v.base || !v.selected.valid() || v.selected.index() >= v.base->map->net.name.size()) return {0, 0};
  float const width = u.px(308);
  begin_card(u, "edge", corner::kTopRight, {u.px(16), top_px}, width + u.px(32));
  heading(u, v.base->map->net, v.selected, width);
  ImGui::Dummy({0, u.px(3)});
  values_now(u, v.selected, width);
  ImGui::Dummy({0, u.px(3)});
  text(u, u.fonts.small, u.t.text_soft,
       fmt::format("{} over the day, {}", info_of(v.what).label, info_of(v.what).unit));
  curve(u, v.selected, width);
  return end_card(u);
}

}  // namespace gemeo::view
