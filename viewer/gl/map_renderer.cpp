#include "viewer/gl/map_renderer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace gemeo::view {
namespace {

// Positions are world metres about the camera, then pixels with y up. See road_map::offset_px.
constexpr char const* kRoadVertex = R"(#version 330 core
layout(location = 0) in vec4 a_ends;
layout(location = 1) in vec4 a_rights;
layout(location = 2) in uint a_edge;
layout(location = 3) in vec4 a_size;  // half width [m], shift [m], side, lanes
uniform vec2 u_middle;
uniform vec2 u_half_screen;
uniform float u_px_per_m;
uniform float u_least;   // half width [px]
uniform float u_widen;   // [px]
uniform float u_median;  // [px]
flat out uint v_edge;
flat out vec3 v_size;    // half width [px], length [px], lanes
out vec2 v_at;           // along and across [px]
void main() {
  float life = a_size.x * u_px_per_m;
  float drawn = max(u_least, life);
  float off = a_size.y * u_px_per_m + a_size.z * (drawn - life + u_median);
  vec2 p = (a_ends.xy - u_middle) * u_px_per_m + a_rights.xy * off;
  vec2 q = (a_ends.zw - u_middle) * u_px_per_m + a_rights.zw * off;
  vec2 d = q - p;
  float len = length(d);
  d = len > 0.0 ? d / len : vec2(1.0, 0.0);
  vec2 across = vec2(d.y, -d.x);
  float reach = drawn + u_widen;
  float pad = reach + 1.0;
  float end = float(gl_VertexID >> 1), side = float(gl_VertexID & 1) * 2.0 - 1.0;
  v_at = vec2(end * (len + 2.0 * pad) - pad, side * pad);
  v_size = vec3(reach, len, a_size.w);
  v_edge = a_edge;
  gl_Position = vec4((p + d * v_at.x + across * v_at.y) / u_half_screen, 0.0, 1.0);
}
)";

constexpr char const* kRoadFragment = R"(#version 330 core
flat in uint v_edge;
flat in vec3 v_size;
in vec2 v_at;
uniform sampler2D u_colours;
uniform vec4 u_plain;      // casing, or a road without a value
uniform vec4 u_lane_line;
uniform vec4 u_closed;
uniform float u_scale;
uniform float u_px_per_m;
uniform int u_by_edge;
out vec4 colour;
void main() {
  float half_width = max(v_size.x, 0.5);
  float beyond = max(max(-v_at.x, v_at.x - v_size.y), 0.0);
  float cover = clamp(half_width - length(vec2(beyond, v_at.y)) + 0.5, 0.0, 1.0) * min(1.0, v_size.x / 0.5);
  if (cover <= 0.0) discard;
  colour = u_plain;
  if (u_by_edge == 1) {
    vec4 c = texelFetch(u_colours, ivec2(int(v_edge) & 1023, int(v_edge) >> 10), 0);
    if (c.a > 0.0) colour = vec4(c.rgb, 1.0);
    if (c.a > 0.0 && c.a < 0.75) {  // bars across: closed to cars
      float bar = abs(fract(v_at.x / (7.0 * u_scale)) - 0.5) * 7.0 * u_scale;
      colour.rgb = mix(colour.rgb, u_closed.rgb, clamp(1.6 * u_scale + 0.5 - bar, 0.0, 1.0));
    }
    float lane_px = 2.0 * v_size.x / v_size.z;
    if (lane_px > 9.0 && v_size.z > 1.5 && beyond <= 0.0) {
      float lane = (v_at.y / v_size.x * 0.5 + 0.5) * v_size.z;
      float nearest = round(lane);
      bool inner = nearest > 0.5 && nearest < v_size.z - 0.5;
      float dash = fract(v_at.x / u_px_per_m / 9.0) < 0.4 ? 1.0 : 0.0;
      float line = clamp(0.075 * lane_px / 2.0 + 0.5 - abs(lane - nearest) * lane_px, 0.0, 1.0);
      if (inner) colour.rgb = mix(colour.rgb, u_lane_line.rgb, line * dash * u_lane_line.a);
    }
  }
  colour.a *= cover;
}
)";

constexpr char const* kVehicleVertex = R"(#version 330 core
layout(location = 0) in vec4 a_place;  // front bumper, heading
layout(location = 1) in vec4 a_road;   // half width [m], side, lane -1..1, class
uniform float u_widths[7];             // least half width of each class [px]
uniform float u_median;                // [px]
uniform vec2 u_middle;
uniform vec2 u_half_screen;
uniform float u_px_per_m;
uniform vec2 u_least;                  // half length and half width [px]
flat out vec2 v_half;
out vec2 v_at;
void main() {
  v_half = max(vec2(2.25, 0.9) * u_px_per_m, u_least);
  vec2 d = a_place.zw, across = vec2(d.y, -d.x);
  float life = a_road.x * u_px_per_m;
  float wider = max(u_widths[int(a_road.w)], life) - life;
  float aside = a_road.y * (wider + u_median) + a_road.z * wider;
  vec2 centre = (a_place.xy - u_middle - d * 2.25) * u_px_per_m + across * aside;
  v_at = vec2(float(gl_VertexID >> 1) * 2.0 - 1.0, float(gl_VertexID & 1) * 2.0 - 1.0) * (v_half + 2.0);
  gl_Position = vec4((centre + d * v_at.x + across * v_at.y) / u_half_screen, 0.0, 1.0);
}
)";

constexpr char const* kVehicleFragment = R"(#version 330 core
flat in vec2 v_half;
in vec2 v_at;
uniform vec4 u_body;
uniform vec4 u_rim;
uniform float u_rim_px;
out vec4 colour;
void main() {
  float r = min(v_half.x, v_half.y) * 0.7;
  vec2 q = abs(v_at) - v_half + r;
  float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - r;
  float whole = clamp(0.5 + u_rim_px - d, 0.0, 1.0), body = clamp(0.5 - d, 0.0, 1.0);
  if (whole <= 0.0) discard;
  colour = vec4(mix(u_rim.rgb, u_body.rgb, body), whole * u_body.a);
}
)";

std::vector<instance_buffer::attribute> road_attributes() {
  return {{0, 4, false, offsetof(road_segment, x0)},
          {1, 4, false, offsetof(road_segment, nx0)},
          {2, 1, true, offsetof(road_segment, edge)},
          {3, 4, false, offsetof(road_segment, half_width_m)}};
}
std::vector<instance_buffer::attribute> vehicle_attributes() {
  return {{0, 4, false, offsetof(drawn_vehicle, x)}, {1, 4, false, offsetof(drawn_vehicle, half_width_m)}};
}

void place(shader_program const& p, camera const& c) {
  p.use();
  p.set("u_middle", static_cast<float>(c.x()), static_cast<float>(c.y()));
  p.set("u_half_screen", static_cast<float>(c.width() / 2), static_cast<float>(c.height() / 2));
  p.set("u_px_per_m", static_cast<float>(c.px_per_m()));
}

}  // namespace

map_renderer::map_renderer()
    : roads_("roads", kRoadVertex, kRoadFragment),
      bodies_("vehicles", kVehicleVertex, kVehicleFragment),
      fine_(road_attributes(), sizeof(road_segment)),
      coarse_(road_attributes(), sizeof(road_segment)),
      strong_(road_attributes(), sizeof(road_segment)),
      soft_(road_attributes(), sizeof(road_segment)),
      vehicles_(vehicle_attributes(), sizeof(drawn_vehicle)) {}

void map_renderer::set_map(std::shared_ptr<road_map const> map) {
  if (map == map_) return;
  map_ = std::move(map);
  fine_.upload(map_->fine().all().data(), map_->fine().all().size(), false);
  coarse_.upload(map_->coarse().all().data(), map_->coarse().all().size(), false);
  set_highlights({}, {});
}

void map_renderer::set_highlights(std::vector<edge_id> const& strong, std::vector<edge_id> const& soft) {
  auto const fill = [&](std::vector<edge_id> const& wanted, instance_buffer& b) {
    std::vector<char> is(map_ ? map_->roads().size() : 0, 0);
    for (edge_id const e : wanted) {
      if (e.index() >= is.size()) continue;
      is[e.index()] = 1;
      highlighted_ = std::max(highlighted_, map_->roads()[e].kind);
    }
    std::vector<road_segment> s;
    if (map_ && !wanted.empty()) {
      std::copy_if(map_->fine().all().begin(), map_->fine().all().end(), std::back_inserter(s),
                   [&](road_segment const& r) { return is[r.edge] != 0; });
    }
    b.upload(s.data(), s.size(), true);
  };
  highlighted_ = road_class::kLocal;
  fill(strong, strong_);
  fill(soft, soft_);
}

void map_renderer::set_vehicles(std::vector<drawn_vehicle> const& v) { vehicles_.upload(v.data(), v.size(), true); }

void map_renderer::draw(camera const& c, theme_colours const& t, float scale) const {
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
  glDisable(GL_SCISSOR_TEST);
  glEnable(GL_BLEND);
  glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  glClearColor(static_cast<float>(t.ground.r) / 255, static_cast<float>(t.ground.g) / 255,
               static_cast<float>(t.ground.b) / 255, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  if (!map_) return;
  draw_roads(c, t, scale);
  draw_highlights(c, t, scale);
  draw_vehicles(c, t, scale);
}

void map_renderer::draw_roads(camera const& c, theme_colours const& t, float scale) const {
  // Line widths are the design's, at its scale; a screen with small pixels gets more of them.
  double const design = c.px_per_m() / scale;
  bool const from_afar = design < road_map::kCoarseBelowPxPerM;
  segment_set const& set = from_afar ? map_->coarse() : map_->fine();
  instance_buffer const& buffer = from_afar ? coarse_ : fine_;
  place(roads_, c);
  colours_.bind(0);
  roads_.set("u_colours", 0);
  roads_.set("u_median", kMedianPx * scale);
  roads_.set("u_lane_line", with_alpha(t.halo, 150));
  roads_.set("u_closed", t.closed);
  roads_.set("u_scale", scale);
  for (std::size_t k = 0; k < kRoadClasses; ++k) {
    auto const kind = static_cast<road_class>(k);
    auto const ranges = set.visible(kind, c.visible());
    if (ranges.empty()) continue;
    float const least = map_->least_px(kind, design) * scale;
    roads_.set("u_least", least);
    for (int const pass : {0, 1}) {
      bool const fill = pass == 1;
      if (!fill && kind == road_class::kFootway) continue;
      // The casing of small roads would fill the map from afar.
      double const faint =
          kind == road_class::kLocal || kind == road_class::kJunction ? std::clamp(design / 0.12, 0.25, 1.0) : 1.0;
      roads_.set("u_widen", fill ? 0.0F : std::clamp(0.35F * least, 0.45F * scale, 1.3F * scale));
      roads_.set("u_by_edge", fill ? 1 : 0);
      colour const plain = kind == road_class::kFootway    ? t.footway
                           : kind == road_class::kJunction ? t.junction
                                                           : t.road;
      roads_.set("u_plain", fill ? plain : with_alpha(t.casing, static_cast<std::uint8_t>(255 * faint)));
      for (range const r : ranges) buffer.draw(r.begin, r.size());
    }
  }
}

void map_renderer::draw_highlights(camera const& c, theme_colours const& t, float scale) const {
  if (soft_.size() + strong_.size() == 0) return;
  double const design = c.px_per_m() / scale;
  place(roads_, c);
  colours_.bind(0);
  roads_.set("u_colours", 0);
  roads_.set("u_median", kMedianPx * scale);
  roads_.set("u_least", map_->least_px(highlighted_, design) * scale);
  for (auto const* b : {&soft_, &strong_}) {
    struct layer {
      float widen;
      colour c;
      int by_edge;
    };
    for (layer const l :
         {layer{3.8F, t.halo, 0}, layer{2.4F, b == &soft_ ? t.hover : t.selection, 0}, layer{0, t.road, 1}}) {
      roads_.set("u_widen", l.widen * scale);
      roads_.set("u_plain", l.c);
      roads_.set("u_by_edge", l.by_edge);
      b->draw(0, b->size());
    }
  }
}

void map_renderer::draw_vehicles(camera const& c, theme_colours const& t, float scale) const {
  if (vehicles_.size() == 0) return;
  double const design = c.px_per_m() / scale;
  place(bodies_, c);
  float const least = static_cast<float>(std::clamp(1.1 + 0.25 * std::log2(design / 0.06), 0.8, 2.2)) * scale;
  bodies_.set("u_least", least, least);
  bodies_.set("u_median", kMedianPx * scale);
  std::array<float, kRoadClasses> widths{};
  for (std::size_t k = 0; k < kRoadClasses; ++k) widths[k] = map_->least_px(static_cast<road_class>(k), design) * scale;
  bodies_.set("u_widths", widths);
  bodies_.set("u_rim_px", std::clamp(0.5F * least, 0.4F * scale, 1.0F * scale));
  bodies_.set("u_body", t.vehicle);
  bodies_.set("u_rim", t.vehicle_rim);
  vehicles_.draw(0, vehicles_.size());
}

}  // namespace gemeo::view
