// What is being looked at and how: the one mutable object that panels read and change. No ImGui, no GL.
// Thread rule: the user interface's thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viewer/model/camera.h"
#include "viewer/model/document.h"
#include "viewer/model/palette.h"
#include "viewer/model/playback.h"
#include "viewer/model/quantity.h"

namespace gemeo::view {

// One value a (interval, edge) of what the map shows: a quantity of one file, or a difference. Rebuilt when the
// document or the quantity changes.
struct shown_field {
  quantity what = quantity::kRatio;
  std::shared_ptr<field const> base, other;            // other: of the second file
  std::shared_ptr<difference_field const> difference;  // what the map shows, if set
  value_scale scale;
  [[nodiscard]] float at(std::size_t interval, edge_id e) const {
    return difference ? difference->at(interval, e) : base->at(interval, e);
  }
};

class view_state {
 public:
  std::shared_ptr<document const> base, other;  // base is null until it has been read
  bool compare = true;                          // with two files: the difference, or the first file alone
  quantity what = quantity::kRatio;
  theme_kind theme = theme_kind::kLight;
  class camera camera;
  camera_flight flight;
  playback clock;
  edge_id hovered, selected;
  std::vector<edge_id> found;  // of a search, highlighted
  std::string search_text;
  bool show_labels = true, show_vehicles = true, show_help = false, still = false;  // still: a picture, no buttons
  std::string problem;                                                              // shown until dismissed
  bool loading = false;
  std::shared_ptr<step_pair const> steps;  // of vehicles, around the clock's time

  void set_documents(std::shared_ptr<document const> b, std::shared_ptr<document const> o);
  void set_quantity(quantity q);
  // Empty while the quantity's values are still being read.
  [[nodiscard]] std::optional<shown_field> const& shown() const { return shown_; }
  // Quantities that every open file can show.
  [[nodiscard]] std::vector<quantity> offered() const;
  [[nodiscard]] bool difference_shown() const { return shown_ && shown_->difference != nullptr; }
  void refresh_shown();

  // One colour an edge (index = edge id); alpha 0: nothing was measured, the road's own colour; kClosedAlpha: closed to
  // cars at the clock's time, drawn with bars across.
  static constexpr std::uint8_t kClosedAlpha = 128;
  [[nodiscard]] std::vector<colour> edge_colours() const;
  [[nodiscard]] std::optional<std::size_t> interval() const;     // of the clock's time
  [[nodiscard]] bool any_closed() const { return any_closed_; }  // to cars, at any time, in what the map shows
  // When the scenario shown closes the edge to cars; empty: it does not. Of a difference: when the second file closes
  // it, unless the first closes it at the same times.
  [[nodiscard]] std::span<edge_closure const> closures_of(edge_id e) const;
  // What makes the two files' difference doubtful: other seeds, no time in common. Empty: nothing.
  [[nodiscard]] std::string mismatch() const;
  [[nodiscard]] palette_kind palette_in_use() const;
  void select_found(search_hit const& hit, margins const& m);
  [[nodiscard]] margins free_space() const { return free_; }
  void set_free_space(margins m) { free_ = m; }  // what the panels leave of the window

 private:
  [[nodiscard]] bool closed_now(edge_id e) const;    // at the clock's time; of a difference: in the second file only
  [[nodiscard]] bool few_may_pass(edge_id e) const;  // closed at the clock's time in either file
  std::optional<shown_field> shown_;
  bool any_closed_ = false;
  margins free_{};
};

// The values of one edge over all intervals, for its chart.
struct edge_curve {
  std::vector<double> middle_s;
  std::vector<float> base, other;  // other empty without a second file
};
edge_curve curve_of(shown_field const& f, edge_id e);

}  // namespace gemeo::view
