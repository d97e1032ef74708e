// Which part of the plane is on the screen. World: metres, y up. Screen: pixels, y down, origin top left.
// Invariant: px_per_m within [kMin, kMax]. Plain value; any thread.
#pragma once

#include "sim/network/network.h"

namespace gemeo::view {

struct screen_point {
  float x = 0, y = 0;
};
struct margins {
  float left = 0, top = 0, right = 0, bottom = 0;
};

class camera {
 public:
  static constexpr double kMinPxPerM = 0.0005, kMaxPxPerM = 60;

  void resize(double width_px, double height_px);
  // Shows the whole box inside the margins.
  void fit(box const& b, margins const& m);
  // Moves the world with the mouse.
  void pan(double dx_px, double dy_px);
  // Zooms by a factor; the world point under (x, y) stays where it is.
  void zoom_at(double x, double y, double factor);
  void look_at(double world_x, double world_y, double px_per_m);

  [[nodiscard]] screen_point to_screen(double x, double y) const;
  [[nodiscard]] point to_world(double sx, double sy) const;
  [[nodiscard]] box visible() const;
  [[nodiscard]] double x() const { return x_; }
  [[nodiscard]] double y() const { return y_; }
  [[nodiscard]] double px_per_m() const { return px_per_m_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }
  friend bool operator==(camera const&, camera const&) = default;

 private:
  double x_ = 0, y_ = 0, px_per_m_ = 1, width_ = 1, height_ = 1;
};

// A camera on its way from where it is to a goal: the distance shrinks by half every 60 ms.
class camera_flight {
 public:
  void to(camera const& goal) {
    goal_ = goal;
    under_way_ = true;
  }
  void stop() { under_way_ = false; }
  [[nodiscard]] bool under_way() const { return under_way_; }
  void advance(camera& c, double dt_s);

 private:
  camera goal_;
  bool under_way_ = false;
};

// A round length (1, 2 or 5 times a power of ten, metres) that takes at most max_px on the screen.
double round_length_m(double px_per_m, double max_px);

}  // namespace gemeo::view
