#include "viewer/model/camera.h"

#include <algorithm>
#include <cmath>

namespace gemeo::view {

void camera::resize(double width_px, double height_px) {
  width_ = std::max(1.0, width_px);
  height_ = std::max(1.0, height_px);
}

void camera::fit(box const& b, margins const& m) {
  if (!(b.min_x <= b.max_x) || !(b.min_y <= b.max_y)) return;
  double const left = m.left, right = m.right, top = m.top, bottom = m.bottom;
  double const w = std::max(32.0, width_ - left - right), h = std::max(32.0, height_ - top - bottom);
  double const dx = std::max(1.0, b.max_x - b.min_x), dy = std::max(1.0, b.max_y - b.min_y);
  px_per_m_ = std::clamp(std::min(w / dx, h / dy), kMinPxPerM, kMaxPxPerM);
  x_ = (b.min_x + b.max_x) / 2 + (right - left) / 2 / px_per_m_;
  y_ = (b.min_y + b.max_y) / 2 + (top - bottom) / 2 / px_per_m_;
}

void camera::pan(double dx_px, double dy_px) {
  x_ -= dx_px / px_per_m_;
  y_ += dy_px / px_per_m_;
}

void camera::zoom_at(double x, double y, double factor) {
  double const wx = x_ + (x - width_ / 2) / px_per_m_, wy = y_ - (y - height_ / 2) / px_per_m_;
  px_per_m_ = std::clamp(px_per_m_ * factor, kMinPxPerM, kMaxPxPerM);
  x_ = wx - (x - width_ / 2) / px_per_m_;
  y_ = wy + (y - height_ / 2) / px_per_m_;
}

void camera::look_at(double world_x, double world_y, double px_per_m) {
  x_ = world_x;
  y_ = world_y;
  px_per_m_ = std::clamp(px_per_m, kMinPxPerM, kMaxPxPerM);
}

screen_point camera::to_screen(double x, double y) const {
  return {static_cast<float>((x - x_) * px_per_m_ + width_ / 2),
          static_cast<float>((y_ - y) * px_per_m_ + height_ / 2)};
}

point camera::to_world(double sx, double sy) const {
  return {static_cast<float>(x_ + (sx - width_ / 2) / px_per_m_),
          static_cast<float>(y_ - (sy - height_ / 2) / px_per_m_), 0};
}

box camera::visible() const {
  double const w = width_ / 2 / px_per_m_, h = height_ / 2 / px_per_m_;
  return {x_ - w, y_ - h, x_ + w, y_ + h};
}

void camera_flight::advance(camera& c, double dt_s) {
  if (!under_way_) return;
  double const share = 1 - std::exp2(-dt_s / 0.06);
  double const scale = c.px_per_m() * std::pow(goal_.px_per_m() / c.px_per_m(), share);
  c.look_at(c.x() + (goal_.x() - c.x()) * share, c.y() + (goal_.y() - c.y()) * share, scale);
  double const off_px = std::hypot(goal_.x() - c.x(), goal_.y() - c.y()) * c.px_per_m();
  if (off_px < 0.5 && std::abs(c.px_per_m() / goal_.px_per_m() - 1) < 1e-3) {
    c.look_at(goal_.x(), goal_.y(), goal_.px_per_m());
    under_way_ = false;
  }
}

double round_length_m(double px_per_m, double max_px) {
  double const most = max_px / px_per_m;
  double const power = std::pow(10.0, std::floor(std::log10(most)));
  for (double const f : {5.0, 2.0}) {
    if (f * power <= most) return f * power;
  }
  return power;
}

}  // namespace gemeo::view
