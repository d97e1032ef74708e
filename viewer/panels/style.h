// Fonts, colours and small helpers that all panels share. Sizes are given for a normal screen and multiplied by scale.
// Thread rule: the user interface's thread.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "viewer/model/palette.h"
#include "viewer/model/view_state.h"

namespace gemeo::view {

struct font_set {
  ImFont *body = nullptr, *small = nullptr, *bold = nullptr, *title = nullptr, *clock = nullptr, *label = nullptr;
};

// What a panel needs beside the state.
struct ui {
  view_state& view;
  font_set const& fonts;
  theme_colours const& t;
  float scale;
  std::vector<ImVec4>& cards;  // min x, min y, max x, max y of the cards of this frame: labels keep clear of them
  [[nodiscard]] float px(float design) const { return design * scale; }
};

// Roboto, or DejaVu Sans where it is missing; throws error(kRun) when neither is installed.
font_set load_fonts(float scale);
void apply_style(theme_kind theme, float scale);

constexpr ImU32 paint(colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }
inline ImVec4 paint4(colour c) { return ImGui::ColorConvertU32ToFloat4(paint(c)); }

enum class corner { kTopLeft, kTopRight, kBottomLeft, kBottomRight, kTop, kBottom, kMiddle };
// A pinned window with a soft shadow. width 0: as wide as its contents. end_card must follow.
void begin_card(ui const& u, char const* name, corner at, ImVec2 offset, float width = 0);
ImVec2 end_card(ui const& u);  // its size

void text(ui const& u, ImFont* font, colour c, std::string_view s);
void text_wrapped(ui const& u, ImFont* font, colour c, std::string_view s, float width);
ImVec2 size_of(ImFont* font, std::string_view s);
// At a place of a draw list; align 0 left, 0.5 centre, 1 right.
void draw_text(ImDrawList* d, ImFont* font, ImVec2 at, colour c, std::string_view s, float align = 0);
// Text with a halo, readable on the map.
void draw_halo_text(ui const& u, ImDrawList* d, ImFont* font, ImVec2 at, colour c, std::string_view s, float align = 0);

}  // namespace gemeo::view
