// Finding a road by name, and the few buttons there are.
#include <fmt/core.h>

#include <cstring>

#include "viewer/model/actions.h"
#include "viewer/panels/panels.h"

namespace gemeo::view {

ImVec2 search_panel(ui const& u, bool focus) {
  view_state& v = u.view;
  if (!v.base || v.still) return {0, 0};
  begin_card(u, "search", corner::kTopRight, {u.px(16), u.px(16)}, u.px(372));
  static char typed[160] = "";
  ImGui::PushItemWidth(u.px(194));
  if (focus) ImGui::SetKeyboardFocusHere();
  bool const entered =
      ImGui::InputTextWithHint("##road", "find a road", typed, sizeof(typed), ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::PopItemWidth();
  v.search_text = typed;
  ImGui::SameLine();
  if (ImGui::Button("Fit")) apply(v, action::kFit);
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("show everything (F)");
  ImGui::SameLine();
  if (ImGui::Button(v.theme == theme_kind::kLight ? "Dark" : "Light")) apply(v, action::kTheme);
  ImGui::SameLine();
  if (ImGui::Button("?")) apply(v, action::kHelp);
  auto const hits = v.base->map->search.find(typed, 8);
  for (search_hit const* h : hits) {
    ImGui::PushID(h);
    bool const chosen = ImGui::Selectable(h->name.c_str(), false);
    ImGui::SameLine();
    std::string const length =
        h->length_m >= 1000 ? fmt::format("{:.1f} km", h->length_m / 1000) : fmt::format("{:.0f} m", h->length_m);
    ImGui::SetCursorPosX(ImGui::GetWindowWidth() - ImGui::GetStyle().WindowPadding.x -
                         size_of(u.fonts.small, length).x);
    text(u, u.fonts.small, u.t.text_soft, length);
    ImGui::PopID();
    if (!chosen && !(entered && h == hits.front())) continue;
    v.select_found(*h, v.free_space());
    std::memset(typed, 0, sizeof(typed));
    break;
  }
  if (hits.empty() && std::strlen(typed) > 0) text(u, u.fonts.small, u.t.text_soft, "no road of that name");
  return end_card(u);
}

}  // namespace gemeo::view
