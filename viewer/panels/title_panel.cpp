// What is being shown: the scenario's title, and the facts of the run that anybody who trusts the picture must know.
#include <fmt/core.h>

#include <cmath>

#include "viewer/panels/panels.h"

namespace gemeo::view {
namespace {

std::string share(double s) {
  if (!std::isfinite(s)) return "\u2013";
  double const pct = s * 100;
  if (pct > 0 && pct < 0.01) return "<0.01\u202f%";
  return fmt::format("{:.{}f}\u202f%", pct, pct >= 10 ? 0 : pct >= 1 ? 1 : 2);
}

std::string engine_of(run_description const& d) {
  return d.engine_version.empty() ? d.engine : d.engine + " " + d.engine_version;
}

void facts(ui const& u, document const& d, char const* which) {
  std::string line = fmt::format("{}seed {}", which, d.description.seed);
  if (!d.description.engine.empty()) line += " \u00b7 " + engine_of(d.description);
  line += fmt::format(" \u00b7 {}\u2013{}", clock_text(d.description.begin_s), clock_text(d.end_s));
  if (!d.summary.complete)
    line += d.path.extension() == ".partial" ? " \u00b7 still being written, or ended early" : " \u00b7 ended early";
  text(u, u.fonts.small, u.t.text_soft, line);
  text(u, u.fonts.small, u.t.text_soft,
       fmt::format("teleported {} \u00b7 never inserted {} \u00b7 unfinished {}", share(d.shares.teleported),
                   share(d.shares.never_inserted), share(d.shares.unfinished)));
}

}  // namespace

ImVec2 title_panel(ui const& u) {
  view_state const& v = u.view;
  begin_card(u, "title", corner::kTopLeft, {u.px(16), u.px(16)});
  if (!v.base) {
    text(u, u.fonts.title, u.t.text, "gemeo");
    text(u, u.fonts.body, u.t.text_soft, "reading the result\u2026");
    return end_card(u);
  }
  float const wide = u.px(430);
  ImGui::PushTextWrapPos(wide);
  text(u, u.fonts.title, u.t.text, v.other ? v.other->title() : v.base->title());
  if (v.other) text(u, u.fonts.body, u.t.text_soft, "compared with " + v.base->title());
  if (std::string const doubt = v.mismatch(); !doubt.empty()) text(u, u.fonts.bold, u.t.accent, doubt);
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, u.px(1)});
  if (v.other) {
    facts(u, *v.other, "after: ");
    ImGui::Dummy({0, u.px(1)});
  }
  facts(u, *v.base, v.other ? "before: " : "");
  return end_card(u);
}

}  // namespace gemeo::view
