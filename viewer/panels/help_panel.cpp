// The keys; and what went wrong while reading, until it is dismissed.
#include "viewer/model/actions.h"
#include "viewer/panels/panels.h"

namespace gemeo::view {

void help_panel(ui const& u) {
  if (!u.view.show_help) return;
  begin_card(u, "help", corner::kMiddle, {0, 0});
  text(u, u.fonts.title, u.t.text, "Keys");
  ImGui::Dummy({0, u.px(3)});
  for (key_line const& k : key_lines()) {
    text(u, u.fonts.bold, u.t.text, k.keys);
    ImGui::SameLine(u.px(170));
    text(u, u.fonts.body, u.t.text_soft, k.meaning);
  }
  ImGui::Dummy({0, u.px(3)});
  if (ImGui::Button("Close")) u.view.show_help = false;
  end_card(u);
}

void problem_panel(ui const& u) {
  view_state& v = u.view;
  if (v.problem.empty()) return;
  begin_card(u, "problem", corner::kTop, {0, u.px(16)});
  text_wrapped(u, u.fonts.body, u.t.text, v.problem, u.px(560));
  if (ImGui::Button("Dismiss")) v.problem.clear();
  end_card(u);
}

}  // namespace gemeo::view
