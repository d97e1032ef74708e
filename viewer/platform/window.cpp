#include "viewer/platform/window.h"

#define GLFW_INCLUDE_NONE  // epoxy brings OpenGL
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <fmt/core.h>
#include <imgui.h>

#include <cmath>
#include <memory>
#include <string>

#include "sim/core/error.h"
#include "viewer/model/loader.h"
#include "viewer/platform/app.h"

namespace gemeo::view {
namespace {

struct glfw {
  glfw() {
    glfwSetErrorCallback([](int, char const*) {});
    if (glfwInit() == GLFW_FALSE) {
      char const* why = nullptr;
      glfwGetError(&why);
      throw_run(
          "display", std::string("cannot open a window") + (why != nullptr ? std::string(": ") + why : std::string()),
          "run it on a desktop, over ssh -X, or make a picture with --screenshot OUT.png, which needs no display");
    }
  }
  ~glfw() { glfwTerminate(); }
};

struct window_handle {
  GLFWwindow* w = nullptr;
  explicit window_handle(window_options const& o) {
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    w = glfwCreateWindow(o.width, o.height, "gemeo", nullptr, nullptr);
    if (w == nullptr) {
      char const* why = nullptr;
      glfwGetError(&why);
      throw_run("OpenGL",
                fmt::format("cannot open a window with OpenGL 3.3{}{}", why != nullptr ? ": " : "",
                            why != nullptr ? why : ""),
                "install libgl1-mesa-dri, or make a picture with --screenshot OUT.png");
    }
    glfwMakeContextCurrent(w);
    glfwSwapInterval(1);
  }
  ~window_handle() { glfwDestroyWindow(w); }
};

struct imgui_context {
  imgui_context() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
  }
  ~imgui_context() { ImGui::DestroyContext(); }
};
struct imgui_glfw {
  explicit imgui_glfw(GLFWwindow* w) { ImGui_ImplGlfw_InitForOpenGL(w, true); }
  ~imgui_glfw() { ImGui_ImplGlfw_Shutdown(); }
};

struct key_map {
  int key;
  action plain, shifted;
};
constexpr key_map kKeys[] = {{GLFW_KEY_SPACE, action::kPlayPause, action::kPlayPause},
                             {GLFW_KEY_LEFT, action::kBack, action::kLeft},
                             {GLFW_KEY_RIGHT, action::kForward, action::kRight},
                             {GLFW_KEY_UP, action::kUp, action::kUp},
                             {GLFW_KEY_DOWN, action::kDown, action::kDown},
                             {GLFW_KEY_HOME, action::kBegin, action::kBegin},
                             {GLFW_KEY_END, action::kEnd, action::kEnd},
                             {GLFW_KEY_KP_ADD, action::kZoomIn, action::kZoomIn},
                             {GLFW_KEY_KP_SUBTRACT, action::kZoomOut, action::kZoomOut},
                             {GLFW_KEY_ESCAPE, action::kCancel, action::kCancel},
                             {GLFW_KEY_F1, action::kHelp, action::kHelp}};
struct letter_map {
  char letter;
  action what;
};
// By the letter, not by the place: keyboards differ.
constexpr letter_map kLetters[] = {{'q', action::kNextQuantity}, {'f', action::kFit},      {'t', action::kTheme},
                                   {'n', action::kLabels},       {'v', action::kVehicles}, {'d', action::kDifference},
                                   {'/', action::kSearch},       {'+', action::kZoomIn},   {'=', action::kZoomIn},
                                   {'-', action::kZoomOut},      {'?', action::kHelp},     {'.', action::kFaster},
                                   {',', action::kSlower}};

app* the_app = nullptr;  // GLFW's callbacks carry no other state; set while run_window runs

void on_key(GLFWwindow*, int key, int, int event, int mods) {
  if (event == GLFW_RELEASE || the_app == nullptr || ImGui::GetIO().WantTextInput) return;
  for (key_map const& k : kKeys) {
    if (k.key == key) apply(the_app->view, (mods & GLFW_MOD_SHIFT) != 0 ? k.shifted : k.plain);
  }
}
void on_letter(GLFWwindow*, unsigned letter) {
  if (the_app == nullptr || ImGui::GetIO().WantTextInput) return;
  for (letter_map const& l : kLetters) {
    if (static_cast<unsigned char>(l.letter) != letter) continue;
    if (l.what == action::kSearch) the_app->focus_search();
    apply(the_app->view, l.what);
  }
}

void take_news(app& a, loader& l, std::optional<double> time_s) {
  auto const n = l.poll();
  if (!n) return;
  if (n->failed_first) throw error(n->exit_code == 2 ? error_kind::kInput : error_kind::kRun, "", n->problem);
  bool const first = !a.view.base;
  if (n->base) {
    a.view.set_documents(n->base, n->other);
    if (first && time_s) a.view.clock.set_time(*time_s);
  }
  if (n->steps) a.view.steps = n->steps;
  a.view.problem = n->problem;
}

// Asks for what the view needs and does not have.
void ask(app const& a, loader& l) {
  view_state const& v = a.view;
  if (!v.base) return;
  if (!v.shown()) l.want(v.what);
  // A selected road shows every quantity, as far as memory allows (values of all edges and intervals, 4 bytes each).
  if (v.selected.valid() && v.base->totals.vehicles.size() * v.base->map->net.name.size() < 12'000'000) {
    for (quantity const q : v.offered()) l.want(q);
  }
  if (!v.show_vehicles || v.base->trajectory_steps == 0) return;
  double const t = v.clock.time_s();
  bool const covered = v.steps && v.steps->before.time_s <= t && (!v.steps->has_after || t < v.steps->after.time_s);
  if (!covered) l.want_vehicles(t);
}

}  // namespace

int run_window(window_options const& o) {
  glfw const library;
  loader files(o.files, {o.what}, [] { glfwPostEmptyEvent(); });
  window_handle const window(o);
  imgui_context const imgui;
  glfwSetKeyCallback(window.w, on_key);  // ImGui's own callbacks call these
  glfwSetCharCallback(window.w, on_letter);
  imgui_glfw const platform(window.w);
  float sx = 1, sy = 1;
  glfwGetWindowContentScale(window.w, &sx, &sy);
  app a(std::clamp(sx, 1.0F, 4.0F));
  a.view.what = o.what;
  a.view.theme = o.theme;
  struct registration {
    explicit registration(app* p) { the_app = p; }
    ~registration() { the_app = nullptr; }
  } const registered(&a);
  double last = glfwGetTime();
  double const started = last;
  int awake = 5;  // frames still to draw before sleeping: ImGui settles within a few
  std::shared_ptr<document const> titled;
  while (glfwWindowShouldClose(window.w) == GLFW_FALSE) {
    bool const moving = a.view.clock.playing() || a.view.flight.under_way() || awake > 0;
    if (moving) {
      glfwPollEvents();
      --awake;
    } else {
      glfwWaitEventsTimeout(1.0);
      awake = 3;
    }
    double const now = glfwGetTime();
    double const passed = std::min(now - last, 0.25);
    last = now;
    take_news(a, files, o.time_s >= 0 ? std::optional(o.time_s) : std::nullopt);
    if (a.view.base && titled != a.view.base) {
      titled = a.view.base;
      glfwSetWindowTitle(window.w, (a.view.base->title() + " \u2013 gemeo").c_str());
    }
    a.view.clock.advance(passed);
    a.view.flight.advance(a.view.camera, passed);
    ask(a, files);
    int w = 0, h = 0;
    glfwGetFramebufferSize(window.w, &w, &h);
    if (w > 0 && h > 0) {
      ImGui_ImplGlfw_NewFrame();
      a.frame(w, h, 0);
      glfwSwapBuffers(window.w);
    }
    if (o.quit_after_s >= 0 && now - started > o.quit_after_s) break;
  }
  return 0;
}

}  // namespace gemeo::view
