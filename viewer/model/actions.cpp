#include "viewer/model/actions.h"

#include <algorithm>
#include <array>

namespace gemeo::view {
namespace {

void step_interval(view_state& v, int by) {
  auto const now = v.interval();
  if (!now) return;
  auto const b = v.shown()->base->begin_s(), e = v.shown()->base->end_s();
  auto const n = static_cast<std::ptrdiff_t>(b.size());
  auto const i = static_cast<std::size_t>(std::clamp(static_cast<std::ptrdiff_t>(*now) + by, std::ptrdiff_t{0}, n - 1));
  v.clock.pause();
  v.clock.set_time((b[i] + e[i]) / 2);
}

void change_rate(view_state& v, int by) {
  auto const* const begin = std::begin(kRates);
  auto const* const at = std::lower_bound(begin, std::end(kRates), v.clock.rate());
  auto const i = std::clamp<std::ptrdiff_t>(at - begin + by, 0, static_cast<std::ptrdiff_t>(std::size(kRates)) - 1);
  v.clock.set_rate(kRates[i]);
}

void next_quantity(view_state& v) {
  auto const can = v.offered();
  auto const at = std::find(can.begin(), can.end(), v.what);
  if (can.empty()) return;
  v.set_quantity(at == can.end() || at + 1 == can.end() ? can.front() : *(at + 1));
}

}  // namespace

class camera fitted(view_state const& v) {
  class camera beside = v.camera, under = v.camera;
  margins const m = v.free_space();
  if (!v.base) return beside;
  float const air = 24;
  box const& b = v.base->map->map.bounds();
  beside.fit(b, {m.left + air, air, m.right + air, m.bottom + air});
  under.fit(b, {air, m.top + air, m.right + air, m.bottom + air});
  return beside.px_per_m() > under.px_per_m() ? beside : under;
}

void apply(view_state& v, action a) {
  double const w = v.camera.width(), h = v.camera.height();
  bool const moves = a == action::kZoomIn || a == action::kZoomOut || a == action::kLeft || a == action::kRight ||
                     a == action::kUp || a == action::kDown;
  if (moves) v.flight.stop();
  switch (a) {
    case action::kPlayPause:
      v.clock.toggle();
      break;
    case action::kBack:
      step_interval(v, -1);
      break;
    case action::kForward:
      step_interval(v, 1);
      break;
    case action::kBegin:
      v.clock.set_time(v.clock.begin_s());
      break;
    case action::kEnd:
      v.clock.set_time(v.clock.end_s());
      break;
    case action::kZoomIn:
      v.camera.zoom_at(w / 2, h / 2, 1.35);
      break;
    case action::kZoomOut:
      v.camera.zoom_at(w / 2, h / 2, 1 / 1.35);
      break;
    case action::kFit:
      v.flight.to(fitted(v));
      break;
    case action::kLeft:
      v.camera.pan(w / 8, 0);
      break;
    case action::kRight:
      v.camera.pan(-w / 8, 0);
      break;
    case action::kUp:
      v.camera.pan(0, h / 8);
      break;
    case action::kDown:
      v.camera.pan(0, -h / 8);
      break;
    case action::kNextQuantity:
      next_quantity(v);
      break;
    case action::kTheme:
      v.theme = v.theme == theme_kind::kLight ? theme_kind::kDark : theme_kind::kLight;
      break;
    case action::kLabels:
      v.show_labels = !v.show_labels;
      break;
    case action::kVehicles:
      v.show_vehicles = !v.show_vehicles;
      break;
    case action::kDifference:
      v.compare = !v.compare;
      v.refresh_shown();
      break;
    case action::kHelp:
      v.show_help = !v.show_help;
      break;
    case action::kCancel:
      if (v.show_help) {
        v.show_help = false;
        break;
      }
      v.selected = edge_id();
      v.found.clear();
      v.problem.clear();
      break;
    case action::kFaster:
      change_rate(v, 1);
      break;
    case action::kSlower:
      change_rate(v, -1);
      break;
    case action::kSearch:
      break;
  }
}

std::span<key_line const> key_lines() {
  static constexpr std::array kLines = {
      key_line{"Space", "play or pause"},
      key_line{"\u2190 \u2192", "one interval back or forward"},
      key_line{"Home End", "first or last moment"},
      key_line{", .", "slower or faster"},
      key_line{"Q", "next quantity"},
      key_line{"D", "difference or first file alone"},
      key_line{"+ \u2212", "zoom; mouse wheel zooms to the pointer"},
      key_line{"Shift \u2190 \u2191 \u2193 \u2192", "move the map; or drag it"},
      key_line{"F", "show everything"},
      key_line{"/", "find a road"},
      key_line{"N", "road names on or off"},
      key_line{"V", "vehicles on or off"},
      key_line{"T", "light or dark"},
      key_line{"Esc", "let go of the selection"},
  };
  return kLines;
}

}  // namespace gemeo::view
