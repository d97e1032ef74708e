#include "sim/network/projection.h"

#include <fmt/core.h>
#include <proj.h>

#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

namespace {
struct free_context {
  void operator()(PJ_CONTEXT* c) const { proj_context_destroy(c); }
};
struct free_pj {
  void operator()(PJ* p) const { proj_destroy(p); }
};
}  // namespace

struct projection::state {
  std::unique_ptr<PJ_CONTEXT, free_context> context;  // one of its own: contexts may not be shared by threads
  std::unique_ptr<PJ, free_pj> geographic_to_plane;
  double offset_x = 0, offset_y = 0;
  std::string where;
};

projection::projection(network const& net) : state_(std::make_unique<state>()) {
  state_->where = net.file.string();
  if (!net.has_projection()) {
    throw_input(state_->where, "the network has no projection, so it has no place on the globe",
                "build it with netconvert --proj.utm, or import it with gemeo import");
  }
  state_->context.reset(proj_context_create());
  proj_log_level(state_->context.get(), PJ_LOG_NONE);
  state_->geographic_to_plane.reset(proj_create(state_->context.get(), net.projection.c_str()));
  if (!state_->geographic_to_plane) {
    throw_input(state_->where,
                fmt::format("<location projParameter=\"{}\"> is no projection that PROJ knows", net.projection));
  }
  PJ_PROJ_INFO const info = proj_pj_info(state_->geographic_to_plane.get());
  if (info.id == nullptr || info.has_inverse == 0) {
    throw_input(state_->where, fmt::format("the projection \"{}\" cannot be inverted", net.projection));
  }
  state_->offset_x = net.offset_x;
  state_->offset_y = net.offset_y;
}

projection::~projection() = default;
projection::projection(projection&&) noexcept = default;
projection& projection::operator=(projection&&) noexcept = default;

lon_lat projection::to_lon_lat(double x, double y) const {
  PJ_COORD const plane = proj_coord(x - state_->offset_x, y - state_->offset_y, 0, 0);
  PJ_COORD const globe = proj_trans(state_->geographic_to_plane.get(), PJ_INV, plane);
  if (!std::isfinite(globe.lp.lam) || !std::isfinite(globe.lp.phi)) {
    throw_input(state_->where, fmt::format("the place {:.1f},{:.1f} lies outside the network's projection", x, y));
  }
  return {proj_todeg(globe.lp.lam), proj_todeg(globe.lp.phi)};
}

point projection::to_xy(lon_lat p) const {
  PJ_COORD const globe = proj_coord(proj_torad(p.lon_deg), proj_torad(p.lat_deg), 0, 0);
  PJ_COORD const plane = proj_trans(state_->geographic_to_plane.get(), PJ_FWD, globe);
  if (!std::isfinite(plane.xy.x) || !std::isfinite(plane.xy.y)) {
    throw_input(state_->where,
                fmt::format("longitude {}, latitude {} lies outside the network's projection", p.lon_deg, p.lat_deg));
  }
  return {static_cast<float>(plane.xy.x + state_->offset_x), static_cast<float>(plane.xy.y + state_->offset_y), 0};
}

}  // namespace gemeo
