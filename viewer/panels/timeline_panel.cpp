// The bar below: play, the clock, and the whole day as a curve to drag along.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "viewer/model/actions.h"
#include "viewer/panels/chart.h"
#include "viewer/panels/panels.h"

namespace gemeo::view {
namespace {

void play_button(ui const& u) {
  view_state& v = u.view;
  float const r = u.px(22);
  ImVec2 const p = ImGui::GetCursorScreenPos();
  if (ImGui::InvisibleButton("play", {2 * r, 2 * r})) v.clock.toggle();
  bool const over = ImGui::IsItemHovered();
  if (over) ImGui::SetTooltip("%s (Space)", v.clock.playing() ? "pause" : "play");
  ImDrawList* const d = ImGui::GetWindowDrawList();
  ImVec2 const c{p.x + r, p.y + r};
  d->AddCircleFilled(c, r, paint(over ? mix(u.t.accent, u.t.text, 0.15) : u.t.accent), 40);
  ImU32 const ink = paint(v.theme == theme_kind::kDark ? rgb(0x0b1218) : rgb(0xffffff));
  if (v.clock.playing()) {
    d->AddRectFilled({c.x - u.px(7), c.y - u.px(8)}, {c.x - u.px(2), c.y + u.px(8)}, ink, u.px(1.5F));
    d->AddRectFilled({c.x + u.px(2), c.y - u.px(8)}, {c.x + u.px(7), c.y + u.px(8)}, ink, u.px(1.5F));
  } else {
    d->AddTriangleFilled({c.x - u.px(6), c.y - u.px(9)}, {c.x - u.px(6), c.y + u.px(9)}, {c.x + u.px(10), c.y}, ink);
  }
}

std::string rate_text(double rate) {
  if (rate < 60) return fmt::format("{:g} s a second", rate);
  if (rate < 3600) return fmt::format("{:g} min a second", rate / 60);
  return fmt::format("{:g} h a second", rate / 3600);
}

void rate_choice(ui const& u) {
  view_state& v = u.view;
  ImGui::PushItemWidth(u.px(138));
  ImGui::PushFont(u.fonts.small);
  if (ImGui::BeginCombo("##rate", rate_text(v.clock.rate()).c_str(), ImGuiComboFlags_HeightLargest)) {
    for (double const r : kRates) {
      if (ImGui::Selectable(rate_text(r).c_str(), r == v.clock.rate())) v.clock.set_rate(r);
    }
    ImGui::EndCombo();
  }
  ImGui::PopFont();
  ImGui::PopItemWidth();
}

std::string grouped(double n) { return value_text(quantity::kFlow, n, false); }

// Mean number of vehicles driving, over the time; one line a file.
void day_curve(ui const& u, ImVec2 p, ImVec2 size) {
  view_state& v = u.view;
  network_series const& a = v.base->totals;
  ImDrawList* const d = ImGui::GetWindowDrawList();
  chart_box b;
  b.min = {p.x, p.y + u.px(18)};
  b.max = {p.x + size.x, p.y + size.y - u.px(20)};
  b.begin_s = v.clock.begin_s();
  b.end_s = std::max(v.clock.end_s(), b.begin_s + 1);
  std::vector<float> first(a.vehicles.begin(), a.vehicles.end()), second;
  if (v.other) second.assign(v.other->totals.vehicles.begin(), v.other->totals.vehicles.end());
  b.high = std::max(round_top(first), second.empty() ? 0 : round_top(second));
  d->AddRectFilled(b.min, b.max, paint(with_alpha(u.t.track, 120)), u.px(4));
  auto const middles = [](network_series const& s) {
    std::vector<double> m;
    for (std::size_t i = 0; i < s.begin_s.size(); ++i) m.push_back((s.begin_s[i] + s.end_s[i]) / 2);
    return m;
  };
  std::size_t now = 0;
  if (auto const i = interval_at(a.begin_s, a.end_s, v.clock.time_s())) {
    now = *i;
    d->AddRectFilled({b.x(a.begin_s[now]), b.min.y}, {b.x(a.end_s[now]), b.max.y}, paint(with_alpha(u.t.accent, 40)));
  }
  d->PushClipRect(b.min, b.max, true);
  colour const soft = mix(u.t.text_soft, u.t.track, 0.15);
  draw_line(u, d, b, middles(a), {first, v.other ? soft : u.t.accent, 1.8F, !v.other});
  if (v.other) draw_line(u, d, b, middles(v.other->totals), {second, u.t.accent, 1.8F, true});
  d->PopClipRect();
  draw_time_axis(u, d, b);
  float const x = b.x(v.clock.time_s());
  d->AddLine({x, b.min.y - u.px(3)}, {x, b.max.y + u.px(3)}, paint(u.t.text), u.px(2));
  d->AddCircleFilled({x, b.min.y - u.px(3)}, u.px(5), paint(u.t.text), 20);
  if (now < a.vehicles.size()) {
    std::string s = fmt::format("{} vehicles driving", grouped(a.vehicles[now]));
    if (std::isfinite(a.speed_kmh[now])) s += fmt::format(" at {:.0f} km/h", a.speed_kmh[now]);
    auto const j =
        v.other ? interval_at(v.other->totals.begin_s, v.other->totals.end_s, v.clock.time_s()) : std::nullopt;
    if (j) {
      draw_text(d, u.fonts.small, {p.x + size.x, p.y}, soft, s + " before", 1);
      s = fmt::format("{} vehicles driving at {:.0f} km/h", grouped(v.other->totals.vehicles[*j]),
                      v.other->totals.speed_kmh[*j]);
    } else {
      draw_text(d, u.fonts.small, {p.x + size.x, p.y}, u.t.text_soft,
                "most " + grouped(*std::max_element(a.vehicles.begin(), a.vehicles.end())), 1);
    }
    draw_text(d, u.fonts.small, {p.x, p.y}, u.t.text, s);
  }
  if (v.still) return;
  ImGui::SetCursorScreenPos({p.x, p.y});
  ImGui::InvisibleButton("time", {size.x, size.y});
  if (ImGui::IsItemActive()) {
    v.clock.pause();
    v.clock.set_time(b.time_at(ImGui::GetIO().MousePos.x));
  } else if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s", clock_text(std::clamp(b.time_at(ImGui::GetIO().MousePos.x), b.begin_s, b.end_s)).c_str());
  }
}

}  // namespace

ImVec2 timeline_panel(ui const& u) {
  view_state& v = u.view;
  if (!v.base) return {0, 0};
  float const width = ImGui::GetIO().DisplaySize.x - u.px(32), height = u.px(78);
  begin_card(u, "timeline", corner::kBottom, {0, u.px(16)}, width);
  ImVec2 const start = ImGui::GetCursorScreenPos();
  float x = start.x;
  if (!v.still) {
    ImGui::SetCursorScreenPos({x, start.y + (height - u.px(44)) / 2});
    play_button(u);
    x += u.px(60);
  }
  ImDrawList* const d = ImGui::GetWindowDrawList();
  std::string const clock = clock_text(v.clock.time_s());
  float const clock_w = u.px(150);
  bool const rows = !v.still;
  draw_text(d, u.fonts.clock, {x + clock_w / 2 - u.px(8), start.y + (rows ? 0 : u.px(14))}, u.t.text, clock, 0.5F);
  if (rows) {
    ImGui::SetCursorScreenPos({x, start.y + u.px(44)});
    rate_choice(u);
  } else if (auto const i = v.interval()) {
    auto const f = v.shown()->base;
    draw_text(d, u.fonts.small, {x + clock_w / 2 - u.px(8), start.y + u.px(50)}, u.t.text_soft,
              fmt::format("mean {}\u2013{}", clock_text(f->begin_s()[*i]), clock_text(f->end_s()[*i])), 0.5F);
  }
  x += clock_w;
  day_curve(u, {x, start.y}, {start.x + width - u.px(32) - x, height});
  ImGui::SetCursorScreenPos(start);
  ImGui::Dummy({width - u.px(32), height});
  return end_card(u);
}

}  // namespace gemeo::view
