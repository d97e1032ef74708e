#include "viewer/model/view_state.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gemeo::view {

void view_state::set_documents(std::shared_ptr<document const> b, std::shared_ptr<document const> o) {
  bool const first = !base;
  bool const other_map = !base || base->map != b->map;
  base = std::move(b);
  other = std::move(o);
  clock.set_range(base->begin_s, base->end_s);
  if (first) clock.set_time(base->busiest_time_s());
  if (other_map) {
    hovered = selected = edge_id();
    found.clear();
  }
  auto const can = offered();
  if (!can.empty() && std::find(can.begin(), can.end(), what) == can.end()) what = can.front();
  refresh_shown();
}

void view_state::set_quantity(quantity q) {
  what = q;
  refresh_shown();
}

std::vector<quantity> view_state::offered() const {
  std::vector<quantity> q;
  if (!base) return q;
  for (quantity_info const& i : quantities()) {
    if (base->offers(i.id) && (!other || other->offers(i.id))) q.push_back(i.id);
  }
  return q;
}

void view_state::refresh_shown() {
  if (!base || !base->holds(what) || (other && !other->holds(what))) {
    shown_.reset();
    return;
  }
  shown_field f;
  f.what = what;
  f.base = std::make_shared<field const>(what, base->series, base->map->net);
  if (other) {
    f.other = std::make_shared<field const>(what, other->series, other->map->net);
    auto const d = std::make_shared<difference_field const>(f.base, f.other, base->map->net, other->map->net);
    if (compare) f.difference = d;
  }
  f.scale = f.difference ? scale_of(*f.difference) : scale_of(*f.base, base->map->net);
  shown_ = std::move(f);
  any_closed_ = false;
  for (std::size_t k = 0; k < base->map->net.name.size() && !any_closed_; ++k)
    any_closed_ = !closures_of(edge_id(k)).empty();
}

std::optional<std::size_t> view_state::interval() const {
  if (!shown_) return std::nullopt;
  return interval_at(shown_->base->begin_s(), shown_->base->end_s(), clock.time_s());
}

palette_kind view_state::palette_in_use() const {
  return difference_shown() ? palette_kind::kDiverging : info_of(what).colours;
}

std::vector<colour> view_state::edge_colours() const {
  if (!base) return {};
  std::size_t const n = base->map->net.name.size();
  std::vector<colour> c(n, colour{0, 0, 0, 0});
  if (!shown_) return c;
  auto const b = shown_->base->begin_s(), e = shown_->base->end_s();
  std::optional<interval_blend> blend;
  if (clock.playing()) {
    blend = blend_at(b, e, clock.time_s());
  } else if (auto const i = interval_at(b, e, clock.time_s())) {
    blend = interval_blend{*i, *i, 0};
  }
  if (!blend) return c;
  palette const colours(palette_in_use(), theme);
  for (std::size_t k = 0; k < n; ++k) {
    edge_id const id(k);
    float const first = shown_->at(blend->first, id);
    float const v =
        blend->first == blend->second ? first : blended(first, shown_->at(blend->second, id), blend->weight);
    if (std::isfinite(v)) c[k] = colours.at(shown_->scale.position(v));
    // The speed there is that of the few who may still use it: not shown, and not compared.
    bool const speed = what == quantity::kRatio || what == quantity::kSpeed || what == quantity::kDelay;
    if (speed && few_may_pass(id)) c[k].a = 0;
    if (!closed_now(id)) continue;
    if (c[k].a == 0) c[k] = colours_of(theme).road;
    c[k].a = kClosedAlpha;
  }
  return c;
}

bool view_state::closed_now(edge_id e) const {
  double const now = clock.time_s();
  bool const first = base->closed.at(e, now);
  if (!difference_shown()) return first;
  return !first && other->closed.at(shown_->difference->edge_in_other(e), now);
}

bool view_state::few_may_pass(edge_id e) const { return base->closed.at(e, clock.time_s()) || closed_now(e); }

std::span<edge_closure const> view_state::closures_of(edge_id e) const {
  if (!base) return {};
  auto const first = base->closed.of(e);
  if (!difference_shown()) return first;
  auto const second = other->closed.of(shown_->difference->edge_in_other(e));
  bool const same =
      std::equal(first.begin(), first.end(), second.begin(), second.end(),
                 [](auto const& a, auto const& b) { return a.begin_s == b.begin_s && a.end_s == b.end_s; });
  return same ? std::span<edge_closure const>() : second;
}

std::string view_state::mismatch() const {
  if (!base || !other) return "";
  if (std::max(base->begin_s, other->begin_s) >= std::min(base->end_s, other->end_s))
    return "no difference can be shown: the two files have no time in common";
  if (base->description.seed != other->description.seed) {
    return fmt::format("seeds {} and {}: part of the difference is chance; compare files of one seed",
                       base->description.seed, other->description.seed);
  }
  return "";
}

void view_state::select_found(search_hit const& hit, margins const& m) {
  found = hit.edges;
  box b;
  for (edge_id const e : hit.edges) {
    box const& r = base->map->map.roads()[e].bounds;
    b = {std::min(b.min_x, r.min_x), std::min(b.min_y, r.min_y), std::max(b.max_x, r.max_x),
         std::max(b.max_y, r.max_y)};
  }
  if (!(b.min_x <= b.max_x)) return;
  // Of all its edges, the one nearest to the middle is looked at more closely.
  double nearest = std::numeric_limits<double>::max();
  for (edge_id const e : hit.edges) {
    point const m_e = base->map->map.middle(e).first;
    double const d = std::hypot(m_e.x - (b.min_x + b.max_x) / 2, m_e.y - (b.min_y + b.max_y) / 2);
    if (d < nearest) {
      nearest = d;
      selected = e;
    }
  }
  class camera goal = camera;
  // With some of what is around it.
  double const air = std::max(150.0, 0.15 * std::max(b.max_x - b.min_x, b.max_y - b.min_y));
  goal.fit({b.min_x - air, b.min_y - air, b.max_x + air, b.max_y + air}, m);
  flight.to(goal);
}

edge_curve curve_of(shown_field const& f, edge_id e) {
  edge_curve c;
  auto const b = f.base->begin_s(), end = f.base->end_s();
  for (std::size_t i = 0; i < b.size(); ++i) {
    c.middle_s.push_back((b[i] + end[i]) / 2);
    c.base.push_back(f.base->at(i, e));
    if (!f.difference) continue;
    edge_id const there = f.difference->edge_in_other(e);
    auto const j = f.difference->interval_in_other(i);
    c.other.push_back(there.valid() && j ? f.other->at(*j, there) : std::nanf(""));
  }
  return c;
}

}  // namespace gemeo::view
