// What a key does, without knowing keys: platform turns keys into actions, this applies them to the view.
#pragma once

#include <span>

#include "viewer/model/view_state.h"

namespace gemeo::view {

enum class action {
  kPlayPause,
  kBack,
  kForward,
  kBegin,
  kEnd,
  kZoomIn,
  kZoomOut,
  kFit,
  kLeft,
  kRight,
  kUp,
  kDown,
  kNextQuantity,
  kTheme,
  kLabels,
  kVehicles,
  kDifference,
  kSearch,
  kHelp,
  kCancel,
  kFaster,
  kSlower
};

inline constexpr double kRates[] = {1, 10, 60, 300, 900, 1800, 3600, 7200};  // simulated seconds a second

void apply(view_state& v, action a);  // kSearch is the search panel's own
// The camera that shows all roads in the space the panels leave: beside the title or under it, whichever is larger.
class camera fitted(view_state const& v);

struct key_line {
  char const *keys, *meaning;
};
std::span<key_line const> key_lines();  // for the help panel

}  // namespace gemeo::view
