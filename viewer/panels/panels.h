// The panels, one function and one file each. Every one reads the view's state and changes it; all drawing is ImGui's.
// Thread rule: between ImGui::NewFrame and ImGui::Render.
#pragma once

#include "viewer/panels/style.h"

namespace gemeo::view {

void map_input(ui const& u);        // mouse over the map: pan, zoom, hover, select
void draw_map_labels(ui const& u);  // road names, after all cards are known
void draw_scale_bar(ui const& u, float above_px, float right_px);
void draw_attribution(ui const& u, float above_px, float left_px);  // whose data the map shows
void hover_panel(ui const& u);                                      // beside the pointer
ImVec2 title_panel(ui const& u);                                    // scenario, run facts; the card's size
ImVec2 legend_panel(ui const& u, float above_px);
ImVec2 timeline_panel(ui const& u);
ImVec2 edge_panel(ui const& u, float top_px);
ImVec2 search_panel(ui const& u, bool focus);
void help_panel(ui const& u);
void problem_panel(ui const& u);

}  // namespace gemeo::view
