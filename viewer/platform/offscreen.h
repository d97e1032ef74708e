// An OpenGL 3.3 context without a window or a display: EGL on Mesa's surfaceless platform, on a GPU device, or on
// whatever the default display is, whichever works first. Throws error(kRun) that says what was tried.
#pragma once

#include <string>

namespace gemeo::view {

class offscreen_context {
 public:
  offscreen_context();
  ~offscreen_context();
  offscreen_context(offscreen_context const&) = delete;
  offscreen_context& operator=(offscreen_context const&) = delete;

 private:
  void* display_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace gemeo::view
