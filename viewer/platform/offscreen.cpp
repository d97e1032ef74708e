#include "viewer/platform/offscreen.h"

#include <dlfcn.h>
#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <string>
#include <vector>

#include "sim/core/error.h"

namespace gemeo::view {
namespace {

EGLContext make_context(EGLDisplay display) {
  EGLint major = 0, minor = 0;
  if (display == EGL_NO_DISPLAY || eglInitialize(display, &major, &minor) == EGL_FALSE) return EGL_NO_CONTEXT;
  auto const give_up = [&] {
    eglTerminate(display);
    return EGL_NO_CONTEXT;
  };
  if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) return give_up();
  EGLint const wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, EGL_DONT_CARE, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (eglChooseConfig(display, wanted, &config, 1, &count) == EGL_FALSE || count == 0) return give_up();
  EGLint const version[] = {
      EGL_CONTEXT_MAJOR_VERSION,           3,       EGL_CONTEXT_MINOR_VERSION, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK,
      EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  EGLContext const context = eglCreateContext(display, config, EGL_NO_CONTEXT, version);
  if (context == EGL_NO_CONTEXT) return give_up();
  // Pictures go to a framebuffer object: no surface is needed.
  if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) == EGL_FALSE) {
    eglDestroyContext(display, context);
    return give_up();
  }
  return context;
}

std::vector<EGLDisplay> candidates() {
  std::vector<EGLDisplay> found;
  found.push_back(eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr));
  if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_device")) {
    std::array<EGLDeviceEXT, 8> devices{};
    EGLint n = 0;
    if (eglQueryDevicesEXT(static_cast<EGLint>(devices.size()), devices.data(), &n) == EGL_TRUE) {
      for (EGLint i = 0; i < n; ++i) {
        found.push_back(
            eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, devices[static_cast<std::size_t>(i)], nullptr));
      }
    }
  }
  found.push_back(eglGetDisplay(EGL_DEFAULT_DISPLAY));
  return found;
}

}  // namespace

offscreen_context::offscreen_context() {
  char const* const remedy = "install libegl1 and libgl1-mesa-dri (scripts/setup.sh does)";
  // libepoxy aborts the process where libEGL is missing: look first.
  void* const library = dlopen("libEGL.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) throw_run("OpenGL", "libEGL.so.1 is not installed, so no picture can be drawn", remedy);
  dlclose(library);
  bool const platforms = epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base");
  for (EGLDisplay const d : platforms ? candidates() : std::vector<EGLDisplay>{eglGetDisplay(EGL_DEFAULT_DISPLAY)}) {
    EGLContext const c = make_context(d);
    if (c == EGL_NO_CONTEXT) continue;
    display_ = d;
    context_ = c;
    return;
  }
  throw_run("OpenGL", "no driver offers OpenGL 3.3 without a window (tried EGL surfaceless, devices, and the display)",
            remedy);
}

offscreen_context::~offscreen_context() {
  eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(display_, context_);
  eglTerminate(display_);
}

}  // namespace gemeo::view
